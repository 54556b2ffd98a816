// Gradients of the elementwise operators, sum and broadcast at orders 1 and 2, some at 3.
#include "autograd/elementwise.hpp"

#include <doctest/doctest.h>

#include "autograd/check_gradients.hpp"
#include "autograd/grad.hpp"
#include "tests/autograd/inputs.hpp"
#include "tests/support/compare.hpp"

using autograd::check_gradients;
using autograd::Variable;
using support::away_from_zero;
using support::contains_all;
using support::Inputs;
using support::leaf;
using support::message_of;
using support::positive;
using support::smooth;
using tensor::Shape;
using tensor::Tensor;

namespace {

using Unary = Variable (*)(const Variable&);
using Binary = Variable (*)(const Variable&, const Variable&);
using MakeInput = Tensor (*)(const Shape&, std::uint64_t);

struct UnaryCase {
    std::string name;
    Unary apply;
    MakeInput input;
};

const std::vector<UnaryCase> unary_cases = {
    {"affine", [](const Variable& x) { return autograd::affine(x, -1.5, 0.25); }, smooth},
    {"scale", [](const Variable& x) { return autograd::scale(x, 3.0); }, smooth},
    {"negate", [](const Variable& x) { return autograd::negate(x); }, smooth},
    {"square", [](const Variable& x) { return autograd::square(x); }, smooth},
    {"square_root", [](const Variable& x) { return autograd::square_root(x); }, positive},
    {"reciprocal", [](const Variable& x) { return autograd::reciprocal(x); }, away_from_zero},
    {"tanh", [](const Variable& x) { return autograd::tanh(x); }, smooth},
    {"sigmoid", [](const Variable& x) { return autograd::sigmoid(x); }, smooth},
    {"softplus", [](const Variable& x) { return autograd::softplus(x); }, smooth},
    {"leaky_relu", [](const Variable& x) { return autograd::leaky_relu(x, 0.2); }, away_from_zero},
    {"leaky_relu, slope above 1", [](const Variable& x) { return autograd::leaky_relu(x, 1.5); }, away_from_zero},
    {"relu", [](const Variable& x) { return autograd::relu(x); }, away_from_zero},
    {"sum", [](const Variable& x) { return autograd::sum(x); }, smooth},
    {"mean", [](const Variable& x) { return autograd::mean(x); }, smooth},
};

const std::vector<Shape> shapes = {{}, {1}, {3}, {2, 3, 4}};

struct BinaryCase {
    std::string name;
    Binary apply;
    MakeInput second;
};

const std::vector<BinaryCase> binary_cases = {
    {"add", autograd::add, smooth},
    {"subtract", autograd::subtract, smooth},
    {"multiply", autograd::multiply, smooth},
    {"divide", autograd::divide, away_from_zero},
};

/// Equal, one side broadcast, both sides broadcast, ranks that differ.
const std::vector<std::pair<Shape, Shape>> shape_pairs = {
    {{}, {}},         {{2, 3}, {2, 3}}, {{2, 3}, {3}},       {{3}, {2, 3}},
    {{2, 1}, {1, 3}}, {{}, {2, 3}},     {{4, 1, 2}, {3, 1}}, {{2, 3, 1, 2}, {}},
};

}  // namespace

TEST_CASE("one-argument operators are right at orders 1, 2 and 3") {
    for (const UnaryCase& each : unary_cases)
        for (const Shape& shape : shapes) {
            CAPTURE(each.name);
            CAPTURE(shape.to_string());
            check_gradients([&](const Inputs& in) { return each.apply(in[0]); }, {each.input(shape, 1)}, {.order = 3});
        }
}

TEST_CASE("one-argument operators are right at orders 1 and 2 when x is used twice") {
    for (const UnaryCase& each : unary_cases) {
        CAPTURE(each.name);
        // y^2 + x y: x reaches the value on four paths, y on three.
        const auto twice = [&](const Inputs& in) {
            const Variable y = each.apply(in[0]);
            return add(multiply(y, y), multiply(in[0], y));
        };
        for (const Shape& shape : shapes) {
            CAPTURE(shape.to_string());
            check_gradients(twice, {each.input(shape, 2)});
        }
    }
}

TEST_CASE("two-argument operators are right at orders 1, 2 and 3 for every way of broadcasting") {
    for (const BinaryCase& each : binary_cases)
        for (const auto& both : shape_pairs) {
            const Shape &a = both.first, &b = both.second;
            CAPTURE(each.name);
            CAPTURE(a.to_string() + " " + b.to_string());
            check_gradients([&](const Inputs& in) { return each.apply(in[0], in[1]); },
                            {smooth(a, 1), each.second(b, 2)}, {.order = 3});
        }
}

TEST_CASE("two-argument operators are right when both arguments are one value, at orders 1 and 2") {
    for (const BinaryCase& each : binary_cases) {
        CAPTURE(each.name);
        check_gradients([&](const Inputs& in) { return square(each.apply(in[0], in[0])); },
                        {away_from_zero({2, 3}, 3)});
        // x with its own row sums: the same value, once broadcast.
        check_gradients(
            [&](const Inputs& in) {
                return each.apply(in[0], sum_to(square(in[0]), {2, 1}));
            },
            {away_from_zero({2, 3}, 4)});
    }
}

TEST_CASE("the LeakyReLU mask is linear in g, and its reference is a constant") {
    const Tensor reference = away_from_zero({3, 4}, 1);
    for (const double slope : {0.0, 0.2, 1.0}) {
        check_gradients([&](const Inputs& in) { return autograd::leaky_relu_mask(reference, in[0], slope); },
                        {smooth({3, 4}, 2)}, {.order = 3});
        check_gradients([&](const Inputs& in) { return square(autograd::leaky_relu_mask(reference, in[0], slope)); },
                        {smooth({3, 4}, 3)});
    }
}

TEST_CASE("sum_to and broadcast_to are right at orders 1 to 3, alone and squared") {
    const std::vector<std::pair<Shape, Shape>> small_large = {
        {{}, {3}},        {{}, {2, 3}},           {{3}, {2, 3}},      {{1, 3}, {2, 3}},
        {{2, 1}, {2, 3}}, {{2, 1, 4}, {2, 3, 4}}, {{1, 1}, {5, 2, 2}}};
    for (const auto& both : small_large) {
        const Shape &small = both.first, &large = both.second;
        CAPTURE(small.to_string() + " " + large.to_string());
        check_gradients([&](const Inputs& in) { return sum_to(in[0], small); }, {smooth(large, 1)}, {.order = 3});
        check_gradients([&](const Inputs& in) { return square(sum_to(in[0], small)); }, {smooth(large, 2)},
                        {.order = 3});
        check_gradients([&](const Inputs& in) { return broadcast_to(in[0], large); }, {smooth(small, 3)}, {.order = 3});
        check_gradients([&](const Inputs& in) { return square(broadcast_to(in[0], large)); }, {smooth(small, 4)},
                        {.order = 3});
    }
}

TEST_CASE("sum_to and broadcast_to to the same shape are the value itself") {
    const Variable x = leaf(smooth({2, 3}, 1));
    CHECK(sum_to(x, {2, 3}).node() == x.node());
    CHECK(broadcast_to(x, {2, 3}).node() == x.node());
}

TEST_CASE("LeakyReLU's gradient at 0 is the slope, and its second derivative is 0") {
    const Variable x = leaf(Tensor::from(std::vector<double>{-2, 0, 3}, {3}));
    const Variable y = sum(autograd::leaky_relu(x, 0.25));
    const Variable first = grad(y, x, {.create_graph = true});
    CHECK(support::difference(first.value().values<double>(), std::vector<double>{0.25, 0.25, 1}) == "");
    // Nothing leads from the mask back to x: the answer is "no gradient", not a tensor of zeros that was computed.
    CHECK_FALSE(first.requires_grad());
}

TEST_CASE("a square root at 0 has an infinite gradient, and a shift under the root makes it finite") {
    const Variable x = leaf(support::scalar(0));
    CHECK(grad(square_root(x), x).item() == std::numeric_limits<double>::infinity());
    CHECK(std::isnan(grad(square_root(square(x)), x).item()));
    CHECK(grad(square_root(autograd::affine(square(x), 1.0, 1e-8)), x).item() == 0.0);
}

TEST_CASE("errors of the tensor operators come through with their names") {
    const Variable x = leaf(smooth({2, 3}, 1)), y = leaf(smooth({2, 2}, 1)), z = leaf(Tensor::zeros({2, 3}));
    CHECK(contains_all(message_of([&] { add(x, y); }), {"[add]", "[2, 3]", "[2, 2]"}));
    CHECK(contains_all(message_of([&] { multiply(x, z); }), {"[multiply]", "f64", "f32"}));
    CHECK(contains_all(message_of([&] { sum_to(x, {2}); }), {"[sum_to]", "[2, 3]", "[2]"}));
    CHECK(contains_all(message_of([&] { square(Variable()); }), {"[variable]"}));
}
