// Any bytes give a ZIP directory or a tensor::Error; entries that were read lie in the file, and unpack to as many
// bytes as the directory says or to a tensor::Error, the same whole and piece by piece; archives of ours list and hold
// what was put into them.
#include <algorithm>
#include <optional>
#include <set>

#include "io/file.hpp"
#include "io/zip.hpp"
#include "tensor/error.hpp"
#include "tests/fuzz/fuzz_target.hpp"
#include "tests/io/zip64_archive.hpp"

namespace {

/// An entry in pieces of lengths that differ, some of them passed over; nothing where it is refused.
std::optional<std::vector<std::uint8_t>> in_pieces(std::span<const std::uint8_t> archive, const io::ZipEntry& entry,
                                                   std::span<const std::uint8_t> expected) {
    std::vector<std::uint8_t> content, piece;
    try {
        io::ZipEntryReader reader(archive, entry, "fuzz");
        for (std::size_t length = 0; length == 0 || reader.left() > 0; length = 3 * length + 1) {
            if (length > 0 && length % 2 == 0 && content.size() + length <= expected.size()) {
                reader.skip(static_cast<std::int64_t>(length));
                const auto skipped = expected.subspan(content.size(), length);
                content.insert(content.end(), skipped.begin(), skipped.end());
                continue;
            }
            piece.resize(std::min<std::size_t>(length, 1 << 16));
            const std::size_t got = reader.read(piece);
            fuzz::require(got == piece.size() || reader.left() == 0, "pieces are full but for the last");
            content.insert(content.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(got));
        }
        fuzz::require(reader.read(piece) == 0, "behind the end there is nothing");
    } catch (const tensor::Error&) {
        return std::nullopt;
    }
    return content;
}

/// Unpacks the entries, as far as the work goes that one input may make: a hostile directory names the same bytes a
/// thousand times.
void unpack_all(std::span<const std::uint8_t> archive, const std::vector<io::ZipEntry>& entries) {
    constexpr std::int64_t max_bytes = 1 << 16;
    std::int64_t work = 1 << 20;  // in bytes
    for (const io::ZipEntry& entry : entries) {
        work -= 1000 + entry.packed_bytes + std::min(entry.bytes, max_bytes);
        if (work < 0) return;
        std::optional<std::vector<std::uint8_t>> content;
        try {
            content = io::unpack_zip_entry(archive, entry, max_bytes, "fuzz");
        } catch (const tensor::Error&) {  // damaged
        }
        if (entry.bytes > max_bytes) {
            fuzz::require(!content, "the limit holds");
            continue;
        }
        fuzz::require(!content || static_cast<std::int64_t>(content->size()) == entry.bytes,
                      "the length is as claimed");
        fuzz::require(in_pieces(archive, entry, content ? *content : std::span<const std::uint8_t>()) == content,
                      "pieces are the whole");
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
    // Deflated by any zlib to one block with fixed codes.
    support::CraftedEntry hello = support::CraftedEntry::stored("hello", "hello");
    hello.packed = std::string("\xcb\x48\xcd\xc9\xc9\x07\x00", 7);
    hello.method = 8;
    const std::vector<support::CraftedEntry> entries{support::CraftedEntry::stored("a", "b"), hello};
    support::Zip64Claims moved;
    moved.add_locator = 1;
    moved.data_bytes = 3;
    moved.has_other_field = true;
    return {small.serialize(), large.serialize(), io::ZipWriter().serialize(), support::zip64_archive(entries),
            support::zip64_archive(entries, moved)};
}
