// LeakyReLU's mask as bits: the same gradients at both orders, bit by bit, and values that nobody needs any more are
// freed.
#include "autograd/bias_leaky_relu.hpp"

#include <doctest/doctest.h>

#include "autograd/conv3d.hpp"
#include "autograd/elementwise.hpp"
#include "autograd/grad.hpp"
#include "tensor/arena.hpp"
#include "tensor/conv3d.hpp"
#include "tensor/execution.hpp"
#include "tensor/packed_bits.hpp"
#include "tests/autograd/critic.hpp"
#include "tests/autograd/results.hpp"
#include "tests/support/compare.hpp"

using autograd::grad;
using autograd::Variable;
using support::bytes_in_use;
using support::gradient_penalty;
using support::leaf;
using support::SmallCritic;
using support::smooth;
using tensor::ExecutionScope;
using tensor::Fusion;
using tensor::Tensor;

namespace {

/// The penalty and its gradient for every parameter, one after the other.
std::vector<double> penalty_and_gradients(Fusion fusion) {
    const ExecutionScope scope({.fusion = fusion});
    const SmallCritic critic;
    const std::vector<Variable> parameters = support::leaves(critic.parameters(7));
    const Variable penalty = gradient_penalty(critic, smooth(critic.phrases_shape(3), 11), parameters, 10.0);
    std::vector<double> values{penalty.item()};
    for (const auto& gradient : grad(std::span(&penalty, 1), parameters)) {
        if (!gradient) continue;
        const std::vector<double> part = gradient->value().values<double>();
        values.insert(values.end(), part.begin(), part.end());
    }
    return values;
}

/// Layers that keep shapes, so that bytes are easy to count.
struct Layers {
    static constexpr std::int64_t count = 6, layer_bytes = 10 * 10 * 10 * 4 * 8;
    autograd::Conv3dGeometry geometry =
        tensor::conv3d_geometry({10, 10, 10}, {.kernel = {1, 1, 1}, .in_channels = 4, .out_channels = 4});
    Variable w = leaf(smooth(geometry.weight_shape(), 1)), b = leaf(smooth({4}, 2));

    Variable operator()(Variable x, double slope) const {
        for (std::int64_t i = 0; i < count; ++i) x = autograd::conv3d_bias_leaky_relu(x, w, b, slope, geometry);
        return x;
    }
};

}  // namespace

TEST_CASE("the penalty and its gradients have the same bits with masks as bits and as values") {
    const std::vector<double> bits = penalty_and_gradients(Fusion::always), values = penalty_and_gradients(Fusion::off);
    CHECK(values.size() > 1);
    CHECK(support::same_bits(bits, values));
}

TEST_CASE("with masks as bits the input gradient holds nothing of the forward pass but them") {
    const Layers layers;
    const Variable x = leaf(smooth(layers.geometry.input_shape(1), 3));
    for (const Fusion fusion : {Fusion::off, Fusion::always}) {
        const ExecutionScope scope({.fusion = fusion});
        const std::int64_t before = bytes_in_use();
        Variable gradient;
        {
            const Variable total = autograd::sum(layers(x, 0.2));
            gradient = grad(total, x, {.create_graph = true});
        }
        // One cotangent per layer, the gradient among them; the masks beside them take as much again, or one bit per
        // number.
        const std::int64_t held = bytes_in_use() - before;
        CAPTURE(held);
        if (fusion == Fusion::off) CHECK(held >= 2 * Layers::count * Layers::layer_bytes);
        else CHECK(held <= (Layers::count + 1) * Layers::layer_bytes + 2 * Layers::count * Layers::layer_bytes / 64);
        CHECK(grad(autograd::sum(autograd::square(gradient)), layers.w).defined());
    }
}

TEST_CASE("no bits without an activation, and none when nothing is recorded") {
    const ExecutionScope scope({.fusion = Fusion::always});
    const Layers layers;
    const Variable x(smooth(layers.geometry.input_shape(1), 3));
    const auto after = [&](double slope) {
        return autograd::BiasLeakyRelu(layers.b, slope, layers.geometry, x.value());
    };
    autograd::BiasLeakyRelu asks = after(0.2);
    REQUIRE(asks.positive() != nullptr);
    tensor::conv3d(x.value(), layers.w.value(), layers.geometry, asks.epilogue(), asks.positive());
    CHECK(asks.positive()->shape() == tensor::positive_bits_shape(4000));
    CHECK(after(1.0).positive() == nullptr);
    const autograd::NoGrad no_grad;
    CHECK(after(0.2).positive() == nullptr);
}
