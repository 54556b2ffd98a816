// The length of each phrase: its rule, and the rule of its rule, also where a phrase is zero.
#include "autograd/norm.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "autograd/check_gradients.hpp"
#include "autograd/elementwise.hpp"
#include "autograd/grad.hpp"
#include "autograd/rearrange.hpp"
#include "tests/autograd/inputs.hpp"
#include "tests/autograd/results.hpp"
#include "tests/support/compare.hpp"

using autograd::check_gradients;
using autograd::grad;
using autograd::Variable;
using support::difference;
using support::Inputs;
using support::leaf;
using support::same_bits;
using support::smooth;
using support::values;
using support::Values;
using tensor::Shape;
using tensor::Tensor;

namespace {

const std::vector<Shape> shapes = {{1}, {3}, {2, 4}, {3, 2, 2, 1, 2}};

/// The same norm made of plain operators.
Variable composed(const Variable& x, double epsilon) {
    Shape ones = x.shape();
    for (int axis = 1; axis < ones.rank(); ++axis) ones = ones.with(axis, 1);
    const Variable squares = autograd::sum_to(autograd::square(x), ones);
    return autograd::reshape(autograd::square_root(autograd::affine(squares, 1.0, epsilon)), {x.shape()[0]});
}

/// Three phrases, the second of them zero.
Tensor with_zero_phrase() { return Tensor::from(Values{0.5, -1, 0.25, 0, 0, 0, 1, 0.75, -0.5}, {3, 3}); }

}  // namespace

TEST_CASE("norm is right at orders 1, 2 and 3, and with x used twice") {
    for (const Shape& shape : shapes)
        for (const double epsilon : {0.25, 1.0}) {
            CAPTURE(shape.to_string());
            CAPTURE(epsilon);
            check_gradients([=](const Inputs& in) { return autograd::norm(in[0], epsilon); }, {smooth(shape, 1)},
                            {.order = 3});
            const auto twice = [=](const Inputs& in) {
                return multiply(autograd::norm(in[0], epsilon), autograd::norm(autograd::scale(in[0], 2.0), epsilon));
            };
            check_gradients(twice, {smooth(shape, 2)});
        }
}

TEST_CASE("norm is right at orders 1 and 2 beside a phrase of zeros") {
    check_gradients([](const Inputs& in) { return autograd::norm(in[0], 0.25); }, {with_zero_phrase()});
}

TEST_CASE("norm: with an epsilon the gradients of a phrase of zeros are finite, without one they are not") {
    const auto orders = [](double epsilon) {
        const Variable x = leaf(with_zero_phrase());
        const Variable y = autograd::sum(autograd::norm(x, epsilon));
        const Variable dx = grad(y, x, {.create_graph = true});
        return std::pair(values(dx), values(grad(autograd::sum(autograd::square(dx)), x)));
    };
    const auto [first, second] = orders(1e-8);
    for (std::size_t i = 3; i < 6; ++i) CHECK(first[i] == 0.0);
    for (const double each : second) CHECK(std::isfinite(each));
    CHECK(std::isnan(orders(0.0).first[4]));
}

TEST_CASE("norm equals its composition of plain operators, gradients and their gradients too") {
    for (const Shape& shape : shapes) {
        CAPTURE(shape.to_string());
        const auto all = [&](auto&& apply) {
            const Variable x = leaf(smooth(shape, 3));
            const Variable y = apply(x);
            const Variable dx = grad(autograd::sum(autograd::square(y)), x, {.create_graph = true});
            const Variable weighted = autograd::sum(multiply(dx, Variable(smooth(shape, 4))));
            return std::vector<Values>{values(y), values(dx), values(grad(weighted, x))};
        };
        const auto fused = all([](const Variable& x) { return autograd::norm(x, 0.5); });
        const auto plain = all([](const Variable& x) { return composed(x, 0.5); });
        for (std::size_t order = 0; order < fused.size(); ++order)
            CHECK(difference(fused[order], plain[order], 1e-13) == "");
    }
}

TEST_CASE("norm: the gradient has the same bits whether or not it is recorded") {
    const auto gradient = [](bool create_graph) {
        const Variable x = leaf(support::real_tensor<float>({3, 5, 7}, 5));
        return grad(autograd::sum(autograd::norm(x, 1e-8)), x, {.create_graph = create_graph}).value().values<float>();
    };
    CHECK(same_bits(gradient(false), gradient(true)));
}

TEST_CASE("norm: what is recorded is dropped with its last user") {
    std::weak_ptr<autograd::Node> node;
    {
        const Variable y = autograd::norm(leaf(smooth({2, 3}, 1)), 1.0);
        node = y.node();
        CHECK_FALSE(node.expired());
    }
    CHECK(node.expired());
}
