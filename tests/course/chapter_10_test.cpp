// Chapter 10: how to add an operator.
#include "chapter_10.hpp"

#include <doctest/doctest.h>

#include "autograd/check_gradients.hpp"
#include "tests/autograd/graphs.hpp"
#include "tests/autograd/results.hpp"
#include "tests/support/compare.hpp"

using autograd::check_gradients;
using autograd::Variable;
using support::difference;
using support::leaf;
using support::smooth;
using support::Values;
using support::values;
using tensor::Tensor;

namespace {

Variable matrix(const Values& v, const tensor::Shape& shape) { return leaf(Tensor::from(v, shape)); }

}  // namespace

TEST_CASE("10.1: the sine of everything") {
    const Values at{-2, -0.5, 0, 1, 3};
    Values expected;
    for (const double x : at) expected.push_back(std::sin(x));
    const Variable x = leaf(at);
    CHECK(difference(values(course::sine(x)), expected) == "");
    const auto function = [](const std::vector<Variable>& in) { return course::sine(in[0]); };
    check_gradients(function, {x.value()}, {.order = 3});
    check_gradients([](const std::vector<Variable>& in) { return multiply(course::sine(in[0]), in[0]); }, {x.value()},
                    {.order = 3});
    auto counts = support::count_operators(course::sine(x));
    CHECK_MESSAGE(counts["leaf"] + 1 == static_cast<int>(counts.size()), "one operator, not a composition");
}

TEST_CASE("10.2: the larger of two") {
    const Variable a = matrix({1, -2, 3, 4, 5, -6}, {2, 3}), row = leaf(Values{2, -3, 4});
    CHECK(difference(values(course::maximum(a, a)), values(a)) == "");
    CHECK(difference(values(course::maximum(a, row)), Values{2, -2, 4, 4, 5, 4}) == "");
    const Variable y = course::maximum(a, row);
    const Variable g(Tensor::from(Values{1, 10, 100, 1000, 10000, 100000}, {2, 3}));
    const std::vector<Variable> inputs{a, row};
    const auto found = grad(std::span(&y, 1), inputs, std::span(&g, 1));
    CHECK_MESSAGE(difference(values(*found[0]), Values{0, 10, 0, 1000, 10000, 0}) == "", "by the first");
    CHECK_MESSAGE(difference(values(*found[1]), Values{1, 0, 100100}) == "", "by the second, broadcast over two rows");
    const auto function = [](const std::vector<Variable>& in) { return square(course::maximum(in[0], in[1])); };
    check_gradients(function, {a.value(), row.value()}, {.order = 3});
    auto counts = support::count_operators(y);
    CHECK_MESSAGE(counts["leaf"] == 2, "a node over both inputs");
    CHECK_MESSAGE(counts.size() == 2, "one operator, not a composition");
}
