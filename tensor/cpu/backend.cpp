#include "tensor/cpu/backend.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>

#include "tensor/error.hpp"

namespace tensor {

namespace cpu {

namespace {

std::size_t physical_memory() {
    const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    return pages > 0 && page > 0 ? static_cast<std::size_t>(pages) * static_cast<std::size_t>(page)
                                 : std::size_t{4} << 30;
}

#if defined(MUSEGAN_PLAIN_ALLOCATION)

/// Segments of the sizes asked for and a guard behind every block: sanitizers see far overruns, the guards near ones.
/// Blocks are still cached, so the arena itself is tested too.
Arena::Source host_source() {
    return {.reserve = [](std::size_t bytes) { return std::aligned_alloc(Arena::alignment, bytes); },
            .release = [](void* address, std::size_t) { std::free(address); },
            .granularity = Arena::alignment,
            .limit = physical_memory(),
            .name = "cpu memory",
            .guarded = true};
}

#else

/// Address space in large pieces, so that freed blocks coalesce. Pages cost memory only once they are touched;
/// transparent huge pages make touching them cheap.
Arena::Source host_source() {
    return {.reserve = [](std::size_t bytes) -> void* {
                void* const address =
                    mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
                if (address == MAP_FAILED) return nullptr;
                madvise(address, bytes, MADV_HUGEPAGE);
                return address;
            },
            .release = [](void* address, std::size_t bytes) { munmap(address, bytes); },
            .granularity = std::max<std::size_t>(physical_memory() / 8, std::size_t{1} << 28) >> 21 << 21,
            .limit = physical_memory(),
            .name = "cpu memory",
            .guarded = false};
}

#endif

}  // namespace

CpuBackend::CpuBackend() : arena_(std::make_unique<Arena>(host_source())) {}

DeviceFacts CpuBackend::facts() const {
    std::ifstream info("/proc/cpuinfo");
    std::string line, model = "unknown processor";
    while (std::getline(info, line))
        if (line.starts_with("model name")) {
            if (const auto colon = line.find(": "); colon != std::string::npos) model = line.substr(colon + 2);
            break;
        }
    return {.description = fmt::format("{}, {} threads, {:.1f} GiB", model, thread_count(),
                                       static_cast<double>(physical_memory()) / (1 << 30))};
}

void CpuBackend::from_host(const void* host, Tensor& y) const {
    if (y.bytes() > 0) std::memcpy(y.raw(), host, static_cast<std::size_t>(y.bytes()));
}

void CpuBackend::to_host(const Tensor& x, void* host) const {
    if (x.bytes() > 0) std::memcpy(host, x.raw(), static_cast<std::size_t>(x.bytes()));
}

}  // namespace cpu

const Backend& cpu_backend() {
    // Never destroyed: tensors with static lifetime may outlive any order of destruction.
    static const Backend* const instance = new cpu::CpuBackend();
    return *instance;
}

}  // namespace tensor
