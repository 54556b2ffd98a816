// Vectors of the processor's width, by the compiler's vector extension: the same code for AVX-512, AVX, SSE and NEON.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tensor::cpu {

#if defined(__AVX512F__)
inline constexpr std::size_t vector_bytes = 64;
inline constexpr int vector_registers = 32;
#elif defined(__AVX__)
inline constexpr std::size_t vector_bytes = 32;
inline constexpr int vector_registers = 16;
#elif defined(__aarch64__)
inline constexpr std::size_t vector_bytes = 16;
inline constexpr int vector_registers = 32;
#else
inline constexpr std::size_t vector_bytes = 16;
inline constexpr int vector_registers = 16;
#endif

template <typename T>
struct VectorOf {
    typedef T Type __attribute__((vector_size(vector_bytes)));
};
template <typename T>
using Vector = typename VectorOf<T>::Type;

/// Numbers in a vector.
template <typename T>
inline constexpr std::int64_t lanes = static_cast<std::int64_t>(vector_bytes / sizeof(T));

template <typename T>
inline Vector<T> load(const T* from) {
    Vector<T> vector;
    std::memcpy(&vector, from, vector_bytes);
    return vector;
}
template <typename T>
inline void store(const Vector<T>& vector, T* to) {
    std::memcpy(to, &vector, vector_bytes);
}

}  // namespace tensor::cpu
