// Number types of tensors.
#pragma once

#include <array>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace tensor {

/// f32 is what trains; f64 is for checking; u8 only stores bit-packed phrases and raw bytes. c128, two doubles, is what
/// the reference device computes with and nothing else does.
enum class DType { f32, f64, u8, c128 };
constexpr auto enum_names(DType) { return std::array{"f32", "f64", "u8", "c128"}; }

constexpr std::size_t size_of(DType dtype) {
    constexpr std::array<std::size_t, 4> sizes{4, 8, 1, 16};
    return sizes[static_cast<std::size_t>(dtype)];
}

/// The number types of arguments, of files and of training: f32 and f64.
constexpr bool is_real_number(DType dtype) { return dtype == DType::f32 || dtype == DType::f64; }

template <typename T>
constexpr DType dtype_of() {
    if constexpr (std::is_same_v<T, float>) return DType::f32;
    else if constexpr (std::is_same_v<T, double>) return DType::f64;
    else if constexpr (std::is_same_v<T, std::complex<double>>) return DType::c128;
    else {
        static_assert(std::is_same_v<T, std::uint8_t>, "tensors hold float, double, uint8_t or complex<double>");
        return DType::u8;
    }
}

/// Calls function(T{}) with T = float or double, whichever `dtype` is. For the backends that compute with real numbers:
/// the operators have refused u8, and Tensor::empty c128.
template <typename Function>
void for_number_type(DType dtype, Function&& function) {
    if (dtype == DType::f64) function(double{});
    else function(float{});
}

}  // namespace tensor
