// F, A and B by all three algorithms of the CUDA backend against the reference: == on whole numbers (which TF32 holds
// exactly), every element of every case that the plain loops can do; at full width against the CPU backend.
#include "tensor/conv3d.hpp"

#include <doctest/doctest.h>

#include "tensor/backend.hpp"
#include "tensor/cuda/conv3d_choice.hpp"
#include "tensor/norm.hpp"
#include "tensor/packed_bits.hpp"
#include "tensor/reduce.hpp"
#include "tensor/reference/conv3d.hpp"
#include "tests/support/cases.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/devices.hpp"
#include "tests/support/random_data.hpp"

namespace reference = tensor::reference;
using support::Conv3dCase;
using support::difference;
using tensor::Device;
using tensor::Epilogue;
using tensor::Tensor;
using tensor::cuda::AlgorithmScope;
using tensor::cuda::ConvolutionAlgorithm;
using tensor::cuda::name_of;

namespace {

struct Operands {
    Tensor x, w, g, bias, mask;
};

template <typename T>
Operands whole_operands(const Conv3dCase& c, Device device) {
    const tensor::Shape y = c.geometry.output_shape(c.phrases);
    return {support::whole_tensor<T>(c.geometry.input_shape(c.phrases), 1, device),
            support::whole_tensor<T>(c.geometry.weight_shape(), 2, device), support::whole_tensor<T>(y, 3, device),
            support::whole_tensor<T>({y[-1]}, 4, device), support::whole_tensor<T>(y, 5, device)};
}

/// The cases whose every element the reference computes in milliseconds.
std::vector<Conv3dCase> exact_cases() {
    std::vector<Conv3dCase> cases = support::small_conv3d_cases();
    for (Conv3dCase& each : support::tiled_conv3d_cases()) cases.push_back(std::move(each));
    return cases;
}

template <typename T>
void check_against_reference(const Conv3dCase& c) {
    CAPTURE(c.name);
    const Operands o = whole_operands<T>(c, Device::cuda());
    const std::vector<T> x = o.x.values<T>(), w = o.w.values<T>(), g = o.g.values<T>();
    const auto y = tensor::conv3d(o.x, o.w, c.geometry).template values<T>();
    CHECK(difference(y, reference::conv3d<T>(x, w, c.geometry, c.phrases)) == "");
    const auto x_gradient = tensor::conv3d_input_gradient(o.g, o.w, c.geometry).template values<T>();
    CHECK(difference(x_gradient, reference::conv3d_input_gradient<T>(g, w, c.geometry, c.phrases)) == "");
    const auto w_gradient = tensor::conv3d_weight_gradient(o.x, o.g, c.geometry).template values<T>();
    CHECK(difference(w_gradient, reference::conv3d_weight_gradient<T>(x, g, c.geometry, c.phrases)) == "");
    CHECK(support::cuda_faults() == "");
}

/// A bias, a LeakyReLU of slope 1/4 and a mask of slope 1/2 keep whole numbers exact multiples of 1/8.
template <typename T>
void check_epilogue(const Conv3dCase& c) {
    CAPTURE(c.name);
    const Operands there = whole_operands<T>(c, Device::cuda()), here = whole_operands<T>(c, Device::cpu());
    const auto forward = [&](const Operands& o) {
        return tensor::conv3d(o.x, o.w, c.geometry, Epilogue{o.bias, 0.25, o.mask, 0.5}).template values<T>();
    };
    CHECK(difference(forward(there), forward(here)) == "");
    const auto backward = [&](const Operands& o) {
        return tensor::conv3d_input_gradient(o.g, o.w, c.geometry, Epilogue{{}, 1.0, o.x, 0.5}).template values<T>();
    };
    CHECK(difference(backward(there), backward(here)) == "");
    CHECK(support::cuda_faults() == "");
}

/// `compute(operands, epilogue, y, positive)` with the mask as bits and the result's own bits asked for: the same
/// values as with the mask itself, and the bits of these.
template <typename Compute>
void check_bits(const Operands& o, const Epilogue& values, const Compute& compute) {
    const auto like_mask = [&] { return Tensor::empty(values.mask.shape(), tensor::DType::f32, Device::cuda()); };
    Tensor expected = like_mask(), got = like_mask();
    compute(o, values, expected, nullptr);
    Epilogue bits = values;
    bits.mask = tensor::positive_bits(values.mask);
    Tensor positive =
        Tensor::full(tensor::positive_bits_shape(expected.elements()), 171, tensor::DType::u8, Device::cuda());
    compute(o, bits, got, &positive);
    CHECK(difference(got.values<float>(), expected.values<float>()) == "");
    CHECK(positive.values<std::uint8_t>() == tensor::positive_bits(expected.to(Device::cpu())).values<std::uint8_t>());
    CHECK(support::cuda_faults() == "");
}

}  // namespace

TEST_CASE_TEMPLATE("F, A and B by the direct kernel equal the reference exactly on whole numbers", T, float, double) {
    NEEDS_CUDA();
    const AlgorithmScope scope(ConvolutionAlgorithm::direct);
    for (const Conv3dCase& c : exact_cases()) check_against_reference<T>(c);
}

TEST_CASE_TEMPLATE("F, A and B by cuBLAS on memory as it lies equal the reference exactly on whole numbers", T, float,
                   double) {
    NEEDS_CUDA();
    const AlgorithmScope scope(ConvolutionAlgorithm::lowering);
    for (const Conv3dCase& c : exact_cases()) check_against_reference<T>(c);
}

TEST_CASE("F, A and B on tensor cores equal the reference exactly on whole numbers") {
    NEEDS_CUDA();
    const AlgorithmScope scope(ConvolutionAlgorithm::tensor_core);
    for (const Conv3dCase& c : exact_cases()) check_against_reference<float>(c);
}

TEST_CASE("bias, LeakyReLU and mask in the epilogue: every algorithm equals the CPU exactly on whole numbers") {
    NEEDS_CUDA();
    for (const ConvolutionAlgorithm algorithm :
         {ConvolutionAlgorithm::direct, ConvolutionAlgorithm::lowering, ConvolutionAlgorithm::tensor_core}) {
        const AlgorithmScope scope(algorithm);
        CAPTURE(name_of(algorithm));
        for (const Conv3dCase& c : exact_cases()) check_epilogue<float>(c);
    }
}

// 32 channels are one word, which the tensor-core kernel writes itself; others, and split sums, get a separate pass.
TEST_CASE("masks as bits, read and written by every algorithm, equal masks as values exactly") {
    NEEDS_CUDA();
    for (const ConvolutionAlgorithm algorithm :
         {ConvolutionAlgorithm::direct, ConvolutionAlgorithm::lowering, ConvolutionAlgorithm::tensor_core}) {
        const AlgorithmScope scope(algorithm);
        CAPTURE(name_of(algorithm));
        for (const Conv3dCase& c : exact_cases()) {
            CAPTURE(c.name);
            const Operands there = whole_operands<float>(c, Device::cuda());
            const tensor::Backend& backend = tensor::backend(Device::cuda());
            check_bits(there, {.bias = there.bias, .slope = 0.25, .mask = there.mask, .mask_slope = 0.5},
                       [&](const Operands& o, const Epilogue& e, Tensor& y, Tensor* positive) {
                           backend.conv3d(o.x, o.w, c.geometry, e, y, positive);
                       });
            check_bits(there, {.mask = there.x, .mask_slope = 0.5},
                       [&](const Operands& o, const Epilogue& e, Tensor& x, Tensor* positive) {
                           backend.conv3d_input_gradient(o.g, o.w, c.geometry, e, x, positive);
                       });
        }
    }
}

// Rows of a tensor may begin at any multiple of an element's size: an odd number of odd phrases is no multiple of 16
// bytes.
TEST_CASE("operators on rows of a tensor equal those on a copy of the rows, by every algorithm") {
    NEEDS_CUDA();
    for (const ConvolutionAlgorithm algorithm :
         {ConvolutionAlgorithm::direct, ConvolutionAlgorithm::lowering, ConvolutionAlgorithm::tensor_core}) {
        const AlgorithmScope scope(algorithm);
        CAPTURE(name_of(algorithm));
        for (Conv3dCase c : exact_cases()) {
            CAPTURE(c.name);
            c.phrases = 3;
            const Operands o = whole_operands<float>(c, Device::cuda());
            const Tensor x = o.x.rows(1, 3), g = o.g.rows(1, 3);
            const auto same = [](const Tensor& got, const Tensor& expected) {
                CHECK(difference(got.values<float>(), expected.values<float>()) == "");
            };
            same(tensor::conv3d(x, o.w, c.geometry, {.bias = o.bias, .slope = 0.25}),
                 tensor::conv3d(x.clone(), o.w, c.geometry, {.bias = o.bias, .slope = 0.25}));
            same(tensor::conv3d_input_gradient(g, o.w, c.geometry, {.mask = x, .mask_slope = 0.5}),
                 tensor::conv3d_input_gradient(g.clone(), o.w, c.geometry, {.mask = x.clone(), .mask_slope = 0.5}));
            same(tensor::conv3d_weight_gradient(x, g, c.geometry),
                 tensor::conv3d_weight_gradient(x.clone(), g.clone(), c.geometry));
            same(tensor::sum(x), tensor::sum(x.clone()));
            same(tensor::norm(x, 0.0), tensor::norm(x.clone(), 0.0));
        }
    }
    CHECK(support::cuda_faults() == "");
}
