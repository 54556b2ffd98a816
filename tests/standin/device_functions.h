// What a kernel may call: the coordinates of its thread, barriers, warp collectives, a few intrinsics, integer atomics.
// Everything that waits, or that the race check must see, is a function of the stand-in's library; everything else is
// one line here.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <source_location>
#include <type_traits>

#include "vector_types.h"

/// The coordinates of the thread that runs now: plain variables, set whenever a thread starts or goes on.
extern uint3 threadIdx, blockIdx;
extern dim3 blockDim, gridDim;
constexpr int warpSize = 32;

namespace standin {

/// The source line of a barrier or collective. Faults name it, and it shows when threads of a block reach barriers at
/// different lines.
using Place = std::source_location;

enum class Shuffle { from_lane, down, exclusive_or };

/// All threads of the block that have not returned meet here. The returned word has bit 0 set if any `predicate` was
/// true and bit 1 if all were.
unsigned block_barrier(bool predicate, const char* name, const Place& place);
/// The lanes of `mask` meet here; the result has a lane's bit set where it is named and its `predicate` is true.
unsigned warp_vote(unsigned mask, bool predicate, const char* name, const Place& place);
/// The lanes of `mask` exchange 8 bytes.
std::uint64_t warp_shuffle(unsigned mask, std::uint64_t bits, Shuffle kind, int argument, int width,
                           const Place& place);
/// Ends the kernel: the next synchronising call returns cudaErrorLaunchFailure.
[[noreturn]] void trap();
std::int32_t atomic_add(std::int32_t* address, std::int32_t value);
std::int32_t atomic_max(std::int32_t* address, std::int32_t value);
std::uint32_t atomic_max(std::uint32_t* address, std::uint32_t value);
std::uint32_t atomic_or(std::uint32_t* address, std::uint32_t value);

template <typename T>
T shuffle(unsigned mask, T value, Shuffle kind, int argument, int width, const Place& place) {
    static_assert(std::is_arithmetic_v<T> && (sizeof(T) == 4 || sizeof(T) == 8), "a shuffle moves 4 or 8 bytes");
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof(T));
    bits = warp_shuffle(mask, bits, kind, argument, width, place);
    std::memcpy(&value, &bits, sizeof(T));
    return value;
}

}  // namespace standin

// Barriers.
inline void __syncthreads(standin::Place place = standin::Place::current()) {
    standin::block_barrier(false, "__syncthreads", place);
}
inline int __syncthreads_or(int predicate, standin::Place place = standin::Place::current()) {
    return (standin::block_barrier(predicate != 0, "__syncthreads_or", place) & 1u) != 0;
}
inline int __syncthreads_and(int predicate, standin::Place place = standin::Place::current()) {
    return (standin::block_barrier(predicate != 0, "__syncthreads_and", place) & 2u) != 0;
}
inline void __syncwarp(unsigned mask = 0xffffffffu, standin::Place place = standin::Place::current()) {
    standin::warp_vote(mask, false, "__syncwarp", place);
}

// Warp collectives.
template <typename T>
T __shfl_sync(unsigned mask, T value, int lane, int width = warpSize,
              standin::Place place = standin::Place::current()) {
    return standin::shuffle(mask, value, standin::Shuffle::from_lane, lane, width, place);
}
template <typename T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = warpSize,
                   standin::Place place = standin::Place::current()) {
    return standin::shuffle(mask, value, standin::Shuffle::down, static_cast<int>(delta), width, place);
}
template <typename T>
T __shfl_xor_sync(unsigned mask, T value, int lanes, int width = warpSize,
                  standin::Place place = standin::Place::current()) {
    return standin::shuffle(mask, value, standin::Shuffle::exclusive_or, lanes, width, place);
}
inline unsigned __ballot_sync(unsigned mask, int predicate, standin::Place place = standin::Place::current()) {
    return standin::warp_vote(mask, predicate != 0, "__ballot_sync", place);
}
inline int __any_sync(unsigned mask, int predicate, standin::Place place = standin::Place::current()) {
    return standin::warp_vote(mask, predicate != 0, "__any_sync", place) != 0;
}
inline int __all_sync(unsigned mask, int predicate, standin::Place place = standin::Place::current()) {
    return standin::warp_vote(mask, predicate != 0, "__all_sync", place) == mask;
}

// Atomics, for whole numbers only, whose sums do not depend on the order.
inline int atomicAdd(int* address, int value) { return standin::atomic_add(address, value); }
inline unsigned atomicAdd(unsigned* address, unsigned value) {
    return static_cast<unsigned>(standin::atomic_add(reinterpret_cast<int*>(address), static_cast<int>(value)));
}
inline int atomicMax(int* address, int value) { return standin::atomic_max(address, value); }
inline unsigned atomicMax(unsigned* address, unsigned value) { return standin::atomic_max(address, value); }
inline unsigned atomicOr(unsigned* address, unsigned value) { return standin::atomic_or(address, value); }
inline int atomicOr(int* address, int value) {
    return static_cast<int>(standin::atomic_or(reinterpret_cast<unsigned*>(address), static_cast<unsigned>(value)));
}

// Single instructions.
template <typename T>
T __ldg(const T* address) {
    return *address;
}
inline int __popc(unsigned value) { return std::popcount(value); }
inline unsigned __float_as_uint(float value) { return std::bit_cast<unsigned>(value); }
inline int __float_as_int(float value) { return std::bit_cast<int>(value); }
inline float __uint_as_float(unsigned value) { return std::bit_cast<float>(value); }
inline float __int_as_float(int value) { return std::bit_cast<float>(value); }
[[noreturn]] inline void __trap() { standin::trap(); }
