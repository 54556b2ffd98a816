#include "tensor/shape.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include "tensor/error.hpp"
#include "tests/support/compare.hpp"

using support::contains_all;
using support::message_of;
using tensor::broadcast_shape;
using tensor::Error;
using tensor::Shape;

TEST_CASE("a shape knows its rank, extents and number of elements") {
    const Shape shape{2, 384, 84, 5, 1};
    CHECK(shape.rank() == 5);
    CHECK(shape.elements() == 2 * 384 * 84 * 5);
    CHECK(shape[0] == 2);
    CHECK(shape[3] == 5);
    CHECK(shape[-1] == 1);
    CHECK(shape[-5] == 2);
    CHECK(shape.to_string() == "[2, 384, 84, 5, 1]");
    CHECK(std::vector<std::int64_t>(shape.begin(), shape.end()) == std::vector<std::int64_t>{2, 384, 84, 5, 1});
}

TEST_CASE("the empty shape is a scalar, and an extent of 0 is a tensor without elements") {
    CHECK(Shape{}.rank() == 0);
    CHECK(Shape{}.elements() == 1);
    CHECK(Shape{}.to_string() == "[]");
    CHECK(Shape{3, 0, 2}.elements() == 0);
    CHECK(Shape{3, 0, 2}.rank() == 3);
}

TEST_CASE("a shape refuses what no tensor can have") {
    CHECK_THROWS_AS((Shape{1, 1, 1, 1, 1, 1, 1}), Error);
    CHECK(contains_all(message_of([] { Shape{1, 1, 1, 1, 1, 1, 1}; }), {"shape", "7", "6"}));
    CHECK(contains_all(message_of([] { Shape{2, -3}; }), {"shape", "-3", "1"}));
    constexpr std::int64_t large = std::int64_t{1} << 31;
    constexpr std::int64_t rest = std::int64_t{1} << 28;
    CHECK_NOTHROW(Shape{large, rest});
    CHECK_THROWS_AS((Shape{large, rest, 2}), Error);
    CHECK_THROWS_AS((Shape{std::numeric_limits<std::int64_t>::max(), 2}), Error);
    CHECK_THROWS_AS((Shape{std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::max()}), Error);
}

TEST_CASE("axes count from the front or the end, and no further") {
    const Shape shape{2, 3, 4};
    CHECK(shape.normalize_axis(2) == 2);
    CHECK(shape.normalize_axis(-3) == 0);
    CHECK_THROWS_AS(shape.normalize_axis(3), Error);
    CHECK_THROWS_AS(shape.normalize_axis(-4), Error);
    CHECK_THROWS_AS(shape[std::numeric_limits<int>::min()], Error);
    CHECK_THROWS_AS(Shape{}[0], Error);
    CHECK(contains_all(message_of([&] { shape.normalize_axis(7); }), {"7", "3", "[2, 3, 4]"}));
}

TEST_CASE("with changes one extent and the number of elements") {
    const Shape shape{2, 3, 4};
    CHECK(shape.with(1, 7) == Shape{2, 7, 4});
    CHECK(shape.with(-1, 0) == Shape{2, 3, 0});
    CHECK(shape.with(1, 7).elements() == 56);
    CHECK(shape == Shape{2, 3, 4});
    CHECK_THROWS_AS(shape.with(3, 1), Error);
    CHECK_THROWS_AS(shape.with(0, -1), Error);
}

TEST_CASE("shapes are equal if rank and extents are") {
    CHECK(Shape{2, 3} == Shape{2, 3});
    CHECK_FALSE(Shape{2, 3} == Shape{3, 2});
    CHECK_FALSE(Shape{2, 3} == Shape{2, 3, 1});
    CHECK_FALSE(Shape{} == Shape{1});
}

TEST_CASE("broadcasting aligns at the last axis, and 1 gives way") {
    CHECK(broadcast_shape({4, 3}, {3}, "t") == Shape{4, 3});
    CHECK(broadcast_shape({3}, {4, 1}, "t") == Shape{4, 3});
    CHECK(broadcast_shape({2, 1, 5}, {3, 1}, "t") == Shape{2, 3, 5});
    CHECK(broadcast_shape({}, {2, 2}, "t") == Shape{2, 2});
    CHECK(broadcast_shape({}, {}, "t") == Shape{});
    CHECK(broadcast_shape({2, 3, 4, 5, 6, 7}, {1}, "t") == Shape{2, 3, 4, 5, 6, 7});
    CHECK(broadcast_shape({1}, {0}, "t") == Shape{0});
    CHECK_THROWS_AS(broadcast_shape({2}, {0}, "t"), Error);
    CHECK_THROWS_AS(broadcast_shape({4, 3}, {4}, "t"), Error);
    CHECK(contains_all(message_of([] {
                           broadcast_shape({4, 3}, {4}, "some operator");
                       }),
                       {"[some operator]", "[4, 3]", "[4]"}));
}
