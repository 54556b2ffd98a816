// What a row of a stack can be beside a plain layer: without a product, padded, with an addition, normed by layer.
#include <doctest/doctest.h>

#include "autograd/check_gradients.hpp"
#include "autograd/elementwise.hpp"
#include "autograd/rearrange.hpp"
#include "layers/stack.hpp"
#include "tensor/elementwise.hpp"
#include "tests/layers/workshop.hpp"
#include "tests/support/compare.hpp"

using namespace layers;
using support::Workshop;

namespace {

/// Puts `values` into a parameter.
void put(const Workshop& shop, const std::string& name, const std::vector<double>& values) {
    Tensor live = shop.parameter(name).value();
    tensor::assign(Tensor::from(values, live.shape()), live);
}

/// Whole numbers from -3 to 3, each another from seed to seed.
std::vector<double> whole_numbers(std::int64_t count, std::int64_t seed) {
    std::vector<double> values;
    for (std::int64_t i = 0; i < count; ++i)
        values.push_back(static_cast<double>((i * i + 5 * i * seed + seed) % 7 - 3));
    return values;
}

/// A convolution of stride 1 that keeps the extents of what it reads.
LayerRow same(const std::string& name, std::int64_t channels, const Extents& kernel) {
    return {.name = name, .channels = channels, .kernel = kernel, .padding = Padding::same};
}

std::vector<double> run(const Stack& stack, const Variable& x) {
    return Variable(stack(x, Mode::training)).value().values<double>();
}

}  // namespace

TEST_CASE("a layer without a product is its norm and its activation, over the channels that it reads") {
    Workshop shop;
    const Table table{{.name = "norm1", .kind = LayerKind::none, .norm = Norm::batch, .activation = Activation::relu},
                      {.name = "norm2", .kind = LayerKind::none, .norm = Norm::layer, .activation = Activation::tanh},
                      {.name = "bend", .kind = LayerKind::none, .activation = Activation::leaky_relu, .slope = 0.25}};
    const Stack stack(shop.builder, {{2, 3, 1}, 4}, table);
    CHECK(stack.output() == Volume{{2, 3, 1}, 4});
    CHECK(stack.flops(5) == 0);
    CHECK(stack.geometries().empty());
    std::vector<std::string> names;
    for (const Parameter& each : shop.parameters.trainable) names.push_back(each.name);
    CHECK(names == std::vector<std::string>{"net.norm1.norm.gamma", "net.norm1.norm.beta", "net.norm2.norm.gamma",
                                            "net.norm2.norm.beta"});
    REQUIRE(shop.parameters.statistics.size() == 2);
    CHECK(shop.parameters.statistics[0].name == "net.norm1.norm.running_mean");

    Workshop other;
    const BatchNorm batch(other.builder.within("batch"), 4);
    const LayerNorm normal(other.builder.within("layer"), 4);
    const Variable x = shop.input({5, 2, 3, 1, 4});
    const Variable h = autograd::tanh(normal(autograd::relu(batch(x, Mode::training))));
    CHECK(run(stack, x) == autograd::leaky_relu(h, 0.25).value().values<double>());
}

TEST_CASE(
    "padding same puts floor((k - 1) / 2) zeros before and the rest of k - 1 behind, 5 and 6 for a kernel of 12") {
    constexpr std::int64_t time = 4, pitch = 13, tracks = 2, in = 2, out = 3, rows = 2;
    const Extents kernel{3, 12, 2}, before{1, 5, 0}, zeros{2, 11, 1};
    Workshop shop;
    const Stack stack(shop.builder, {{time, pitch, tracks}, in}, {same("conv1", out, kernel)});
    CHECK(stack.output() == Volume{{time, pitch, tracks}, out});
    const std::int64_t weights = kernel.product() * in * out;
    CHECK(shop.parameter("net.conv1.weight").shape() == Shape{3, 12, 2, in, out});
    const std::vector<double> w = whole_numbers(weights, 3), bias{1, -2, 5},
                              x = whole_numbers(rows * time * pitch * tracks * in, 2);
    put(shop, "net.conv1.weight", w);
    put(shop, "net.conv1.bias", bias);

    // The zeros written out, and a valid convolution of all of it.
    const std::array<std::int64_t, 3> wide{time + zeros.time, pitch + zeros.pitch, tracks + zeros.track};
    const auto at = [](std::int64_t n, std::int64_t t, std::int64_t p, std::int64_t m, std::int64_t c,
                       const std::array<std::int64_t, 3>& extents, std::int64_t channels) {
        return static_cast<std::size_t>((((n * extents[0] + t) * extents[1] + p) * extents[2] + m) * channels + c);
    };
    const std::array<std::int64_t, 3> narrow{time, pitch, tracks};
    std::vector<double> padded(static_cast<std::size_t>(rows * wide[0] * wide[1] * wide[2] * in), 0.0);
    for (std::int64_t n = 0; n < rows; ++n)
        for (std::int64_t t = 0; t < time; ++t)
            for (std::int64_t p = 0; p < pitch; ++p)
                for (std::int64_t m = 0; m < tracks; ++m)
                    for (std::int64_t c = 0; c < in; ++c)
                        padded[at(n, t + before.time, p + before.pitch, m + before.track, c, wide, in)] =
                            x[at(n, t, p, m, c, narrow, in)];
    const auto value_at = [&](std::int64_t n, std::int64_t t, std::int64_t p, std::int64_t m, std::int64_t k) {
        double sum = bias[static_cast<std::size_t>(k)];
        std::size_t weight = static_cast<std::size_t>(k);
        for (std::int64_t r = 0; r < kernel.time; ++r)
            for (std::int64_t s = 0; s < kernel.pitch; ++s)
                for (std::int64_t u = 0; u < kernel.track; ++u)
                    for (std::int64_t c = 0; c < in; ++c, weight += out)
                        sum += padded[at(n, t + r, p + s, m + u, c, wide, in)] * w[weight];
        return sum;
    };
    std::vector<double> expected;
    for (std::int64_t n = 0; n < rows; ++n)
        for (std::int64_t t = 0; t < time; ++t)
            for (std::int64_t p = 0; p < pitch; ++p)
                for (std::int64_t m = 0; m < tracks; ++m)
                    for (std::int64_t k = 0; k < out; ++k) expected.push_back(value_at(n, t, p, m, k));
    // Sums of whole numbers: exact in any order.
    CHECK(run(stack, Variable(Tensor::from(x, {rows, time, pitch, tracks, in}))) == expected);
    // Its FLOPs are those of the products with the zeros, too.
    CHECK(stack.flops(rows) == 2.0 * static_cast<double>(rows * time * pitch * tracks * weights));
}

TEST_CASE("padding same with a stride: the result has ceil(extent / stride) values") {
    Workshop shop;
    LayerRow row = same("conv1", 1, {3, 4, 1});
    row.stride = {2, 3, 1};
    CHECK(Stack(shop.builder, {{5, 7, 2}, 1}, {row}).output() == Volume{{3, 3, 2}, 1});
}

namespace {

/// What is added to what: the input to b's result, and a's to d's.
const Table& residual() {
    static const Table table = [] {
        Table rows{same("a", 2, {2, 2, 1}), same("b", 2, {3, 1, 1}), same("c", 3, {1, 3, 1}), same("d", 2, {2, 1, 1})};
        for (LayerRow& row : rows) row.activation = Activation::leaky_relu;
        rows[1].adds = "input";
        rows[3].adds = "a";
        rows[3].norm = Norm::batch;
        return rows;
    }();
    return table;
}

}  // namespace

TEST_CASE("a row adds the input or an earlier row's result behind its own activation, bit for bit") {
    const Volume input{{3, 4, 1}, 2};
    Workshop shop;
    const Stack stack(shop.builder, input, residual());
    // The same rows alone, with the same weights: a workshop draws the same numbers in the same order.
    Workshop other;
    std::vector<Stack> alone;
    Volume volume = input;
    for (LayerRow row : residual()) {
        row.adds = "";
        alone.emplace_back(other.builder, volume, Table{row});
        volume = alone.back().output();
    }
    shop.enlarge();
    other.enlarge();
    const Variable x = shop.input({2, 3, 4, 1, 2});
    const auto row = [&](std::size_t i, const Variable& h) { return Variable(alone[i](h, Mode::training)); };
    const Variable a = row(0, x), b = autograd::add(row(1, a), x), c = row(2, b), d = autograd::add(row(3, c), a);
    CHECK(run(stack, x) == d.value().values<double>());
    const Maps maps = stack.maps(x, Mode::training);
    CHECK(maps.at("b").value().values<double>() == b.value().values<double>());
    CHECK(maps.at("d").value().values<double>() == d.value().values<double>());
}

TEST_CASE("layer norm stands between a row's product and its activation, over all values of a phrase") {
    Workshop shop, other;
    const Table table{{.name = "conv1",
                       .channels = 3,
                       .kernel = {2, 1, 1},
                       .norm = Norm::layer,
                       .activation = Activation::leaky_relu},
                      {.name = "dense1",
                       .kind = LayerKind::dense,
                       .channels = 4,
                       .norm = Norm::layer,
                       .activation = Activation::relu}};
    const Stack stack(shop.builder, {{3, 2, 1}, 2}, table);
    const Conv3d convolution(other.builder.within("conv1"), {3, 2, 1},
                             {.kernel = {2, 1, 1}, .in_channels = 2, .out_channels = 3});
    const LayerNorm norm1(other.builder.within("norm1"), 3);
    const Dense dense(other.builder.within("dense1"), 12, 4);
    const LayerNorm norm2(other.builder.within("norm2"), 4);
    CHECK(shop.parameter("net.conv1.norm.gamma").shape() == Shape{3});
    CHECK(shop.parameter("net.dense1.norm.beta").shape() == Shape{4});
    CHECK(shop.parameters.statistics.empty());
    const Variable x = shop.input({2, 3, 2, 1, 2});
    const Variable h = autograd::leaky_relu(norm1(convolution(x)), 0.2);
    const Variable y = autograd::relu(norm2(dense(autograd::reshape(h, {2, 12}))));
    CHECK(run(stack, x) == y.value().values<double>());
    // Each phrase by itself: the second is what it is alone.
    const std::vector<double> both = run(stack, x), second = run(stack, Variable(x.value().rows(1, 2)));
    CHECK(std::vector<double>(both.begin() + 4, both.end()) == second);
}

TEST_CASE("the output's shift is the last norm's beta, or else the last product's bias") {
    const auto shift_of = [](LayerRow last, const std::string& name, const Shape& shape) {
        Workshop shop;
        last.name = "last";
        const Stack stack(shop.builder, {{1, 1, 2}, 3}, {{.name = "first", .norm = Norm::batch}, last});
        const std::vector<double> values = whole_numbers(shape.elements(), 4);
        put(shop, "net.last." + name, values);
        CHECK(stack.output_shift().shape() == shape);
        CHECK(stack.output_shift().value().values<double>() == values);
    };
    for (const LayerKind kind : {LayerKind::convolution, LayerKind::transposed, LayerKind::dense}) {
        CAPTURE(std::string(tensor::name_of(kind)));
        shift_of({.kind = kind, .channels = 4}, "bias", {4});
        shift_of({.kind = kind, .channels = 4, .norm = Norm::batch}, "norm.beta", {4});
        shift_of({.kind = kind, .channels = 4, .norm = Norm::layer}, "norm.beta", {4});
    }
    shift_of({.kind = LayerKind::transposed, .channels = 4, .bias_per_track = true}, "bias", {2, 4});
    shift_of({.kind = LayerKind::none, .norm = Norm::batch}, "norm.beta", {1});
    Workshop shop;
    const Stack bend(shop.builder, {}, {{.name = "bend", .kind = LayerKind::none, .activation = Activation::relu}});
    CHECK(support::message_of([&] { bend.output_shift(); }) ==
          "[layers] net.bend has neither a norm nor a product, and so no shift");
}

TEST_CASE("two residual blocks of norm, ReLU and padded convolutions have right gradients at order 1 and 2") {
    constexpr Extents kernel{3, 4, 1};
    Table table;
    for (const int first : {1, 3}) {
        table.push_back({.name = fmt::format("norm{}", first / 2 + 1),
                         .kind = LayerKind::none,
                         .norm = Norm::batch,
                         .activation = Activation::relu});
        table.push_back(same(fmt::format("conv{}", first), 2, kernel));
        table.back().norm = Norm::batch;
        table.back().activation = Activation::relu;
        table.push_back(same(fmt::format("conv{}", first + 1), 1, kernel));
        table.back().adds = first == 1 ? "input" : "conv2";
    }
    Workshop shop;
    const Stack refiner(shop.builder, {{3, 5, 1}, 1}, table);
    CHECK(refiner.output() == Volume{{3, 5, 1}, 1});
    shop.enlarge();
    autograd::check_gradients([&](const std::vector<Variable>& in) { return Variable(refiner(in[0], Mode::training)); },
                              {shop.normal({2, 3, 5, 1, 1})}, {.order = 2, .tolerance = 1e-6});
}
