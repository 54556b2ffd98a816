// Gradients of the operators that move elements, at orders 1 to 3, and on every axis: calls on one axis would not show
// a rule that is wrong on another.
#include "autograd/rearrange.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

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
