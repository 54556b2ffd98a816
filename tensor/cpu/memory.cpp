#include "tensor/cpu/memory.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "tensor/error.hpp"
#include "tensor/parallel.hpp"
#include "tensor/units.hpp"

namespace tensor::cpu {

namespace {

constexpr std::int64_t unlimited = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t mebibyte = std::int64_t{1} << 20;

/// Address space that the arena's limit leaves, if there is a limit: for the heap, and for each thread's stack and
/// buffers, most of which are not there yet.
std::int64_t kept_back() { return (32 + 16 * std::int64_t{thread_count()}) * mebibyte; }

/// What products of oneDNN take at the most: 6 MiB for a thread's first, code of its kernels and panels of the
/// operands, were measured; with less it ends by a segmentation fault.
std::int64_t least_spare() { return 8 * mebibyte * std::int64_t{thread_count()}; }

std::int64_t page_bytes() { return static_cast<std::int64_t>(sysconf(_SC_PAGESIZE)); }

/// A file's number; nothing if there is no file, or if it has a word such as "max".
std::optional<std::int64_t> number_in(const std::filesystem::path& file) {
    std::ifstream stream(file);
    std::uint64_t number = 0;
    if (!(stream >> number) || number > static_cast<std::uint64_t>(unlimited)) return std::nullopt;
    return static_cast<std::int64_t>(number);
}

/// The least of the files of that name in the folder `mount`/`group` and those above it, up to `mount`. Inside a
/// container the group's path may be the machine's, of which only `mount` is there.
std::optional<std::int64_t> least_above(const std::filesystem::path& mount, std::filesystem::path group,
                                        const char* file) {
    std::optional<std::int64_t> least;
    for (;;) {
        if (const auto number = number_in(mount / group.relative_path() / file))
            least = std::min(least.value_or(unlimited), *number);
        if (group.relative_path().empty()) return least;
        group = group.parent_path();
    }
}

/// Pages that this process has mapped, and those of them that count as data. Nothing here allocates.
struct MappedPages {
    long all = 0, data = 0;
};
MappedPages mapped_pages() {
    MappedPages pages;
    std::array<char, 256> text{};
    const int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (file < 0) return pages;
    const ssize_t bytes = read(file, text.data(), text.size() - 1);
    close(file);
    if (bytes <= 0 || std::sscanf(text.data(), "%ld %*d %*d %*d %*d %ld", &pages.all, &pages.data) != 2) return {};
    return pages;
}

std::optional<std::int64_t> limit_of(__rlimit_resource resource) {
    rlimit limit{};
    if (getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return std::nullopt;
    return static_cast<std::int64_t>(std::min<rlim_t>(limit.rlim_cur, static_cast<rlim_t>(unlimited)));
}

/// Bytes of address space that may be taken if so many others are to be left.
std::int64_t address_space_beside(std::int64_t others) {
    const std::int64_t there = free_address_space();
    return there == unlimited ? there : std::max<std::int64_t>(0, there - others);
}

}  // namespace

std::optional<std::int64_t> container_limit(const std::filesystem::path& root) {
    std::ifstream groups(root / "proc/self/cgroup");
    const std::filesystem::path mounts = root / "sys/fs/cgroup";
    std::optional<std::int64_t> least;
    // Lines "0::/path" of version 2, "4:cpu,memory:/path" of version 1.
    for (std::string line; std::getline(groups, line);) {
        const std::size_t first = line.find(':'), second = line.find(':', first + 1);
        if (first == std::string::npos || second == std::string::npos) continue;
        const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",",
                          group = line.substr(second + 1);
        std::vector<std::optional<std::int64_t>> limits;
        if (controllers == ",,")
            limits = {least_above(mounts, group, "memory.max"), least_above(mounts / "unified", group, "memory.max")};
        else if (controllers.find(",memory,") != std::string::npos)
            limits = {least_above(mounts / "memory", group, "memory.limit_in_bytes")};
        for (const auto& limit : limits)
            if (limit) least = std::min(least.value_or(unlimited), *limit);
    }
    return least;
}

std::int64_t physical_memory() {
    const long pages = sysconf(_SC_PHYS_PAGES);
    const std::int64_t machine = pages > 0 ? pages * page_bytes() : std::int64_t{4} << 30;
    return std::min(machine, container_limit().value_or(unlimited));
}

std::int64_t free_address_space() {
    const auto space = limit_of(RLIMIT_AS), data = limit_of(RLIMIT_DATA);
    if (!space && !data) return unlimited;
    const MappedPages mapped = mapped_pages();
    const auto left = [](const std::optional<std::int64_t>& limit, long pages) {
        return limit ? std::max<std::int64_t>(0, *limit - pages * page_bytes()) : unlimited;
    };
    return std::min(left(space, mapped.all), left(data, mapped.data));
}

std::int64_t available_memory() {
    std::ifstream info("/proc/meminfo");
    std::int64_t system = physical_memory(), kib = 0;
    for (std::string word; info >> word;)
        if (word == "MemAvailable:" && info >> kib) system = std::min(system, kib << 10);
    return std::min(system, address_space_beside(kept_back()));
}

bool has_address_space_limit() { return limit_of(RLIMIT_AS) || limit_of(RLIMIT_DATA); }

void require_spare_memory(const char* where) {
    const std::int64_t there = free_address_space();
    if (there < least_spare())
        fail(where, "{} of address space are left, expected {}: raise the limit (ulimit -v), or ask for less",
             bytes_text(static_cast<double>(there)), bytes_text(static_cast<double>(least_spare())));
}

#if defined(MUSEGAN_PLAIN_ALLOCATION)

/// Segments of the sizes asked for and a guard behind every block: sanitizers see far overruns, the guards near ones.
/// Blocks are still cached, so the arena itself is tested too.
Arena::Source host_source() {
    return {.reserve = [](std::size_t bytes) { return std::aligned_alloc(Arena::alignment, bytes); },
            .release = [](void* address, std::size_t) { std::free(address); },
            .granularity = Arena::alignment,
            .limit = static_cast<std::size_t>(physical_memory()),
            .name = "cpu memory",
            .guarded = true};
}

#else

namespace {

/// Address space that a new segment leaves: for what libraries allocate then.
std::int64_t kept_free() { return (16 + 8 * std::int64_t{thread_count()}) * mebibyte; }

}  // namespace

/// Address space in large pieces, so that freed blocks coalesce: an eighth of what there is. Pages cost memory only
/// once they are touched; transparent huge pages make touching them cheap.
Arena::Source host_source() {
    constexpr std::size_t huge_page = std::size_t{2} << 20;
    const std::int64_t physical = physical_memory(), space = address_space_beside(kept_back());
    const auto limit = static_cast<std::size_t>(std::min(physical, space));
    // One heap for all threads: one for each would take 64 MiB of address space.
    if (space != unlimited) mallopt(M_ARENA_MAX, 1);
    return {.reserve = [](std::size_t bytes) -> void* {
                if (static_cast<std::int64_t>(bytes) > address_space_beside(kept_free())) return nullptr;
                void* const address =
                    mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
                if (address == MAP_FAILED) return nullptr;
                madvise(address, bytes, MADV_HUGEPAGE);
                return address;
            },
            .release = [](void* address, std::size_t bytes) { munmap(address, bytes); },
            .granularity = std::max(limit / 8 / huge_page * huge_page, huge_page),
            .limit = limit,
            .name = space < physical ? "cpu memory (ulimit -v)" : "cpu memory",
            .guarded = false,
            .free_bytes = [] { return static_cast<std::size_t>(available_memory()); },
            .room = [] { return static_cast<std::size_t>(address_space_beside(kept_back())); }};
}

#endif

}  // namespace tensor::cpu
