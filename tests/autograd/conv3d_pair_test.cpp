// Two convolutions as one operator: fused derivatives, composed ones where they are differentiated again, and both
// equal to those of two layers one after the other.
#include "autograd/conv3d_pair.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "autograd/check_gradients.hpp"
#include "tensor/arena.hpp"
#include "tensor/elementwise.hpp"
#include "tests/autograd/critic.hpp"
#include "tests/autograd/results.hpp"
#include "tests/support/compare.hpp"

using autograd::check_gradients;
using autograd::grad;
using autograd::Variable;
using support::bytes_in_use;
using support::difference;
using support::Inputs;
using support::leaf;
using support::leaves;
using support::smooth;
using tensor::Tensor;

namespace {

using Gradients = std::vector<std::optional<Variable>>;

/// So short that no unit crosses its kink on the way; "inputs are away from kinks" below says how far they are.
constexpr double short_step = 0x1p-17;

struct Pair {
    const char* name;
    autograd::Conv3dGeometry first, second;
    double slope1 = 0.2, slope2 = 0.1;
    std::int64_t phrases = 2;

    /// x, w1, b1, w2, b2.
    std::vector<Tensor> inputs(std::uint64_t seed) const {
        return {smooth(first.input_shape(phrases), seed), smooth(first.weight_shape(), seed + 1),
                smooth({first.out_channels}, seed + 2), smooth(second.weight_shape(), seed + 3),
                smooth({second.out_channels}, seed + 4)};
    }
    Variable fused(const Inputs& in) const {
        return conv3d_pair_bias_leaky_relu(in[0], in[1], in[2], slope1, in[3], in[4], slope2, first, second);
    }
    Variable plain(const Inputs& in) const {
        const Variable p = conv3d_bias_leaky_relu(in[0], in[1], in[2], slope1, first);
        return conv3d_bias_leaky_relu(p, in[3], in[4], slope2, second);
    }
};

std::vector<Pair> pairs() {
    const auto first = tensor::conv3d_geometry(
        {8, 2, 3}, {.kernel = {2, 1, 3}, .out_channels = 3, .stride = {1, 1, 3}, .dilation = {2, 1, 1}});
    const auto overlapping =
        tensor::conv3d_geometry({4, 3, 2}, {.kernel = {2, 2, 1}, .in_channels = 2, .out_channels = 3});
    return {{"bars as dilation, as in MuseGAN", first,
             tensor::conv3d_geometry(
                 first.output, {.kernel = {3, 1, 1}, .in_channels = 3, .out_channels = 2, .dilation = {2, 1, 1}})},
            {"several channels, no second activation", overlapping,
             tensor::conv3d_geometry(overlapping.output,
                                     {.kernel = {2, 2, 2}, .in_channels = 3, .out_channels = 4, .stride = {1, 1, 1}}),
             0.2, 1.0}};
}

/// SmallCritic with its two convolutions as one operator.
struct FusedCritic {
    support::SmallCritic plain;
    Variable operator()(const Variable& x, const Inputs& p) const {
        const Variable h =
            conv3d_pair_bias_leaky_relu(x, p[0], p[1], plain.slope, p[2], p[3], plain.slope, plain.first, plain.second);
        return matmul_bias_leaky_relu(reshape(h, {x.shape()[0], h.shape().elements() / x.shape()[0]}), p[4], p[5], 1.0);
    }
};

/// "" if both are there and agree to `relative` of the larger one's largest element, or if neither is there.
std::string differ(const std::optional<Variable>& got, const std::optional<Variable>& expected,
                   double relative = 1e-12) {
    if (!got || !expected) return got.has_value() == expected.has_value() ? "" : "only one is there";
    const auto values = expected->value().values<double>();
    double largest = 0;
    for (const double each : values) largest = std::max(largest, std::abs(each));
    return difference(got->value().values<double>(), values, relative * largest);
}

double smallest_magnitude(const Tensor& x) {
    double least = std::numeric_limits<double>::infinity();
    for (const double each : x.values<double>()) least = std::min(least, std::abs(each));
    return least;
}

}  // namespace

TEST_CASE("a pair of convolutions: inputs are away from kinks") {
    // A step moves an input by at most 2 short_step in norm, and order 3 moves in as many directions.
    for (const Pair& pair : pairs()) {
        CAPTURE(pair.name);
        const Inputs in = leaves(pair.inputs(31));
        CHECK(smallest_magnitude(conv3d_bias_leaky_relu(in[0], in[1], in[2], pair.slope1, pair.first).value()) >
              100 * short_step);
        CHECK(smallest_magnitude(pair.plain(in).value()) > 100 * short_step);
    }
}

TEST_CASE("a pair of convolutions is right at orders 1, 2 and 3") {
    for (const Pair& pair : pairs()) {
        CAPTURE(pair.name);
        check_gradients([&](const Inputs& in) { return pair.fused(in); }, pair.inputs(31),
                        {.order = 3, .step = short_step});
    }
}

TEST_CASE("a pair of convolutions is right where its inputs are masked values, made of each other, or used twice") {
    const Pair pair = pairs()[0];
    const auto tied = [&](const Inputs& in) {
        const Variable x = autograd::leaky_relu(in[0], 0.3), w1 = autograd::leaky_relu(multiply(in[1], in[1]), 0.5),
                       w2 = autograd::leaky_relu(multiply(in[3], sum(in[1])), 0.5);
        const Variable y = pair.fused({x, w1, in[2], w2, in[4]});
        return multiply(y, add(y, sum(x)));
    };
    check_gradients(tied, pair.inputs(31), {.order = 2, .step = short_step});
}

TEST_CASE("a pair's value and gradients equal those of its two layers, with a graph and without") {
    for (const Pair& pair : pairs())
        for (const bool create_graph : {false, true}) {
            CAPTURE(pair.name);
            CAPTURE(create_graph);
            const Inputs in = leaves(pair.inputs(31));
            const Variable fused = pair.fused(in), plain = pair.plain(in);
            CHECK(support::same_bits(fused.value().values<double>(), plain.value().values<double>()));
            const Variable g(smooth(fused.shape(), 5));
            const Gradients of_fused = grad(std::span(&fused, 1), in, std::span(&g, 1), {.create_graph = create_graph});
            const Gradients of_plain = grad(std::span(&plain, 1), in, std::span(&g, 1), {.create_graph = create_graph});
            for (std::size_t i = 0; i < in.size(); ++i) {
                CAPTURE(i);
                REQUIRE(of_fused[i].has_value());
                CHECK(of_fused[i]->requires_grad() == of_plain[i]->requires_grad());
                CHECK(differ(of_fused[i], of_plain[i]) == "");
            }
        }
}

TEST_CASE("a pair without a second bias, of constants, or with one input that requires a gradient") {
    const Pair pair = pairs()[0];
    Inputs in = leaves(pair.inputs(31));
    in[4] = Variable();
    CHECK(differ(grad(sum(pair.fused(in)), in[2]), grad(sum(pair.plain(in)), in[2])) == "");
    const std::vector<Tensor> values = pair.inputs(31);
    for (std::size_t wanted = 0; wanted < 5; ++wanted) {
        Inputs one;
        for (std::size_t i = 0; i < 5; ++i) one.emplace_back(values[i], i == wanted);
        CHECK(differ(grad(sum(square(pair.fused(one))), one[wanted]),
                     grad(sum(square(pair.plain(one))), one[wanted])) == "");
    }
    Inputs constants;
    for (const Tensor& value : values) constants.emplace_back(value);
    CHECK_FALSE(pair.fused(constants).requires_grad());
}

TEST_CASE("the penalty of a critic whose convolutions are one operator equals the plain one's, gradients too") {
    const FusedCritic fused;
    const Inputs p = leaves(fused.plain.parameters(1));
    const Tensor x = smooth(fused.plain.phrases_shape(3), 2);
    const Variable of_fused = support::gradient_penalty(fused, x, p, 10.0),
                   of_plain = support::gradient_penalty(fused.plain, x, p, 10.0);
    CHECK(differ(of_fused, of_plain) == "");
    // Differentiated without a graph (fused) and with one (composed).
    for (const bool create_graph : {true, false}) {
        CAPTURE(create_graph);
        const Gradients got = grad(std::span(&of_fused, 1), p, {}, {.create_graph = create_graph});
        const Gradients expected = grad(std::span(&of_plain, 1), p, {}, {.create_graph = create_graph});
        for (std::size_t i = 0; i < p.size(); ++i) {
            CAPTURE(i);
            CHECK(got[i].has_value() == (i % 2 == 0));  // no path leads to a bias
            CHECK(differ(got[i], expected[i]) == "");
        }
    }
}

TEST_CASE("the penalty's graph holds one operator in place of the input-gradient chain of both convolutions") {
    const FusedCritic fused;
    const Inputs p = leaves(fused.plain.parameters(1));
    const std::string graph =
        describe_graph(support::gradient_penalty(fused, smooth(fused.plain.phrases_shape(3), 2), p, 1));
    const auto count = [&](const std::string& name) {
        int found = 0;
        for (std::size_t at = graph.find(name); at != std::string::npos; at = graph.find(name, at + 1)) ++found;
        return found;
    };
    CHECK(count(" conv3d_pair_input_gradient ") == 1);
    CHECK(count(" conv3d") == 1);
    CHECK(count(" leaf ") == 3);  // the weights: neither the phrases nor a bias
    CHECK(count(" leaky_relu_mask ") == 1);
}

TEST_CASE("a graph of a pair holds its last value and not the one in between") {
    const Pair pair{"wide", tensor::conv3d_geometry({10, 10, 2}, {.kernel = {1, 1, 2}, .out_channels = 64}),
                    tensor::conv3d_geometry({10, 10, 1}, {.kernel = {1, 1, 1}, .in_channels = 64, .out_channels = 1})};
    const Inputs in = leaves(pair.inputs(1));
    const std::int64_t before = bytes_in_use(), between = pair.first.output_shape(pair.phrases).elements() * 8;
    const Variable fused = pair.fused(in);
    CHECK(bytes_in_use() - before < between / 32);
    const Variable plain = pair.plain(in);
    CHECK(bytes_in_use() - before > between);
}
