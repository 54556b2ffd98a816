// A network from a table is its layers one after the other, with the same bits, at both orders of gradients.
#include "layers/stack.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "autograd/check_gradients.hpp"
#include "autograd/conv3d.hpp"
#include "autograd/elementwise.hpp"
#include "autograd/matmul.hpp"
#include "autograd/rearrange.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/error.hpp"
#include "tensor/execution.hpp"
#include "tensor/observer.hpp"
#include "tensor/random.hpp"
#include "tests/layers/workshop.hpp"
#include "tests/support/compare.hpp"

using namespace layers;
using support::Workshop;

namespace {

/// Weights of order one, so that finite differences see them.
void enlarge(const Workshop& shop) {
    for (const Parameter& each : shop.parameters.trainable)
        if (each.name.ends_with("weight")) {
            Tensor live = each.variable.value();
            tensor::assign(tensor::scale(live, 20.0), live);
        }
}

const Table& critic_like() {
    static const Table table{
        {.name = "conv1",
         .channels = 3,
         .kernel = {2, 1, 2},
         .stride = {1, 1, 2},
         .activation = Activation::leaky_relu},
        {.name = "conv2", .channels = 4, .kernel = {3, 1, 1}, .activation = Activation::leaky_relu, .slope = 0.1},
        {.name = "conv3", .channels = 2, .kernel = {1, 3, 1}, .stride = {1, 3, 1}, .activation = Activation::relu},
        {.name = "dense1", .kind = LayerKind::dense, .channels = 5, .activation = Activation::leaky_relu},
        {.name = "dense2", .kind = LayerKind::dense, .channels = 1}};
    return table;
}
constexpr Volume critic_input{{6, 6, 2}, 1};

/// Names of the operators that ran.
class Operators final : public tensor::Observer {
  public:
    void begin(const tensor::Event&) override {}
    void end(const tensor::Event& event) override {
        names.push_back(event.scope.operation);
        if (names.back().starts_with("conv3d") || names.back().starts_with("matmul")) flops += event.flops;
    }
    std::vector<std::string> names;
    double flops = 0;

  private:
    tensor::ObserverScope scope_{this};
};

}  // namespace

TEST_CASE("a stack is the composition of its rows, bit for bit") {
    Workshop shop;
    const Stack stack(shop.builder, critic_input, critic_like());
    CHECK(stack.output() == Volume{{1, 1, 1}, 1});
    const Variable x(shop.normal({3, 6, 6, 2, 1}));
    const auto convolution = [&](const Variable& h, const std::string& name, double slope, const Extents& input,
                                 const tensor::Conv3dSpec& spec) -> Variable {
        return autograd::conv3d_bias_leaky_relu(h, shop.parameter("net." + name + ".weight"),
                                                shop.parameter("net." + name + ".bias"), slope,
                                                tensor::conv3d_geometry(input, spec));
    };
    Variable h = convolution(x, "conv1", 0.2, {6, 6, 2}, {.kernel = {2, 1, 2}, .out_channels = 3, .stride = {1, 1, 2}});
    h = convolution(h, "conv2", 0.1, {5, 6, 1}, {.kernel = {3, 1, 1}, .in_channels = 3, .out_channels = 4});
    h = convolution(h, "conv3", 0.0, {3, 6, 1},
                    {.kernel = {1, 3, 1}, .in_channels = 4, .out_channels = 2, .stride = {1, 3, 1}});
    h = autograd::reshape(h, {3, 12});
    h = autograd::matmul_bias_leaky_relu(h, shop.parameter("net.dense1.weight"), shop.parameter("net.dense1.bias"),
                                         0.2);
    h = autograd::matmul_bias_leaky_relu(h, shop.parameter("net.dense2.weight"), shop.parameter("net.dense2.bias"),
                                         1.0);
    const Variable y = stack(x, Mode::training);
    CHECK(y.shape() == Shape{3, 1, 1, 1, 1});
    CHECK(y.value().values<double>() == h.value().values<double>());
}

TEST_CASE("a stack's FLOPs are those of the products that run, and its thin first layer runs as one with the next") {
    Workshop shop;
    const Stack stack(shop.builder, critic_input, critic_like());
    const Variable x(shop.normal({3, 6, 6, 2, 1}));
    Operators plain;
    stack(x, Mode::training);
    CHECK(plain.flops == stack.flops(3));
    CHECK(std::ranges::count(plain.names, "conv3d_pair") == 0);
    const tensor::ExecutionScope execution({.fusion = tensor::Fusion::always});
    Operators fused;
    stack(x, Mode::training);
    CHECK(std::ranges::count(fused.names, "conv3d_pair") == 1);
    // 12 products per value of conv2: thin as well, but taken already. 12 of conv3: followed by no convolution.
    CHECK(stack.geometries().size() == 3);
}

TEST_CASE("a batch in parts passes through a stack as its parts do alone") {
    Workshop shop;
    const Stack stack(shop.builder, critic_input, critic_like());
    const Tensor whole = shop.normal({5, 6, 6, 2, 1});
    const std::array<Batch::Part, 2> parts{{{2, false}, {3, true}}};
    const Batch y = stack(Batch(whole, parts), Mode::training);
    REQUIRE(y.size() == 2);
    CHECK(y[1].value().values<double>() ==
          Variable(stack(Variable(whole.rows(2, 5)), Mode::training)).value().values<double>());
}

namespace {

/// Two maps of what it reads, for the next.
const Table& encoder_like() {
    static const Table table{{.name = "fine",
                              .channels = 3,
                              .kernel = {1, 2, 1},
                              .stride = {1, 2, 1},
                              .norm = Norm::batch,
                              .activation = Activation::leaky_relu},
                             {.name = "coarse",
                              .channels = 2,
                              .kernel = {2, 1, 1},
                              .stride = {2, 1, 1},
                              .norm = Norm::batch,
                              .activation = Activation::leaky_relu}};
    return table;
}

/// From a vector to [4, 2, 2, 1], with both maps joined on the way.
const Table& generator_like() {
    static const Table table{{.name = "dense",
                              .kind = LayerKind::dense,
                              .channels = 3,
                              .norm = Norm::batch,
                              .activation = Activation::relu,
                              .result = {2, 1, 1}},
                             {.name = "conv1",
                              .kind = LayerKind::transposed,
                              .channels = 3,
                              .kernel = {2, 1, 1},
                              .stride = {2, 1, 1},
                              .norm = Norm::batch,
                              .activation = Activation::relu,
                              .joins = "coarse"},
                             {.name = "conv2",
                              .kind = LayerKind::transposed,
                              .channels = 1,
                              .kernel = {1, 2, 2},
                              .stride = {1, 2, 2},
                              .activation = Activation::tanh,
                              .joins = "fine",
                              .bias_per_track = true}};
    return table;
}
constexpr Volume encoder_input{{4, 2, 1}, 1}, generator_input{{1, 1, 1}, 3};

}  // namespace

TEST_CASE("joined maps stand behind a layer's own channels, and all of it has right gradients at order 1 and 2") {
    Workshop shop;
    const Stack encoder(shop.builder.within("encoder"), encoder_input, encoder_like());
    const std::vector<RowVolumes> rows = volumes_of(encoder_like(), encoder_input);
    const Volumes volumes{{"fine", rows[0].made}, {"coarse", rows[1].made}};
    CHECK(volumes.at("fine") == Volume{{4, 1, 1}, 3});
    CHECK(volumes.at("coarse") == Volume{{2, 1, 1}, 2});
    const Stack generator(shop.builder.within("generator"), generator_input, generator_like(), volumes);
    CHECK(generator.output() == Volume{{4, 2, 2}, 1});
    CHECK(shop.parameter("net.generator.conv1.weight").shape() == Shape{2, 1, 1, 3, 5});
    CHECK(shop.parameter("net.generator.conv2.bias").shape() == Shape{2, 1});
    CHECK(generator.output_shift().shape() == Shape{2, 1});
    enlarge(shop);
    const auto run = [&](const Variable& latent, const Variable& given) {
        return Variable(generator(latent, Mode::training, encoder.maps(given, Mode::training)));
    };
    const Tensor latent = shop.normal({5, 1, 1, 1, 3}), given = shop.normal({5, 4, 2, 1, 1});
    autograd::check_gradients([&](const std::vector<Variable>& in) { return run(in[0], in[1]); }, {latent, given},
                              {.order = 2, .tolerance = 1e-6});
    // The map of the given volume matters, and only through the join.
    Maps maps = encoder.maps(Variable(given), Mode::training);
    const Variable y = generator(Variable(latent), Mode::training, maps);
    maps.at("coarse") = autograd::scale(maps.at("coarse"), 2.0);
    CHECK(y.value().values<double>() !=
          Variable(generator(Variable(latent), Mode::training, maps)).value().values<double>());
}

TEST_CASE("a table that does not fit is refused by the name of its layer") {
    const auto refusal = [](const Table& table, const Volumes& maps) {
        Workshop shop;
        return support::message_of([&] { Stack(shop.builder, generator_input, table, maps); });
    };
    CHECK(refusal({}, {}) == "[layers] net has no layers, expected one or more");
    CHECK(refusal(generator_like(), {}) == "[layers] conv1: there is no map 'coarse' to join");
    CHECK(refusal(generator_like(), {{"coarse", {{3, 1, 1}, 2}}}) ==
          "[layers] conv1: joins 'coarse' of 3 x 1 x 1 x 2, expected the extents of what it reads, 2 x 1 x 1 x 3");
    CHECK(refusal({{.name = "conv1", .kernel = {2, 1, 1}}}, {}).find("conv3d") != std::string::npos);
}

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

/// What the RowError says of a one-row or longer table: "row, field: fact".
std::string row_error(const Table& table, const Volume& input, const Volumes& maps = {}) {
    try {
        volumes_of(table, input, maps);
    } catch (const RowError& error) {
        CHECK(std::string(error.what()) == "[layers] " + error.row() + ": " + error.fact());
        return error.row() + ", " + error.field() + ": " + error.fact();
    }
    return "nothing was thrown";
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
    enlarge(shop);
    enlarge(other);
    const Variable x = shop.input({2, 3, 4, 1, 2});
    const auto row = [&](std::size_t i, const Variable& h) { return Variable(alone[i](h, Mode::training)); };
    const Variable a = row(0, x), b = autograd::add(row(1, a), x), c = row(2, b), d = autograd::add(row(3, c), a);
    CHECK(run(stack, x) == d.value().values<double>());
    const Maps maps = stack.maps(x, Mode::training);
    CHECK(maps.at("b").value().values<double>() == b.value().values<double>());
    CHECK(maps.at("d").value().values<double>() == d.value().values<double>());
}

TEST_CASE("a layer whose result is added later, or that adds one, is no half of a fused pair") {
    // Thin by itself: 4 products per value, of one channel.
    const auto table = [](const std::string& second_adds, const std::string& third_adds) {
        return Table{{.name = "a", .channels = 2, .kernel = {2, 2, 1}, .activation = Activation::leaky_relu},
                     {.name = "b", .channels = 2, .activation = Activation::leaky_relu, .adds = second_adds},
                     {.name = "c", .channels = 2, .kernel = {1, 1, 1}, .norm = Norm::batch, .adds = third_adds}};
    };
    const auto pairs = [&](const Table& rows) {
        Workshop shop;
        const Stack stack(shop.builder, {{4, 4, 1}, 1}, rows);
        const Variable x = shop.input({3, 4, 4, 1, 1});
        const std::vector<double> plain = run(stack, x);
        const tensor::ExecutionScope execution({.fusion = tensor::Fusion::always});
        Operators fused;
        CHECK(support::difference(run(stack, x), plain, 1e-14) == "");
        return std::ranges::count(fused.names, "conv3d_pair");
    };
    CHECK(pairs(table("", "")) == 1);
    CHECK(pairs(table("a", "")) == 0);
    CHECK(pairs(table("", "a")) == 0);
    CHECK(pairs(table("", "b")) == 0);
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

TEST_CASE("a batch in parts passes where all layers are plain convolutions or dense ones, and is refused otherwise") {
    const Volume input{{2, 2, 1}, 2};
    const auto takes = [&](const Table& table) {
        Workshop shop;
        const Stack stack(shop.builder, input, table, {{"map", input}});
        const Tensor whole = shop.normal({3, 2, 2, 1, 2});
        const std::array<Batch::Part, 2> parts{{{1, false}, {2, true}}};
        std::size_t passed = 0;
        const std::string refusal = support::message_of([&] {
            passed = stack(Batch(whole, parts), Mode::training, {{"map", Variable(whole)}}).size();
        });
        const std::string expected =
            stack.takes_parts() ? "nothing was thrown" : "[batch] 2 parts, expected one variable";
        CHECK(refusal == expected);
        CHECK(passed == (stack.takes_parts() ? 2 : 0));
        return stack.takes_parts();
    };
    const LayerRow plain{.name = "plain", .channels = 2, .activation = Activation::leaky_relu};
    CHECK(takes({plain}));
    CHECK(takes({plain, {.name = "dense1", .kind = LayerKind::dense, .activation = Activation::relu}}));
    CHECK_FALSE(takes({plain, {.name = "conv2", .kind = LayerKind::transposed}}));
    CHECK_FALSE(takes({plain, {.name = "norm1", .kind = LayerKind::none, .activation = Activation::relu}}));
    CHECK_FALSE(takes({plain, {.name = "conv2", .norm = Norm::batch}}));
    CHECK_FALSE(takes({plain, {.name = "dense1", .kind = LayerKind::dense, .norm = Norm::layer}}));
    CHECK_FALSE(takes({plain, {.name = "conv2", .activation = Activation::tanh}}));
    CHECK_FALSE(takes({plain, {.name = "conv2", .joins = "map"}}));
    CHECK_FALSE(takes({plain, same("conv2", 1, {2, 1, 1})}));
    CHECK_FALSE(takes({plain, {.name = "conv2", .channels = 2, .adds = "input"}}));
    CHECK_FALSE(takes({plain, {.name = "conv2", .channels = 2, .adds = "plain"}}));
}

TEST_CASE("a stack has the norms of its rows") {
    const auto found = [](Norm first, Norm second) {
        Workshop shop;
        const Stack stack(shop.builder, {}, {{.name = "a", .norm = first}, {.name = "b", .norm = second}});
        return std::array{stack.has(Norm::none), stack.has(Norm::batch), stack.has(Norm::layer)};
    };
    CHECK(found(Norm::none, Norm::none) == std::array{true, false, false});
    CHECK(found(Norm::batch, Norm::none) == std::array{true, true, false});
    CHECK(found(Norm::batch, Norm::layer) == std::array{false, true, true});
}

TEST_CASE("a row that does not fit says which it is, the field at fault, what is there and what was expected") {
    const Volume input{{4, 3, 2}, 2};
    CHECK(row_error({{.name = "up", .kind = LayerKind::transposed, .dilation = {2, 1, 1}}}, input) ==
          "up, dilation: a transposed layer with a dilation, expected none");
    const std::string padding = "row, padding: padding 'same', expected it of a convolution without dilation alone";
    CHECK(row_error({{.name = "row", .dilation = {1, 2, 1}, .padding = Padding::same}}, input) == padding);
    CHECK(row_error({{.name = "row", .kind = LayerKind::dense, .padding = Padding::same}}, input) == padding);
    CHECK(row_error({{.name = "row", .kind = LayerKind::transposed, .padding = Padding::same}}, input) == padding);
    for (const LayerKind kind : {LayerKind::convolution, LayerKind::dense})
        CHECK(row_error({{.name = "row", .kind = kind, .bias_per_track = true}}, input) ==
              "row, bias_per_track: a bias per track, expected it of a transposed layer alone");
    CHECK(row_error({{.name = "row"}, {.name = "empty", .kind = LayerKind::none}}, input) ==
          "empty, kind: a layer without a product, a norm or an activation, expected one of them");
    CHECK(row_error({{.name = "row", .joins = "map"}}, input) == "row, joins: there is no map 'map' to join");
    CHECK(row_error({{.name = "row", .joins = "map"}}, input, {{"map", {{4, 3, 1}, 7}}}) ==
          "row, joins: joins 'map' of 4 x 3 x 1 x 7, expected the extents of what it reads, 4 x 3 x 2 x 2");
    const std::string kernel = row_error({{.name = "a"}, {.name = "b", .kernel = {5, 1, 1}}}, input);
    CHECK(kernel.starts_with("b, kernel: reads 4 x 3 x 2 x 1: [conv3d"));
    const std::string values =
        row_error({{.name = "up", .kind = LayerKind::transposed, .channels = 16, .stride = {5'000'000, 1, 1}}}, input);
    CHECK(values == "up, kernel: makes 15000001 x 3 x 2 x 16, expected 1 to 1000000000 values");
    CHECK(row_error({{.name = "wide", .kind = LayerKind::dense, .result = {1, 0, 1}}}, input) ==
          "wide, result: makes 1 x 0 x 1 x 1, expected 1 to 1000000000 values");
}

TEST_CASE("an addition of what is not there yet, or has another volume, is refused, and so are two rows of one name") {
    const Volume input{{4, 3, 2}, 2};
    CHECK(row_error({{.name = "row", .adds = "next"}, {.name = "next"}}, input) ==
          "row, adds: adds 'next', expected 'input' or an earlier row");
    CHECK(row_error({{.name = "row", .channels = 2, .adds = "row"}}, input) ==
          "row, adds: adds 'row', expected 'input' or an earlier row");
    CHECK(row_error({{.name = "row", .channels = 3, .adds = "input"}}, input) ==
          "row, adds: adds 'input' of 4 x 3 x 2 x 2, expected what it makes itself, 4 x 3 x 2 x 3");
    CHECK(row_error({{.name = "a"}, {.name = "b", .kernel = {2, 1, 1}, .adds = "a"}}, input) ==
          "b, adds: adds 'a' of 4 x 3 x 2 x 1, expected what it makes itself, 3 x 3 x 2 x 1");
    CHECK(row_error({{.name = "a"}, {.name = "b"}, {.name = "a"}}, input) ==
          "a, name: a second row of that name, expected another");
    CHECK(row_error({{.name = "a", .channels = 2, .adds = "input"}, {.name = "b", .channels = 2, .adds = "a"}},
                    input) == "nothing was thrown");
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
    enlarge(shop);
    autograd::check_gradients([&](const std::vector<Variable>& in) { return Variable(refiner(in[0], Mode::training)); },
                              {shop.normal({2, 3, 5, 1, 1})}, {.order = 2, .tolerance = 1e-6});
}
