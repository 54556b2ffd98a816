// ZIP64: its fields read from small archives made by hand, and refused where they claim what is not there.
#include <doctest/doctest.h>

#include "io/zip.hpp"
#include "tensor/error.hpp"
#include "tests/io/zip64_archive.hpp"
#include "tests/support/compare.hpp"

using io::ZipEntry;
using support::Bytes;
using support::contains_all;
using support::CraftedEntry;
using support::little_endian;
using support::message_of;
using support::text_bytes;
using support::zip64_archive;
using support::Zip64Claims;
using support::operator+;

namespace {

/// "hello" as it is, and deflated: one literal block with fixed codes.
std::vector<CraftedEntry> two_hellos() {
    CraftedEntry deflated = CraftedEntry::stored("deflated", "hello");
    deflated.packed = std::string("\xcb\x48\xcd\xc9\xc9\x07\x00", 7);
    deflated.method = 8;
    return {CraftedEntry::stored("stored", "hello"), deflated};
}

void check_two_hellos(const Bytes& archive) {
    const std::vector<ZipEntry> entries = io::read_zip_directory(archive, "x.zip");
    REQUIRE(entries.size() == 2);
    CHECK(entries[0].name == "stored");
    CHECK(entries[1].name == "deflated");
    CHECK(entries[1].bytes == 5);
    CHECK(entries[1].packed_bytes == 7);
    for (const ZipEntry& entry : entries)
        CHECK(io::unpack_zip_entry(archive, entry, 5, "x.zip/n") == text_bytes("hello"));
}

std::string refusal(const Bytes& archive) {
    return message_of([&] { io::read_zip_directory(archive, "x.zip"); });
}
std::string refusal(const Zip64Claims& claims) { return refusal(zip64_archive(two_hellos(), claims)); }

}  // namespace

TEST_CASE("zip64: long numbers are read from their fields, each alone and all together") {
    for (unsigned bits = 0; bits < 8; ++bits)
        for (const bool has_other_field : {false, true}) {
            CAPTURE(bits);
            Zip64Claims claims;
            claims.has_long_content = (bits & 1) != 0;
            claims.has_long_packed = (bits & 2) != 0;
            claims.has_long_offset = (bits & 4) != 0;
            claims.has_other_field = has_other_field;
            claims.has_field = bits != 0;
            check_two_hellos(zip64_archive(two_hellos(), claims));
        }
    // Any number that is all ones in the old end record leads to the new one; without, the old one holds.
    for (std::size_t bits = 0; bits < 8; ++bits) {
        Zip64Claims claims;
        claims.long_numbers = bits;
        if (bits == 0) claims.add_locator = 1000;
        check_two_hellos(zip64_archive(two_hellos(), claims));
    }
}

TEST_CASE("zip64: bytes in front of an archive and behind it do not matter, nor do those of its end record") {
    const Bytes archive = zip64_archive(two_hellos());
    check_two_hellos(Bytes(100, 'x') + archive);
    check_two_hellos(archive + Bytes(100, 'x'));
    check_two_hellos(Bytes(100, 'x') + archive + Bytes(100, 'x'));
    Zip64Claims claims;
    claims.data_bytes = 33;
    check_two_hellos(zip64_archive(two_hellos(), claims));
}

TEST_CASE("zip64: an archive of 65535 entries is read with the fields and without") {
    const std::vector<CraftedEntry> entries(65'535, CraftedEntry::stored("n", ""));
    CHECK(io::read_zip_directory(support::craft_archive(entries), "x.zip").size() == 65'535);
    // By another way to make it, since the bytes of this helper are moved with every entry.
    Bytes archive = support::craft_archive(entries);
    const Bytes end(archive.end() - 22, archive.end());
    archive.resize(archive.size() - 22);
    const std::size_t record = archive.size(), length = 47 * 65'535, begin = record - length;
    archive = archive + text_bytes("PK\x06\x06") + little_endian(44, 8) + Bytes(12) + little_endian(65'535, 8) +
              little_endian(65'535, 8) + little_endian(length, 8) + little_endian(begin, 8) + text_bytes("PK\x06\x07") +
              Bytes(4) + little_endian(record, 8) + little_endian(1, 4) + end;
    CHECK(io::read_zip_directory(archive, "x.zip").size() == 65'535);
    archive[record + 32 + 2] = 1;  // the count of the ZIP64 record is the one that holds
    archive[record + 24 + 2] = 1;
    CHECK(contains_all(refusal(archive), {"holds 65535 entries in its directory, expected 131071"}));
}

TEST_CASE("zip64: a directory that is claimed outside the archive is refused") {
    Zip64Claims claims;
    claims.add_locator = 1;
    CHECK(contains_all(refusal([&] {  // found all the same, since it stands right before the locator
                           Bytes archive = zip64_archive(two_hellos(), claims);
                           archive[archive.size() - 22 - 20 - 56] = 'x';
                           return archive;
                       }()),
                       {"[x.zip] has no ZIP64 end record at byte ", "(a damaged archive?)"}));
    claims = {};
    claims.add_locator = UINT64_MAX - 500;
    claims.data_bytes = 1;
    CHECK(contains_all(refusal(claims), {"has no ZIP64 end record at byte 18446744073709551"}));
    claims = {};
    claims.add_length = std::uint64_t{1} << 40;
    CHECK(contains_all(refusal(claims), {"claims a directory of 109951162", "expected its end at"}));
    claims.add_length = UINT64_MAX - 2000;
    CHECK(contains_all(refusal(claims), {"claims a directory of 184467440737095"}));
    claims = {};
    claims.add_begin = std::uint64_t{1} << 63;
    CHECK(contains_all(refusal(claims), {"at 92233720368547", "expected its end at"}));
    claims = {};
    claims.add_file = 1;
    CHECK(contains_all(refusal(claims), {"several files"}));
    claims = {};
    claims.add_count = 1;
    CHECK(contains_all(refusal(claims), {"several files"}));
}

TEST_CASE("zip64: entries that are claimed outside the archive, or beyond any length, are refused") {
    Zip64Claims claims;
    claims.add_offset = std::uint64_t{1} << 40;
    CHECK(contains_all(refusal(claims), {"entry 1 ends behind byte", "where the directory begins"}));
    claims.add_offset = UINT64_MAX - 29;  // -30
    CHECK(contains_all(refusal(claims), {"entry 1 ends behind byte"}));
    claims = {};
    claims.add_packed = UINT64_MAX - 40;
    CHECK(contains_all(refusal(claims), {"entry 1 ends behind byte"}));
    claims.add_packed = std::uint64_t{1} << 33;
    CHECK(contains_all(refusal(claims), {"entry 1 ends behind byte"}));
    claims = {};
    claims.add_content = std::uint64_t{1} << 63;
    CHECK(refusal(claims) == "[x.zip] entry 1 claims 9223372036854775813 bytes, more than any has");
    // The field is missing, or has fewer numbers than are needed.
    claims = {};
    claims.has_field = false;
    CHECK(contains_all(refusal(claims), {"entry 1 is of ZIP64, and does not say how long it is or where it begins"}));
    Bytes archive = zip64_archive(two_hellos());
    const std::string text(archive.begin(), archive.end());
    const std::size_t entry = text.find("PK\x01\x02"), field = entry + 46 + 6;
    archive[field + 2] = 23;
    CHECK(contains_all(refusal(archive), {"entry 1 is of ZIP64"}));
    archive[field + 2] = 25;  // beyond the extra fields
    CHECK(contains_all(refusal(archive), {"entry 1 is of ZIP64"}));
}

TEST_CASE("zip64: a huge claim is held against what comes out") {
    Zip64Claims claims;
    claims.add_content = std::uint64_t{5} << 32;
    const Bytes archive = zip64_archive(two_hellos(), claims);
    const std::vector<ZipEntry> entries = io::read_zip_directory(archive, "x.zip");
    REQUIRE(entries.size() == 2);
    CHECK(entries[1].bytes == 21'474'836'485);
    const auto unpack = [&](std::size_t k) {
        return message_of([&] { io::unpack_zip_entry(archive, entries[k], INT64_MAX, "n"); });
    };
    CHECK(unpack(0) == "[n] is stored in 5 bytes, expected 21474836485, which its archive claims");
    CHECK(unpack(1) == "[n] unpacks to 5 bytes, expected 21474836485, which its archive claims");
}

TEST_CASE("zip64: an archive cut or damaged anywhere gives entries or an error") {
    const Bytes archive = zip64_archive(two_hellos());
    for (std::size_t length = 0; length < archive.size(); ++length)
        CHECK_THROWS_AS(io::read_zip_directory(std::span(archive).first(length), "x.zip"), tensor::Error);
    for (std::size_t bit = 0; bit < 8 * archive.size(); ++bit) {
        Bytes damaged = archive;
        damaged[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
        try {
            for (const ZipEntry& entry : io::read_zip_directory(damaged, "x.zip")) {
                const Bytes content = io::unpack_zip_entry(damaged, entry, 5, "n");
                CHECK(content == text_bytes("hello"));
            }
        } catch (const tensor::Error& error) {
            CHECK(std::string(error.what()).starts_with("["));
        }
    }
}
