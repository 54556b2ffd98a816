// Products on the reference device are exact for whole numbers, and so are their derivatives: the product rule.
#include <doctest/doctest.h>

#include <complex>
#include <functional>

#include "tensor/conv3d.hpp"
#include "tensor/conv3d_pair.hpp"
#include "tensor/direction.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/execution.hpp"
#include "tensor/fusion.hpp"
#include "tensor/matmul.hpp"
#include "tensor/norm.hpp"
#include "tensor/packed_bits.hpp"
#include "tensor/reduce.hpp"
#include "tests/support/cases.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/random_data.hpp"
#include "tests/support/threads.hpp"
#include "tests/tensor/reference_numbers.hpp"

using support::Complex;
using support::Conv3dCase;
using support::difference;
using support::MatmulCase;
using support::real;
using support::whole;
using tensor::add_direction;
using tensor::derivative_of;
using tensor::Device;
using tensor::DType;
using tensor::Epilogue;
using tensor::Shape;
using tensor::Tensor;
using tensor::with_direction;

namespace {

using support::on_reference;

/// The three convolutions and the three matrix products, each a bilinear function of two tensors.
struct Bilinear {
    std::string name;
    Shape first, second;
    std::function<Tensor(const Tensor&, const Tensor&, const Epilogue&, Tensor*)> run;
    bool has_epilogue = true;
};

std::vector<Bilinear> convolutions(const Conv3dCase& c) {
    const tensor::Conv3dGeometry& g = c.geometry;
    const Shape x = g.input_shape(c.phrases), w = g.weight_shape(), y = g.output_shape(c.phrases);
    return {
        {"F", x, w,
         [g](const Tensor& a, const Tensor& b, const Epilogue& e, Tensor* bits) { return conv3d(a, b, g, e, bits); }},
        {"A", y, w,
         [g](const Tensor& a, const Tensor& b, const Epilogue& e, Tensor* bits) {
             return conv3d_input_gradient(a, b, g, e, bits);
         }},
        {"B", x, y,
         [g](const Tensor& a, const Tensor& b, const Epilogue&, Tensor*) { return conv3d_weight_gradient(a, b, g); },
         false},
    };
}

std::vector<Bilinear> matrix_products(const MatmulCase& c) {
    const Shape a{c.rows, c.inner}, b{c.inner, c.columns};
    return {
        {"NN", a, b,
         [](const Tensor& p, const Tensor& q, const Epilogue& e, Tensor* bits) { return matmul_nn(p, q, e, bits); }},
        {"NT",
         a,
         {c.columns, c.inner},
         [](const Tensor& p, const Tensor& q, const Epilogue&, Tensor*) { return matmul_nt(p, q); },
         false},
        {"TN",
         {c.inner, c.rows},
         b,
         [](const Tensor& p, const Tensor& q, const Epilogue&, Tensor*) { return matmul_tn(p, q); },
         false},
    };
}

/// Calls visit(product) for every product of every small case.
template <typename Visit>
void for_each_product(Visit visit) {
    for (const Conv3dCase& c : support::small_conv3d_cases())
        for (const Bilinear& product : convolutions(c)) {
            CAPTURE(c.name);
            CAPTURE(product.name);
            visit(product);
        }
    for (const MatmulCase& c : support::matmul_cases()) {
        if (c.size == support::CaseSize::full) continue;
        for (const Bilinear& product : matrix_products(c)) {
            CAPTURE(c.name);
            CAPTURE(product.name);
            visit(product);
        }
    }
}

/// Every mixture of parts for a result like y, with slopes that are powers of two: whole numbers stay exact.
std::vector<Epilogue> epilogues(const Shape& y) {
    const Tensor bias = whole({y[-1]}, 3), mask = whole(y, 4), bits = tensor::positive_bits(mask);
    return {{},
            {.bias = bias},
            {.slope = 0.25},
            {.bias = bias, .slope = 0.5},
            {.bias = bias, .slope = 0.0},
            {.mask = mask, .mask_slope = 0.25},
            {.bias = bias, .slope = 0.5, .mask = mask, .mask_slope = 0.0},
            {.mask = bits, .mask_slope = 0.25},
            {.bias = bias, .slope = 0.25, .mask = bits, .mask_slope = 0.5}};
}

Epilogue on_reference(const Epilogue& e) { return {on_reference(e.bias), e.slope, on_reference(e.mask), e.mask_slope}; }

}  // namespace

TEST_CASE("reference device: products of whole numbers equal the CPU's, with every epilogue, and so do their signs") {
    for_each_product([](const Bilinear& product) {
        const Tensor a = whole(product.first, 1), b = whole(product.second, 2);
        const Shape result = product.run(a, b, {}, nullptr).shape();
        for (const Epilogue& e : product.has_epilogue ? epilogues(result) : std::vector<Epilogue>{{}}) {
            CAPTURE(e.bias.defined());
            CAPTURE(e.slope);
            CAPTURE(e.mask_slope);
            Tensor bits, expected_bits;
            const Tensor expected = product.run(a, b, e, &expected_bits);
            const Tensor got = product.run(on_reference(a), on_reference(b), on_reference(e), &bits);
            CHECK(difference(got.values<double>(), expected.values<double>()) == "");
            if (!product.has_epilogue) continue;
            CHECK(bits.values<std::uint8_t>() == expected_bits.values<std::uint8_t>());
        }
    });
}

// Im((a + i h v) * (b + i h u)) / h = v * b + a * u for any product that is linear in both, but for h^2, which whole
// numbers of order one do not feel; the epilogue's derivative is a bias' direction and two masks.
TEST_CASE("reference device: the derivative of a product is the product rule, exactly, through every epilogue") {
    for_each_product([](const Bilinear& product) {
        const Tensor a = whole(product.first, 1), b = whole(product.second, 2);
        const Tensor v = whole(product.first, 5), u = whole(product.second, 6);
        const Tensor plain = product.run(a, b, {}, nullptr);
        for (const Epilogue& e : product.has_epilogue ? epilogues(plain.shape()) : std::vector<Epilogue>{{}}) {
            CAPTURE(e.bias.defined());
            CAPTURE(e.slope);
            CAPTURE(e.mask_slope);
            Tensor expected = add(product.run(v, b, {}, nullptr), product.run(a, u, {}, nullptr));
            Epilogue moving = on_reference(e);
            Tensor before = plain;
            if (e.bias.defined()) {
                const Tensor direction = whole(e.bias.shape(), 7);
                add_direction(moving.bias, direction);
                expected = add(expected, direction);
                before = add(plain, e.bias);
            }
            if (e.slope != 1.0) expected = leaky_relu_mask(before, expected, e.slope);
            if (e.has_mask()) expected = leaky_relu_mask(e.mask, expected, e.mask_slope);
            const Tensor z = product.run(with_direction(a, v), with_direction(b, u), moving, nullptr);
            std::vector<double> got = derivative_of(z).values<double>(), rule = expected.values<double>();
            const std::vector<double> argument = before.values<double>();
            for (std::size_t i = 0; i < got.size(); ++i)
                if (e.slope != 1.0 && argument[i] == 0) got[i] = rule[i] = 0;  // LeakyReLU has no derivative there
            CHECK(difference(got, rule) == "");
        }
    });
}

TEST_CASE("reference device: a pair of convolutions is its composition, and never fused") {
    const tensor::Conv3dGeometry first =
        tensor::conv3d_geometry({6, 5, 4}, {.kernel = {2, 1, 4}, .out_channels = 6, .stride = {1, 1, 4}});
    const tensor::Conv3dPair pair{
        first, tensor::conv3d_geometry(first.output, {.kernel = {2, 1, 1}, .in_channels = 6, .out_channels = 3}), 0.25};
    const tensor::PairPoint at{whole(first.input_shape(2), 1), whole(first.weight_shape(), 2), whole({6}, 3),
                               whole(pair.second.weight_shape(), 4)};
    const tensor::PairPoint there{on_reference(at.x), on_reference(at.w1), on_reference(at.b1), on_reference(at.w2)};
    const Tensor g = whole(pair.second.output_shape(2), 5), v = whole(at.x.shape(), 6);
    const auto check = [](const Tensor& got, const Tensor& expected) {
        CHECK(difference(got.values<double>(), expected.values<double>()) == "");
    };
    using tensor::PairPart;
    check(conv3d_pair(pair, there, there.x, PairPart::value), conv3d_pair(pair, at, at.x, PairPart::value));
    check(conv3d_pair(pair, there, on_reference(v), PairPart::tangent), conv3d_pair(pair, at, v, PairPart::tangent));
    check(conv3d_pair_input_gradient(pair, there, on_reference(g)), conv3d_pair_input_gradient(pair, at, g));
    const auto got = conv3d_pair_weight_gradient(pair, there, on_reference(g), there.x, PairPart::value);
    const auto expected = conv3d_pair_weight_gradient(pair, at, g, at.x, PairPart::value);
    check(got.w1, expected.w1);
    check(got.b1, expected.b1);
    check(got.w2, expected.w2);
    const tensor::ExecutionScope always({.fusion = tensor::Fusion::always});
    CHECK(tensor::fuses(pair, at.x));
    CHECK_FALSE(tensor::fuses(pair, there.x));
    CHECK_FALSE(tensor::keeps_mask_as_bits({1 << 24}, DType::c128));
}

TEST_CASE("reference device: results do not depend on the number of threads") {
    const Conv3dCase c{
        "three blocks of channels",
        tensor::conv3d_geometry(
            {9, 5, 3},
            {.kernel = {3, 2, 1}, .in_channels = 37, .out_channels = 41, .stride = {2, 1, 1}, .padding = {1, 1, 0}}),
        2};
    const auto compare = [](auto run) {
        const auto values = [&] { return run().template values<Complex>(); };
        const std::vector<Complex> one = support::with_threads(1, values);
        CHECK(support::same_bits(one, support::with_threads(2, values)));
        CHECK(support::same_bits(one, support::with_threads(3, values)));
    };
    const auto tensor_of = [](const Shape& shape, std::uint64_t seed) {
        return with_direction(real(shape, seed), real(shape, seed + 1));
    };
    std::vector<Bilinear> products = convolutions(c);
    for (const Bilinear& each : matrix_products({"three blocks of columns", 23, 57, 45})) products.push_back(each);
    for (const Bilinear& product : products) {
        CAPTURE(product.name);
        const Tensor a = tensor_of(product.first, 1), b = tensor_of(product.second, 3);
        compare([&] { return product.run(a, b, {}, nullptr); });
    }
    const Tensor x = tensor_of({2, 150, 7, 37}, 5), bias = tensor_of({37}, 7);
    compare([&] { return tensor::tanh(add(x, bias)); });
    compare([&] { return sum_to(x, {37}); });
    compare([&] { return norm(x, 1e-8); });
    compare([&] {
        return unpack_rows(positive_bits(x).reshape({2, 4858}), std::vector<std::int64_t>{1, 0}, {2, 38864},
                           DType::c128);
    });
}
