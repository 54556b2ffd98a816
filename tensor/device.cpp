#include "tensor/device.hpp"

#include <charconv>

#include "tensor/error.hpp"

namespace tensor {

Device Device::parse(std::string_view text) {
    if (text == "cpu") return cpu();
    if (text == "dry") return dry();
    if (text == "reference") return reference();
    if (text == "cuda") return cuda();
    if (text.starts_with("cuda:")) {
        int index = 0;
        const char* const last = text.data() + text.size();
        const auto [end, error] = std::from_chars(text.data() + 5, last, index);
        if (error == std::errc{} && end == last && index >= 0) return cuda(index);
    }
    fail("device", "'{}' names no device, expected cpu, cuda or cuda:INDEX", text);
}

std::string Device::to_string() const {
    switch (kind) {
        case DeviceKind::cpu: return "cpu";
        case DeviceKind::dry: return "dry";
        case DeviceKind::reference: return "reference";
        case DeviceKind::cuda: return fmt::format("cuda:{}", index);
    }
    return "unknown";
}

}  // namespace tensor
