// Any bytes give a ZIP directory or a tensor::Error; entries that were read lie in the file, and unpack to as many
// bytes as the directory says or to a tensor::Error; archives of ours list and hold what was put into them.
#include <algorithm>
#include <set>

#include "io/file.hpp"
#include "io/zip.hpp"
#include "tensor/error.hpp"
#include "tests/fuzz/fuzz_target.hpp"

namespace {

/// Unpacks the entries, as far as the work goes that one input may make: a hostile directory names the same bytes a
/// thousand times.
void unpack_all(std::span<const std::uint8_t> archive, const std::vector<io::ZipEntry>& entries) {
    constexpr std::int64_t max_bytes = 1 << 16;
    std::int64_t work = 1 << 20;  // in bytes
    for (const io::ZipEntry& entry : entries) {
        work -= 1000 + entry.packed_bytes + std::min(entry.bytes, max_bytes);
        if (work < 0) return;
        try {
            const auto content = io::unpack_zip_entry(archive, entry, max_bytes, "fuzz");
            fuzz::require(static_cast<std::int64_t>(content.size()) == entry.bytes, "the length is as claimed");
            fuzz::require(entry.bytes <= max_bytes, "the limit holds");
        } catch (const tensor::Error&) {  // damaged
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::vector<io::ZipEntry> entries;
    try {
        entries = io::read_zip_directory({data, size}, "fuzz");
    } catch (const tensor::Error&) {
        return 0;
    }
    unpack_all({data, size}, entries);
    std::set<std::string> names;
    io::ZipWriter writer;
    std::size_t letters = 0;
    for (const io::ZipEntry& entry : entries) {
        fuzz::require(entry.packed_bytes >= 0 && entry.bytes >= 0, "lengths are not negative");
        fuzz::require(static_cast<std::size_t>(entry.packed_bytes) <= size, "an entry lies in the file");
        letters += entry.name.size();
        try {
            writer.add(entry.name, entry.name);
            names.insert(entry.name);
        } catch (const tensor::Error&) {  // the reader takes names that the writer does not
        }
    }
    fuzz::require(letters + 46 * entries.size() <= size, "the directory lies in the file");
    const std::vector<std::uint8_t> archive = writer.serialize();
    const auto again = io::read_zip_directory(archive, "again");
    fuzz::require(again.size() == names.size(), "entries survive");
    for (const io::ZipEntry& entry : again) {
        fuzz::require(names.contains(entry.name), "names survive");
        fuzz::require(entry.bytes == static_cast<std::int64_t>(entry.name.size()), "lengths survive");
        const auto content = io::unpack_zip_entry(archive, entry, entry.bytes, "again");
        fuzz::require(std::ranges::equal(content, io::as_bytes(entry.name)), "contents survive");
    }
    return 0;
}

std::vector<std::vector<std::uint8_t>> fuzz::seeds() {
    io::ZipWriter small, large;
    small.add("x", "y");
    for (int k = 0; k < 5; ++k) large.add("roll_" + std::to_string(k) + ".npy", std::string(200, 'r'));
    large.add("info.json", "{}");
    return {small.serialize(), large.serialize(), io::ZipWriter().serialize()};
}
