// Entries of ZIP archives piece by piece: the same bytes as whole, and what is refused on the way.
#include <doctest/doctest.h>

#include <algorithm>

#include "io/zip.hpp"
#include "tensor/error.hpp"
#include "tests/io/bytes.hpp"
#include "tests/support/archive.hpp"
#include "tests/support/compare.hpp"

using io::ZipEntry;
using io::ZipEntryReader;
using support::Bytes;
using support::contains_all;
using support::CraftedEntry;
using support::message_of;
using support::text_bytes;
using support::operator+;

namespace {

/// A pattern that deflate shortens, and bytes that it does not, `count` each.
Bytes varied(std::size_t count) {
    Bytes bytes;
    for (std::size_t i = 0; i < count; ++i) bytes.push_back(static_cast<std::uint8_t>(i % 251 * (i / 5000)));
    std::uint32_t state = 1;
    for (std::size_t i = 0; i < count; ++i) {
        state = state * 1664525 + 1013904223;
        bytes.push_back(static_cast<std::uint8_t>(state >> 24));
    }
    return bytes;
}

struct Archive {
    Bytes bytes;
    std::vector<ZipEntry> entries;

    explicit Archive(Bytes all) : bytes(std::move(all)), entries(io::read_zip_directory(bytes, "x.zip")) {}
    ZipEntryReader reader(std::size_t k = 0) const { return {bytes, entries.at(k), "n"}; }
};

/// `content` stored, and deflated.
Archive both_ways(const Bytes& content) {
    const std::string text(content.begin(), content.end());
    io::ZipWriter writer;
    writer.add("deflated", {content});
    const auto entry = io::read_zip_directory(writer.serialize(), "x.zip").at(0);
    CraftedEntry deflated = CraftedEntry::stored("deflated", text);
    const Bytes written = writer.serialize();
    const auto begin = written.begin() + 30 + 8;
    deflated.packed = std::string(begin, begin + static_cast<std::ptrdiff_t>(entry.packed_bytes));
    deflated.method = entry.method;
    return Archive(support::craft_archive({CraftedEntry::stored("stored", text), deflated}));
}

/// "hello", deflated by any zlib: one literal block with fixed codes.
CraftedEntry deflated_hello() {
    CraftedEntry entry = CraftedEntry::stored("n", "hello");
    entry.packed = std::string("\xcb\x48\xcd\xc9\xc9\x07\x00", 7);
    entry.method = 8;
    return entry;
}

}  // namespace

TEST_CASE("zip entry reader: pieces of any size are the content, stored and deflated") {
    const Bytes content = varied(150'000);
    const Archive archive = both_ways(content);
    CHECK(archive.entries[1].method == 8);
    for (std::size_t k = 0; k < 2; ++k)
        for (const std::size_t piece : {1, 7, 4096, 65'536, 65'537, 299'999, 300'000, 400'000}) {
            CAPTURE(piece);
            ZipEntryReader reader = archive.reader(k);
            CHECK(reader.left() == 300'000);
            Bytes got, buffer(piece);
            while (reader.left() > 0) {
                const std::size_t count = reader.read(buffer);
                REQUIRE(count == std::min(piece, content.size() - got.size()));
                got.insert(got.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(count));
            }
            CHECK(got == content);
            CHECK(reader.read(buffer) == 0);
        }
}

TEST_CASE("zip entry reader: what is skipped is not missed, and a reader that moved reads on") {
    const Bytes content = varied(150'000);
    const Archive archive = both_ways(content);
    for (std::size_t k = 0; k < 2; ++k)
        for (const std::int64_t skipped : {0, 1, 65'536, 123'457, 299'997}) {
            ZipEntryReader first = archive.reader(k);
            first.skip(skipped);
            ZipEntryReader reader = std::move(first);
            CHECK(reader.left() == 300'000 - skipped);
            Bytes three(3);
            CHECK(reader.read(three) == 3);
            CHECK(std::equal(three.begin(), three.end(), content.begin() + skipped));
            CHECK(message_of([&] { reader.skip(reader.left() + 1); }) ==
                  fmt::format("[n] cannot skip {} bytes after {} of 300000", 300'000 - skipped - 2, skipped + 3));
            CHECK(contains_all(message_of([&] { reader.skip(-1); }), {"cannot skip -1 bytes"}));
            reader.skip(reader.left());
            CHECK(reader.left() == 0);
            CHECK(reader.read(three) == 0);
        }
}

TEST_CASE("zip entry reader: the checksum is looked at with the last byte, and not before") {
    for (CraftedEntry entry : {CraftedEntry::stored("n", "hello"), deflated_hello()}) {
        entry.crc ^= 1;
        const Archive archive(support::craft_archive({entry}));
        ZipEntryReader reader = archive.reader();
        Bytes four(4), one(1);
        CHECK(reader.read(four) == 4);
        CHECK(four == text_bytes("hell"));
        CHECK(message_of([&] { reader.read(one); }) ==
              "[n] has the CRC-32 3610a686, expected 3610a687 (a damaged archive?)");
        ZipEntryReader skipping = archive.reader();
        CHECK(contains_all(message_of([&] { skipping.skip(5); }), {"has the CRC-32 3610a686"}));
    }
    CraftedEntry empty = CraftedEntry::stored("n", "");
    empty.crc = 1;
    const Archive archive(support::craft_archive({empty}));
    ZipEntryReader reader = archive.reader();
    CHECK(reader.left() == 0);
    CHECK(contains_all(message_of([&] { reader.read({}); }), {"has the CRC-32 00000000, expected 00000001"}));
}

TEST_CASE("zip entry reader: content that is longer or shorter than claimed is refused where that shows") {
    CraftedEntry entry = deflated_hello();
    entry.bytes = 4;
    const Archive longer(support::craft_archive({entry}));
    ZipEntryReader reader = longer.reader();
    Bytes three(3), rest(100);
    CHECK(reader.read(three) == 3);
    CHECK(message_of([&] { reader.read(rest); }) == "[n] unpacks to more than 4 bytes, which its archive claims");

    entry.bytes = 6;
    const Archive shorter(support::craft_archive({entry}));
    reader = shorter.reader();
    CHECK(reader.read(three) == 3);
    CHECK(message_of([&] { reader.read(three); }) == "[n] unpacks to 5 bytes, expected 6, which its archive claims");

    entry = deflated_hello();
    entry.packed.resize(5);
    const Archive cut(support::craft_archive({entry}));
    reader = cut.reader();
    CHECK(contains_all(message_of([&] { reader.read(rest); }), {"[n] ends after ", "expected 5 bytes"}));

    entry = CraftedEntry::stored("n", "hello");
    entry.bytes = 6;
    const Archive stored(support::craft_archive({entry}));
    CHECK(message_of([&] { stored.reader(); }) == "[n] is stored in 5 bytes, expected 6, which its archive claims");
    ZipEntry negative = cut.entries[0];
    negative.bytes = -1;
    CHECK(message_of([&] { ZipEntryReader(cut.bytes, negative, "n"); }) == "[n] claims -1 bytes, expected 0 or more");
}

TEST_CASE("zip: an archive begins with an entry or with its end, and entries do not share bytes") {
    CHECK(io::begins_as_zip(text_bytes("PK\x03\x04 and more")));
    CHECK(io::begins_as_zip(text_bytes("PK\x05\x06")));
    for (const char* other : {"", "PK\x03", "PK\x01\x02", "pk\x03\x04", " PK\x03\x04"})
        CHECK_FALSE(io::begins_as_zip(text_bytes(other)));
    std::vector<ZipEntry> entries(2);
    entries[0].packed_bytes = 60;
    entries[1].packed_bytes = 40;
    io::check_packed_bytes(entries, 100, "x.zip");
    CHECK(message_of([&] { io::check_packed_bytes(entries, 99, "x.zip"); }) ==
          "[x.zip] claims 100 bytes of packed entries, expected at most the 99 that it has");
}
