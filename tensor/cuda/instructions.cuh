// The few GPU instructions that C++ has no word for, each behind a small function: asynchronous copies into shared
// memory, a matrix product of the tensor cores, the block's dynamic shared memory, and a kernel's order behind another.
// Besides CUDA's own functions (barriers, shuffles) the kernels use nothing else that a plain C++ compiler could not
// read, so tests/standin/ can compile and run them without a GPU: there the declarations at the end of this file are
// defined in plain C++.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

namespace tensor::cuda {

/// One warp's product of 16 x 8 by 8 x 8 TF32 numbers, summed in f32. With g = lane / 4 and t = lane % 4 a lane holds
/// (PTX ISA, "Matrix fragments for mma.m16n8k8", .tf32):
///
// clang-format off
///     a: rows g, g + 8, g, g + 8 of columns t, t, t + 4, t + 4
///     b: rows t, t + 4 of column g
///     sum: row g columns 2 t, 2 t + 1; row g + 8 columns 2 t, 2 t + 1
// clang-format on
struct FragmentA {
    std::uint32_t values[4];
};
struct FragmentB {
    std::uint32_t values[2];
};
struct FragmentSum {
    float values[4];
};

// void begin_kernel(): the very first statement of every kernel, before any early return and any access to device
// memory; tests/house/kernels_test.cpp holds every kernel to it. From compute capability 9.0 on it waits until the
// kernels before this one on the stream have ended and what they wrote is seen, and then lets the next one be launched
// (PTX ISA, griddepcontrol); before 9.0 it does nothing, and at a launch without the attribute of launch.cuh the wait
// is for nothing.
//
// All kernels must wait, also one that needs nothing of its predecessor: the wait is for the direct predecessor alone.
// A kernel that ended without it would no longer imply by its end that its predecessors have ended, and the order of
// the stream would break for whoever comes after. Waiting first and letting the next one start second keeps at most two
// kernels in flight. Successors' blocks may then be resident while all of this kernel's blocks run, and take nothing
// but room; what is saved is the latency of the launch, not a kernel's execution.
//
// Kernels do not load through __ldg or __restrict__: the compiler may make of both a load of memory that is constant as
// long as the kernel lives, which nothing holds behind the wait, and a kernel that starts early lives while its
// operands are written.

#if defined(__CUDACC__)

__device__ inline void begin_kernel() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
    asm volatile("griddepcontrol.wait;" ::: "memory");
    asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
#endif
}

/// The block's dynamic shared memory, aligned to 16 bytes. All shared memory of the house is dynamic: its size is one
/// number of the launch, and there is one way to reach it.
template <typename T>
__device__ inline T* dynamic_shared() {
    extern __shared__ __align__(16) unsigned char shared_bytes[];
    return reinterpret_cast<T*>(shared_bytes);
}

#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800

/// Begins a copy of 16 (or 4) bytes from global to shared memory; writes zeros and does not read if not `valid`. Both
/// addresses are multiples of 16 (or 4) where valid. Seen by this thread after wait_for_copies.
__device__ inline void copy_async_16(void* shared, const void* global, bool valid) {
    const auto target = static_cast<std::uint32_t>(__cvta_generic_to_shared(shared));
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(target), "l"(global), "r"(valid ? 16 : 0)
                 : "memory");
}
__device__ inline void copy_async_4(void* shared, const void* global, bool valid) {
    const auto target = static_cast<std::uint32_t>(__cvta_generic_to_shared(shared));
    asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(target), "l"(global), "r"(valid ? 4 : 0)
                 : "memory");
}
/// Closes the group of copies begun since the last call.
__device__ inline void commit_copies() { asm volatile("cp.async.commit_group;" ::: "memory"); }
/// Waits until at most the `pending` newest groups of this thread are still under way.
template <int pending>
__device__ inline void wait_for_copies() {
    asm volatile("cp.async.wait_group %0;" ::"n"(pending) : "memory");
}
/// The nearest TF32 number (10 bits of fraction, ties away from zero) in an f32's bits.
__device__ inline std::uint32_t to_tf32(float value) {
    std::uint32_t bits;
    asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(value));
    return bits;
}
/// sum += a b.
__device__ inline void multiply_tf32(FragmentSum& sum, const FragmentA& a, const FragmentB& b) {
    asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
        "{%0, %1, %2, %3};"
        : "+f"(sum.values[0]), "+f"(sum.values[1]), "+f"(sum.values[2]), "+f"(sum.values[3])
        : "r"(a.values[0]), "r"(a.values[1]), "r"(a.values[2]), "r"(a.values[3]), "r"(b.values[0]), "r"(b.values[1]));
}

#else

// Before compute capability 8.0 there are neither such copies nor TF32. The choice of kernels never comes here.
__device__ inline void copy_async_16(void*, const void*, bool) { __trap(); }
__device__ inline void copy_async_4(void*, const void*, bool) { __trap(); }
__device__ inline void commit_copies() { __trap(); }
template <int pending>
__device__ inline void wait_for_copies() {
    __trap();
}
__device__ inline std::uint32_t to_tf32(float) {
    __trap();
    return 0;
}
__device__ inline void multiply_tf32(FragmentSum&, const FragmentA&, const FragmentB&) { __trap(); }

#endif

#else  // a plain C++ compiler: defined by tests/standin/instructions.cpp

void begin_kernel();

void* dynamic_shared_memory();
template <typename T>
inline T* dynamic_shared() {
    return static_cast<T*>(dynamic_shared_memory());
}

void copy_async_16(void* shared, const void* global, bool valid);
void copy_async_4(void* shared, const void* global, bool valid);
void commit_copies();
void wait_for_pending_copies(int pending);
template <int pending>
inline void wait_for_copies() {
    wait_for_pending_copies(pending);
}
std::uint32_t to_tf32(float value);
void multiply_tf32(FragmentSum& sum, const FragmentA& a, const FragmentB& b);

#endif

}  // namespace tensor::cuda
