// Number types of tensors.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace tensor {

/// f32 is what trains; f64 is for checking; u8 only stores bit-packed phrases and raw bytes.
enum class DType { f32, f64, u8 };
constexpr auto enum_names(DType) { return std::array{"f32", "f64", "u8"}; }

constexpr std::size_t size_of(DType dtype) { return dtype == DType::f64 ? 8 : dtype == DType::f32 ? 4 : 1; }

template <typename T>
constexpr DType dtype_of() {
    if constexpr (std::is_same_v<T, float>) return DType::f32;
    else if constexpr (std::is_same_v<T, double>) return DType::f64;
    else {
        static_assert(std::is_same_v<T, std::uint8_t>, "tensors hold float, double or uint8_t");
        return DType::u8;
    }
}

/// Calls function(T{}) with T = float or double, whichever `dtype` is. For backends: the operators have refused u8.
template <typename Function>
void for_number_type(DType dtype, Function&& function) {
    if (dtype == DType::f64) function(double{});
    else function(float{});
}

}  // namespace tensor
