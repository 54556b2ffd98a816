// What F and A do in the same pass (bias, LeakyReLU, another LeakyReLU's mask) equals the operators one after the
// other, bit by bit: the product's sum is the same, and each step after it rounds on its own.
#include <doctest/doctest.h>

#include "tensor/backend.hpp"
#include "tensor/conv3d.hpp"
#include "tensor/error.hpp"
#include "tensor/packed_bits.hpp"
#include "tensor/reference/elementwise.hpp"
#include "tests/support/cases.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/random_data.hpp"
#include "tests/support/threads.hpp"
#include "tests/tensor/epilogues.hpp"

namespace reference = tensor::reference;
using support::composed;
using support::contains_all;
using support::Conv3dCase;
using support::epilogues;
using support::message_of;
using support::same_bits;
using tensor::Device;
using tensor::DType;
using tensor::Epilogue;
using tensor::Tensor;

namespace {

/// One of the two operators with an epilogue, on operands of a case.
struct Fused {
    const Conv3dCase& c;
    bool forward;
    Tensor volume, w;

    Tensor operator()(const Epilogue& epilogue, Tensor* positive = nullptr) const {
        return forward ? tensor::conv3d(volume, w, c.geometry, epilogue, positive)
                       : tensor::conv3d_input_gradient(volume, w, c.geometry, epilogue, positive);
    }
    /// The same into memory that is there already.
    void operator()(const Epilogue& epilogue, Tensor& y, Tensor& positive) const {
        const tensor::Backend& backend = tensor::backend(volume.device());
        if (forward) backend.conv3d(volume, w, c.geometry, epilogue, y, &positive);
        else backend.conv3d_input_gradient(volume, w, c.geometry, epilogue, y, &positive);
    }
};

template <typename T>
Fused fused(const Conv3dCase& c, bool forward) {
    const tensor::Shape volume = forward ? c.geometry.input_shape(c.phrases) : c.geometry.output_shape(c.phrases);
    return {c, forward, support::real_tensor<T>(volume, 1), support::real_tensor<T>(c.geometry.weight_shape(), 2)};
}

/// Computes with the same epilogue and asks for the bits of the result, which must equal those that positive_bits makes
/// of it, also where they replace others.
template <typename T>
void check_positive(const Fused& run, const Epilogue& e, const Tensor& y) {
    const std::vector<std::uint8_t> expected = tensor::positive_bits(y).values<std::uint8_t>();
    Tensor positive;
    CHECK(same_bits(run(e, &positive).values<T>(), y.values<T>()));
    CHECK(positive.values<std::uint8_t>() == expected);
    Tensor again = Tensor::empty(y.shape(), y.dtype());
    Tensor replaced = Tensor::from(std::vector<std::uint8_t>(expected.size(), 171), positive.shape());
    run(e, again, replaced);
    CHECK(same_bits(again.values<T>(), y.values<T>()));
    CHECK(replaced.values<std::uint8_t>() == expected);
}

}  // namespace

TEST_CASE_TEMPLATE("the fused epilogue of F and A equals the composition, bit by bit, small cases", T, float, double) {
    for (const Conv3dCase& c : support::small_conv3d_cases())
        for (const bool forward : {true, false}) {
            CAPTURE(c.name);
            CAPTURE(forward);
            const Fused run = fused<T>(c, forward);
            const Tensor plain = run({});
            for (const Epilogue& e : epilogues<T>(plain)) {
                CAPTURE(e.bias.defined());
                CAPTURE(e.slope);
                CAPTURE(e.mask.defined());
                const Tensor y = run(e);
                CHECK(y.shape() == plain.shape());
                CHECK(same_bits(y.values<T>(), composed(plain, e).values<T>()));
                check_positive<T>(run, e, y);
            }
        }
}

TEST_CASE_TEMPLATE("the fused bias and LeakyReLU equal the reference's epilogue on the plain result", T, float,
                   double) {
    for (const Conv3dCase& c : support::small_conv3d_cases()) {
        CAPTURE(c.name);
        const Fused run = fused<T>(c, true);
        const Tensor plain = run({}), bias = support::real_tensor<T>({c.geometry.out_channels}, 5);
        CHECK(support::difference(run({.bias = bias, .slope = 0.2}).template values<T>(),
                                  reference::epilogue<T>(plain.values<T>(), bias.values<T>(), 0.2)) == "");
    }
}

TEST_CASE("the fused epilogue of F and A equals the composition, bit by bit, MuseGAN's layers") {
    for (const Conv3dCase& c : support::full_width_conv3d_cases())
        for (const bool forward : {true, false}) {
            CAPTURE(c.name);
            CAPTURE(forward);
            const Fused run = fused<float>(c, forward);
            const Tensor plain = run({}), bias = support::real_tensor<float>({plain.shape()[-1]}, 6);
            const Epilogue e{
                .bias = bias, .slope = 0.2, .mask = support::real_tensor<float>(plain.shape(), 7), .mask_slope = 0.2};
            const Tensor y = run(e);
            CHECK(same_bits(y.values<float>(), composed(plain, e).values<float>()));
            const Tensor bits = tensor::positive_bits(e.mask);
            check_positive<float>(run, {.bias = bias, .slope = 0.2, .mask = bits, .mask_slope = 0.2}, y);
        }
}

TEST_CASE("the fused epilogue does not depend on the number of threads") {
    for (const Conv3dCase& c : support::small_conv3d_cases())
        for (const bool forward : {true, false}) {
            CAPTURE(c.name);
            CAPTURE(forward);
            const Fused run = fused<float>(c, forward);
            const Epilogue e = epilogues<float>(run({})).back();
            const auto values = [&] { return run(e).values<float>(); };
            const std::vector<float> one = support::with_threads(1, values);
            CHECK(same_bits(one, support::with_threads(2, values)));
            CHECK(same_bits(one, support::with_threads(3, values)));
        }
}

TEST_CASE("an epilogue that does not fit is an error with both shapes, types or devices") {
    const tensor::Conv3dGeometry g =
        tensor::conv3d_geometry({6, 4, 5}, {.kernel = {2, 4, 1}, .in_channels = 3, .out_channels = 7});
    const Tensor x = Tensor::zeros(g.input_shape(2)), w = Tensor::zeros(g.weight_shape()),
                 y = Tensor::zeros(g.output_shape(2));
    const auto f = [&](const Epilogue& e) { return message_of([&] { tensor::conv3d(x, w, g, e); }); };
    const auto a = [&](const Epilogue& e) { return message_of([&] { tensor::conv3d_input_gradient(y, w, g, e); }); };
    CHECK(contains_all(f({.bias = Tensor::zeros({3})}), {"[conv3d]", "bias is [3]", "[7]", "[2, 5, 1, 5, 7]"}));
    CHECK(contains_all(a({.bias = Tensor::zeros({7})}), {"[conv3d_input_gradient]", "bias is [7]", "[3]"}));
    CHECK(contains_all(f({.bias = Tensor::zeros({7}, DType::f64)}), {"[conv3d]", "f32", "f64"}));
    CHECK(contains_all(f({.bias = Tensor::zeros({7}, DType::f32, Device::dry())}), {"[conv3d]", "cpu", "dry"}));
    CHECK(contains_all(f({.mask = x}), {"[conv3d]", "mask is [2, 6, 4, 5, 3]", "[2, 5, 1, 5, 7]"}));
    CHECK(contains_all(a({.mask = y}), {"[conv3d_input_gradient]", "mask is [2, 5, 1, 5, 7]", "[2, 6, 4, 5, 3]"}));
    CHECK(contains_all(a({.mask = Tensor::zeros(x.shape(), DType::f64)}), {"[conv3d_input_gradient]", "f32", "f64"}));
    CHECK(contains_all(f({.mask = Tensor::zeros({48}, DType::u8)}),
                       {"[conv3d]", "mask is u8 [48]", "[44]", "[2, 5, 1, 5, 7]"}));
    CHECK(contains_all(f({.mask = Tensor::zeros({44}, DType::u8, Device::dry())}), {"[conv3d]", "cpu", "dry"}));
    CHECK(f({.bias = Tensor::zeros({7}), .mask = y}) == "nothing was thrown");
    CHECK(a({.bias = Tensor::zeros({3}), .mask = x}) == "nothing was thrown");
}
