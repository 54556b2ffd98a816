// Products of the CPU in Precision::bf16: the operands are rounded as to_bf16 rounds, and nothing else is. Skipped
// where the processor or the build has no such products.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "tensor/conv3d_pair.hpp"
#include "tensor/execution.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/devices.hpp"
#include "tests/support/threads.hpp"
#include "tests/tensor/epilogues.hpp"
#include "tests/tensor/products.hpp"

using support::CaseSize;
using support::difference;
using support::Product;
using support::real_tensor;
using support::same_bits;
using support::whole_tensor;
using tensor::Epilogue;
using tensor::Precision;
using tensor::Shape;
using tensor::Tensor;

namespace {

/// A float other than `whole`, in [-4, 4], that bf16 rounds to it: the tie above it, a little above or below, and for 0
/// a denormal number.
float near_to(float whole, std::size_t way) {
    if (whole == 0) return way % 2 == 0 ? 0.0f : 0x1.fffp-127f;
    const float half = std::ldexp(std::copysign(1.0f, whole), std::ilogb(whole) - 8);  // of the last bit that stays
    const float steps[]{half, 0.75f * half, -0.25f * half};
    return whole + steps[way % 3];
}

/// What bf16 rounds to whole_tensor<float>(shape, seed), exactly.
Tensor near_whole_tensor(const Shape& shape, std::uint64_t seed) {
    std::vector<float> values = support::whole_numbers<float>(shape.elements(), seed);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = near_to(values[i], i);
    return Tensor::from(values, shape);
}

Tensor rounded(const Tensor& x) {
    return Tensor::from(tensor::reference::operand<float>(x.values<float>(), Precision::bf16), x.shape());
}

Tensor in_bf16(const Product& product, const Tensor& a, const Tensor& b, const Epilogue& e = {},
               Tensor* positive = nullptr) {
    const tensor::ExecutionScope scope({.precision = Precision::bf16});
    return product.run(a, b, e, positive);
}

/// The exact results of plain loops; for layers at full width those of the CPU in f32.
std::vector<double> truth(const Product& product, const Tensor& a, const Tensor& b) {
    if (product.size == CaseSize::small) return product.reference(a.values<double>(), b.values<double>());
    return product.run(a, b, {}, nullptr).values<double>();
}

Tensor magnitude(const Tensor& x) {
    std::vector<float> values = x.values<float>();
    for (float& value : values) value = std::abs(value);
    return Tensor::from(values, x.shape());
}

}  // namespace

TEST_CASE("bf16: numbers that round to whole ones are multiplied as these, exactly, in every product") {
    NEEDS_BF16();
    for (const Product& product : support::every_product()) {
        CAPTURE(product.name);
        const std::vector<double> expected =
            truth(product, whole_tensor<float>(product.first, 1), whole_tensor<float>(product.second, 2));
        const Tensor y = in_bf16(product, near_whole_tensor(product.first, 1), near_whole_tensor(product.second, 2));
        CHECK(difference(y.values<float>(), expected) == "");
    }
}

TEST_CASE("bf16: a product of real numbers is that of the rounded ones within the bound of a sum in any order") {
    NEEDS_BF16();
    for (const Product& product : support::every_product()) {
        CAPTURE(product.name);
        const Tensor a = real_tensor<float>(product.first, 3), b = real_tensor<float>(product.second, 4);
        const Tensor ra = rounded(a), rb = rounded(b);
        const std::vector<double> tolerance =
            support::dot_tolerance<float>(product.terms, truth(product, magnitude(ra), magnitude(rb)));
        CHECK(difference(in_bf16(product, a, b).values<float>(), truth(product, ra, rb), tolerance) == "");
    }
}

TEST_CASE("bf16: the fused epilogue equals the operators one after the other, bit by bit, and its bits too") {
    NEEDS_BF16();
    for (const Product& product : support::every_product()) {
        if (!product.has_epilogue || product.size == CaseSize::full) continue;
        CAPTURE(product.name);
        const Tensor a = real_tensor<float>(product.first, 5), b = real_tensor<float>(product.second, 6);
        const Tensor plain = in_bf16(product, a, b);
        for (const Epilogue& e : support::epilogues<float>(plain)) {
            CAPTURE(e.bias.defined());
            CAPTURE(e.slope);
            CAPTURE(e.mask.defined());
            const Tensor expected = support::composed(plain, e);
            Tensor positive;
            CHECK(same_bits(in_bf16(product, a, b, e).values<float>(), expected.values<float>()));
            CHECK(same_bits(in_bf16(product, a, b, e, &positive).values<float>(), expected.values<float>()));
            CHECK(positive.values<std::uint8_t>() == tensor::positive_bits(expected).values<std::uint8_t>());
        }
    }
}

TEST_CASE("bf16: the fused epilogue equals the composition at MuseGAN's layers") {
    NEEDS_BF16();
    for (const Product& product : support::every_product()) {
        if (!product.has_epilogue || product.size == CaseSize::small) continue;
        CAPTURE(product.name);
        const Tensor a = real_tensor<float>(product.first, 7), b = real_tensor<float>(product.second, 8);
        const Tensor plain = in_bf16(product, a, b);
        const Epilogue e = support::epilogues<float>(plain).back();
        CHECK(same_bits(in_bf16(product, a, b, e).values<float>(), support::composed(plain, e).values<float>()));
    }
}

TEST_CASE("bf16: 1, 2 and 3 threads give the same bits, in every product") {
    NEEDS_BF16();
    for (const Product& product : support::every_product()) {
        CAPTURE(product.name);
        const Tensor a = real_tensor<float>(product.first, 9), b = real_tensor<float>(product.second, 10);
        const auto values = [&] { return in_bf16(product, a, b).values<float>(); };
        const std::vector<float> one = support::with_threads(1, values);
        for (const int threads : {2, 3}) CHECK(same_bits(one, support::with_threads(threads, values)));
    }
}

TEST_CASE("bf16: infinities, NaNs, overflow and denormals go through a product as rounding says") {
    NEEDS_BF16();
    const tensor::ExecutionScope scope({.precision = Precision::bf16});
    constexpr float infinity = std::numeric_limits<float>::infinity(), most = std::numeric_limits<float>::max();
    constexpr float nan = std::numeric_limits<float>::quiet_NaN(), tiny = 0x1.8p-127f;
    // A row of one number times a row of one each, so that nothing is summed.
    const auto times = [](float a, float b) {
        const std::vector<float> row(19, b);  // a vector and a rest
        return tensor::matmul_nn(Tensor::from(std::vector<float>{a}, {1, 1}), Tensor::from(row, {1, 19}))
            .values<float>();
    };
    const auto all = [](float value) { return std::vector<float>(19, value); };
    CHECK(times(infinity, -2) == all(-infinity));
    CHECK(times(most, 1) == all(infinity));
    CHECK(times(0x1.fep127f, 1) == all(0x1.fep127f));
    CHECK(times(tiny, 0x1p100f) == all(0));
    CHECK(times(0x1p-126f, 0x1p100f) == all(0x1p-26f));
    for (const float value : times(nan, 1)) CHECK(std::isnan(value));
    for (const float value : times(infinity, tiny)) CHECK(std::isnan(value));  // times zero
    for (const float value : times(infinity, 0)) CHECK(std::isnan(value));
}

TEST_CASE("bf16: a pair of convolutions rounds the operands of each, and what lies between stays f32") {
    NEEDS_BF16();
    const tensor::Conv3dGeometry first =
        tensor::conv3d_geometry({24, 7, 5}, {.kernel = {2, 1, 5}, .out_channels = 17, .stride = {1, 1, 5}});
    const tensor::Conv3dPair pair{
        first, tensor::conv3d_geometry(first.output, {.kernel = {3, 1, 1}, .in_channels = 17, .out_channels = 5}), 0.2};
    const tensor::PairPoint at{real_tensor<float>(first.input_shape(2), 11),
                               real_tensor<float>(first.weight_shape(), 12), real_tensor<float>({17}, 13),
                               real_tensor<float>(pair.second.weight_shape(), 14)};
    const tensor::ExecutionScope scope({.precision = Precision::bf16});
    const Tensor between = tensor::conv3d(at.x, at.w1, first, {.bias = at.b1, .slope = pair.slope});
    CHECK(!same_bits(between.values<float>(), rounded(between).values<float>()));
    CHECK(same_bits(tensor::conv3d_pair(pair, at, at.x, tensor::PairPart::value).values<float>(),
                    tensor::conv3d(between, at.w2, pair.second).values<float>()));
}

TEST_CASE("bf16: f64 products, and operators that are no products, are those of f32 bit by bit") {
    NEEDS_BF16();
    const tensor::Conv3dGeometry g =
        tensor::conv3d_geometry({5, 3, 2}, {.kernel = {2, 2, 1}, .in_channels = 17, .out_channels = 19});
    const auto both = [](auto run) {
        const Tensor plain = run();
        const tensor::ExecutionScope scope({.precision = Precision::bf16});
        const Tensor now = run();
        return plain.dtype() == tensor::DType::f64 ? same_bits(now.values<double>(), plain.values<double>())
                                                   : same_bits(now.values<float>(), plain.values<float>());
    };
    const Tensor x = real_tensor<double>(g.input_shape(2), 15), w = real_tensor<double>(g.weight_shape(), 16),
                 y = real_tensor<double>(g.output_shape(2), 17), a = real_tensor<double>({7, 33}, 18),
                 b = real_tensor<double>({33, 18}, 19), f = real_tensor<float>({7, 33}, 20);
    CHECK(both([&] { return tensor::conv3d(x, w, g); }));
    CHECK(both([&] { return tensor::conv3d_input_gradient(y, w, g); }));
    CHECK(both([&] { return tensor::conv3d_weight_gradient(x, y, g); }));
    CHECK(both([&] { return tensor::matmul_nn(a, b); }));
    CHECK(both([&] { return tensor::add(f, f); }));
    CHECK(both([&] { return tensor::leaky_relu(f, 0.2); }));
    // The scope is over, and so is the rounding.
    CHECK(tensor::matmul_nn(Tensor::full({1, 1}, 257.0), Tensor::full({1, 1}, 1.0)).values<float>()[0] == 257.0f);
}
