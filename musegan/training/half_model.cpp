#include "musegan/training/half_model.hpp"

#include <cmath>

#include "musegan/training/checkpoint.hpp"
#include "tensor/error.hpp"
#include "tensor/f16.hpp"

namespace musegan {

namespace {

/// In the order of a file: the lower byte first.
std::vector<std::uint8_t> half_bytes(const layers::NamedTensor& entry, const std::string& file) {
    std::vector<std::uint8_t> bytes;
    bytes.reserve(2 * static_cast<std::size_t>(entry.tensor.elements()));
    for (const float value : entry.tensor.values<float>()) {
        if (std::abs(value) > tensor::largest_f16)
            tensor::fail(file, "{} holds {}, expected at most {} in size, the largest half float", entry.name, value,
                         tensor::largest_f16);
        const std::uint16_t bits = tensor::to_f16(value);
        bytes.push_back(static_cast<std::uint8_t>(bits));
        bytes.push_back(static_cast<std::uint8_t>(bits >> 8));
    }
    return bytes;
}

}  // namespace

std::vector<std::uint8_t> half_model(const io::SafetensorsFile& file) {
    const Model model = load_model(file);
    io::SafetensorsWriter writer;
    for (const auto& [key, value] : file.metadata()) writer.metadata(key, key == "format" ? model_format : value);
    for (const layers::NamedTensor& entry : tensors_of(model.parameters())) {
        const tensor::Shape shape = entry.tensor.shape();
        if (shape.rank() < 2) writer.add(entry.name, entry.tensor);
        else writer.add_bytes(entry.name, "F16", {shape.begin(), shape.end()}, half_bytes(entry, file.name()));
    }
    return writer.serialize();
}

}  // namespace musegan
