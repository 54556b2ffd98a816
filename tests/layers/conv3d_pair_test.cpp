// Two convolution layers as one: the same parameters and values, named after both, fused only where that is chosen.
#include "layers/conv3d_pair.hpp"

#include <doctest/doctest.h>

#include "autograd/elementwise.hpp"
#include "autograd/grad.hpp"
#include "tensor/error.hpp"
#include "tensor/execution.hpp"
#include "tensor/random.hpp"

using namespace layers;
using tensor::ExecutionScope;
using tensor::Fusion;

namespace {

struct Workshop {
    Parameters parameters;
    tensor::RandomStream random{11};
    Builder builder{
        .into = &parameters, .random = &random, .dtype = DType::f64, .device = Device::cpu(), .prefix = "net"};
    Conv3d first{
        builder.within("conv1"), {8, 4, 5}, {.kernel = {2, 1, 5}, .out_channels = 3, .dilation = {2, 1, 1}}, 0.2};
    Conv3d second{
        builder.within("conv2"), first.output(), {.kernel = {3, 1, 1}, .in_channels = 3, .out_channels = 4}, 0.1};
    Variable x{tensor::random_normal(random, {2, 8, 4, 5, 1}, 1.0, DType::f64), true};
};

}  // namespace

TEST_CASE("a pair of layers makes the values of its two layers, fused or not, and says so") {
    const Workshop shop;
    const Conv3dPair pair(shop.first, shop.second);
    const Variable expected = shop.second(shop.first(shop.x));
    for (const Fusion fusion : {Fusion::off, Fusion::always}) {
        const ExecutionScope scope({.fusion = fusion});
        const bool fused = fusion == Fusion::always;
        const Variable y = pair(shop.x);
        CHECK(y.value().values<double>() == expected.value().values<double>());
        CHECK(std::string(y.node()->layer) == (fused ? "net.conv1+conv2" : "net.conv2"));
        CHECK((autograd::describe_graph(y).find("conv3d_pair") != std::string::npos) == fused);
    }
}

TEST_CASE("a pair of layers of which the second does not read what the first makes is refused by name") {
    Workshop shop;
    const Conv3d other(shop.builder.within("other"), {8, 4, 1},
                       {.kernel = {3, 1, 1}, .in_channels = 3, .out_channels = 4});
    CHECK_THROWS_WITH_AS(Conv3dPair(shop.first, other),
                         "[layers] net.conv1 makes [1, 6, 4, 1, 3] per phrase, net.other reads [1, 8, 4, 1, 3]",
                         tensor::Error);
}
