// Chapter 1: a scalar.
#include "chapter_1.hpp"

#include <doctest/doctest.h>

#include "autograd/elementwise.hpp"
#include "tests/autograd/graphs.hpp"
#include "tests/autograd/results.hpp"
#include "tests/course/check.hpp"
#include "tests/support/compare.hpp"

using autograd::Variable;
using support::difference;
using support::scalar;

TEST_CASE("1.1: the graph of the second derivative") {
    const Variable x(scalar(2.0), true);
    const Variable y = multiply(square(x), x);
    const Variable dy = grad(y, x, {.create_graph = true});
    const Variable ddy = grad(dy, x, {.create_graph = true});
    CHECK(course::first_wrong_line(course::graph_of_ddy(), support::graph_from(x, ddy)) == "");
}

TEST_CASE("1.2: all derivatives of a function") {
    const auto fifth_power = [](const Variable& x) { return multiply(square(square(x)), x); };
    CHECK(difference(course::derivatives(fifth_power, 2.0, 6), std::vector<double>{80, 160, 240, 240, 120, 0}) == "");
    // tanh' = 1 - y^2, tanh'' = -2 y (1 - y^2) with y = tanh(x).
    const double y = std::tanh(0.5);
    const auto found = course::derivatives([](const Variable& x) { return tanh(x); }, 0.5, 2);
    CHECK(difference(found, std::vector<double>{1 - y * y, -2 * y * (1 - y * y)}, 1e-14) == "");
    // A function that does not depend on x.
    const auto constant = [](const Variable&) { return Variable(scalar(7.0)); };
    CHECK(difference(course::derivatives(constant, 1.0, 2), std::vector<double>{0, 0}) == "");
}
