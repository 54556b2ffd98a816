#include "musegan/sources/phrase_array_entry.hpp"

#include <algorithm>

#include "tensor/error.hpp"

namespace musegan {

void ArrayEntry::check() const {
    io::ZipEntryReader reader = open();
    reader.skip(reader.left());
}

const io::ZipEntry& find_entry(const std::vector<io::ZipEntry>& entries, const std::string& archive_name,
                               std::string_view name) {
    const auto found = std::ranges::find(entries, name, &io::ZipEntry::name);
    if (found == entries.end()) tensor::fail(archive_name, "has no array {}", name);
    return *found;
}

ArrayEntry open_array(std::span<const std::uint8_t> archive, const io::ZipEntry& entry,
                      const std::string& archive_name) {
    ArrayEntry array{archive, entry, fmt::format("{}/{}", archive_name, entry.name), {}};
    io::ZipEntryReader reader = array.open();
    std::vector<std::uint8_t> start(
        static_cast<std::size_t>(std::min(reader.left(), static_cast<std::int64_t>(io::max_npy_header_bytes))));
    reader.read(start);
    array.header = io::read_npy_header(start, array.name);
    const std::int64_t elements = entry.bytes - static_cast<std::int64_t>(array.header.bytes);
    const std::int64_t expected = array.header.elements() * array.header.element_bytes();
    if (elements != expected)
        tensor::fail(array.name, "holds {} bytes of elements, expected {} for {}", elements, expected,
                     array.header.to_string());
    return array;
}

}  // namespace musegan
