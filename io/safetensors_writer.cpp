#include <algorithm>
#include <array>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "io/atomic_file.hpp"
#include "io/safetensors.hpp"
#include "tensor/error.hpp"

namespace io {
namespace {

constexpr const char* where = "safetensors writer";
constexpr std::size_t alignment = 8;
constexpr std::size_t length_bytes = 8;

/// `text` as a JSON string, quotes and escapes included.
std::string json_string(const std::string& text) {
    try {
        return nlohmann::json(text).dump();
    } catch (const nlohmann::json::exception&) {
        tensor::fail(where, "a name or metadata text is not UTF-8 (convert Latin-1 text first): {} bytes", text.size());
    }
}

const char* safetensors_name(tensor::DType dtype) {
    switch (dtype) {
        case tensor::DType::f64: return "F64";
        case tensor::DType::f32: return "F32";
        case tensor::DType::u8: return "U8";
        case tensor::DType::c128: break;  // of the reference device, which add() refuses
    }
    return "";
}

std::array<std::uint8_t, length_bytes> little_endian(std::uint64_t value) {
    std::array<std::uint8_t, length_bytes> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(value >> (8 * i));
    return bytes;
}

}  // namespace

void SafetensorsWriter::metadata(const std::string& key, const std::string& value) {
    json_string(key);
    json_string(value);
    metadata_[key] = value;
}

void SafetensorsWriter::add(const std::string& name, const tensor::Tensor& cpu_tensor) {
    if (!cpu_tensor.defined()) tensor::fail(where, "'{}' is a tensor that has no value", name);
    if (cpu_tensor.device() != tensor::Device::cpu())
        tensor::fail(where, "'{}' is on {}, expected cpu (call .to(Device::cpu()) first)", name,
                     cpu_tensor.device().to_string());
    const auto kept = std::make_shared<const tensor::Tensor>(cpu_tensor);
    add_array({name,
               safetensors_name(kept->dtype()),
               {kept->shape().begin(), kept->shape().end()},
               {static_cast<const std::uint8_t*>(kept->raw()), static_cast<std::size_t>(kept->bytes())},
               kept});
}

void SafetensorsWriter::add_bytes(const std::string& name, const std::string& dtype,
                                  const std::vector<std::int64_t>& shape, std::span<const std::uint8_t> bytes) {
    add_array({name, dtype, shape, bytes, nullptr});
}

void SafetensorsWriter::add_bytes(const std::string& name, const std::string& dtype,
                                  const std::vector<std::int64_t>& shape, std::vector<std::uint8_t>&& bytes) {
    const auto kept = std::make_shared<const std::vector<std::uint8_t>>(std::move(bytes));
    add_array({name, dtype, shape, *kept, kept});
}

void SafetensorsWriter::add_array(Array array) {
    if (array.name.empty() || array.name == "__metadata__")
        tensor::fail(where, "'{}' can be no array's name", array.name);
    json_string(array.name);
    if (arrays_.contains(array.name)) tensor::fail(where, "two arrays are named '{}'", array.name);
    if (safetensors_element_bytes(array.dtype) == 0)
        tensor::fail(where, "'{}' has dtype '{}', which the format does not have", array.name, array.dtype);
    const std::int64_t expected = safetensors_array_bytes(array.dtype, array.shape);
    if (expected < 0)
        tensor::fail(where, "'{}' has the impossible shape [{}]", array.name, fmt::join(array.shape, ", "));
    if (static_cast<std::int64_t>(array.bytes.size()) != expected)
        tensor::fail(where, "'{}' has {} bytes, expected {} for {} [{}]", array.name, array.bytes.size(), expected,
                     array.dtype, fmt::join(array.shape, ", "));
    std::string key = array.name;
    arrays_.emplace(std::move(key), std::move(array));
}

std::vector<const SafetensorsWriter::Array*> SafetensorsWriter::in_file_order() const {
    std::vector<const Array*> arrays;
    for (const auto& [name, array] : arrays_) arrays.push_back(&array);
    // The map is in order of name. Wide types first keeps every array aligned to its elements.
    std::stable_sort(arrays.begin(), arrays.end(), [](const Array* a, const Array* b) {
        return safetensors_element_bytes(a->dtype) > safetensors_element_bytes(b->dtype);
    });
    return arrays;
}

std::string SafetensorsWriter::header(const std::vector<const Array*>& arrays) const {
    std::string json = "{";
    if (!metadata_.empty()) {
        json += "\"__metadata__\":{";
        for (const auto& [key, value] : metadata_) json += fmt::format("{}:{},", json_string(key), json_string(value));
        json.back() = '}';
        json += ',';
    }
    std::size_t offset = 0;
    for (const Array* array : arrays) {
        json += fmt::format(R"({}:{{"dtype":"{}","shape":[{}],"data_offsets":[{},{}]}},)", json_string(array->name),
                            array->dtype, fmt::join(array->shape, ","), offset, offset + array->bytes.size());
        offset += array->bytes.size();
    }
    if (json.back() == ',') json.pop_back();
    json += '}';
    json.append((alignment - (length_bytes + json.size()) % alignment) % alignment, ' ');
    return json;
}

void SafetensorsWriter::write(const std::filesystem::path& path) const {
    const std::vector<const Array*> arrays = in_file_order();
    const std::string json = header(arrays);
    AtomicFile file = AtomicFile::open(path);
    file.write(little_endian(json.size()));
    file.write(as_bytes(json));
    for (const Array* array : arrays) file.write(array->bytes);
    file.commit();
}

std::vector<std::uint8_t> SafetensorsWriter::serialize() const {
    const std::vector<const Array*> arrays = in_file_order();
    const std::string json = header(arrays);
    const auto length = little_endian(json.size());
    std::size_t total = length.size() + json.size();
    for (const Array* array : arrays) total += array->bytes.size();
    std::vector<std::uint8_t> bytes;
    bytes.reserve(total);
    bytes.insert(bytes.end(), length.begin(), length.end());
    bytes.insert(bytes.end(), json.begin(), json.end());
    for (const Array* array : arrays) bytes.insert(bytes.end(), array->bytes.begin(), array->bytes.end());
    return bytes;
}

}  // namespace io
