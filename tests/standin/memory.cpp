#include "memory.hpp"

#include <fmt/format.h>
#include <sys/mman.h>

#include <array>
#include <cstring>
#include <map>
#include <stdexcept>

#include "block.hpp"
#include "control.hpp"
#include "hooks.hpp"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define STANDIN_POISON(begin, bytes) __asan_poison_memory_region(begin, bytes)
#define STANDIN_UNPOISON(begin, bytes) __asan_unpoison_memory_region(begin, bytes)
#else
#define STANDIN_POISON(begin, bytes) static_cast<void>(0)
#define STANDIN_UNPOISON(begin, bytes) static_cast<void>(0)
#endif

namespace standin {

Region region;

namespace {

constexpr std::size_t page = 65536;  // a multiple of the page size of every Linux
constexpr std::size_t guard_bytes = 256;
constexpr int guard_value = 0xa5, nan_value = 0xff;
constexpr std::size_t shared_offset = page;  // where shared memory begins, with 256 guard bytes on both sides
constexpr std::size_t window_bytes = 2 * page + max_shared_bytes;

const std::array<std::byte, guard_bytes> whole_guard = [] {
    std::array<std::byte, guard_bytes> bytes;
    bytes.fill(static_cast<std::byte>(guard_value));
    return bytes;
}();

struct Memory {
    std::map<std::uintptr_t, Allocation> live;  // by begin
    std::size_t used = window_bytes;            // of the region
    std::size_t live_bytes = 0, shared_bytes = 0;
    std::uint64_t allocations = 0;
    Allocation last;  // the allocation that find_allocation met last
};
Memory memory;

std::byte* at(std::size_t offset) { return reinterpret_cast<std::byte*>(region.begin + offset); }
std::size_t whole_pages(std::size_t bytes) { return (bytes + page - 1) / page * page; }

/// Reserves the addresses at the first use. They take no memory until a part is made readable.
void reserve() {
    if (region.begin != 0) return;
    for (std::size_t bytes = std::size_t{4} << 40; bytes >= (std::size_t{1} << 30); bytes /= 2) {
        void* const begin = mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (begin == MAP_FAILED) continue;
        region = {reinterpret_cast<std::uintptr_t>(begin), bytes};
        mprotect(begin, window_bytes, PROT_READ | PROT_WRITE);
        if (race_hooks != nullptr) race_hooks->allocated(begin, window_bytes);
        return;
    }
    throw std::runtime_error("[stand-in] no addresses left for device memory");
}

void write_guards(std::byte* begin, std::size_t bytes) {
    std::memset(begin - guard_bytes, guard_value, guard_bytes);
    std::memset(begin + bytes, guard_value, guard_bytes);
    STANDIN_POISON(begin - guard_bytes, guard_bytes);
    STANDIN_POISON(begin + bytes, guard_bytes);
}

/// Records a fault for each side of [begin, begin + bytes) whose guard bytes were written.
template <typename Name>
bool guards_hold(std::byte* begin, std::size_t bytes, Name name) {
    STANDIN_UNPOISON(begin - guard_bytes, guard_bytes);
    STANDIN_UNPOISON(begin + bytes, guard_bytes);
    bool hold = true;
    for (const bool after : {false, true}) {
        const std::byte* const guard = after ? begin + bytes : begin - guard_bytes;
        if (std::memcmp(guard, whole_guard.data(), guard_bytes) == 0) continue;
        for (std::size_t i = 0; i < guard_bytes; ++i) {
            if (guard[i] == static_cast<std::byte>(guard_value)) continue;
            const std::ptrdiff_t offset = guard + i - begin;
            add_fault(fmt::format("overrun: {} was written at byte {}", name(), offset));
            hold = false;
            break;
        }
    }
    return hold;
}

std::string name_of(const Allocation& a) { return fmt::format("allocation {} ({} bytes)", a.number, a.bytes); }

}  // namespace

void* allocate_device(std::size_t bytes) {
    reserve();
    const std::size_t pages = whole_pages(bytes + 2 * guard_bytes);
    if (pages < bytes || pages + page > region.bytes - memory.used) return nullptr;
    std::byte* const first = at(memory.used);
    if (mprotect(first, pages, PROT_READ | PROT_WRITE) != 0) return nullptr;
    if (race_hooks != nullptr) race_hooks->allocated(first, pages);
    memory.used += pages + page;  // one unmapped stretch between neighbours
    std::byte* const begin = first + guard_bytes;
    std::memset(begin, nan_value, bytes);
    write_guards(begin, bytes);
    memory.live[reinterpret_cast<std::uintptr_t>(begin)] = {begin, bytes, ++memory.allocations};
    memory.live_bytes += bytes;
    return begin;
}

bool free_device(void* address) {
    const auto found = memory.live.find(reinterpret_cast<std::uintptr_t>(address));
    if (found == memory.live.end()) return false;
    const Allocation allocation = found->second;
    guards_hold(allocation.begin, allocation.bytes, [&] { return name_of(allocation); });
    const std::size_t pages = whole_pages(allocation.bytes + 2 * guard_bytes);
    std::byte* const first = allocation.begin - guard_bytes;
    if (race_hooks != nullptr) race_hooks->freed(first, pages);
    madvise(first, pages, MADV_DONTNEED);
    mprotect(first, pages, PROT_NONE);
    memory.live_bytes -= allocation.bytes;
    memory.last = {};
    memory.live.erase(found);
    return true;
}

const Allocation* find_allocation(const void* address, std::size_t bytes) {
    const auto holds = [&](const Allocation& a) {
        const std::size_t offset = static_cast<const std::byte*>(address) - a.begin;
        return a.begin != nullptr && offset <= a.bytes && bytes <= a.bytes - offset;
    };
    if (holds(memory.last)) return &memory.last;
    auto after = memory.live.upper_bound(reinterpret_cast<std::uintptr_t>(address));
    if (after == memory.live.begin() || !holds((--after)->second)) return nullptr;
    memory.last = after->second;
    return &memory.last;
}

bool check_device_range(const void* address, std::size_t bytes, const char* what) {
    if (bytes == 0 || find_allocation(address, bytes) != nullptr) return true;
    add_fault(
        fmt::format("{}: {} bytes at {} are not inside one live allocation", what, bytes, describe_address(address)));
    return false;
}

std::size_t live_bytes() { return memory.live_bytes; }
std::size_t live_allocations() { return memory.live.size(); }

bool check_guards() {
    bool hold = true;
    for (auto& [begin, allocation] : memory.live) {
        hold = guards_hold(allocation.begin, allocation.bytes, [&] { return name_of(allocation); }) && hold;
        write_guards(allocation.begin, allocation.bytes);
    }
    return hold;
}

std::byte* shared_memory() { return at(shared_offset); }
std::size_t shared_bytes() { return memory.shared_bytes; }

void open_shared(std::size_t bytes) {
    reserve();
    memory.shared_bytes = bytes;
    std::memset(shared_memory(), nan_value, bytes);
    write_guards(shared_memory(), bytes);
}

void close_shared() {
    guards_hold(shared_memory(), memory.shared_bytes, [] {
        return fmt::format("shared memory ({} bytes) of {}, block {}", memory.shared_bytes, describe_launch(),
                           running.block);
    });
}

std::string describe_address(const void* address) {
    const std::ptrdiff_t offset = static_cast<const std::byte*>(address) - shared_memory();
    if (in_region(address) && offset >= -static_cast<std::ptrdiff_t>(page) &&
        offset < static_cast<std::ptrdiff_t>(max_shared_bytes)) {
        return fmt::format("shared memory {:+}", offset);
    }
    auto after = memory.live.upper_bound(reinterpret_cast<std::uintptr_t>(address) + guard_bytes);
    if (!in_region(address) || after == memory.live.begin()) return fmt::format("address {}", address);
    const Allocation& nearest = (--after)->second;
    return fmt::format("{} {:+}", name_of(nearest), static_cast<const std::byte*>(address) - nearest.begin);
}

}  // namespace standin
