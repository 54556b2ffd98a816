#include <algorithm>
#include <array>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "io/atomic_file.hpp"
#include "io/crc32c.hpp"
#include "io/safetensors.hpp"
#include "io/safetensors_checksums.hpp"
#include "tensor/error.hpp"

namespace io {
namespace {

constexpr const char* where = "safetensors writer";
constexpr std::size_t alignment = 8;
constexpr std::size_t length_bytes = 8;
constexpr std::size_t piece_bytes = 1 << 18;  // written while still in the cache from its checksum

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
    for (const char* own : {safetensors_detail::header_checksum_key, safetensors_detail::array_checksums_key})
        if (key == own) tensor::fail(where, "'{}' is the writer's own metadata key, expected another", key);
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
               kept->bytes(),
               [kept](const auto& take) {
                   take({static_cast<const std::uint8_t*>(kept->raw()), static_cast<std::size_t>(kept->bytes())});
               }});
}

void SafetensorsWriter::add_bytes(const std::string& name, const std::string& dtype,
                                  const std::vector<std::int64_t>& shape, std::span<const std::uint8_t> bytes) {
    add_array(
        {name, dtype, shape, static_cast<std::int64_t>(bytes.size()), [bytes](const auto& take) { take(bytes); }});
}

void SafetensorsWriter::add_bytes(const std::string& name, const std::string& dtype,
                                  const std::vector<std::int64_t>& shape, std::vector<std::uint8_t>&& bytes) {
    const auto kept = std::make_shared<const std::vector<std::uint8_t>>(std::move(bytes));
    add_array({name, dtype, shape, static_cast<std::int64_t>(kept->size()), [kept](const auto& take) { take(*kept); }});
}

void SafetensorsWriter::add_stream(const std::string& name, const std::string& dtype,
                                   const std::vector<std::int64_t>& shape, ByteStream stream) {
    add_array({name, dtype, shape, safetensors_array_bytes(dtype, shape), std::move(stream)});
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
    if (array.bytes != expected)
        tensor::fail(where, "'{}' has {} bytes, expected {} for {} [{}]", array.name, array.bytes, expected,
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

std::string SafetensorsWriter::frame(const std::vector<const Array*>& arrays,
                                     std::span<const std::uint32_t> checksums) const {
    std::string json = safetensors_detail::open_sealed_metadata(checksums);
    for (const auto& [key, value] : metadata_) json += fmt::format(",{}:{}", json_string(key), json_string(value));
    json += '}';
    std::int64_t offset = 0;
    for (const Array* array : arrays) {
        json += fmt::format(R"(,{}:{{"dtype":"{}","shape":[{}],"data_offsets":[{},{}]}})", json_string(array->name),
                            array->dtype, fmt::join(array->shape, ","), offset, offset + array->bytes);
        offset += array->bytes;
    }
    json += '}';
    json.append((alignment - (length_bytes + json.size()) % alignment) % alignment, ' ');
    const auto length = little_endian(json.size());
    json.insert(json.begin(), length.begin(), length.end());
    safetensors_detail::seal_header({reinterpret_cast<std::uint8_t*>(json.data()), json.size()});
    return json;
}

void SafetensorsWriter::put(const std::function<void(std::span<const std::uint8_t>)>& append,
                            const std::function<void(std::span<const std::uint8_t>)>& replace_start) const {
    const std::vector<const Array*> arrays = in_file_order();
    std::vector<std::uint32_t> checksums(arrays.size());
    append(as_bytes(frame(arrays, checksums)));
    for (std::size_t i = 0; i < arrays.size(); ++i) {
        std::int64_t bytes = 0;
        arrays[i]->stream([&](std::span<const std::uint8_t> left) {
            bytes += static_cast<std::int64_t>(left.size());
            for (; !left.empty(); left = left.subspan(std::min(piece_bytes, left.size()))) {
                const auto piece = left.first(std::min(piece_bytes, left.size()));
                checksums[i] = crc32c(piece, checksums[i]);
                append(piece);
            }
        });
        if (bytes != arrays[i]->bytes)
            tensor::fail(where, "'{}' was streamed in {} bytes, expected {}", arrays[i]->name, bytes, arrays[i]->bytes);
    }
    replace_start(as_bytes(frame(arrays, checksums)));
}

void SafetensorsWriter::write(const std::filesystem::path& path) const {
    AtomicFile file = AtomicFile::open(path);
    write(file);
    file.commit();
}

void SafetensorsWriter::write(AtomicFile& file) const {
    put([&](std::span<const std::uint8_t> bytes) { file.write(bytes); },
        [&](std::span<const std::uint8_t> bytes) { file.rewrite_start(bytes); });
}

std::vector<std::uint8_t> SafetensorsWriter::serialize() const {
    std::vector<std::uint8_t> all;
    put([&](std::span<const std::uint8_t> bytes) { all.insert(all.end(), bytes.begin(), bytes.end()); },
        [&](std::span<const std::uint8_t> bytes) { std::copy(bytes.begin(), bytes.end(), all.begin()); });
    return all;
}

}  // namespace io
