#include "tensor/fusion.hpp"

#include <doctest/doctest.h>

#include "tensor/arena.hpp"
#include "tensor/backend.hpp"
#include "tensor/conv3d_pair.hpp"
#include "tensor/execution.hpp"

using tensor::Device;
using tensor::DType;
using tensor::ExecutionScope;
using tensor::Fusion;
using tensor::Tensor;

namespace {

tensor::Conv3dPair small_pair() {
    const tensor::Conv3dGeometry first =
        tensor::conv3d_geometry({6, 5, 4}, {.kernel = {2, 1, 4}, .out_channels = 64, .stride = {1, 1, 4}});
    return {first, tensor::conv3d_geometry(first.output, {.kernel = {2, 1, 1}, .in_channels = 64, .out_channels = 8}),
            0.25};
}

}  // namespace

TEST_CASE("fusion is the device's choice unless a scope says off or always, also after an error") {
    const tensor::Conv3dPair pair = small_pair();
    const Tensor x = Tensor::zeros(pair.first.input_shape(2)),
                 on_dry = Tensor::zeros(pair.first.input_shape(2), DType::f64, Device::dry());
    const auto devices_choice = [&] { return tensor::backend(Device::cpu()).fuses(pair, 2, DType::f32); };
    REQUIRE(tensor::execution().fusion == Fusion::automatic);
    CHECK(tensor::fuses(pair, x) == devices_choice());
    {
        const ExecutionScope outer({.fusion = Fusion::always});
        CHECK(tensor::fuses(pair, x));
        {
            const ExecutionScope inner({.fusion = Fusion::off});
            CHECK_FALSE(tensor::fuses(pair, x));
            CHECK_FALSE(tensor::fuses(pair, on_dry));
        }
        CHECK(tensor::execution().fusion == Fusion::always);
        try {
            const ExecutionScope inner({.fusion = Fusion::off});
            throw 1;
        } catch (int) {
        }
        CHECK(tensor::fuses(pair, on_dry));
    }
    CHECK(tensor::execution().fusion == Fusion::automatic);
}

TEST_CASE("masks are kept as bits from 16 MiB on, unless a scope says off or always") {
    using tensor::keeps_mask_as_bits;
    constexpr std::int64_t enough = 4 << 20;
    CHECK(keeps_mask_as_bits({enough}, DType::f32));
    CHECK_FALSE(keeps_mask_as_bits({enough - 1}, DType::f32));
    CHECK(keeps_mask_as_bits({enough / 2}, DType::f64));
    const ExecutionScope always({.fusion = Fusion::always});
    CHECK(keeps_mask_as_bits({33}, DType::f32));
    const ExecutionScope off({.fusion = Fusion::off});
    CHECK_FALSE(keeps_mask_as_bits({enough}, DType::f32));
}

TEST_CASE("on the dry device a pair takes its results' bytes and nothing in between") {
    const tensor::Conv3dPair pair = small_pair();
    tensor::Arena& arena = tensor::arena(Device::dry());
    const auto zeros = [](const tensor::Shape& shape) { return Tensor::zeros(shape, DType::f32, Device::dry()); };
    const tensor::PairPoint at{zeros(pair.first.input_shape(3)), zeros(pair.first.weight_shape()), zeros({64}),
                               zeros(pair.second.weight_shape())};
    const Tensor g = zeros(pair.second.output_shape(3));
    arena.reset_peak();
    const std::int64_t before = arena.statistics().in_use;
    const Tensor y = tensor::conv3d_pair(pair, at, at.x, tensor::PairPart::value);
    const Tensor x_gradient = tensor::conv3d_pair_input_gradient(pair, at, g);
    const auto weights = tensor::conv3d_pair_weight_gradient(pair, at, g, at.x, tensor::PairPart::value);
    CHECK(y.shape() == g.shape());
    CHECK(arena.statistics().peak == arena.statistics().in_use);
    CHECK(arena.statistics().in_use > before);
    CHECK(weights.b1.shape() == tensor::Shape{64});
}
