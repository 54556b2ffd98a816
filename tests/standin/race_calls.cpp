// The functions that a compiler calls around every access to memory under -fsanitize=thread, defined here instead of by
// the thread sanitizer's own library: kernels run on one processor thread, and a race is defined by CUDA's rules, not
// by those for threads of the host.
#include <cstddef>
#include <cstdint>

#include "hooks.hpp"

void standin_race_access(const void* address, std::size_t bytes, standin::Access kind, const void* place);

namespace {

using standin::Access;
using Address = void*;

}  // namespace

#define STANDIN_PLACE __builtin_return_address(0)
#define STANDIN_ACCESSES(bytes)                                                                                    \
    void __tsan_read##bytes(Address a) { standin_race_access(a, bytes, Access::read, STANDIN_PLACE); }             \
    void __tsan_write##bytes(Address a) { standin_race_access(a, bytes, Access::write, STANDIN_PLACE); }           \
    void __tsan_unaligned_read##bytes(Address a) { standin_race_access(a, bytes, Access::read, STANDIN_PLACE); }   \
    void __tsan_unaligned_write##bytes(Address a) { standin_race_access(a, bytes, Access::write, STANDIN_PLACE); } \
    void __tsan_volatile_read##bytes(Address a) { standin_race_access(a, bytes, Access::read, STANDIN_PLACE); }    \
    void __tsan_volatile_write##bytes(Address a) { standin_race_access(a, bytes, Access::write, STANDIN_PLACE); }  \
    void __tsan_unaligned_volatile_read##bytes(Address a) {                                                        \
        standin_race_access(a, bytes, Access::read, STANDIN_PLACE);                                                \
    }                                                                                                              \
    void __tsan_unaligned_volatile_write##bytes(Address a) {                                                       \
        standin_race_access(a, bytes, Access::write, STANDIN_PLACE);                                               \
    }                                                                                                              \
    void __tsan_read_write##bytes(Address a) { standin_race_access(a, bytes, Access::write, STANDIN_PLACE); }

// Host code in the same files has atomics of its own (guards of static variables). The kernels have only the stand-in's
// atomics.
// clang-format off
#define STANDIN_ATOMICS(bits)                                                                                \
    using Int##bits = std::uint##bits##_t;                                                                   \
    Int##bits __tsan_atomic##bits##_load(const volatile Int##bits* a, int) { return __atomic_load_n(a, 5); } \
    void __tsan_atomic##bits##_store(volatile Int##bits* a, Int##bits v, int) { __atomic_store_n(a, v, 5); } \
    Int##bits __tsan_atomic##bits##_exchange(volatile Int##bits* a, Int##bits v, int) {                      \
        return __atomic_exchange_n(a, v, 5);                                                                 \
    }                                                                                                        \
    STANDIN_FETCH(bits, add)                                                                                 \
    STANDIN_FETCH(bits, sub)                                                                                 \
    STANDIN_FETCH(bits, and)                                                                                 \
    STANDIN_FETCH(bits, or)                                                                                  \
    STANDIN_FETCH(bits, xor)                                                                                 \
    STANDIN_FETCH(bits, nand)                                                                                \
    int __tsan_atomic##bits##_compare_exchange_strong(volatile Int##bits* a, Int##bits* expected,            \
                                                      Int##bits v, int, int) {                               \
        return __atomic_compare_exchange_n(a, expected, v, false, 5, 5);                                     \
    }                                                                                                        \
    int __tsan_atomic##bits##_compare_exchange_weak(volatile Int##bits* a, Int##bits* expected, Int##bits v, \
                                                    int, int) {                                              \
        return __atomic_compare_exchange_n(a, expected, v, false, 5, 5);                                     \
    }                                                                                                        \
    Int##bits __tsan_atomic##bits##_compare_exchange_val(volatile Int##bits* a, Int##bits expected,          \
                                                         Int##bits v, int, int) {                            \
        __atomic_compare_exchange_n(a, &expected, v, false, 5, 5);                                           \
        return expected;                                                                                     \
    }
#define STANDIN_FETCH(bits, what)                                                                            \
    Int##bits __tsan_atomic##bits##_fetch_##what(volatile Int##bits* a, Int##bits v, int) {                  \
        return __atomic_fetch_##what(a, v, 5);                                                               \
    }
// clang-format on

extern "C" {

void __tsan_init() {}
void __tsan_func_entry(Address) {}
void __tsan_func_exit() {}
void __tsan_ignore_thread_begin() {}
void __tsan_ignore_thread_end() {}
void __tsan_vptr_update(Address*, Address) {}
void __tsan_vptr_read(Address*) {}
void __tsan_atomic_thread_fence(int) { __atomic_thread_fence(5); }
void __tsan_atomic_signal_fence(int) {}

void __tsan_read_range(Address a, std::size_t bytes) { standin_race_access(a, bytes, Access::read, STANDIN_PLACE); }
void __tsan_write_range(Address a, std::size_t bytes) { standin_race_access(a, bytes, Access::write, STANDIN_PLACE); }

STANDIN_ACCESSES(1)
STANDIN_ACCESSES(2)
STANDIN_ACCESSES(4)
STANDIN_ACCESSES(8)
STANDIN_ACCESSES(16)
STANDIN_ATOMICS(8)
STANDIN_ATOMICS(16)
STANDIN_ATOMICS(32)
STANDIN_ATOMICS(64)

// Clang turns the memory functions of <cstring> into these; with GCC such a call in a kernel goes unseen.
void* __tsan_memcpy(void* to, const void* from, std::size_t bytes) {
    standin_race_access(from, bytes, Access::read, STANDIN_PLACE);
    standin_race_access(to, bytes, Access::write, STANDIN_PLACE);
    return __builtin_memcpy(to, from, bytes);
}
void* __tsan_memmove(void* to, const void* from, std::size_t bytes) {
    standin_race_access(from, bytes, Access::read, STANDIN_PLACE);
    standin_race_access(to, bytes, Access::write, STANDIN_PLACE);
    return __builtin_memmove(to, from, bytes);
}
void* __tsan_memset(void* to, int value, std::size_t bytes) {
    standin_race_access(to, bytes, Access::write, STANDIN_PLACE);
    return __builtin_memset(to, value, bytes);
}

}  // extern "C"
