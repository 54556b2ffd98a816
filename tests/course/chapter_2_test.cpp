// Chapter 2: rules are made of operators.
#include "chapter_2.hpp"

#include <doctest/doctest.h>

#include <memory>

#include "autograd/grad.hpp"
#include "tests/autograd/inputs.hpp"
#include "tests/autograd/results.hpp"
#include "tests/course/refusal.hpp"
#include "tests/support/compare.hpp"

using autograd::Variable;
using support::difference;
using support::leaf;
using support::smooth;
using support::values;
using support::Values;

TEST_CASE("2.1: the rule of the exponential") {
    const Values points = {-1, 0, 0.5, 2};
    Values expected;
    for (const double x : points) expected.push_back(std::exp(x));
    CHECK(difference(values(course::exponential(leaf(points))), expected) == "");
    for (const tensor::Shape& shape : {tensor::Shape{}, tensor::Shape{2, 3}}) {
        CHECK(course::refusal_of_one(course::exponential, smooth(shape, 1), 3) == "");
        CHECK(course::refusal_of_one([](const Variable& x) { return multiply(x, course::exponential(x)); },
                                     smooth(shape, 2), 3) == "");
    }
    // The tape's nodes go when the last variable goes, whether a gradient has gone through them or not.
    std::weak_ptr<autograd::Node> untouched, differentiated;
    {
        const Variable x = leaf(points), y = course::exponential(x), z = course::exponential(x);
        untouched = y.node();
        differentiated = z.node();
        grad(sum(grad(sum(z), x, {.create_graph = true})), x, {.create_graph = true});
    }
    CHECK_MESSAGE(untouched.expired(), "a node of exponential outlives its variable: what does its rule capture?");
    CHECK_MESSAGE(differentiated.expired(), "the same after a gradient with create_graph");
}

TEST_CASE("2.2: write the bug") {
    const Values points = {-2, -0.5, 1, 3};
    CHECK(difference(values(course::square_with_a_bug(leaf(points))), Values{4, 0.25, 1, 9}) == "");
    CHECK(difference(values(course::cube_with_a_bug(leaf(points))), Values{-8, -0.125, 1, 27}) == "");
    for (const tensor::Shape& shape : {tensor::Shape{}, tensor::Shape{2, 3}}) {
        const tensor::Tensor at = support::positive(shape, 1);
        CHECK(course::refusal_of_one(course::square_with_a_bug, at, 1) == "");
        CHECK(course::refusal_of_one(course::square_with_a_bug, at, 2).substr(0, 26) == "[check_gradients] order 2,");
        CHECK(course::refusal_of_one(course::cube_with_a_bug, at, 2) == "");
        CHECK(course::refusal_of_one(course::cube_with_a_bug, at, 3).substr(0, 26) == "[check_gradients] order 3,");
    }
}
