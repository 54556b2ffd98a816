// Where a tensor lives. A device is a value, and a tensor knows its own.
#pragma once

#include <string>
#include <string_view>

namespace tensor {

/// cpu: host memory. cuda: one NVIDIA GPU. dry: addresses without memory and operators without arithmetic, to learn
/// what an update needs (bytes, FLOPs) before it runs. reference: host memory and plain loops on complex numbers, which
/// carry a derivative through whatever runs (direction.hpp).
enum class DeviceKind { cpu, cuda, dry, reference };

struct Device {
    DeviceKind kind = DeviceKind::cpu;
    int index = 0;

    static constexpr Device cpu() { return {DeviceKind::cpu, 0}; }
    static constexpr Device cuda(int index = 0) { return {DeviceKind::cuda, index}; }
    static constexpr Device dry() { return {DeviceKind::dry, 0}; }
    static constexpr Device reference() { return {DeviceKind::reference, 0}; }
    /// "cpu", "cuda", "cuda:1", "dry" or "reference"; throws Error for anything else.
    static Device parse(std::string_view text);

    bool operator==(const Device&) const = default;
    /// "cpu", "cuda:0", "dry", "reference".
    std::string to_string() const;
};

}  // namespace tensor
