// Gradients of the operators that move elements, at orders 1 to 3, and on every axis: calls on one axis would not show
// a rule that is wrong on another.
#include "autograd/rearrange.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <string>

#include "autograd/check_gradients.hpp"
#include "autograd/elementwise.hpp"
#include "autograd/grad.hpp"
#include "tests/autograd/inputs.hpp"
#include "tests/support/compare.hpp"

using autograd::check_gradients;
using autograd::Variable;
using support::contains_all;
using support::difference;
using support::Inputs;
using support::leaf;
using support::message_of;
using support::smooth;
using tensor::Shape;
using tensor::Tensor;

namespace {

/// A linear operator alone (its second derivative is 0) and squared (where it is not), to order 3.
void check_move(const std::function<Variable(const Inputs&)>& move, const std::vector<Tensor>& inputs) {
    check_gradients(move, inputs, {.order = 3});
    check_gradients([&](const Inputs& in) { return square(move(in)); }, inputs, {.order = 3});
}

}  // namespace

TEST_CASE("reshape is right at orders 1 to 3") {
    const std::vector<std::pair<Shape, Shape>> pairs = {
        {{}, {1}}, {{6}, {2, 3}}, {{2, 3, 4}, {4, 6}}, {{2, 2}, {4, 1, 1}}};
    for (const auto& both : pairs) {
        const Shape &from = both.first, &to = both.second;
        CAPTURE(from.to_string() + " " + to.to_string());
        check_move([&](const Inputs& in) { return reshape(in[0], to); }, {smooth(from, 1)});
    }
}

TEST_CASE("permute is right at orders 1 to 3 for every permutation of three axes, and for one of five") {
    std::vector<int> axes(3);
    std::iota(axes.begin(), axes.end(), 0);
    do {
        CAPTURE(axes[0]);
        CAPTURE(axes[1]);
        check_move([&](const Inputs& in) { return permute(in[0], axes); }, {smooth({2, 3, 4}, 1)});
    } while (std::next_permutation(axes.begin(), axes.end()));
    check_move([&](const Inputs& in) { return permute(in[0], {3, 0, 4, 2, 1}); }, {smooth({2, 1, 3, 2, 2}, 2)});
}

TEST_CASE("slice and pad are right at orders 1 to 3 on every axis, at either end, in the middle and empty") {
    const Shape shape{4, 3, 5};
    for (int axis = 0; axis < 3; ++axis) {
        CAPTURE(axis);
        const std::int64_t extent = shape[axis];
        for (const auto& [begin, end] :
             std::vector<std::pair<std::int64_t, std::int64_t>>{{0, extent}, {0, 2}, {1, extent}, {1, extent - 1}})
            check_move([&, b = begin, e = end](const Inputs& in) { return slice(in[0], axis, b, e); },
                       {smooth(shape, 1)});
        for (const auto& [before, after] :
             std::vector<std::pair<std::int64_t, std::int64_t>>{{0, 0}, {2, 0}, {0, 1}, {1, 3}})
            check_move([&, b = before, a = after](const Inputs& in) { return pad(in[0], axis, b, a); },
                       {smooth(shape, 2)});
    }
}

TEST_CASE("concat is right at orders 1 to 3 on every axis, of one part, of three, and of a part with itself") {
    for (int axis = 0; axis < 3; ++axis) {
        CAPTURE(axis);
        const Shape shape{2, 3, 2};
        const auto join = [&](const Inputs& in) { return concat(in, axis); };
        check_move(join, {smooth(shape, 1)});
        check_move(join, {smooth(shape, 1), smooth(shape.with(axis, 1), 2), smooth(shape.with(axis, 4), 3)});
        check_move(
            [&](const Inputs& in) {
                return autograd::concat({in[0], square(in[0]), in[0]}, axis);
            },
            {smooth(shape, 4)});
    }
}

TEST_CASE("pad and slice undo one another, and so do concat and slice, in value and in gradient") {
    const Variable x = leaf(smooth({2, 3}, 1));
    CHECK(difference(slice(pad(x, 1, 2, 1), 1, 2, 5).value().values<double>(), x.value().values<double>()) == "");
    const Variable whole = autograd::concat({slice(x, 1, 0, 1), slice(x, 1, 1, 3)}, 1);
    CHECK(difference(whole.value().values<double>(), x.value().values<double>()) == "");
    const Variable g = grad(sum(square(whole)), x);
    CHECK(difference(g.value().values<double>(), tensor::Tensor(autograd::scale(x, 2.0).value()).values<double>()) ==
          "");
}

TEST_CASE("split is right at orders 1 to 3: all parts, some of them, and one twice") {
    const std::vector<std::int64_t> extents{1, 2, 1};
    for (int axis = 0; axis < 3; ++axis) {
        CAPTURE(axis);
        const Shape shape = Shape{2, 3, 2}.with(axis, 4);
        check_move(
            [&](const Inputs& in) {
                const std::vector<Variable> parts = split(in[0], axis, extents);
                return autograd::concat({parts[2], square(parts[1]), parts[0], parts[2]}, axis);
            },
            {smooth(shape, 1)});
        check_move([&](const Inputs& in) { return square(split(in[0], axis, extents)[1]); }, {smooth(shape, 2)});
    }
}

TEST_CASE("slices of a value send back one concat where they are apart, with zeros between, and else are padded") {
    const Variable x = leaf(smooth({2, 6}, 1));
    const auto gradient_of = [&](const std::vector<std::pair<std::int64_t, std::int64_t>>& slices) {
        Variable total = sum(square(slice(x, 0, 0, 0)));
        for (const auto& [begin, end] : slices) total = add(total, sum(square(slice(x, 1, begin, end))));
        return grad(total, x, {.create_graph = true});
    };
    const std::vector<double> from = x.value().values<double>();
    const auto expected = [&](const std::vector<double>& times) {
        std::vector<double> result;
        for (std::size_t i = 0; i < from.size(); ++i) result.push_back(2.0 * times[i % 6] * from[i]);
        return result;
    };
    // The empty slice of another axis makes them all padded; without it they are joined.
    CHECK(difference(gradient_of({{0, 1}, {3, 5}}).value().values<double>(), expected({1, 0, 0, 1, 1, 0})) == "");
    const auto apart = [&](std::int64_t second) {
        return grad(add(sum(square(slice(x, 1, 0, 2))), sum(square(slice(x, 1, second, 5)))), x,
                    {.create_graph = true});
    };
    CHECK(difference(apart(3).value().values<double>(), expected({1, 1, 0, 1, 1, 0})) == "");
    CHECK(difference(apart(1).value().values<double>(), expected({1, 2, 1, 1, 1, 0})) == "");
    const std::string joined = autograd::describe_graph(apart(3)), padded = autograd::describe_graph(apart(1));
    CHECK(joined.find("concat") != std::string::npos);
    CHECK(joined.find("pad") == std::string::npos);
    CHECK(padded.find("concat") == std::string::npos);
    CHECK(padded.find("pad") != std::string::npos);
}

TEST_CASE("the gradient of a part of concat is not computed where nobody asks for it") {
    const Variable a = leaf(smooth({2}, 1)), constant{smooth({3}, 2)};
    const Variable y = autograd::sum(autograd::square(autograd::concat({a, constant}, 0)));
    const auto gradient = grad(y, a, {.create_graph = true});
    CHECK(gradient.shape() == Shape{2});
    CHECK(difference(gradient.value().values<double>(), autograd::scale(a, 2.0).value().values<double>()) == "");
}

TEST_CASE("errors of moves come through with their names") {
    const Variable x = leaf(smooth({2, 3}, 1));
    CHECK(contains_all(message_of([&] { reshape(x, {5}); }), {"[reshape]", "[2, 3]", "[5]"}));
    CHECK(contains_all(message_of([&] { permute(x, {0, 0}); }), {"[permute]"}));
    CHECK(contains_all(message_of([&] { slice(x, 1, 1, 4); }), {"[slice]"}));
    CHECK(contains_all(message_of([&] { pad(x, 0, -1, 0); }), {"[pad]"}));
    CHECK(contains_all(message_of([&] { autograd::concat({}, 0); }), {"[concat]"}));
}
