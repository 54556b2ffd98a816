// .npy: bytes as NumPy writes them, and what is refused.
#include "io/npy.hpp"

#include <doctest/doctest.h>

#include "tensor/error.hpp"
#include "tests/io/bytes.hpp"
#include "tests/support/archive.hpp"
#include "tests/support/compare.hpp"

using io::npy_array;
using io::NpyArray;
using io::NpyType;
using support::Bytes;
using support::contains_all;
using support::little_endian;
using support::message_of;
using support::text_bytes;
using support::operator+;

namespace {

std::string refusal(const NpyArray& array) {
    return message_of([&] { io::npy_header(array, "x.npy"); });
}

std::string header_text(NpyType type, std::vector<std::int64_t> shape, std::size_t bytes) {
    const Bytes data(bytes);
    return support::parse_npy<std::uint8_t>(io::serialize_npy({type, std::move(shape), data}, "x.npy")).first;
}

}  // namespace

TEST_CASE("npy: the bytes that numpy.save writes") {
    const std::vector<std::int32_t> values{1, -2, 256};
    const std::string text = "{'descr': '<i4', 'fortran_order': False, 'shape': (3,), }";
    const Bytes expected = Bytes{0x93} + text_bytes("NUMPY") + Bytes{1, 0} + little_endian(118, 2) + text_bytes(text) +
                           text_bytes(std::string(117 - text.size(), ' ') + "\n") + little_endian(1, 4) +
                           little_endian(0xFFFFFFFE, 4) + little_endian(256, 4);
    CHECK(io::serialize_npy(npy_array<std::int32_t>(values), "x.npy") == expected);
}

TEST_CASE("npy: every type and shape as Python writes them, behind a multiple of 64 bytes") {
    const auto says = [](const std::string& text, const char* type, const char* shape) {
        return text.starts_with(fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}", type, shape));
    };
    CHECK(says(header_text(NpyType::b1, {2}, 2), "|b1", "(2,)"));
    CHECK(says(header_text(NpyType::u1, {}, 1), "|u1", "()"));
    CHECK(says(header_text(NpyType::i4, {0}, 0), "<i4", "(0,)"));
    CHECK(says(header_text(NpyType::i8, {2, 3}, 48), "<i8", "(2, 3)"));
    CHECK(says(header_text(NpyType::f8, {1, 0, 7}, 0), "<f8", "(1, 0, 7)"));
    CHECK(says(header_text(NpyType::f4, {INT64_MAX, 2, 0}, 0), "<f4", "(9223372036854775807, 2, 0)"));
    CHECK(says(header_text(NpyType::u8, {1}, 8), "<u8", "(1,)"));
    CHECK(says(header_text(NpyType::i2, {1}, 2), "<i2", "(1,)"));
    for (std::size_t axes = 1; axes <= 32; ++axes) {
        const std::string text = header_text(NpyType::u1, std::vector<std::int64_t>(axes, 1), 1);
        CHECK((text.size() + 10) % 64 == 0);
        CHECK(text.back() == '\n');
    }
    const std::vector<double> numbers{0.1, -1e300};
    CHECK(support::parse_npy<double>(io::serialize_npy(npy_array<double>(numbers), "x.npy")).second == numbers);
    const std::vector<std::uint8_t> bools{1, 0, 1};
    CHECK(
        says(support::parse_npy<std::uint8_t>(io::serialize_npy(io::npy_bools(bools), "x.npy")).first, "|b1", "(3,)"));
}

TEST_CASE("npy: bytes that do not fill the shape, and shapes that cannot be, are refused") {
    const Bytes seven(7);
    CHECK(contains_all(refusal({NpyType::i4, {2}, seven}), {"[x.npy]", "7 bytes, expected 8 for <i4 [2]"}));
    CHECK(contains_all(refusal({NpyType::u1, {-7}, seven}), {"[x.npy]", "impossible shape [-7]"}));
    CHECK(contains_all(refusal({NpyType::f8, {INT64_MAX / 4}, seven}), {"impossible shape"}));
    CHECK(contains_all(refusal({NpyType::u1, std::vector<std::int64_t>(33, 1), seven}), {"33 axes", "at most 32"}));
}

TEST_CASE("npy: arrays in an archive carry the ending that numpy.load takes off") {
    io::ZipWriter archive;
    const std::vector<std::int64_t> shape{384, 128};
    io::add_npy(archive, "roll_shape", npy_array<std::int64_t>(shape));
    const auto files = support::unzip(archive.serialize());
    REQUIRE(files.size() == 1);
    CHECK(files[0].name == "roll_shape.npy");
    CHECK(files[0].content == io::serialize_npy(npy_array<std::int64_t>(shape), "roll_shape.npy"));
    CHECK(contains_all(message_of([&] { io::add_npy(archive, "y", {NpyType::u1, {3}, {}}); }), {"[y.npy] 0 bytes"}));
}
