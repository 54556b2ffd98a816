// The stand-in's memories: device memory from cudaMalloc and the shared memory of the block that runs. Both lie in one
// stretch of reserved addresses, so that "is this the device's?" is a comparison and the race check finds the record of
// a word by arithmetic.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace standin {

/// The reserved stretch; `begin` is 0 before the first use. Addresses are never handed out twice: a pointer used after
/// cudaFree always hits unmapped memory.
struct Region {
    std::uintptr_t begin = 0;
    std::size_t bytes = 0;
};
extern Region region;

inline bool in_region(const void* address) {
    return reinterpret_cast<std::uintptr_t>(address) - region.begin < region.bytes;
}

/// A live piece of device memory.
struct Allocation {
    std::byte* begin = nullptr;
    std::size_t bytes = 0;
    std::uint64_t number = 0;  // the number of the cudaMalloc that made it, from 1
};

/// `bytes` > 0 of device memory filled with 0xff, guarded on both sides; nullptr if the addresses are used up.
void* allocate_device(std::size_t bytes);
/// False if `address` is not the begin of a live allocation. Checks its guards.
bool free_device(void* address);
/// The live allocation that holds all of [address, address + bytes), or nullptr.
const Allocation* find_allocation(const void* address, std::size_t bytes);
/// Whether the range lies in one live allocation; if not, a fault that begins with `what` is recorded.
bool check_device_range(const void* address, std::size_t bytes, const char* what);
/// Bytes of live allocations.
std::size_t live_bytes();

/// Begins a block's shared memory: `bytes` filled with 0xff, at most max_shared_bytes.
void open_shared(std::size_t bytes);
/// Checks the guards of the shared memory when its block has ended.
void close_shared();
std::byte* shared_memory();
std::size_t shared_bytes();
constexpr std::size_t max_shared_bytes = std::size_t{512} << 10;

/// "shared memory + 12", "allocation 3 (400 bytes) + 16", or "address ...".
std::string describe_address(const void* address);

}  // namespace standin
