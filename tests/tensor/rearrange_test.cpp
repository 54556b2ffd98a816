#include "tensor/rearrange.hpp"

#include <doctest/doctest.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <string>

#include "tensor/backend.hpp"
#include "tensor/error.hpp"
#include "tensor/reference/rearrange.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/random_data.hpp"

namespace reference = tensor::reference;
using support::contains_all;
using support::counting_tensor;
using support::difference;
using support::inner_product;
using support::message_of;
using tensor::Device;
using tensor::DType;
using tensor::Shape;
using tensor::Tensor;

TEST_CASE_TEMPLATE("permute equals the reference for every order of the axes", T, float, double, std::uint8_t) {
    for (const Shape& shape :
         {Shape{}, {5}, {3, 4}, {2, 3, 4}, {2, 3, 1, 5}, {2, 3, 2, 4, 3}, {3, 0, 2}, {67, 129}, {3, 33, 65}}) {
        std::vector<int> axes(static_cast<std::size_t>(shape.rank()));
        std::iota(axes.begin(), axes.end(), 0);
        const Tensor x = counting_tensor<T>(shape);
        do {
            CAPTURE(shape.to_string());
            CAPTURE(fmt::format("{}", fmt::join(axes, " ")));
            const Tensor y = tensor::permute(x, axes);
            for (int k = 0; k < shape.rank(); ++k) REQUIRE(y.shape()[k] == shape[axes[static_cast<std::size_t>(k)]]);
            REQUIRE(difference(y.values<T>(), reference::permute<T>(x.values<T>(), shape, axes)) == "");
            const Tensor back = tensor::permute(y, tensor::inverse_permutation(axes));
            REQUIRE(back.shape() == shape);
            REQUIRE(back.values<T>() == x.values<T>());
        } while (std::next_permutation(axes.begin(), axes.end()));
    }
}

TEST_CASE("permute of six axes, and the transpose rule <permute(x), y> = <x, permute(y, inverse)>") {
    const std::vector<int> axes{4, 0, 5, 2, 1, 3};
    const Shape shape{2, 3, 4, 2, 3, 5};
    const Tensor x = support::whole_tensor<float>(shape, 1);
    const Tensor y = tensor::permute(x, axes);
    CHECK(difference(y.values<float>(), reference::permute<float>(x.values<float>(), shape, axes)) == "");
    const Tensor g = support::whole_tensor<float>(y.shape(), 2);
    CHECK(inner_product(y.values<float>(), g.values<float>()) ==
          inner_product(x.values<float>(), tensor::permute(g, tensor::inverse_permutation(axes)).values<float>()));
}

TEST_CASE_TEMPLATE("slice and pad equal the reference on every axis and range", T, float, double, std::uint8_t) {
    const Shape shape{3, 4, 2, 5};
    const Tensor x = counting_tensor<T>(shape);
    for (int axis = 0; axis < shape.rank(); ++axis)
        for (std::int64_t begin = 0; begin <= shape[axis]; ++begin)
            for (std::int64_t end = begin; end <= shape[axis]; ++end) {
                CAPTURE(axis);
                CAPTURE(begin);
                CAPTURE(end);
                const Tensor part = tensor::slice(x, axis, begin, end);
                REQUIRE(part.shape() == shape.with(axis, end - begin));
                REQUIRE(part.values<T>() == reference::slice<T>(x.values<T>(), shape, axis, begin, end));
                const Tensor wide = tensor::pad(part, axis, begin, shape[axis] - end);
                REQUIRE(wide.shape() == shape);
                REQUIRE(wide.values<T>() ==
                        reference::pad<T>(part.values<T>(), part.shape(), axis, begin, shape[axis] - end));
                REQUIRE(tensor::slice(wide, axis, begin, end).values<T>() == part.values<T>());
            }
}

TEST_CASE("axes of slice, pad and concat may count from the end") {
    const Tensor x = counting_tensor<float>({2, 3, 4});
    CHECK(tensor::slice(x, -1, 1, 3).values<float>() == tensor::slice(x, 2, 1, 3).values<float>());
    CHECK(tensor::pad(x, -3, 1, 0).values<float>() == tensor::pad(x, 0, 1, 0).values<float>());
    const std::vector<Tensor> parts{x, x};
    CHECK(tensor::concat(parts, -2).values<float>() == tensor::concat(parts, 1).values<float>());
}

TEST_CASE("slice and pad are each other's transpose: <slice(x), y> = <x, pad(y)>") {
    const Shape shape{3, 7, 5};
    const Tensor x = support::whole_tensor<float>(shape, 3);
    for (int axis = 0; axis < 3; ++axis) {
        const Tensor part = tensor::slice(x, axis, 1, 3);
        const Tensor g = support::whole_tensor<float>(part.shape(), 4);
        CHECK(inner_product(part.values<float>(), g.values<float>()) ==
              inner_product(x.values<float>(), tensor::pad(g, axis, 1, shape[axis] - 3).values<float>()));
    }
}

TEST_CASE_TEMPLATE("concat equals the reference, and slices give the parts back", T, float, double, std::uint8_t) {
    const Shape shape{2, 3, 4};
    for (int axis = 0; axis < 3; ++axis) {
        CAPTURE(axis);
        std::vector<Tensor> parts;
        std::vector<std::vector<T>> values;
        for (const std::int64_t extent : {2, 0, 1, 5}) {
            parts.push_back(counting_tensor<T>(shape.with(axis, extent)));
            values.push_back(parts.back().template values<T>());
        }
        std::vector<reference::Part<T>> plain;
        for (std::size_t i = 0; i < parts.size(); ++i) plain.push_back({values[i], parts[i].shape()});
        const Tensor y = tensor::concat(parts, axis);
        CHECK(y.shape() == shape.with(axis, 8));
        CHECK(y.template values<T>() == reference::concat(plain, axis));
        std::int64_t begin = 0;
        for (const Tensor& part : parts) {
            const std::int64_t end = begin + part.shape()[axis];
            CHECK(tensor::slice(y, axis, begin, end).template values<T>() == part.template values<T>());
            begin = end;
        }
    }
    const std::vector<Tensor> one{counting_tensor<T>({2, 3})};
    CHECK(tensor::concat(one, 0).template values<T>() == one[0].template values<T>());
}

TEST_CASE_TEMPLATE("split gives the slices of every axis, and concat joins them", T, float, double, std::uint8_t) {
    for (const Shape& shape : {Shape{8}, {8, 3, 8}, {2, 8, 4}, {3, 1, 8}, {8, 700, 8}}) {
        const Tensor x = counting_tensor<T>(shape);
        for (int axis = 0; axis < shape.rank(); ++axis) {
            if (shape[axis] != 8) continue;
            CAPTURE(shape.to_string());
            CAPTURE(axis);
            const std::vector<std::int64_t> extents{2, 0, 1, 5};
            const std::vector<Tensor> parts = tensor::split(x, axis, extents);
            REQUIRE(parts.size() == extents.size());
            std::int64_t begin = 0;
            for (std::size_t i = 0; i < parts.size(); begin += extents[i++])
                CHECK(parts[i].template values<T>() ==
                      reference::slice<T>(x.template values<T>(), shape, axis, begin, begin + extents[i]));
            CHECK(tensor::concat(parts, axis).template values<T>() == x.template values<T>());
            CHECK(tensor::split(x, axis - shape.rank(), extents)[3].template values<T>() ==
                  parts[3].template values<T>());
        }
    }
}

TEST_CASE_TEMPLATE("columns of one element, as many as tracks, at lengths around any vector's", T, float, double) {
    for (std::int64_t columns = 1; columns <= 9; ++columns)
        for (const std::int64_t rows : {0, 1, 3, 4, 5, 8, 15, 16, 17, 33, 1023, 1024, 1025, 5003}) {
            CAPTURE(columns);
            CAPTURE(rows);
            const Shape shape{rows, columns};
            const Tensor x = counting_tensor<T>(shape);
            const std::vector<std::int64_t> extents(static_cast<std::size_t>(columns), 1);
            const std::vector<Tensor> parts = tensor::split(x, 1, extents);
            bool equal = true;
            for (std::int64_t k = 0; k < columns; ++k) {
                const std::vector<T> column = parts[static_cast<std::size_t>(k)].template values<T>();
                for (std::int64_t i = 0; i < rows; ++i)
                    equal = equal && column[static_cast<std::size_t>(i)] == static_cast<T>(i * columns + k);
            }
            CHECK(equal);
            CHECK(tensor::concat(parts, 1).template values<T>() == x.template values<T>());
            // In another order they are no longer what was split.
            const std::vector<Tensor> reversed(parts.rbegin(), parts.rend());
            const std::vector<T> other = tensor::concat(reversed, 1).template values<T>();
            for (std::size_t i = 0; i < other.size(); ++i) {
                const auto k = static_cast<std::int64_t>(i) % columns, row = static_cast<std::int64_t>(i) / columns;
                equal = equal && other[i] == static_cast<T>(row * columns + columns - 1 - k);
            }
            CHECK(equal);
        }
}

TEST_CASE("columns may be moved in any order, also those that a split would move in theirs") {
    constexpr std::int64_t rows = 37;
    const Tensor x = counting_tensor<float>({rows, 2});
    Tensor first = Tensor::zeros({rows, 1}), second = Tensor::zeros({rows, 1});
    const std::vector<tensor::BoxMove> swapped{{&x, {{rows, 1}, {0, 1}, {0, 0}}, &first},
                                               {&x, {{rows, 1}, {0, 0}, {0, 0}}, &second}};
    tensor::backend(Device::cpu()).copy_boxes(swapped);
    CHECK(first.values<float>() == tensor::slice(x, 1, 1, 2).values<float>());
    CHECK(second.values<float>() == tensor::slice(x, 1, 0, 1).values<float>());
}

TEST_CASE_TEMPLATE("runs of every length up to three vectors, and unequal ones", T, float, double, std::uint8_t) {
    for (std::int64_t run = 1; run <= 100; ++run) {
        CAPTURE(run);
        const Shape shape{7, 2 * run + 5};
        const Tensor x = counting_tensor<T>(shape);
        const std::vector<std::int64_t> extents{run, 5, run};
        const std::vector<Tensor> parts = tensor::split(x, 1, extents);
        CHECK(parts[2].template values<T>() ==
              reference::slice<T>(x.template values<T>(), shape, 1, run + 5, 2 * run + 5));
        CHECK(tensor::concat(parts, 1).template values<T>() == x.template values<T>());
    }
}

TEST_CASE("large tensors are moved whole: more elements than one thread takes") {
    const Shape shape{67, 129, 33};
    const Tensor x = counting_tensor<float>(shape);
    CHECK(difference(tensor::permute(x, {2, 0, 1}).values<float>(),
                     reference::permute<float>(x.values<float>(), shape, {2, 0, 1})) == "");
    CHECK(difference(tensor::slice(x, 1, 5, 128).values<float>(),
                     reference::slice<float>(x.values<float>(), shape, 1, 5, 128)) == "");
    CHECK(difference(tensor::pad(x, 2, 3, 4).values<float>(),
                     reference::pad<float>(x.values<float>(), shape, 2, 3, 4)) == "");
}

TEST_CASE("rearrange: errors name the operator and what was given") {
    const Tensor x = Tensor::zeros({2, 3, 4});
    CHECK(contains_all(message_of([&] { tensor::permute(x, {0, 1}); }), {"[permute]", "0,1", "[2, 3, 4]"}));
    CHECK(contains_all(message_of([&] { tensor::permute(x, {0, 1, 1}); }), {"[permute]", "0,1,1"}));
    CHECK(contains_all(message_of([&] { tensor::permute(x, {0, 1, 3}); }), {"[permute]", "0,1,3"}));
    CHECK(contains_all(message_of([&] { tensor::permute(x, {0, -1, 2}); }), {"[permute]", "0,-1,2"}));
    CHECK(contains_all(message_of([&] { tensor::permute(x, {0, 1, 2, 3}); }), {"[permute]", "0,1,2,3"}));
    CHECK(contains_all(message_of([&] { tensor::slice(x, 1, 2, 4); }), {"[slice]", "2", "4", "[2, 3, 4]"}));
    CHECK(contains_all(message_of([&] { tensor::slice(x, 1, 2, 1); }), {"[slice]", "[2, 1)"}));
    CHECK(contains_all(message_of([&] { tensor::slice(x, 1, -1, 1); }), {"[slice]", "-1"}));
    CHECK_THROWS_AS(tensor::slice(x, 3, 0, 1), tensor::Error);
    for (const std::vector<std::int64_t>& extents : std::vector<std::vector<std::int64_t>>{
             {}, {1, 1}, {1, 3}, {-1, 4}, {3, std::numeric_limits<std::int64_t>::max()}})
        CHECK(contains_all(message_of([&] { tensor::split(x, 1, extents); }), {"[split]", "axis 1", "[2, 3, 4]"}));
    CHECK(contains_all(message_of([&] { tensor::pad(x, 0, -1, 2); }), {"[pad]", "-1", "2"}));
    CHECK_THROWS_AS(tensor::pad(x, -4, 0, 0), tensor::Error);
    CHECK_THROWS_AS(tensor::pad(x, 0, std::numeric_limits<std::int64_t>::max(), 2), tensor::Error);
    const std::vector<Tensor> none, shapes{x, Tensor::zeros({2, 4, 4})}, ranks{x, Tensor::zeros({2, 3})};
    const std::vector<Tensor> dtypes{x, x.cast(DType::f64)}, devices{x, x.to(Device::dry())};
    CHECK(contains_all(message_of([&] { tensor::concat(none, 0); }), {"[concat]"}));
    CHECK(contains_all(message_of([&] { tensor::concat(shapes, 0); }), {"[concat]", "[2, 3, 4]", "[2, 4, 4]", "0"}));
    CHECK_NOTHROW(tensor::concat(shapes, 1));
    CHECK(contains_all(message_of([&] { tensor::concat(ranks, 0); }), {"[concat]", "[2, 3, 4]", "[2, 3]"}));
    CHECK(contains_all(message_of([&] { tensor::concat(dtypes, 0); }), {"[concat]", "f32", "f64"}));
    CHECK(contains_all(message_of([&] { tensor::concat(devices, 0); }), {"[concat]", "cpu", "dry"}));
}

TEST_CASE("inverse_permutation refuses what is no permutation") {
    CHECK(tensor::inverse_permutation({2, 0, 1}) == std::vector<int>{1, 2, 0});
    CHECK(tensor::inverse_permutation({}).empty());
    CHECK_THROWS_AS(tensor::inverse_permutation({0, 0}), tensor::Error);
    CHECK_THROWS_AS(tensor::inverse_permutation({0, 2}), tensor::Error);
    CHECK_THROWS_AS(tensor::inverse_permutation({-1, 0}), tensor::Error);
}
