// CRC-32C: known values, both ways of computing it against the definition and each other, pieces.
#include "io/crc32c.hpp"

#include <doctest/doctest.h>

#include <string_view>

#include "io/file.hpp"
#include "tests/io/bytes.hpp"
#include "tests/support/skip.hpp"

using io::as_bytes;
using support::Bytes;

namespace {

/// The definition: a polynomial division, bit by bit.
std::uint32_t by_definition(std::span<const std::uint8_t> bytes) {
    std::uint32_t crc = ~0u;
    for (const std::uint8_t byte : bytes) {
        crc ^= byte;
        for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78u : 0);
    }
    return ~crc;
}

/// Bytes without a pattern that a table could have.
Bytes noise(std::size_t count) {
    Bytes bytes(count);
    std::uint32_t state = 1;
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>((state = state * 1664525u + 1013904223u) >> 24);
    return bytes;
}

}  // namespace

TEST_CASE("crc32c: the known values of RFC 3720 and of nine digits") {
    CHECK(io::crc32c({}) == 0u);
    CHECK(io::crc32c(as_bytes("123456789")) == 0xE3069283u);
    CHECK(io::crc32c(Bytes(32, 0x00)) == 0x8A9136AAu);
    CHECK(io::crc32c(Bytes(32, 0xFF)) == 0x62A8AB43u);
    CHECK(io::crc32c_detail::by_tables(as_bytes("123456789"), 0) == 0xE3069283u);
}

TEST_CASE("crc32c: tables agree with the definition for every length and alignment") {
    const Bytes bytes = noise(300);
    for (std::size_t begin = 0; begin < 9; ++begin)
        for (std::size_t length = 0; begin + length <= bytes.size(); ++length) {
            const auto piece = std::span(bytes).subspan(begin, length);
            if (io::crc32c_detail::by_tables(piece, 0) != by_definition(piece)) {
                CAPTURE(begin);
                CAPTURE(length);
                FAIL_CHECK("tables and definition differ");
            }
        }
}

TEST_CASE("crc32c: the instruction agrees with the tables around each number of its streams") {
    if (!io::crc32c_detail::has_instruction()) SKIP_TEST("this processor has no instruction for CRC-32C");
    const Bytes bytes = noise(3 * 3072 + 40);
    for (std::size_t begin = 0; begin < 9; ++begin)
        for (const std::size_t middle : {std::size_t{20}, std::size_t{1024}, std::size_t{3072}, std::size_t{9216}})
            for (std::size_t length = middle - 20; length < middle + 20 && begin + length <= bytes.size(); ++length) {
                const auto piece = std::span(bytes).subspan(begin, length);
                if (io::crc32c_detail::by_instruction(piece, 0x12345678u) !=
                    io::crc32c_detail::by_tables(piece, 0x12345678u)) {
                    CAPTURE(begin);
                    CAPTURE(length);
                    FAIL_CHECK("instruction and tables differ");
                }
            }
}

TEST_CASE("crc32c: pieces chained are the whole") {
    const Bytes bytes = noise(10'000);
    const std::uint32_t whole = by_definition(bytes);
    CHECK(io::crc32c(bytes) == whole);
    for (const std::size_t cut : {0, 1, 7, 8, 3071, 3072, 3073, 9999, 10'000}) {
        const auto first = std::span(bytes).first(cut), second = std::span(bytes).subspan(cut);
        CHECK(io::crc32c(second, io::crc32c(first)) == whole);
    }
}
