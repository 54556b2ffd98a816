// Memory asked for before it is needed. Where a loop does more per number than to copy it, a processor does not look
// far enough ahead by itself: sums over 99 MB took 17 ms on a Zen 5 in a virtual machine, and 2.5 ms with this.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tensor::cpu {

/// Asks for as many elements as are about to be read at `values`, two pages behind them. What lies beyond the end of an
/// array is asked for in vain, and does no harm.
template <typename T>
inline void prefetch_behind(const T* values, std::int64_t elements) {
    constexpr std::ptrdiff_t ahead = 8192, line = 64;
    const char* const begin = reinterpret_cast<const char*>(values);
    const auto bytes = static_cast<std::ptrdiff_t>(elements) * static_cast<std::ptrdiff_t>(sizeof(T));
    for (std::ptrdiff_t i = 0; i < bytes; i += line) __builtin_prefetch(begin + i + ahead);
}

}  // namespace tensor::cpu
