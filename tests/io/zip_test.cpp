// ZIP archives: what is written, re-read by a reader of the tests' own; the directory, whole and broken; entries of
// archives made by hand, unpacked and refused.
#include "io/zip.hpp"

#include <doctest/doctest.h>

#include "tensor/error.hpp"
#include "tests/io/bytes.hpp"
#include "tests/support/archive.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/temporary_folder.hpp"

using io::ZipEntry;
using io::ZipWriter;
using support::Bytes;
using support::contains_all;
using support::craft_archive;
using support::CraftedEntry;
using support::little_endian;
using support::message_of;
using support::text_bytes;
using support::operator+;

namespace {

Bytes noise(std::size_t count) {
    Bytes bytes;
    std::uint32_t state = 1;
    for (std::size_t i = 0; i < count; ++i) {
        state = state * 1664525 + 1013904223;
        bytes.push_back(static_cast<std::uint8_t>(state >> 24));
    }
    return bytes;
}

/// Two entries, one of which is deflated.
Bytes small_archive() {
    ZipWriter archive;
    archive.add("a.txt", std::string(100, 'a'));
    archive.add("b", "bc");
    return archive.serialize();
}

std::string refusal(const Bytes& bytes) {
    return message_of([&] { io::read_zip_directory(bytes, "x.zip"); });
}

/// The content of the only entry, of at most 1000 bytes.
Bytes unpack_only(const Bytes& archive, std::int64_t max_bytes = 1000) {
    const auto entries = io::read_zip_directory(archive, "x.zip");
    REQUIRE(entries.size() == 1);
    return io::unpack_zip_entry(archive, entries[0], max_bytes, "x.zip/n");
}

std::string refusal_of(const Bytes& archive, std::int64_t max_bytes = 1000) {
    return message_of([&] { unpack_only(archive, max_bytes); });
}

std::string refusal_of(const CraftedEntry& entry) { return refusal_of(craft_archive({entry})); }

/// "hello", stored.
CraftedEntry stored_hello() { return CraftedEntry::stored("n", "hello"); }

/// "hello", deflated by any zlib: one literal block with fixed codes.
CraftedEntry deflated_hello() {
    CraftedEntry entry = stored_hello();
    entry.packed = std::string("\xcb\x48\xcd\xc9\xc9\x07\x00", 7);
    entry.method = 8;
    return entry;
}

/// The refusal of small_archive() with `value` written over `length` bytes, `before_end` bytes before its end.
std::string refusal_with(std::size_t before_end, std::uint64_t value, int length) {
    Bytes bytes = small_archive();
    const Bytes number = little_endian(value, length);
    std::copy(number.begin(), number.end(), bytes.end() - static_cast<std::ptrdiff_t>(before_end));
    return refusal(bytes);
}

}  // namespace

TEST_CASE("zip: the bytes of an archive by hand") {
    ZipWriter archive;
    archive.add("n", "hello");
    const Bytes facts = Bytes{20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0} + little_endian(0x3610A686, 4) + little_endian(5, 4) +
                        little_endian(5, 4) + Bytes{1, 0, 0, 0};
    const Bytes entry = text_bytes("PK\x03\x04") + facts + text_bytes("nhello");
    const Bytes directory = text_bytes("PK\x01\x02") + Bytes{20, 0} + facts + Bytes(14) + text_bytes("n");
    const Bytes end = text_bytes("PK\x05\x06") + Bytes{0, 0, 0, 0, 1, 0, 1, 0} + little_endian(directory.size(), 4) +
                      little_endian(entry.size(), 4) + Bytes{0, 0};
    CHECK(archive.serialize() == entry + directory + end);
    CHECK(ZipWriter().serialize() == text_bytes("PK\x05\x06") + Bytes(18));
}

TEST_CASE("zip: entries come back in order, deflated where that is shorter, and pieces are joined") {
    const Bytes long_noise = noise(100'000), zeros(3'000'000);
    ZipWriter archive;
    archive.add("noise", {long_noise});
    archive.add("zeros/in a folder", {zeros});
    archive.add("nothing", "");
    archive.add("pieces", {text_bytes("one "), {}, zeros, text_bytes("two"), long_noise});
    const Bytes bytes = archive.serialize();
    const auto files = support::unzip(bytes);
    REQUIRE(files.size() == 4);
    CHECK(files[0].content == long_noise);
    CHECK_FALSE(files[0].is_deflated);
    CHECK(files[1].name == "zeros/in a folder");
    CHECK(files[1].content == zeros);
    CHECK(files[1].is_deflated);
    CHECK(files[2].content.empty());
    CHECK(files[3].content == text_bytes("one ") + zeros + text_bytes("two") + long_noise);
    CHECK(files[3].is_deflated);
    for (const auto& file : files) CHECK(file.date_and_time == 0x00210000);
    CHECK(bytes.size() < 210'000);
}

TEST_CASE("zip: equal content gives equal bytes, in memory and in a file") {
    support::TemporaryFolder folder;
    ZipWriter archive;
    archive.add("a.txt", std::string(100, 'a'));
    archive.add("b", "bc");
    archive.write(folder / "x.zip");
    CHECK(text_bytes(support::read_text(folder / "x.zip")) == small_archive());
    CHECK(folder.files() == 1);
    CHECK(contains_all(message_of([&] { archive.write(folder / "no/x.zip"); }), {"no/x.zip", "No such file"}));
}

TEST_CASE("zip: names that no archive should have, and ones that are taken, are refused") {
    ZipWriter archive;
    archive.add("a", "1");
    const auto refusal_of_name = [&](const std::string& name) { return message_of([&] { archive.add(name, "2"); }); };
    CHECK(contains_all(refusal_of_name("a"), {"[zip writer]", "two entries are named 'a'"}));
    for (const std::string& name :
         {std::string(), std::string("a\nb"), std::string("\xC3\xA4"), std::string(65'536, 'n')})
        CHECK(contains_all(refusal_of_name(name), {"[zip writer]", "expected 1 to 65535 bytes of printable ASCII"}));
    archive.add(std::string(65'535, 'n'), "2");
    CHECK(support::unzip(archive.serialize()).size() == 2);
}

TEST_CASE("zip: what the format's 32 and 16 bits cannot say is refused, and the archive stays as it was") {
    const Bytes block(std::size_t{1} << 20);
    const std::span<const std::uint8_t> all(block);
    // 4 GiB in 4096 claims of the same MiB: refused before any of it is compressed.
    std::string message;
    [&]<std::size_t... k>(std::index_sequence<k...>) {
        message = message_of([&] { ZipWriter().add("large", {(static_cast<void>(k), all)...}); });
    }
    (std::make_index_sequence<4096>());
    CHECK(contains_all(message, {"[zip writer]", "'large' has 4294967296 bytes, expected at most 4294967294"}));

    ZipWriter small(250);  // 100 bytes as they are, and 116 around them
    small.add("twenty-five is its name..", {std::span<const std::uint8_t>(noise(100))});
    const Bytes before = small.serialize();
    CHECK(before.size() == 248);
    CHECK(contains_all(message_of([&] { small.add("x", ""); }), {"with 'x' the archive has 326 bytes", "at most 250"}));
    CHECK(contains_all(message_of([&] { small.add("x", std::string(251, 'x')); }), {"'x' has 251 bytes"}));
    CHECK(small.serialize() == before);
    ZipWriter tight(247);
    CHECK(contains_all(
        message_of([&] { tight.add("twenty-five is its name..", {std::span<const std::uint8_t>(noise(100))}); }),
        {"248 bytes", "at most 247"}));

    ZipWriter many;
    for (int k = 0; k < 65'534; ++k) many.add(fmt::format("{}", k), "");
    CHECK(contains_all(message_of([&] { many.add("x", ""); }), {"no room for 'x' after 65534 entries"}));
    CHECK(io::read_zip_directory(many.serialize(), "x.zip").size() == 65'534);
}

TEST_CASE("zip: the directory says what was written") {
    const Bytes bytes = small_archive();
    const auto entries = io::read_zip_directory(bytes, "x.zip");
    REQUIRE(entries.size() == 2);
    CHECK(entries[0].name == "a.txt");
    CHECK(entries[0].bytes == 100);
    CHECK(entries[0].packed_bytes < 20);
    CHECK(entries[0].offset == 0);
    CHECK(entries[0].crc == 0xAF707A64);
    CHECK(entries[0].method == 8);
    CHECK(entries[1] == ZipEntry{"b", 2, 2, 30 + 5 + entries[0].packed_bytes, 0xC2A92B38, 0, false});
    CHECK(io::read_zip_directory(ZipWriter().serialize(), "x.zip").empty());
    // With a comment at the end, which may hold anything.
    Bytes commented = bytes;
    commented[commented.size() - 2] = 30;
    CHECK(io::read_zip_directory(commented + ZipWriter().serialize() + Bytes(8), "x.zip") == entries);
}

TEST_CASE("zip: a directory that is cut, or claims what is not there, is refused") {
    const Bytes bytes = small_archive();
    for (std::size_t length = 0; length < bytes.size(); ++length)
        CHECK(contains_all(refusal(Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length))),
                           {"[x.zip]", "without a ZIP directory"}));
    CHECK(contains_all(refusal_with(18, 1, 2), {"several files"}));
    CHECK(contains_all(refusal_with(14, 3, 2), {"several files"}));
    CHECK(contains_all(refusal_with(14, 0x00030003, 4), {"holds 2 entries", "expected 3"}));
    // All ones announce ZIP64, but nothing of it is there.
    CHECK(contains_all(refusal_with(14, 0xFFFFFFFF, 4), {"holds 2 entries", "expected 65535"}));
    CHECK(contains_all(refusal_with(10, 0xFFFFFFFF, 4), {"a directory of 4294967295 bytes"}));
    CHECK(contains_all(refusal_with(6, 0xFFFFFFFF, 4), {"at 4294967295"}));
    CHECK(contains_all(refusal_with(10, 10'000, 4), {"a directory of 10000 bytes"}));
    CHECK(contains_all(refusal_with(6, 10'000, 4), {"at 10000"}));
    // The header of the last entry: 46 bytes and its name, before the end record's 22.
    constexpr std::size_t last = 22 + 47;
    CHECK(contains_all(refusal_with(last, 0, 1), {"holds 1 entries", "expected 2"}));
    CHECK(contains_all(refusal_with(last - 28, 2, 2), {"cut inside entry 2 of 2"}));
    CHECK(contains_all(refusal_with(last - 30, 1, 2), {"cut inside entry 2 of 2"}));
    CHECK(contains_all(refusal_with(last - 32, 1, 2), {"cut inside entry 2 of 2"}));
    CHECK(contains_all(refusal_with(last - 20, 10'000, 4), {"entry 2 ends behind"}));
    CHECK(contains_all(refusal_with(last - 24, 0xFFFFFFFF, 4), {"entry 2 is of ZIP64, and does not say how long"}));
    CHECK(contains_all(refusal_with(last - 42, 0xFFFFFFFE, 4), {"entry 2 ends behind"}));
}

TEST_CASE("zip: entries that were written are unpacked, stored and deflated, long and empty") {
    const Bytes long_noise = noise(100'000), zeros(3'000'000);
    ZipWriter archive;
    archive.add("noise", {long_noise});
    archive.add("zeros", {zeros});
    archive.add("nothing", "");
    archive.add("mixed", {zeros, long_noise, zeros});
    const Bytes bytes = archive.serialize();
    const auto entries = io::read_zip_directory(bytes, "x.zip");
    const auto unpack = [&](std::size_t k) {
        return io::unpack_zip_entry(bytes, entries[k], entries[k].bytes, "x.zip/" + entries[k].name);
    };
    REQUIRE(entries.size() == 4);
    CHECK(entries[0].method == 0);
    CHECK(entries[1].method == 8);
    CHECK(unpack(0) == long_noise);
    CHECK(unpack(1) == zeros);
    CHECK(unpack(2).empty());
    CHECK(unpack(3) == zeros + long_noise + zeros);
}

TEST_CASE("zip: the content begins behind the header in front of it, and the directory has lengths and checksum") {
    const Bytes hello = text_bytes("hello");
    CraftedEntry streamed = deflated_hello();
    streamed.flags = 8;
    streamed.has_lengths_in_front = false;
    streamed.front_extra_bytes = 28;
    streamed.extra_bytes = 9;
    CHECK(unpack_only(craft_archive({streamed})) == hello);
    CraftedEntry other = stored_hello();
    other.front_extra_bytes = 200;
    const Bytes bytes = craft_archive({streamed, other, deflated_hello(), stored_hello()});
    const auto entries = io::read_zip_directory(bytes, "x.zip");
    REQUIRE(entries.size() == 4);
    for (const ZipEntry& entry : entries) CHECK(io::unpack_zip_entry(bytes, entry, 5, "x.zip/n") == hello);
    CraftedEntry empty = CraftedEntry::stored("n", "");
    empty.method = 8;
    empty.packed = std::string("\x03\x00", 2);
    CHECK(unpack_only(craft_archive({empty})).empty());
}

TEST_CASE("zip: entries that cannot be unpacked say why") {
    CraftedEntry encrypted = stored_hello(), lzma = stored_hello();
    encrypted.flags = 1;
    lzma.method = 14;
    CHECK(refusal_of(encrypted) == "[x.zip/n] is encrypted, expected an entry without a password");
    CHECK(refusal_of(lzma) == "[x.zip/n] is packed by method 14, expected 0 (stored) or 8 (deflate)");
    CHECK(refusal_of(craft_archive({stored_hello()}), 4) == "[x.zip/n] 5 bytes, expected at most 4");
    CHECK(unpack_only(craft_archive({stored_hello()}), 5) == text_bytes("hello"));

    CraftedEntry elsewhere = stored_hello();
    elsewhere.offset = 1;  // still in front of the directory, since nothing is claimed to be packed there
    elsewhere.packed.clear();
    elsewhere.name = "no";
    elsewhere.front_extra_bytes = 1;
    CHECK(refusal_of(elsewhere) == "[x.zip/n] has no header at byte 1 of its archive (a damaged archive?)");
    const Bytes bytes = craft_archive({stored_hello()});  // 36 bytes, then the directory's 47 and 22
    ZipEntry entry = io::read_zip_directory(bytes, "x.zip").front();
    const auto refusal_of_entry = [&] {
        return message_of([&] { io::unpack_zip_entry(bytes, entry, 99, "x.zip/n"); });
    };
    for (const std::int64_t offset : {76, 105, 106, 0x7FFF'FFFF}) {
        entry.offset = offset;
        CHECK(refusal_of_entry() == fmt::format("[x.zip/n] begins at byte {} of its archive, expected 30 bytes before "
                                                "the end at 105",
                                                offset));
    }
    entry.offset = -1;
    CHECK(contains_all(refusal_of_entry(), {"begins at byte 18446744073709551615"}));
    entry.offset = 0;
    entry.packed_bytes = 75;
    CHECK(refusal_of_entry() ==
          "[x.zip/n] takes 75 bytes from byte 31 of its archive, expected its end at 105 at most");
    entry.packed_bytes = -1;
    CHECK(contains_all(refusal_of_entry(), {"takes 18446744073709551615 bytes"}));
    Bytes long_name = bytes;
    long_name[27] = 0xFF;
    CHECK(refusal_of(long_name) ==
          "[x.zip/n] takes 5 bytes from byte 65311 of its archive, expected its end at 105 at most");
}

TEST_CASE("zip: content that is not what the directory claims is refused") {
    CraftedEntry entry = stored_hello();
    entry.crc ^= 1;
    CHECK(refusal_of(entry) == "[x.zip/n] has the CRC-32 3610a686, expected 3610a687 (a damaged archive?)");
    entry = deflated_hello();
    entry.crc ^= 1;
    CHECK(refusal_of(entry) == "[x.zip/n] has the CRC-32 3610a686, expected 3610a687 (a damaged archive?)");
    for (const std::uint32_t claimed : {0, 4, 6}) {
        entry = stored_hello();
        entry.bytes = claimed;
        CHECK(refusal_of(entry) ==
              fmt::format("[x.zip/n] is stored in 5 bytes, expected {}, which its archive claims", claimed));
    }
    for (const std::uint32_t claimed : {0, 4}) {
        entry = deflated_hello();
        entry.bytes = claimed;
        CHECK(refusal_of(entry) ==
              fmt::format("[x.zip/n] unpacks to more than {} bytes, which its archive claims", claimed));
    }
    entry = deflated_hello();
    entry.bytes = 6;
    CHECK(refusal_of(entry) == "[x.zip/n] unpacks to 5 bytes, expected 6, which its archive claims");
    // Cut anywhere, it never ends; the first bytes of it may come out.
    for (std::size_t length = 0; length < 6; ++length) {
        entry = deflated_hello();
        entry.packed.resize(length);
        CHECK(contains_all(refusal_of(entry), {"[x.zip/n] ends after ", "in the middle of its deflate stream"}));
    }
    entry = deflated_hello();
    entry.packed = "\x07";  // a block of the third kind, which there is not
    CHECK(refusal_of(entry) ==
          "[x.zip/n] cannot be unpacked after 0 of 5 bytes: invalid block type (a damaged archive?)");
}

TEST_CASE("zip: a bomb is refused before it goes off") {
    const Bytes zeros(50'000'000);
    ZipWriter writer;
    writer.add("n", {zeros});
    Bytes bytes = writer.serialize();
    CHECK(bytes.size() < 60'000);
    CHECK(refusal_of(bytes) == "[x.zip/n] 50000000 bytes, expected at most 1000");
    // It claims to be small in the directory, which stands 22 + 47 bytes before the end.
    const Bytes claim = little_endian(1000, 4);
    std::copy(claim.begin(), claim.end(), bytes.end() - (22 + 47) + 24);
    CHECK(refusal_of(bytes) == "[x.zip/n] unpacks to more than 1000 bytes, which its archive claims");
}

TEST_CASE("zip: an archive cut or damaged anywhere gives what it held or an error") {
    const Bytes bytes = craft_archive({deflated_hello()});
    const auto entry = io::read_zip_directory(bytes, "x.zip").front();
    for (std::size_t length = 0; length < 30 + 1 + 7; ++length)
        CHECK_THROWS_AS(io::unpack_zip_entry(std::span(bytes).first(length), entry, 99, "x.zip/n"), tensor::Error);
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
        Bytes damaged = bytes;
        damaged[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
        try {
            const Bytes content = io::unpack_zip_entry(damaged, entry, 99, "x.zip/n");
            CHECK(content == text_bytes("hello"));
        } catch (const tensor::Error&) {
            CHECK(bit / 8 < 30 + 1 + 7);  // what lies behind the content is not looked at
        }
    }
}

TEST_CASE("zip: bytes behind an archive or in front of it do not matter") {
    const Bytes archive = small_archive();
    const std::vector<ZipEntry> entries = io::read_zip_directory(archive, "x.zip");
    for (const std::size_t count : {1, 50, 400, 65'000}) {
        CAPTURE(count);
        CHECK(io::read_zip_directory(archive + Bytes(count, 'x'), "x.zip") == entries);
        const Bytes moved = Bytes(count, 'x') + archive;
        const std::vector<ZipEntry> found = io::read_zip_directory(moved, "x.zip");
        REQUIRE(found.size() == 2);
        CHECK(found[0].offset == entries[0].offset + static_cast<std::int64_t>(count));
        CHECK(io::unpack_zip_entry(moved, found[0], 1000, "a.txt") == Bytes(100, 'a'));
        CHECK(io::unpack_zip_entry(moved + Bytes(count, 'y'), found[1], 1000, "b") == text_bytes("bc"));
    }
    CHECK(refusal(archive + Bytes(70'000, 'x')).find("without a ZIP directory at their end") != std::string::npos);
}

TEST_CASE("zip: of the ends of archives the last counts, though bytes follow and an archive lies within") {
    ZipWriter outer;
    const Bytes inner = small_archive();
    outer.add("inner.zip", {inner});
    const Bytes archive = outer.serialize();
    for (const std::size_t count : {0, 7, 300}) {
        const std::vector<ZipEntry> entries = io::read_zip_directory(archive + Bytes(count, 'x'), "x.zip");
        REQUIRE(entries.size() == 1);
        CHECK(entries[0].name == "inner.zip");
        CHECK(io::unpack_zip_entry(archive, entries[0], 1000, "inner.zip") == inner);
    }
}
