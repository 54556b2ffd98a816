#include <algorithm>
#include <cstring>
#include <unordered_map>
#include <utility>

#include "io/mapped_file.hpp"
#include "io/safetensors.hpp"
#include "io/safetensors_checksums.hpp"
#include "io/safetensors_header.hpp"
#include "tensor/bf16.hpp"
#include "tensor/error.hpp"
#include "tensor/f16.hpp"

namespace io {
namespace {

constexpr std::uint64_t length_bytes = 8;
constexpr std::uint64_t max_header_bytes = 100'000'000;
constexpr std::size_t names_in_a_hint = 3;
constexpr std::size_t longest_name_in_a_hint = 200;

/// A whole file in memory, or a mapping of it.
class Bytes {
  public:
    explicit Bytes(std::vector<std::uint8_t> owned) : owned_(std::move(owned)), view_(owned_) {}
    Bytes(const OpenedFile& file, const std::string& name) : mapped_(file, name), view_(mapped_.bytes()) {}
    Bytes(const Bytes&) = delete;
    Bytes& operator=(const Bytes&) = delete;
    std::span<const std::uint8_t> view() const { return view_; }

  private:
    std::vector<std::uint8_t> owned_;
    MappedFile mapped_;
    std::span<const std::uint8_t> view_;
};

/// The length and the header, the header's JSON text, and the data behind it.
struct Parts {
    std::span<const std::uint8_t> frame;
    std::span<const std::uint8_t> json;
    std::span<const std::uint8_t> data;
};

Parts split(std::span<const std::uint8_t> bytes, const std::string& name) {
    if (bytes.size() < length_bytes)
        tensor::fail(name, "{} bytes, expected at least {} (is this a safetensors file?)", bytes.size(), length_bytes);
    std::uint64_t header = 0;
    for (std::size_t i = 0; i < length_bytes; ++i) header |= static_cast<std::uint64_t>(bytes[i]) << (8 * i);
    if (header > max_header_bytes)
        tensor::fail(name, "a header of {} bytes, expected at most {} (is this a safetensors file?)", header,
                     max_header_bytes);
    if (header > bytes.size() - length_bytes)
        tensor::fail(name, "a header of {} bytes in a file of {} (the file is cut off)", header, bytes.size());
    const Parts parts{bytes.first(length_bytes + header), bytes.subspan(length_bytes, header),
                      bytes.subspan(length_bytes + header)};
    if (parts.json.empty() || parts.json[0] != '{')
        tensor::fail(name, "the header does not begin with '{{' (is this a safetensors file?)");
    return parts;
}

/// Bytes of an array of that type and shape. Throws where there is no such number.
std::int64_t bytes_of(const safetensors_detail::ArrayHeader& array, const std::string& name) {
    if (safetensors_element_bytes(array.dtype) == 0)
        tensor::fail(name, "'{}' has the unknown dtype '{}'", array.name, array.dtype);
    const std::int64_t bytes = safetensors_array_bytes(array.dtype, array.shape);
    if (bytes < 0) tensor::fail(name, "'{}' has the impossible shape [{}]", array.name, fmt::join(array.shape, ", "));
    return bytes;
}

/// Checks the ranges and points each array to its bytes, in the order of the data.
std::vector<SafetensorsEntry> place(std::vector<safetensors_detail::ArrayHeader> arrays,
                                    std::span<const std::uint8_t> data, const std::string& name) {
    std::sort(arrays.begin(), arrays.end(), [](const auto& a, const auto& b) {
        return a.data_offsets != b.data_offsets ? a.data_offsets < b.data_offsets : a.name < b.name;
    });
    std::vector<SafetensorsEntry> entries;
    entries.reserve(arrays.size());
    const auto size = static_cast<std::int64_t>(data.size());
    std::int64_t position = 0;
    for (safetensors_detail::ArrayHeader& array : arrays) {
        const std::int64_t begin = array.data_offsets[0], end = array.data_offsets[1];
        if (begin != position)
            tensor::fail(name, "'{}' begins at byte {} of the data, expected {} ({})", array.name, begin, position,
                         begin < position ? "two arrays overlap" : "a hole before it");
        if (end < begin || end > size)
            tensor::fail(name, "'{}' covers bytes {} to {} of {} bytes of data (the file is cut off?)", array.name,
                         begin, end, size);
        if (end - begin != bytes_of(array, name))
            tensor::fail(name, "'{}' covers {} bytes, expected {} for {} [{}]", array.name, end - begin,
                         bytes_of(array, name), array.dtype, fmt::join(array.shape, ", "));
        entries.push_back({std::move(array.name), std::move(array.dtype), std::move(array.shape),
                           data.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)),
                           std::nullopt});
        position = end;
    }
    if (position != size) tensor::fail(name, "{} bytes of data after the last array, expected none", size - position);
    return entries;
}

/// The floats of numbers of two bytes.
tensor::Tensor widened(const SafetensorsEntry& entry, const tensor::Shape& shape, float (*from)(std::uint16_t)) {
    tensor::Tensor result = tensor::Tensor::empty(shape, tensor::DType::f32);
    auto* const values = static_cast<float*>(result.raw());
    for (std::size_t i = 0; i < entry.bytes.size() / 2; ++i)
        values[i] = from(static_cast<std::uint16_t>(entry.bytes[2 * i] | entry.bytes[2 * i + 1] << 8));
    return result;
}

/// Insertions, deletions and replacements of one character that turn `a` into `b`.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, replaced}));
        }
    }
    return row.back();
}

}  // namespace

std::int64_t safetensors_element_bytes(std::string_view dtype) {
    for (std::string_view wide : {"F64", "I64", "U64"})
        if (dtype == wide) return 8;
    for (std::string_view single : {"F32", "I32", "U32"})
        if (dtype == single) return 4;
    for (std::string_view half : {"F16", "BF16", "I16", "U16"})
        if (dtype == half) return 2;
    for (std::string_view byte : {"U8", "I8", "BOOL", "F8_E4M3", "F8_E5M2"})
        if (dtype == byte) return 1;
    return 0;
}

std::int64_t safetensors_array_bytes(std::string_view dtype, std::span<const std::int64_t> shape) {
    // An extent of 0 makes the product 0 whatever the others are.
    const bool is_empty = std::find(shape.begin(), shape.end(), 0) != shape.end();
    std::int64_t bytes = safetensors_element_bytes(dtype);
    for (std::int64_t extent : shape)
        if (extent < 0 || (!is_empty && __builtin_mul_overflow(bytes, extent, &bytes))) return -1;
    return is_empty ? 0 : bytes;
}

struct SafetensorsFile::Contents {
    template <typename... Source>
    explicit Contents(std::string file, Source&&... source)
        : name(std::move(file)), bytes(std::forward<Source>(source)...) {
        const Parts parts = split(bytes.view(), name);
        const bool is_sealed = safetensors_detail::check_header(parts.frame, name);
        safetensors_detail::Header header = safetensors_detail::parse_header(parts.json, name);
        metadata = std::move(header.metadata);
        const std::optional<std::vector<std::uint32_t>> checksums =
            safetensors_detail::take_array_checksums(metadata, is_sealed, header.arrays.size(), name);
        entries = place(std::move(header.arrays), parts.data, name);
        has_checksums = checksums.has_value();
        for (std::size_t i = 0; has_checksums && i < entries.size(); ++i) {
            safetensors_detail::check_array(entries[i].bytes, (*checksums)[i], entries[i].name, name);
            entries[i].checksum = (*checksums)[i];
        }
        for (std::size_t i = 0; i < entries.size(); ++i) index.emplace(entries[i].name, i);
    }

    std::string name;
    Bytes bytes;
    std::map<std::string, std::string> metadata;
    bool has_checksums = false;
    std::vector<SafetensorsEntry> entries;
    std::unordered_map<std::string_view, std::size_t> index;
};

SafetensorsFile SafetensorsFile::open(const std::filesystem::path& path) {
    const OpenedFile file = open_for_reading(path);
    return SafetensorsFile(std::make_shared<const Contents>(path.string(), file, path.string()));
}

SafetensorsFile SafetensorsFile::parse(std::vector<std::uint8_t> bytes, std::string_view name) {
    return SafetensorsFile(std::make_shared<const Contents>(std::string(name), std::move(bytes)));
}

const std::map<std::string, std::string>& SafetensorsFile::metadata() const { return contents_->metadata; }

const std::string& SafetensorsFile::metadata(const std::string& key) const {
    const auto found = contents_->metadata.find(key);
    if (found == contents_->metadata.end()) tensor::fail(name(), "has no metadata '{}'", key);
    return found->second;
}

bool SafetensorsFile::has_checksums() const { return contents_->has_checksums; }
const std::vector<SafetensorsEntry>& SafetensorsFile::entries() const { return contents_->entries; }
bool SafetensorsFile::contains(std::string_view name) const { return contents_->index.contains(name); }
const std::string& SafetensorsFile::name() const { return contents_->name; }

const SafetensorsEntry& SafetensorsFile::at(std::string_view name) const {
    const auto found = contents_->index.find(name);
    if (found != contents_->index.end()) return contents_->entries[found->second];
    std::vector<std::pair<std::size_t, std::string_view>> near;
    for (const SafetensorsEntry& entry : contents_->entries)
        if (entry.name.size() <= longest_name_in_a_hint) near.emplace_back(edit_distance(name, entry.name), entry.name);
    std::sort(near.begin(), near.end());
    near.resize(std::min(near.size(), names_in_a_hint));
    std::vector<std::string_view> names;
    for (const auto& [distance, candidate] : near) names.push_back(candidate);
    tensor::fail(contents_->name, "has no array '{}' among its {} (nearest: {})", name, contents_->entries.size(),
                 fmt::join(names, ", "));
}

tensor::Tensor SafetensorsFile::tensor(std::string_view name) const {
    const SafetensorsEntry& entry = at(name);
    const tensor::Shape shape(std::span<const std::int64_t>(entry.shape));
    if (entry.dtype == "F16") return widened(entry, shape, tensor::from_f16);
    if (entry.dtype == "BF16") return widened(entry, shape, tensor::from_bf16);
    const bool is_known = entry.dtype == "F32" || entry.dtype == "F64" || entry.dtype == "U8";
    if (!is_known)
        tensor::fail(contents_->name, "'{}' has dtype {}, expected F32, F64, F16, BF16 or U8 for a tensor", name,
                     entry.dtype);
    const tensor::DType dtype = entry.dtype == "F32"   ? tensor::DType::f32
                                : entry.dtype == "F64" ? tensor::DType::f64
                                                       : tensor::DType::u8;
    tensor::Tensor result = tensor::Tensor::empty(shape, dtype);
    if (!entry.bytes.empty()) std::memcpy(result.raw(), entry.bytes.data(), entry.bytes.size());
    return result;
}

}  // namespace io
