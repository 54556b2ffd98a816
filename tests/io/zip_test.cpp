// ZIP archives: what is written, re-read by a reader of the tests' own; the directory, whole and broken.
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
    CHECK(entries[1] == ZipEntry{"b", 2, 2});
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
    CHECK(contains_all(refusal_with(12, 0xFFFF, 2), {"ZIP64"}));
    CHECK(contains_all(refusal_with(10, 0xFFFFFFFF, 4), {"ZIP64"}));
    CHECK(contains_all(refusal_with(6, 0xFFFFFFFF, 4), {"ZIP64"}));
    CHECK(contains_all(refusal_with(10, 10'000, 4), {"a directory of 10000 bytes"}));
    CHECK(contains_all(refusal_with(6, 10'000, 4), {"at 10000"}));
    // The header of the last entry: 46 bytes and its name, before the end record's 22.
    constexpr std::size_t last = 22 + 47;
    CHECK(contains_all(refusal_with(last, 0, 1), {"holds 1 entries", "expected 2"}));
    CHECK(contains_all(refusal_with(last - 28, 2, 2), {"cut inside entry 2 of 2"}));
    CHECK(contains_all(refusal_with(last - 30, 1, 2), {"cut inside entry 2 of 2"}));
    CHECK(contains_all(refusal_with(last - 32, 1, 2), {"cut inside entry 2 of 2"}));
    CHECK(contains_all(refusal_with(last - 20, 10'000, 4), {"entry 2 ends behind"}));
    CHECK(contains_all(refusal_with(last - 24, 0xFFFFFFFF, 4), {"ZIP64"}));
    CHECK(contains_all(refusal_with(last - 42, 0xFFFFFFFE, 4), {"entry 2 ends behind"}));
}
