#include "tensor/reduce.hpp"

#include <doctest/doctest.h>

#include "tensor/error.hpp"
#include "tensor/reference/reduce.hpp"
#include "tests/support/cases.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/random_data.hpp"
#include "tests/support/threads.hpp"

namespace reference = tensor::reference;
using support::contains_all;
using support::difference;
using support::inner_product;
using support::message_of;
using support::reduced;
using support::same_bits;
using support::whole_tensor;
using tensor::DType;
using tensor::Shape;
using tensor::Tensor;

namespace {

/// Pairs (large, small) such that small broadcasts to large: every subset of axes, missing axes, and sizes on both
/// sides of any blocking.
std::vector<std::pair<Shape, Shape>> pairs() {
    std::vector<std::pair<Shape, Shape>> result = {{{4, 3}, {3}},
                                                   {{4, 3}, {}},
                                                   {{2, 3, 4, 5, 6}, {5, 1}},
                                                   {{7}, {1}},
                                                   {{}, {}},
                                                   {{1, 1, 3}, {1, 1, 1}},
                                                   {{1, 5}, {5}},
                                                   {{40009}, {}},
                                                   {{40009, 1}, {1, 1}},
                                                   {{3, 20011}, {3, 1}},
                                                   {{20011, 3}, {1, 3}},
                                                   {{257, 1, 129}, {129}},
                                                   {{2, 5003, 3}, {2, 1, 3}},
                                                   {{2, 0, 3}, {3}},
                                                   {{2, 0, 3}, {2, 1, 3}},
                                                   {{0}, {}}};
    // Rows are added several as one: from 1 to 3 rows more or less than that many, and many blocks of them.
    for (const std::int64_t inner : {2, 5, 16, 80, 255, 256, 300})
        for (const std::int64_t rows : {1, 2, 3, 31, 32, 33, 63, 66, 127, 129, 131, 259})
            result.emplace_back(Shape{rows, inner}, Shape{inner});
    result.emplace_back(Shape{2, 77, 3}, Shape{2, 1, 3});
    result.emplace_back(Shape{1500001, 3}, Shape{3});
    const Shape five{2, 3, 4, 1, 5};
    for (int axes = 0; axes < 32; ++axes) result.emplace_back(five, reduced(five, axes));
    return result;
}

}  // namespace

TEST_CASE_TEMPLATE("sum_to equals the reference exactly on whole numbers, for every set of axes", T, float, double) {
    for (const auto& both : pairs()) {
        const Shape &large = both.first, &small = both.second;
        CAPTURE(large.to_string());
        CAPTURE(small.to_string());
        const Tensor x = whole_tensor<T>(large, 1);
        const Tensor y = tensor::sum_to(x, small);
        CHECK(y.shape() == small);
        CHECK(difference(y.values<T>(), reference::sum_to<T>(x.values<T>(), large, small)) == "");
    }
}

TEST_CASE_TEMPLATE("broadcast_to equals the reference exactly, for every set of axes", T, float, double) {
    for (const auto& both : pairs()) {
        const Shape &large = both.first, &small = both.second;
        CAPTURE(large.to_string());
        CAPTURE(small.to_string());
        const Tensor x = whole_tensor<T>(small, 2);
        const Tensor y = tensor::broadcast_to(x, large);
        CHECK(y.shape() == large);
        CHECK(difference(y.values<T>(), reference::broadcast_to<T>(x.values<T>(), small, large)) == "");
    }
}

TEST_CASE("sum and broadcast are each other's transpose: <sum_to(x), y> = <x, broadcast_to(y)>") {
    for (const auto& both : pairs()) {
        const Shape &large = both.first, &small = both.second;
        CAPTURE(large.to_string());
        CAPTURE(small.to_string());
        const Tensor x = whole_tensor<float>(large, 3), y = whole_tensor<float>(small, 4);
        CHECK(inner_product(tensor::sum_to(x, small).values<float>(), y.values<float>()) ==
              inner_product(x.values<float>(), tensor::broadcast_to(y, large).values<float>()));
    }
}

TEST_CASE_TEMPLATE("sums of real numbers stay within the bound of a sum in any order", T, float, double) {
    for (const auto& both : pairs()) {
        const Shape &large = both.first, &small = both.second;
        CAPTURE(large.to_string());
        CAPTURE(small.to_string());
        const Tensor x = support::real_tensor<T>(large, 5);
        const std::vector<double> exact = x.template values<double>();
        const std::vector<double> sum = reference::sum_to<double>(exact, large, small);
        const std::vector<double> magnitudes = reference::sum_to<double>(support::magnitude(exact), large, small);
        const double terms = small.elements() ? static_cast<double>(large.elements() / small.elements()) : 0.0;
        CHECK(difference(tensor::sum_to(x, small).template values<T>(), sum,
                         support::dot_tolerance<T>(terms + 1, magnitudes)) == "");
    }
}

TEST_CASE("sum is the scalar sum of all elements, 0 for none") {
    CHECK(tensor::sum(Tensor::full({3, 4}, 2)).item() == 24.0);
    CHECK(tensor::sum(Tensor::full({3, 4}, 2)).shape() == Shape{});
    CHECK(tensor::sum(Tensor::zeros({0, 4})).item() == 0.0);
    CHECK(tensor::sum(Tensor::full({}, 5)).item() == 5.0);
}

TEST_CASE_TEMPLATE("a sum does not depend on the number of threads", T, float, double) {
    for (const auto& both : {std::pair<Shape, Shape>{{100003}, {}},
                             {{1001, 129}, {129}},
                             {{1001, 129}, {1001, 1}},
                             {{31, 65, 77}, {31, 1, 77}},
                             {{31, 65, 77}, {65, 1}}}) {
        const Shape &large = both.first, &small = both.second;
        CAPTURE(large.to_string());
        CAPTURE(small.to_string());
        const Tensor x = support::real_tensor<T>(large, 6);
        const auto run = [&] { return tensor::sum_to(x, small).template values<T>(); };
        const std::vector<T> one = support::with_threads(1, run);
        CHECK(same_bits(one, support::with_threads(2, run)));
        CHECK(same_bits(one, support::with_threads(3, run)));
    }
}

TEST_CASE("shapes that do not fit are errors with both shapes") {
    const Tensor x = Tensor::zeros({4, 3});
    CHECK(contains_all(message_of([&] { tensor::sum_to(x, {4}); }), {"[sum_to]", "[4]", "[4, 3]"}));
    CHECK(contains_all(message_of([&] { tensor::sum_to(x, {2, 4, 3}); }), {"[sum_to]", "[2, 4, 3]", "[4, 3]"}));
    CHECK(contains_all(message_of([&] { tensor::sum_to(x, {8, 3}); }), {"[sum_to]", "[8, 3]", "[4, 3]"}));
    CHECK(contains_all(message_of([&] {
                           tensor::sum_to(Tensor::zeros({1, 3}), {4, 3});
                       }),
                       {"[sum_to]", "[4, 3]", "[1, 3]"}));
    CHECK(contains_all(message_of([&] { tensor::broadcast_to(x, {3}); }), {"[broadcast_to]", "[4, 3]", "[3]"}));
    CHECK(contains_all(message_of([&] { tensor::broadcast_to(x, {4, 6}); }), {"[broadcast_to]", "[4, 3]", "[4, 6]"}));
    CHECK_THROWS_AS(tensor::sum_to(Tensor(), {}), tensor::Error);
    CHECK_THROWS_AS(tensor::sum(Tensor::zeros({4}, DType::u8)), tensor::Error);
}
