// Every layer of the full-width networks against PyTorch in f64: values, gradients, and gradients of gradients.
#include <doctest/doctest.h>

#include <vector>

#include "autograd/elementwise.hpp"
#include "autograd/grad.hpp"
#include "layers/batch_norm.hpp"
#include "layers/conv3d.hpp"
#include "layers/dense.hpp"
#include "tests/support/fixture.hpp"

namespace {

using autograd::Variable;
using layers::Builder;
using layers::Mode;
using layers::Parameters;
using support::Fixture;
using support::symmetric;
using tensor::DType;
using tensor::Extents;
using tensor::Shape;
using tensor::Tensor;

/// A builder for one layer.
struct Bench {
    Parameters parameters;
    tensor::RandomStream random{};
    Builder builder() {
        return {.into = &parameters, .random = &random, .dtype = DType::f64, .device = {}, .prefix = ""};
    }
    Variable variable(std::size_t i) const { return parameters.trainable[i].variable; }
};

/// The longest sum here, of 48,384 rows, may be wrong by that many eps of its terms' magnitudes: 1e-11.
constexpr double tolerance = 1e-11;

Variable leaf(const Tensor& value) { return Variable(value, true); }

Variable inner_product(const Variable& a, const Tensor& b) { return autograd::sum(autograd::multiply(a, Variable(b))); }

std::vector<std::optional<Variable>> gradients(const Variable& scalar, std::vector<Variable> inputs) {
    return autograd::grad(std::span(&scalar, 1), inputs, {}, {.keep_graph = true});
}

std::vector<std::optional<Variable>> gradients_with_graph(const Variable& y, std::vector<Variable> inputs,
                                                          const Variable& cotangent) {
    return autograd::grad(std::span(&y, 1), inputs, std::span(&cotangent, 1), {.create_graph = true});
}

/// A layer y = f(x; w, b) that is piecewise linear in x, against the arrays under `name`.
template <typename Layer>
void check_layer(const Fixture& fixture, const std::string& name, const Layer& layer, const Bench& bench,
                 const Shape& x_shape, std::int64_t fan_in) {
    CAPTURE(name);
    const Variable x = leaf(symmetric(name + "/x.value", x_shape)), w = bench.variable(0), b = bench.variable(1);
    support::put(symmetric(name + "/w.value", w.shape(), -support::halvings(fan_in)), w.value());
    support::put(symmetric(name + "/b.value", b.shape(), -3), b.value());
    const Variable y = layer(x), g = leaf(symmetric(name + "/g.value", y.shape()));
    const auto first = gradients_with_graph(y, {x, w, b}, g);
    REQUIRE((first[0] && first[1] && first[2]));
    CHECK(fixture.mismatch(name + "/y", y.value(), tolerance) == "");
    CHECK(fixture.mismatch(name + "/dx", first[0]->value(), tolerance) == "");
    CHECK(fixture.mismatch(name + "/dw", first[1]->value(), tolerance) == "");
    CHECK(fixture.mismatch(name + "/db", first[2]->value(), tolerance) == "");

    const auto of_dx = gradients(inner_product(*first[0], symmetric(name + "/u.value", x_shape)), {w, g, x, b});
    REQUIRE((of_dx[0] && of_dx[1]));
    CHECK(fixture.mismatch(name + "/dx_u.w", of_dx[0]->value(), tolerance) == "");
    CHECK(fixture.mismatch(name + "/dx_u.g", of_dx[1]->value(), tolerance) == "");
    // The mask does not change with x: no path leads from the input's gradient back into the forward pass.
    CHECK_FALSE(of_dx[2].has_value());
    CHECK_FALSE(of_dx[3].has_value());
    const auto of_dw = gradients(inner_product(*first[1], symmetric(name + "/v.value", w.shape())), {x, g});
    REQUIRE((of_dw[0] && of_dw[1]));
    CHECK(fixture.mismatch(name + "/dw_v.x", of_dw[0]->value(), tolerance) == "");
    CHECK(fixture.mismatch(name + "/dw_v.g", of_dw[1]->value(), tolerance) == "");
}

void check_conv(const std::string& name, std::int64_t phrases, const Extents& input, const tensor::Conv3dSpec& spec) {
    Bench bench;
    const layers::Conv3d layer(bench.builder(), input, spec, 0.2);
    check_layer(Fixture("layers"), name, layer, bench, layer.geometry().input_shape(phrases),
                spec.kernel.product() * spec.in_channels);
}

void check_transposed(const std::string& name, std::int64_t rows, const Extents& input,
                      const layers::TransposedSpec& spec) {
    Bench bench;
    const layers::TransposedConv3d layer(bench.builder(), input, spec);
    check_layer(Fixture("layers"), name, layer, bench, {rows, input.time, input.pitch, input.track, spec.in_channels},
                spec.in_channels);
}

void check_dense(const std::string& name, std::int64_t rows, std::int64_t in_channels, std::int64_t out_channels,
                 double slope) {
    Bench bench;
    const layers::Dense layer(bench.builder(), in_channels, out_channels, slope);
    check_layer(Fixture("layers"), name, layer, bench, {rows, in_channels}, in_channels);
}

}  // namespace

TEST_CASE("fixtures: both sides draw the same random numbers") {
    const Fixture fixture("philox");
    const tensor::RandomStream start{0x123456789ABCDEF0u, 0xFEDCBA9876543210u, 0xFFFFFFFDu};
    tensor::RandomStream stream = start;
    CHECK(tensor::random_uniform(stream, {30}, DType::f64).values<double>() == fixture.values("uniform"));
    stream = start;
    CHECK(tensor::random_uniform(stream, {30}, DType::f32).values<double>() == fixture.values("uniform"));
    CHECK(symmetric("a name", {30}, -5).values<double>() == fixture.values("symmetric"));
    CHECK(symmetric("a name", {30}, -5, DType::f32).values<double>() == fixture.values("symmetric"));

    // Logarithm, sine and cosine come from different libraries: a few units in the last place.
    stream = start;
    CHECK(fixture.mismatch("normal", tensor::random_normal(stream, {30}, 0.1, DType::f64), 1e-14) == "");
    stream = start;
    CHECK(fixture.mismatch("truncated", tensor::random_truncated_normal(stream, {200}, 0.02, DType::f64), 1e-14) == "");
    std::vector<double> redrawn;
    for (const double position : fixture.values("redrawn.position")) {
        tensor::RandomStream at{7, 1, static_cast<std::uint64_t>(position)};
        redrawn.push_back(tensor::random_truncated_normal(at, {1}, 1.0, DType::f64).item());
    }
    REQUIRE(!redrawn.empty());
    const Shape count{static_cast<std::int64_t>(redrawn.size())};
    CHECK(fixture.mismatch("redrawn", Tensor::from(redrawn, count), 1e-14) == "");

    std::vector<double> below;
    tensor::RandomStream whole{5, 4, 0};
    for (std::uint64_t bound = 1; bound < 60; ++bound) below.push_back(static_cast<double>(whole.below(bound)));
    CHECK(below == fixture.values("below"));
}

TEST_CASE("fixtures: the critic's convolutions at full width") {
    check_conv("critic.conv1", 1, {384, 84, 5},
               {.kernel = {2, 1, 5}, .in_channels = 1, .out_channels = 128, .dilation = {96, 1, 1}});
    check_conv("critic.conv2", 1, {288, 84, 1},
               {.kernel = {3, 1, 1}, .in_channels = 128, .out_channels = 128, .dilation = {96, 1, 1}});
    check_conv("critic.conv3", 1, {96, 84, 1},
               {.kernel = {1, 12, 1}, .in_channels = 128, .out_channels = 128, .stride = {1, 12, 1}});
    check_conv("critic.conv4", 1, {96, 7, 1},
               {.kernel = {1, 7, 1}, .in_channels = 128, .out_channels = 128, .stride = {1, 7, 1}});
    check_conv("critic.conv5", 2, {96, 1, 1},
               {.kernel = {2, 1, 1}, .in_channels = 128, .out_channels = 128, .stride = {2, 1, 1}});
    check_conv("critic.conv6", 2, {48, 1, 1},
               {.kernel = {2, 1, 1}, .in_channels = 128, .out_channels = 128, .stride = {2, 1, 1}});
    check_conv("critic.conv7", 2, {24, 1, 1},
               {.kernel = {4, 1, 1}, .in_channels = 128, .out_channels = 256, .stride = {2, 1, 1}});
    check_conv("critic.conv8", 2, {11, 1, 1},
               {.kernel = {3, 1, 1}, .in_channels = 256, .out_channels = 512, .stride = {2, 1, 1}});
}

TEST_CASE("fixtures: the generator's transposed convolutions at full width") {
    const auto time_two = [](std::int64_t in, std::int64_t out) {
        return layers::TransposedSpec{.kernel = {2, 1, 1}, .in_channels = in, .out_channels = out, .stride = {2, 1, 1}};
    };
    check_transposed("generator.temporal.conv1", 2, {1, 1, 1}, time_two(64, 1024));
    check_transposed("generator.temporal.conv2", 2, {2, 1, 1},
                     {.kernel = {3, 1, 1}, .in_channels = 1024, .out_channels = 64});
    check_transposed("generator.bar.conv1", 4, {2, 1, 1}, time_two(512, 512));
    check_transposed("generator.bar.conv2", 4, {4, 1, 1}, time_two(512, 256));
    check_transposed("generator.bar.conv3", 4, {8, 1, 1}, time_two(256, 256));
    check_transposed("generator.bar.conv4", 4, {16, 1, 1}, time_two(256, 128));
    check_transposed("generator.bar.conv5", 4, {32, 1, 1},
                     {.kernel = {3, 1, 1}, .in_channels = 128, .out_channels = 128, .stride = {3, 1, 1}});
    check_transposed("generator.bar.conv6", 4, {96, 1, 1},
                     {.kernel = {1, 7, 1}, .in_channels = 128, .out_channels = 64});
    check_transposed(
        "generator.bar.conv7", 4, {96, 7, 1},
        {.kernel = {1, 12, 5}, .in_channels = 64, .out_channels = 1, .stride = {1, 12, 5}, .bias_per_track = true});
}

TEST_CASE("fixtures: dense layers at full width") {
    check_dense("critic.dense1", 2, 2560, 1024, 0.2);
    check_dense("critic.dense2", 2, 1024, 1, 1.0);
    check_dense("generator.bar.dense", 8, 128, 1024, 1.0);
}

TEST_CASE("fixtures: batch norm, its gradients to the second order, running statistics and inference") {
    const Fixture fixture("layers");
    const std::vector<std::pair<std::string, Shape>> cases{
        {"batch_norm8x1024", {8, 1024}},
        {"batch_norm4x2x1x1x1024", {4, 2, 1, 1, 1024}},
        {"batch_norm2x4x1x1x64", {2, 4, 1, 1, 64}},
        {"batch_norm4x4x1x1x512", {4, 4, 1, 1, 512}},
        {"batch_norm4x32x1x1x128", {4, 32, 1, 1, 128}},
        {"batch_norm4x96x7x1x64", {4, 96, 7, 1, 64}},
    };
    for (const auto& [name, shape] : cases) {
        CAPTURE(name);
        const Shape channels{shape[-1]};
        const auto above_zero = [&, &label = name](const char* which) {
            return tensor::affine(symmetric(label + which, channels, -1), 1.0, 1.0);
        };
        const auto check = [&, &label = name](const std::string& which, const std::optional<Variable>& got) {
            REQUIRE(got.has_value());
            CHECK(fixture.mismatch(label + which, got->value(), tolerance) == "");
        };
        Bench bench;
        const layers::BatchNorm norm(bench.builder(), shape[-1]);
        const Variable gamma = bench.variable(0), beta = bench.variable(1);
        const Tensor mean = bench.parameters.statistics[0].tensor, variance = bench.parameters.statistics[1].tensor;
        support::put(above_zero("/gamma.value"), gamma.value());
        support::put(symmetric(name + "/beta.value", channels, -1), beta.value());
        support::put(symmetric(name + "/mean.value", channels), mean);
        support::put(above_zero("/variance.value"), variance);
        const Variable x = leaf(tensor::affine(symmetric(name + "/x.value", shape), 1.0, 0.5));
        const Variable g = leaf(symmetric(name + "/g.value", shape));

        const Variable y = norm(x, Mode::training);
        const auto first = gradients_with_graph(y, {x, gamma, beta}, g);
        check("/y", y);
        CHECK(fixture.mismatch(name + "/running_mean", mean, tolerance) == "");
        CHECK(fixture.mismatch(name + "/running_variance", variance, tolerance) == "");
        check("/dx", first[0]);
        check("/dgamma", first[1]);
        check("/dbeta", first[2]);
        const auto of_dx = gradients(inner_product(*first[0], symmetric(name + "/u.value", shape)), {x, gamma, g});
        check("/dx_u.x", of_dx[0]);
        check("/dx_u.gamma", of_dx[1]);
        check("/dx_u.g", of_dx[2]);
        const auto of_dgamma = gradients(inner_product(*first[1], symmetric(name + "/v.value", channels)), {x, g});
        check("/dgamma_v.x", of_dgamma[0]);
        check("/dgamma_v.g", of_dgamma[1]);

        const Variable inference = norm(x, Mode::inference);
        const auto of_inference = gradients_with_graph(inference, {x, gamma, beta}, g);
        check("/inference.y", inference);
        check("/inference.dx", of_inference[0]);
        check("/inference.dgamma", of_inference[1]);
        check("/inference.dbeta", of_inference[2]);
    }
}
