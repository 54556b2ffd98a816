// Any bytes give a safetensors file or a tensor::Error; a file that was read covers its data, and written and read
// again it is the same.
#include <algorithm>
#include <numeric>
#include <string>
#include <string_view>

#include "io/safetensors.hpp"
#include "tensor/error.hpp"
#include "tests/fuzz/fuzz_target.hpp"

namespace {

/// Numbers of two bytes become floats, of four.
bool is_widened(const io::SafetensorsEntry& entry) { return entry.dtype == "F16" || entry.dtype == "BF16"; }

bool is_tensor(const io::SafetensorsEntry& entry) {
    return (is_widened(entry) || entry.dtype == "F32" || entry.dtype == "F64" || entry.dtype == "U8") &&
           entry.shape.size() <= tensor::Shape::max_rank;
}

void require_round_trip(const io::SafetensorsFile& file) {
    io::SafetensorsWriter writer;
    for (const auto& [key, value] : file.metadata()) writer.metadata(key, value);
    for (const io::SafetensorsEntry& entry : file.entries()) {
        if (entry.name.empty()) return;  // the reader takes an empty name, the writer does not
        writer.add_bytes(entry.name, entry.dtype, entry.shape, entry.bytes);
    }
    const io::SafetensorsFile again = io::SafetensorsFile::parse(writer.serialize(), "again");
    fuzz::require(again.metadata() == file.metadata(), "metadata survive");
    fuzz::require(again.entries().size() == file.entries().size(), "arrays survive");
    for (const io::SafetensorsEntry& entry : file.entries()) {
        const io::SafetensorsEntry& other = again.at(entry.name);
        fuzz::require(other.dtype == entry.dtype && other.shape == entry.shape, "types and shapes survive");
        fuzz::require(std::ranges::equal(other.bytes, entry.bytes), "bytes survive");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    io::SafetensorsFile file = [&]() -> io::SafetensorsFile {
        try {
            return io::SafetensorsFile::parse({data, data + size}, "fuzz");
        } catch (const tensor::Error&) {
            return io::SafetensorsFile::parse({2, 0, 0, 0, 0, 0, 0, 0, '{', '}'}, "empty");
        }
    }();
    std::size_t covered = 0;
    for (const io::SafetensorsEntry& entry : file.entries()) {
        covered += entry.bytes.size();
        fuzz::require(file.contains(entry.name), "every array is found by its name");
        if (!is_tensor(entry)) continue;
        const bool has_room = std::all_of(entry.shape.begin(), entry.shape.end(), [](auto n) { return n < 1 << 20; });
        if (has_room)
            fuzz::require(file.tensor(entry.name).bytes() ==
                              static_cast<std::int64_t>(entry.bytes.size()) * (is_widened(entry) ? 2 : 1),
                          "a tensor has the numbers of its array");
    }
    fuzz::require(covered <= size, "arrays lie inside the file");
    require_round_trip(file);
    return 0;
}

namespace {

/// The same file without checksums, as other programs write it: under them hardly a changed byte gets past the first
/// check.
std::vector<std::uint8_t> without_checksums(std::vector<std::uint8_t> file) {
    const std::string text(file.begin(), file.end());
    const std::size_t begin = text.find("\"crc32c_header\""), key = text.find("\"crc32c_arrays\":\"");
    std::size_t end = text.find('"', key + std::string_view("\"crc32c_arrays\":\"").size()) + 1;
    if (text[end] == ',') ++end;
    std::fill(file.begin() + static_cast<std::ptrdiff_t>(begin), file.begin() + static_cast<std::ptrdiff_t>(end), ' ');
    fuzz::require(!io::SafetensorsFile::parse(file, "seed").has_checksums(), "the seed is a file without checksums");
    return file;
}

}  // namespace

std::vector<std::vector<std::uint8_t>> fuzz::seeds() {
    std::vector<std::uint8_t> bytes(96);
    std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
    const std::span<const std::uint8_t> all(bytes);
    io::SafetensorsWriter small, large;
    small.add_bytes("x", "F32", {}, all.first(4));
    large.metadata("format", "1");
    large.metadata("tracks", "drums,piano,guitar,bass,strings");
    large.add_bytes("critic.conv1.weight", "F32", {2, 3, 4}, all);
    large.add_bytes("phrases", "U8", {3, 16}, all.first(48));
    large.add_bytes("step", "I64", {1}, all.first(8));
    large.add_bytes("brain", "BF16", {2, 2}, all.first(8));
    large.add_bytes("half", "F16", {2, 2}, all.first(8));
    large.add_bytes("none", "F64", {0, 5}, all.first(0));
    const std::vector<std::uint8_t> none = io::SafetensorsWriter().serialize();
    return {small.serialize(),
            large.serialize(),
            none,
            without_checksums(small.serialize()),
            without_checksums(large.serialize()),
            without_checksums(none)};
}
