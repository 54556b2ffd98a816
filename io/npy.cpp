#include "io/npy.hpp"

#include <algorithm>
#include <bit>

#include "io/file.hpp"
#include "tensor/enum_names.hpp"
#include "tensor/error.hpp"

namespace io {
namespace {

static_assert(std::endian::native == std::endian::little, "elements are written as they lie in memory");

constexpr std::size_t alignment = 64;
constexpr std::string_view magic{"\x93NUMPY\x01\x00", 8};

/// Throws tensor::Error unless the bytes are as many as the shape has elements, times those of one.
void check_shape(const NpyArray& array, std::string_view name) {
    if (array.shape.size() > max_npy_axes)
        tensor::fail(name, "an array of {} axes, expected at most {}", array.shape.size(), max_npy_axes);
    const bool is_empty = std::ranges::count(array.shape, 0) > 0;  // however long the other axes are
    std::int64_t expected = is_empty ? 0 : npy_element_bytes(array.type);
    bool possible = true;
    for (const std::int64_t extent : array.shape)
        possible = possible && extent >= 0 && (is_empty || !__builtin_mul_overflow(expected, extent, &expected));
    if (!possible) tensor::fail(name, "the impossible shape [{}]", fmt::join(array.shape, ", "));
    if (static_cast<std::uint64_t>(expected) != array.bytes.size())
        tensor::fail(name, "{} bytes, expected {} for {} [{}]", array.bytes.size(), expected,
                     tensor::name_of(array.type), fmt::join(array.shape, ", "));
}

}  // namespace

std::vector<std::uint8_t> npy_header(const NpyArray& array, std::string_view name) {
    check_shape(array, name);
    // Python writes a tuple of one element with a comma behind it.
    std::string text =
        fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}{}), }}", tensor::name_of(array.type),
                    fmt::join(array.shape, ", "), array.shape.size() == 1 ? "," : "");
    const std::size_t before = magic.size() + 2;
    text.append((alignment - (before + text.size() + 1) % alignment) % alignment, ' ');
    text += '\n';
    std::vector<std::uint8_t> header(magic.begin(), magic.end());
    header.push_back(static_cast<std::uint8_t>(text.size()));
    header.push_back(static_cast<std::uint8_t>(text.size() >> 8));
    header.insert(header.end(), text.begin(), text.end());
    return header;
}

std::vector<std::uint8_t> serialize_npy(const NpyArray& array, std::string_view name) {
    std::vector<std::uint8_t> bytes = npy_header(array, name);
    bytes.insert(bytes.end(), array.bytes.begin(), array.bytes.end());
    return bytes;
}

void add_npy(ZipWriter& archive, const std::string& name, const NpyArray& array) {
    const std::string entry = name + ".npy";
    archive.add(entry, {npy_header(array, entry), array.bytes});
}

}  // namespace io
