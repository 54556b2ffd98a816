// The fused kernels of a pair of convolutions against its composition of plain operators on the CPU: == on whole
// numbers, which TF32 holds exactly as long as what lies between the two convolutions stays below 2^11.
#include "tensor/conv3d_pair.hpp"

#include <cuda_runtime.h>
#include <doctest/doctest.h>

#include "tensor/backend.hpp"
#include "tensor/cuda/conv3d_choice.hpp"
#include "tensor/cuda/conv3d_kernels.hpp"
#include "tensor/execution.hpp"
#include "tensor/packed_bits.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/devices.hpp"
#include "tests/support/random_data.hpp"

using support::difference;
using tensor::conv3d_geometry;
using tensor::Conv3dPair;
using tensor::Device;
using tensor::DType;
using tensor::ExecutionScope;
using tensor::PairPart;
using tensor::PairPoint;
using tensor::Precision;
using tensor::Tensor;

namespace {

struct PairCase {
    const char* name;
    tensor::Extents input;
    tensor::Conv3dSpec first, second;
    std::int64_t phrases;
};

std::vector<PairCase> pair_cases() {
    return {
        {"the critic's, bars of six steps",
         {24, 7, 5},
         {.kernel = {2, 1, 5}, .out_channels = 16, .stride = {1, 1, 5}, .dilation = {6, 1, 1}},
         {.kernel = {3, 1, 1}, .in_channels = 16, .out_channels = 20, .dilation = {6, 1, 1}},
         2},
        {"the critic's, tiles within a phrase and beyond one",
         {52, 11, 5},
         {.kernel = {2, 1, 5}, .out_channels = 48, .stride = {1, 1, 5}, .dilation = {13, 1, 1}},
         {.kernel = {3, 1, 1}, .in_channels = 48, .out_channels = 36, .dilation = {13, 1, 1}},
         3},
        {"the critic's of one track, tiles within a phrase and beyond one",
         {52, 11, 1},
         {.kernel = {2, 1, 1}, .out_channels = 48, .dilation = {13, 1, 1}},
         {.kernel = {3, 1, 1}, .in_channels = 48, .out_channels = 36, .dilation = {13, 1, 1}},
         3},
        {"the critic's of one track, large tiles",
         {20, 9, 1},
         {.kernel = {2, 1, 1}, .out_channels = 128, .dilation = {5, 1, 1}},
         {.kernel = {3, 1, 1}, .in_channels = 128, .out_channels = 68, .dilation = {5, 1, 1}},
         3},
        {"large tiles",
         {20, 9, 5},
         {.kernel = {2, 1, 5}, .out_channels = 128, .stride = {1, 1, 5}, .dilation = {5, 1, 1}},
         {.kernel = {3, 1, 1}, .in_channels = 128, .out_channels = 68, .dilation = {5, 1, 1}},
         3},
        {"large tiles, channels of whole words",
         {20, 9, 5},
         {.kernel = {2, 1, 5}, .out_channels = 32, .stride = {1, 1, 5}, .dilation = {5, 1, 1}},
         {.kernel = {3, 1, 1}, .in_channels = 32, .out_channels = 96, .dilation = {5, 1, 1}},
         2},
        {"a second convolution over three axes, with padding",
         {9, 7, 6},
         {.kernel = {2, 2, 1}, .in_channels = 3, .out_channels = 32, .stride = {1, 2, 1}},
         {.kernel = {2, 2, 2}, .in_channels = 32, .out_channels = 8, .dilation = {2, 1, 1}, .padding = {1, 1, 0}},
         2},
        {"one window over all tracks, whose stride says nothing",
         {16, 5, 5},
         {.kernel = {2, 1, 5}, .out_channels = 16, .dilation = {4, 1, 1}},
         {.kernel = {3, 1, 1}, .in_channels = 16, .out_channels = 12, .dilation = {4, 1, 1}},
         2},
        {"windows of the first that leave a rest",
         {11, 8, 7},
         {.kernel = {3, 1, 2}, .in_channels = 2, .out_channels = 16, .stride = {2, 3, 4}},
         {.kernel = {2, 1, 1}, .in_channels = 16, .out_channels = 4},
         2},
    };
}

/// Operands with whole numbers that keep every sum exact: z is below 15 x 4 x 2, p a multiple of 1/2 below 2^8.
struct Operands {
    Conv3dPair pair;
    PairPoint at;
    Tensor v, g, bias, mask;
};

Operands operands(const PairCase& c, Device device) {
    const auto first = conv3d_geometry(c.input, c.first);
    const auto second = conv3d_geometry(first.output, c.second);
    const tensor::Shape x = first.input_shape(c.phrases), y = second.output_shape(c.phrases);
    return {{first, second, 0.5},
            {support::whole_tensor<float>(x, 1, device), support::whole_tensor<float>(first.weight_shape(), 2, device),
             support::whole_tensor<float>({first.out_channels}, 3, device),
             support::whole_tensor<float>(second.weight_shape(), 4, device)},
            support::whole_tensor<float>(x, 5, device),
            support::whole_tensor<float>(y, 6, device),
            support::whole_tensor<float>({y[-1]}, 7, device),
            support::whole_tensor<float>(y, 8, device)};
}

std::vector<float> values(const Tensor& x) { return x.values<float>(); }

}  // namespace

TEST_CASE("value and tangent of a pair equal the composition exactly on whole numbers") {
    NEEDS_CUDA();
    const ExecutionScope tf32({.precision = Precision::tf32});
    for (const PairCase& c : pair_cases()) {
        CAPTURE(c.name);
        const Operands there = operands(c, Device::cuda()), here = operands(c, Device::cpu());
        const auto value = [](const Operands& o) {
            return values(tensor::conv3d_pair(o.pair, o.at, o.at.x, PairPart::value, {o.bias, 0.25, o.mask, 0.5}));
        };
        CHECK(difference(value(there), value(here)) == "");
        const auto tangent = [](const Operands& o) {
            return values(tensor::conv3d_pair(o.pair, o.at, o.v, PairPart::tangent, {}));
        };
        CHECK(difference(tangent(there), tangent(here)) == "");
        CHECK(support::cuda_faults() == "");
    }
}

TEST_CASE("a pair reads masks as bits and writes the bits of its result") {
    NEEDS_CUDA();
    const ExecutionScope tf32({.precision = Precision::tf32});
    for (const PairCase& c : pair_cases())
        for (const bool value : {true, false}) {
            CAPTURE(c.name);
            CAPTURE(value);
            const Operands o = operands(c, Device::cuda());
            const auto compute = [&](const tensor::Epilogue& e, Tensor* positive) {
                Tensor y = Tensor::empty(o.mask.shape(), DType::f32, Device::cuda());
                tensor::backend(y.device())
                    .conv3d_pair(o.pair, o.at, value ? o.at.x : o.v, value ? PairPart::value : PairPart::tangent, e, y,
                                 positive);
                return y;
            };
            const Tensor expected =
                compute({.bias = o.bias, .slope = 0.25, .mask = o.mask, .mask_slope = 0.5}, nullptr);
            Tensor bits = Tensor::full(tensor::positive_bits_shape(o.mask.elements()), 171, DType::u8, Device::cuda());
            const Tensor got = compute(
                {.bias = o.bias, .slope = 0.25, .mask = tensor::positive_bits(o.mask), .mask_slope = 0.5}, &bits);
            CHECK(difference(values(got), values(expected)) == "");
            CHECK(bits.values<std::uint8_t>() ==
                  tensor::positive_bits(expected.to(Device::cpu())).values<std::uint8_t>());
            CHECK(support::cuda_faults() == "");
        }
}

TEST_CASE("the input gradient of a pair equals the composition exactly on whole numbers") {
    NEEDS_CUDA();
    const ExecutionScope tf32({.precision = Precision::tf32});
    for (const PairCase& c : pair_cases()) {
        CAPTURE(c.name);
        Operands there = operands(c, Device::cuda()), here = operands(c, Device::cpu());
        const auto gradient = [](const Operands& o) {
            return values(tensor::conv3d_pair_input_gradient(o.pair, o.at, o.g));
        };
        CHECK(difference(gradient(there), gradient(here)) == "");
        CHECK(support::cuda_faults() == "");
    }
}

namespace {

/// Of the value, or of the tangent.
void check_weight_gradients(const Operands& there, const Operands& here, bool value) {
    const auto gradients = [value](const Operands& o) {
        return value ? tensor::conv3d_pair_weight_gradient(o.pair, o.at, o.g, o.at.x, PairPart::value)
                     : tensor::conv3d_pair_weight_gradient(o.pair, o.at, o.g, o.v, PairPart::tangent);
    };
    const auto a = gradients(there), b = gradients(here);
    CHECK(difference(values(a.w1), values(b.w1)) == "");
    CHECK(difference(values(a.w2), values(b.w2)) == "");
    if (value) CHECK(difference(values(a.b1), values(b.b1)) == "");
}

}  // namespace

TEST_CASE("the weight gradients of a pair equal the composition exactly on whole numbers") {
    NEEDS_CUDA();
    const ExecutionScope tf32({.precision = Precision::tf32});
    for (const PairCase& c : pair_cases())
        for (const bool value : {true, false}) {
            CAPTURE(c.name);
            CAPTURE(value);
            const Operands there = operands(c, Device::cuda()), here = operands(c, Device::cpu());
            check_weight_gradients(there, here, value);
            CHECK(support::cuda_faults() == "");
        }
}

namespace {

/// The device of the test below, and its number of processors. On the stand-in it is one of its own, with one
/// processor, so that a few tiles are more than a block for each; backends live as long as the program.
Device device_of_few_processors([[maybe_unused]] int& processors) {
#if defined(TENSOR_CUDA_STANDIN)
    constexpr int index = 40;
    standin::device().count = index + 1;
    standin::device().multiprocessors = processors = 1;
    return Device::cuda(index);
#else
    REQUIRE(cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, 0) == cudaSuccess);
    return Device::cuda();
#endif
}

/// Phrases of this case whose positions are two tiles for each block of the gradient's kernel and a part of one more:
/// the last block has fewer tiles than the others, and the last tile is not full.
std::int64_t phrases_of_two_tiles_a_block(const PairCase& c, int processors) {
    const auto first = conv3d_geometry(c.input, c.first);
    tensor::cuda::PairPointers pair;
    pair.first = tensor::cuda::convolution_shape({.geometry = first, .phrases = 1});
    const std::int64_t positions = first.output.product();
    const std::int64_t phrases = 2 * 4 * processors * 128 / positions + 1;
    pair.second =
        tensor::cuda::convolution_shape({.geometry = conv3d_geometry(first.output, c.second), .phrases = phrases});
    tensor::cuda::Context context;
    context.processors = processors;
    const tensor::cuda::PairGradientPlan plan = tensor::cuda::plan_pair_gradient(context, pair);
    REQUIRE(plan.tiles_per_block == 2);
    REQUIRE(plan.tiles % 2 == 1);
    REQUIRE(phrases * positions % 128 != 0);
    return phrases;
}

}  // namespace

TEST_CASE("gradients of a pair are exact where a block has several tiles, the last block fewer") {
    NEEDS_CUDA();
    const ExecutionScope tf32({.precision = Precision::tf32});
#if defined(TENSOR_CUDA_STANDIN)
    const standin::Device usual = standin::device();
#endif
    int processors = 0;
    const Device device = device_of_few_processors(processors);
    PairCase c = pair_cases().front();
    c.second.out_channels = 4;
    c.phrases = phrases_of_two_tiles_a_block(c, processors);
    const Operands there = operands(c, device), here = operands(c, Device::cpu());
    const auto input_gradient = [](const Operands& o) {
        return values(tensor::conv3d_pair_input_gradient(o.pair, o.at, o.g));
    };
    CHECK(difference(input_gradient(there), input_gradient(here)) == "");
    for (const bool value : {true, false}) {
        CAPTURE(value);
        check_weight_gradients(there, here, value);
    }
    CHECK(support::cuda_faults() == "");
#if defined(TENSOR_CUDA_STANDIN)
    standin::device() = usual;
#endif
}

TEST_CASE("a pair is fused only in tf32, and only where it is large") {
    NEEDS_CUDA();
    const PairCase c = pair_cases().front();
    const Operands o = operands(c, Device::cpu());
    const tensor::Backend& backend = tensor::backend(Device::cuda());
    CHECK_FALSE(backend.fuses(o.pair, 1 << 14, DType::f32));
    const ExecutionScope tf32({.precision = Precision::tf32});
    CHECK(backend.fuses(o.pair, 1 << 14, DType::f32) == backend.facts().computes(Precision::tf32));
    CHECK_FALSE(backend.fuses(o.pair, 1, DType::f32));
    CHECK_FALSE(backend.fuses(o.pair, 1 << 14, DType::f64));
    Conv3dPair wide = o.pair;
    wide.first.in_channels = 2;  // 20 terms
    CHECK_FALSE(backend.fuses(wide, 1 << 14, DType::f32));
}
