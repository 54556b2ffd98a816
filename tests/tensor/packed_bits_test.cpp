#include "tensor/packed_bits.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <random>

#include "tensor/elementwise.hpp"
#include "tensor/error.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/random_data.hpp"
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

TEST_CASE_TEMPLATE("rows come in the order asked for, repeated as asked for, cut to the shape", T, float, double) {
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
                const auto byte = bytes[static_cast<std::size_t>(row) * row_bytes + static_cast<std::size_t>(i / 8)];
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
    const auto message = [&](const Tensor& from, const Rows& rows, const Shape& shape, DType dtype = DType::f32) {
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

TEST_CASE_TEMPLATE("positive_bits: one where x > 0 and nowhere else, zeros up to a whole word", T, float, double) {
    constexpr T infinity = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
    constexpr T smallest = std::numeric_limits<T>::denorm_min();
    const Tensor x =
        Tensor::from(std::vector<T>{1, -1, T(0), -T(0), infinity, -infinity, nan, -nan, smallest, -smallest, 2}, {11});
    CHECK(tensor::positive_bits(x).values<std::uint8_t>() == Bytes{0b00010001, 0b00000101, 0, 0});
    CHECK(tensor::positive_bits(Tensor::full({}, 1, tensor::dtype_of<T>())).template values<std::uint8_t>() ==
          Bytes{1, 0, 0, 0});
    CHECK(tensor::positive_bits(Tensor::zeros({0, 3}, tensor::dtype_of<T>())).elements() == 0);
    CHECK(tensor::positive_bits_shape(0) == Shape{0});
    CHECK(tensor::positive_bits_shape(32) == Shape{4});
    CHECK(tensor::positive_bits_shape(33) == Shape{8});
}

TEST_CASE("positive_bits packs what unpack_rows unpacks, whatever the number of threads") {
    const Bytes bytes = random_bytes(20160);
    const Tensor y = unpack_rows(Tensor::from(bytes, {1, 20160}), Rows{0}, {1, 384, 84, 5, 1});
    const auto pack = [&] { return tensor::positive_bits(y).values<std::uint8_t>(); };
    CHECK(support::with_threads(1, pack) == bytes);
    CHECK(support::with_threads(3, pack) == bytes);
}

// Around bytes, words, and the pieces that a thread takes.
TEST_CASE_TEMPLATE("LeakyReLU's mask from bits equals the one from values, bit by bit", T, float, double) {
    for (const std::int64_t count : {0, 1, 7, 8, 9, 31, 32, 33, 100, 4095, 4097, 70001})
        for (const double slope : {0.0, 0.2, 1.5}) {
            CAPTURE(count);
            CAPTURE(slope);
            const Tensor x = support::real_tensor<T>({count}, 1), g = support::real_tensor<T>({count}, 2);
            CHECK(support::same_bits(tensor::leaky_relu_mask(tensor::positive_bits(x), g, slope).template values<T>(),
                                     tensor::leaky_relu_mask(x, g, slope).template values<T>()));
        }
}

TEST_CASE("the bits of some rows are a view of all bits where words allow it, and equal their own in any case") {
    for (const std::int64_t row : {5, 8, 32, 96}) {
        const Tensor x = support::real_tensor<float>({7, row}, 3), bits = tensor::positive_bits(x);
        for (const std::int64_t begin : {0, 1, 4, 7})
            for (const std::int64_t end : {begin, std::min<std::int64_t>(begin + 1, 7), std::int64_t{7}}) {
                CAPTURE(row);
                CAPTURE(begin);
                CAPTURE(end);
                const Tensor rows = x.rows(begin, end), got = tensor::positive_bits_of_rows(bits, x, begin, end);
                CHECK(got.values<std::uint8_t>() == tensor::positive_bits(rows).values<std::uint8_t>());
                const auto* const first = static_cast<const std::uint8_t*>(bits.raw());
                if (row % 32 == 0 && rows.elements() > 0) CHECK(got.raw() == first + begin * row / 8);
            }
    }
}

TEST_CASE("bits of another number of elements, or no bits at all, are an error that names both") {
    const Tensor g = Tensor::zeros({5, 7});
    const auto message = [&](const Tensor& reference) {
        return message_of([&] { tensor::leaky_relu_mask(reference, g, 0.2); });
    };
    CHECK(contains_all(message(Tensor::from(Bytes(4), {4})),
                       {"[leaky_relu_mask]", "reference is u8 [4]", "[8]", "[5, 7]"}));
    CHECK(contains_all(message(Tensor::from(Bytes(8), {2, 4})), {"[leaky_relu_mask]", "[2, 4]"}));
    CHECK(contains_all(message(Tensor::zeros({8}, DType::u8, tensor::Device::dry())),
                       {"[leaky_relu_mask]", "dry", "cpu"}));
    CHECK(contains_all(message(Tensor::from(Bytes(12), {12}).rows(1, 9)),
                       {"[leaky_relu_mask]", "reference", "inside a word"}));
    CHECK(contains_all(message(Tensor()), {"[leaky_relu_mask]", "without a value"}));
    CHECK(message(Tensor::from(Bytes(8), {8})) == "nothing was thrown");
    CHECK(contains_all(message_of([] { tensor::positive_bits(Tensor::from(Bytes(8), {8})); }),
                       {"[positive_bits]", "u8"}));
}
