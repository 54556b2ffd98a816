// 16 bytes at once: neighbouring values that a thread loads and stores by one instruction. Kernels that are limited by
// the memory take the number of values as a template parameter: 1 where counts or addresses do not allow more.
#pragma once

#include <cstdint>
#include <type_traits>

#include "tensor/functors.hpp"

namespace tensor::cuda {

template <typename T, int width>
struct alignas(sizeof(T) * width) Vector {
    T values[width];

    TENSOR_HOST_DEVICE static Vector load(const T* address) { return *reinterpret_cast<const Vector*>(address); }
    TENSOR_HOST_DEVICE void store(T* address) const { *reinterpret_cast<Vector*>(address) = *this; }
};

/// Values of T in 16 bytes.
template <typename T>
constexpr int vector_width = 16 / static_cast<int>(sizeof(T));

/// Whether the address is a multiple of 16 bytes.
inline bool is_aligned(const void* address) { return reinterpret_cast<std::uintptr_t>(address) % 16 == 0; }

/// Calls function(the number of values a thread takes at once, a compile-time constant).
template <typename T, typename Function>
void for_width(bool vectors, Function&& function) {
    if (vectors) function(std::integral_constant<int, vector_width<T>>{});
    else function(std::integral_constant<int, 1>{});
}

}  // namespace tensor::cuda
