#include "tensor/cpu/backend.hpp"

#include <cstring>
#include <fstream>

#include "tensor/cpu/bf16.hpp"
#include "tensor/cpu/memory.hpp"
#include "tensor/error.hpp"

namespace tensor {

namespace cpu {

CpuBackend::CpuBackend() : arena_(std::make_unique<Arena>(host_source())) {}

namespace {

std::string processor_model() {
    std::ifstream info("/proc/cpuinfo");
    for (std::string line; std::getline(info, line);)
        if (line.starts_with("model name"))
            if (const auto colon = line.find(": "); colon != std::string::npos) return line.substr(colon + 2);
    return "unknown processor";
}

}  // namespace

DeviceFacts CpuBackend::facts() const {
    // Read once: training asks for the facts in every update, and the files took 60 us.
    static const std::string model = processor_model();
    static const double memory = static_cast<double>(physical_memory()) / (1 << 30);
    DeviceFacts facts{.description = fmt::format("{}, {} threads, {:.1f} GiB", model, thread_count(), memory)};
    if (computes_bf16()) facts.precisions.push_back(Precision::bf16);
    return facts;
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
