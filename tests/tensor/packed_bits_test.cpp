#include "tensor/packed_bits.hpp"

#include <doctest/doctest.h>

#include <random>

#include "tensor/error.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/threads.hpp"

using support::contains_all;
using support::message_of;
using tensor::DType;
using tensor::Shape;
using tensor::Tensor;
using tensor::unpack_rows;

namespace {

using Bytes = std::vector<std::uint8_t>;
using Rows = std::vector<std::int64_t>;

Bytes random_bytes(std::size_t count) {
    std::mt19937 generator(1);
    Bytes bytes;
    for (std::size_t i = 0; i < count; ++i) bytes.push_back(static_cast<std::uint8_t>(generator()));
    return bytes;
}

}  // namespace

TEST_CASE("bit j of byte b is cell 8 b + j, the least significant first: on is 1, off is -1") {
    const Tensor packed = Tensor::from(Bytes{0b00000101, 0b10000000}, {1, 2});
    const Rows rows{0};
    CHECK(unpack_rows(packed, rows, {1, 16}).values<float>() ==
          std::vector<float>{1, -1, 1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1});
}

TEST_CASE_TEMPLATE("rows come in the order asked for, repeated as asked for, cut to the shape", T, float,
                   double) {
    constexpr std::size_t row_bytes = 9;
    const Bytes bytes = random_bytes(5 * row_bytes);
    const Tensor packed = Tensor::from(bytes, {5, row_bytes});
    const Rows rows{4, 0, 4, 2};
    for (const Shape& cell : {Shape{4, 72}, {4, 2, 3, 5}, {4, 7, 3, 1, 3}, {4, 1}, {4}}) {
        CAPTURE(cell.to_string());
        const Tensor y = unpack_rows(packed, rows, cell, tensor::dtype_of<T>());
        CHECK(y.shape() == cell);
        std::vector<T> expected;
        for (const std::int64_t row : rows)
            for (std::int64_t i = 0; i < cell.elements() / 4; ++i) {
                const auto byte =
                    bytes[static_cast<std::size_t>(row) * row_bytes + static_cast<std::size_t>(i / 8)];
                expected.push_back(byte >> (i % 8) & 1 ? T(1) : T(-1));
            }
        CHECK(support::difference(y.values<T>(), expected) == "");
    }
}

TEST_CASE("a phrase of MuseGAN: 384 x 84 x 5 cells in 20,160 bytes, whatever the number of threads") {
    const Tensor packed = Tensor::from(random_bytes(3 * 20160), {3, 20160});
    const Rows rows{2, 1, 0, 2};
    const auto run = [&] { return unpack_rows(packed, rows, {4, 384, 84, 5, 1}).values<float>(); };
    const std::vector<float> one = support::with_threads(1, run);
    CHECK(support::same_bits(one, support::with_threads(3, run)));
    double on = 0;
    for (const float v : one) {
        REQUIRE((v == 1.0f || v == -1.0f));
        on += v == 1.0f;
    }
    CHECK(on > 0.4 * static_cast<double>(one.size()));
    CHECK(on < 0.6 * static_cast<double>(one.size()));
}

TEST_CASE("no rows, no values") {
    const Tensor packed = Tensor::from(Bytes{1, 2}, {1, 2});
    CHECK(unpack_rows(packed, Rows{}, {0, 16}).elements() == 0);
    CHECK_THROWS_AS(unpack_rows(packed, Rows{}, {1, 16}), tensor::Error);
}

TEST_CASE("unpack_rows: errors name the operator and what was given") {
    const Tensor packed = Tensor::from(Bytes(12), {3, 4}), flat = Tensor::from(Bytes(12), {12});
    const auto message = [&](const Tensor& from, const Rows& rows, const Shape& shape,
                             DType dtype = DType::f32) {
        return message_of([&] { unpack_rows(from, rows, shape, dtype); });
    };
    CHECK(contains_all(message(packed, {3}, {1, 32}), {"[unpack_rows]", "row 3", "3"}));
    CHECK(contains_all(message(packed, {-1}, {1, 32}), {"[unpack_rows]", "row -1"}));
    CHECK(contains_all(message(packed, {0}, {1, 33}), {"[unpack_rows]", "[1, 33]", "32"}));
    CHECK(contains_all(message(packed, {0, 1}, {1, 32}), {"[unpack_rows]", "[1, 32]", "2 rows"}));
    CHECK(contains_all(message(packed, {0}, {}), {"[unpack_rows]", "[]"}));
    CHECK(contains_all(message(flat, {0}, {1, 8}), {"[unpack_rows]", "[12]"}));
    CHECK(contains_all(message(Tensor::zeros({3, 4}), {0}, {1, 32}), {"[unpack_rows]", "f32", "u8"}));
    CHECK(contains_all(message(Tensor(), {0}, {1, 32}), {"[unpack_rows]", "without a value"}));
}

TEST_CASE("u8 has no -1: unpacking to it is an error") {
    const Tensor packed = Tensor::from(Bytes(12), {3, 4});
    CHECK(contains_all(message_of([&] { unpack_rows(packed, Rows{0}, {1, 32}, DType::u8); }), {"u8"}));
}
