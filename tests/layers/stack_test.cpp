// A network from a table is its layers one after the other, with the same bits, at both orders of gradients.
#include "layers/stack.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "autograd/check_gradients.hpp"
#include "autograd/conv3d.hpp"
#include "autograd/elementwise.hpp"
#include "autograd/matmul.hpp"
#include "autograd/rearrange.hpp"
#include "tensor/execution.hpp"
#include "tensor/observer.hpp"
#include "tests/layers/workshop.hpp"
#include "tests/support/compare.hpp"

using namespace layers;
using support::Workshop;

namespace {

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
    shop.enlarge();
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

/// A convolution of stride 1 that keeps the extents of what it reads.
LayerRow same(const std::string& name, std::int64_t channels, const Extents& kernel) {
    return {.name = name, .channels = channels, .kernel = kernel, .padding = Padding::same};
}

std::vector<double> run(const Stack& stack, const Variable& x) {
    return Variable(stack(x, Mode::training)).value().values<double>();
}

}  // namespace

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
