// Layers: what they own, how they name it, and that they compute what a composition of plain operators does.
#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "autograd/conv3d.hpp"
#include "autograd/elementwise.hpp"
#include "autograd/grad.hpp"
#include "autograd/rearrange.hpp"
#include "layers/adam.hpp"
#include "layers/batch_norm.hpp"
#include "layers/conv3d.hpp"
#include "layers/dense.hpp"
#include "tensor/error.hpp"
#include "tensor/random.hpp"
#include "tensor/scope.hpp"
#include "tests/layers/workshop.hpp"

using namespace layers;
using support::Workshop;

TEST_CASE("parameters are named by their layer and counted") {
    Workshop shop;
    const Dense dense(shop.builder.within("head"), 3, 4);
    const BatchNorm norm(shop.builder.within("norm"), 4);
    REQUIRE(shop.parameters.trainable.size() == 4);
    CHECK(shop.parameters.trainable[0].name == "net.head.weight");
    CHECK(shop.parameters.trainable[1].name == "net.head.bias");
    CHECK(shop.parameters.trainable[2].name == "net.norm.gamma");
    CHECK(shop.parameters.statistics[1].name == "net.norm.running_variance");
    CHECK(shop.parameters.count() == 3 * 4 + 4 + 4 + 4);
    CHECK_THROWS_WITH_AS(Dense(shop.builder.within("head"), 1, 1), doctest::Contains("net.head.weight"), tensor::Error);
}

TEST_CASE("weights start from a normal of deviation 0.02 cut at two deviations, biases at 0") {
    Workshop shop;
    const Dense dense(shop.builder, 100, 100);
    double sum = 0, squares = 0, largest = 0;
    for (const double w : shop.parameters.trainable[0].variable.value().values<double>()) {
        sum += w;
        squares += w * w;
        largest = std::max(largest, std::abs(w));
    }
    // The deviation of a standard normal cut at 2 is 0.8796.
    CHECK(largest <= 0.04);
    CHECK(largest > 0.038);
    CHECK(std::abs(sum / 10000) < 4 * 0.02 / 100);
    CHECK(std::sqrt(squares / 10000) == doctest::Approx(0.02 * 0.8796).epsilon(0.03));
    for (const double b : shop.parameters.trainable[1].variable.value().values<double>()) CHECK(b == 0.0);
}

namespace {

/// Deviation of the values, which have mean 0.
double deviation_of(const Variable& weight) {
    double squares = 0;
    for (const double w : weight.value().values<double>()) squares += w * w;
    return std::sqrt(squares / static_cast<double>(weight.value().elements()));
}

}  // namespace

// The deviation of a standard normal cut at 2 is 0.8796. Each weight here has some thousands of values.
TEST_CASE("weights that start by fan-in have deviation sqrt(2 / products per output)") {
    Workshop shop;
    shop.builder.start = WeightStart::fan_in;
    const Dense dense(shop.builder.within("dense"), 200, 50);
    const Conv3d convolution(shop.builder.within("conv"), {9, 9, 9},
                             {.kernel = {3, 2, 5}, .in_channels = 7, .out_channels = 30, .stride = {1, 2, 5}});
    // Taps that meet in an output: 2 of 4, 1 of 3, 2 of 3 along the axes.
    const TransposedConv3d transposed(
        shop.builder.within("transposed"), {2, 2, 2},
        {.kernel = {4, 3, 3}, .in_channels = 11, .out_channels = 20, .stride = {2, 3, 2}});
    const auto starts_at = [&](const char* name, double fan_in) {
        CAPTURE(name);
        CHECK(deviation_of(shop.parameter(name)) == doctest::Approx(0.8796 * std::sqrt(2 / fan_in)).epsilon(0.03));
    };
    starts_at("net.dense.weight", 200);
    starts_at("net.conv.weight", 3 * 2 * 5 * 7);
    starts_at("net.transposed.weight", 11 * 2 * 1 * 2);
}

TEST_CASE("a start by fan-in takes the same draws as the usual one, at another scale") {
    Workshop usual, by_fan_in;
    by_fan_in.builder.start = WeightStart::fan_in;
    const Dense one(usual.builder, 8, 5), other(by_fan_in.builder, 8, 5);
    const std::vector<double> w = usual.parameter("net.weight").value().values<double>();
    const std::vector<double> v = by_fan_in.parameter("net.weight").value().values<double>();
    for (std::size_t i = 0; i < w.size(); ++i) CHECK(v[i] == doctest::Approx(w[i] / 0.02 * 0.5).epsilon(1e-14));
    CHECK(usual.random.position == by_fan_in.random.position);
    CHECK(tensor::find_name<WeightStart>("fan_in") == WeightStart::fan_in);
    CHECK_THROWS_WITH_AS(usual.builder.weight("w", {0, 3}, 0), doctest::Contains("'net.w' sums 0 products"),
                         tensor::Error);
}

TEST_CASE("a transposed convolution is the input gradient plus a bias, and grows by (input - 1) stride + kernel") {
    Workshop shop;
    const TransposedConv3d layer(
        shop.builder, {3, 2, 1},
        {.kernel = {4, 2, 5}, .in_channels = 6, .out_channels = 2, .stride = {2, 2, 5}, .bias_per_track = true});
    CHECK(layer.output() == Extents{8, 4, 5});
    const Variable x = shop.input({2, 3, 2, 1, 6});
    const Variable y = layer(x);
    CHECK(y.shape() == Shape{2, 8, 4, 5, 2});
    const tensor::Conv3dGeometry geometry = tensor::conv3d_geometry(
        {8, 4, 5}, {.kernel = {4, 2, 5}, .in_channels = 2, .out_channels = 6, .stride = {2, 2, 5}});
    CHECK(shop.parameters.trainable[1].variable.shape() == Shape{5, 2});
    const Variable plain = autograd::conv3d_input_gradient(x, shop.parameters.trainable[0].variable, geometry);
    CHECK(plain.value().values<double>() == y.value().values<double>());  // the bias is 0 at the start
}

TEST_CASE("batch norm in inference uses the running statistics, which follow by a tenth a step") {
    Workshop shop;
    const BatchNorm norm(shop.builder, 2);
    const Variable x(Tensor::from(std::vector<double>{1, 10, 3, 10, 5, 40, 7, 40}, {4, 2}));
    norm(x, Mode::training);
    const std::vector<double> mean = shop.parameters.statistics[0].tensor.values<double>();
    const std::vector<double> variance = shop.parameters.statistics[1].tensor.values<double>();
    CHECK(mean[0] == doctest::Approx(0.1 * 4).epsilon(1e-12));
    CHECK(mean[1] == doctest::Approx(0.1 * 25).epsilon(1e-12));
    CHECK(variance[0] == doctest::Approx(0.9 + 0.1 * 20.0 / 3).epsilon(1e-9));
    CHECK(variance[1] == doctest::Approx(0.9 + 0.1 * 300).epsilon(1e-9));
    // In inference a phrase alone gives what it gives beside others.
    const std::vector<double> company = norm(x, Mode::inference).value().values<double>();
    const std::vector<double> alone =
        norm(Variable(Tensor::from(std::vector<double>{1, 10}, {1, 2})), Mode::inference).value().values<double>();
    CHECK(alone[0] == company[0]);
    CHECK(alone[1] == company[1]);
    CHECK(alone[0] == doctest::Approx((1 - mean[0]) / std::sqrt(variance[0] + 1e-5)).epsilon(1e-12));
}

TEST_CASE("Adam walks down a parabola, and refuses another number of gradients") {
    Workshop shop;
    const Variable weight = shop.builder.constant("w", {2}, 3.0);
    Adam adam(shop.parameters, {.rate = 0.1});
    for (int i = 0; i < 200; ++i) {
        const Variable loss = autograd::sum(autograd::square(weight));
        adam.step(std::vector<Tensor>{autograd::grad(loss, weight).value()});
    }
    CHECK(adam.steps() == 200);
    for (const double w : weight.value().values<double>()) CHECK(std::abs(w) < 0.05);
    CHECK(adam.state().size() == 2);
    CHECK(adam.state()[0].name == "first.net.w");
    CHECK_THROWS_WITH_AS(adam.step({}), doctest::Contains("0 gradients for 1 parameters"), tensor::Error);
}

namespace {

/// The layer in which each node behind `variable` was recorded, after its operation: "matmul_nn net.head".
std::set<std::string> nodes_with_layers(const Variable& variable) {
    std::set<std::string> found;
    std::vector<const autograd::Node*> stack{variable.node().get()};
    while (!stack.empty()) {
        const autograd::Node* const node = stack.back();
        stack.pop_back();
        found.insert(std::string(node->operation) + " " + node->layer);
        for (const auto& input : node->inputs)
            if (input) stack.push_back(input.get());
    }
    return found;
}

}  // namespace

TEST_CASE("every operator is attributed to its layer, forward, backward and in the backward of the backward") {
    Workshop shop;
    const Conv3d first(shop.builder.within("conv1"), {4, 1, 1},
                       {.kernel = {2, 1, 1}, .out_channels = 3, .stride = {2, 1, 1}}, 0.2);
    const Conv3d second(shop.builder.within("conv2"), first.output(),
                        {.kernel = {2, 1, 1}, .in_channels = 3, .out_channels = 2}, 0.2);
    const Dense head(shop.builder.within("head"), 2, 1);
    const Variable x(shop.input({5, 4, 1, 1, 1}).value(), true);
    const Variable score = autograd::sum(head(autograd::reshape(second(first(x)), {5, 2})));
    CHECK(std::string(tensor::current_scope().layer).empty());

    const auto forward = nodes_with_layers(score);
    for (const char* node : {"conv3d net.conv1", "leaky_relu net.conv1", "conv3d net.conv2", "matmul_nn net.head"})
        CHECK_MESSAGE(forward.contains(node), node);
    CHECK(forward.contains("sum_to "));

    const Variable gradient = autograd::grad(score, x, {.create_graph = true});
    const auto backward = nodes_with_layers(gradient);
    for (const char* node :
         {"conv3d_input_gradient net.conv1", "conv3d_input_gradient net.conv2", "matmul_nt net.head"})
        CHECK_MESSAGE(backward.contains(node), node);

    const Variable slope = autograd::sum(autograd::square(gradient));
    const std::vector<Variable> weights = shop.parameters.variables();
    const auto second_order = autograd::grad(std::span(&slope, 1), weights, {}, {.create_graph = true});
    std::set<std::string> twice;
    for (const auto& each : second_order)
        if (each) twice.merge(nodes_with_layers(*each));
    for (const char* node :
         {"conv3d_weight_gradient net.conv1", "conv3d_weight_gradient net.conv2", "matmul_tn net.head"})
        CHECK_MESSAGE(twice.contains(node), node);
    // Every large operator is recorded in a layer, and in its own.
    for (const std::set<std::string>* nodes : {&forward, &backward, &std::as_const(twice)})
        for (const std::string& node : *nodes) {
            CAPTURE(node);
            if (node.starts_with("conv3d")) CHECK(node.find("net.conv") != std::string::npos);
            if (node.starts_with("matmul")) CHECK(node.find("net.head") != std::string::npos);
        }
    CHECK(std::string(tensor::current_scope().layer).empty());
}

TEST_CASE("a result for which there is no room is named with its layer and phase, forward and backward") {
    Workshop shop;
    shop.builder.device = Device::dry();
    const Conv3d convolution(shop.builder.within("conv1"), {4, 1, 1}, {.kernel = {2, 1, 1}, .out_channels = 3});
    // An arena gives at most 2^62 bytes: 32 units. Of 2^54 phrases the input takes 4 of them and the result 9.
    constexpr std::int64_t unit = std::int64_t{1} << 54;
    const auto dry = [](const Shape& shape) { return Tensor::empty(shape, DType::f64, Device::dry()); };
    const Variable x(dry({unit, 4, 1, 1, 1}), true);
    const tensor::PhaseScope phase("critic real");
    {
        const Tensor ballast = dry({20 * unit});
        CHECK_THROWS_WITH_AS(convolution(x), doctest::Contains("result of conv3d in net.conv1, critic real"),
                             tensor::Error);
    }
    const Tensor ballast = dry({8 * unit});
    const Variable y = convolution(x);
    const Variable cotangent(dry(y.shape()));
    CHECK_THROWS_WITH_AS(autograd::grad(std::span(&y, 1), std::span(&x, 1), std::span(&cotangent, 1)),
                         doctest::Contains("result of conv3d_input_gradient in net.conv1, critic real"), tensor::Error);
}
