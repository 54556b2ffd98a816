#include "tensor/matmul.hpp"

#include <doctest/doctest.h>

#include "tensor/elementwise.hpp"
#include "tensor/error.hpp"
#include "tensor/packed_bits.hpp"
#include "tensor/reference/complex_step.hpp"
#include "tensor/reference/elementwise.hpp"
#include "tensor/reference/matmul.hpp"
#include "tests/support/cases.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/random_data.hpp"
#include "tests/support/threads.hpp"

namespace reference = tensor::reference;
using support::contains_all;
using support::difference;
using support::matmul_cases;
using support::MatmulCase;
using support::message_of;
using support::real_tensor;
using support::same_bits;
using support::whole_tensor;
using tensor::Device;
using tensor::DType;
using tensor::Epilogue;
using tensor::Shape;
using tensor::Tensor;

namespace {

/// At full width the reference computes a few rows only; the other tests cover the rest.
reference::MatmulExtents few_rows(const MatmulCase& c) {
    return {c.size == support::CaseSize::full ? std::min<std::int64_t>(c.rows, 3) : c.rows, c.inner, c.columns};
}

template <typename T>
std::vector<T> first_rows(const Tensor& y, std::int64_t rows) {
    std::vector<T> values = y.values<T>();
    values.resize(static_cast<std::size_t>(rows * y.shape()[1]));
    return values;
}

template <typename T>
std::vector<T> reference_nn(const std::vector<T>& a, const std::vector<T>& b, const reference::MatmulExtents& e) {
    return reference::matmul_nn<T>(std::span(a).first(static_cast<std::size_t>(e.rows * e.inner)), b, e);
}

/// The matrix [rows, columns] stored transposed.
template <typename T>
Tensor transposed(const Tensor& a) {
    const std::int64_t rows = a.shape()[0], columns = a.shape()[1];
    const std::vector<T> values = a.values<T>();
    std::vector<T> result;
    for (std::int64_t j = 0; j < columns; ++j)
        for (std::int64_t i = 0; i < rows; ++i) result.push_back(values[static_cast<std::size_t>(i * columns + j)]);
    return Tensor::from(result, {columns, rows});
}

}  // namespace

TEST_CASE_TEMPLATE("NN, NT and TN equal the reference exactly on whole numbers", T, float, double) {
    for (const MatmulCase& c : matmul_cases()) {
        CAPTURE(c.name);
        const Tensor a = whole_tensor<T>({c.rows, c.inner}, 1), b = whole_tensor<T>({c.inner, c.columns}, 2);
        const reference::MatmulExtents e = few_rows(c);
        const std::vector<T> expected = reference_nn(a.values<T>(), b.values<T>(), e);
        const Tensor nn = tensor::matmul_nn(a, b);
        CHECK(nn.shape() == Shape{c.rows, c.columns});
        CHECK(difference(first_rows<T>(nn, e.rows), expected) == "");
        CHECK(difference(first_rows<T>(tensor::matmul_nt(a, transposed<T>(b)), e.rows), expected) == "");
        CHECK(difference(first_rows<T>(tensor::matmul_tn(transposed<T>(a), b), e.rows), expected) == "");
    }
}

TEST_CASE("the reference's three forms are the same product of transposed operands") {
    for (const MatmulCase& c : matmul_cases()) {
        if (c.size == support::CaseSize::full) continue;
        CAPTURE(c.name);
        const reference::MatmulExtents e{c.rows, c.inner, c.columns};
        const Tensor a = whole_tensor<double>({c.rows, c.inner}, 3), b = whole_tensor<double>({c.inner, c.columns}, 4);
        const std::vector<double> nn = reference::matmul_nn<double>(a.values<double>(), b.values<double>(), e);
        CHECK(reference::matmul_nt<double>(a.values<double>(), transposed<double>(b).values<double>(), e) == nn);
        CHECK(reference::matmul_tn<double>(transposed<double>(a).values<double>(), b.values<double>(), e) == nn);
    }
}

TEST_CASE_TEMPLATE("products of real numbers stay within the bound of a sum in any order", T, float, double) {
    for (const MatmulCase& c : matmul_cases()) {
        CAPTURE(c.name);
        const Tensor a = real_tensor<T>({c.rows, c.inner}, 5), b = real_tensor<T>({c.inner, c.columns}, 6);
        const reference::MatmulExtents e = few_rows(c);
        const std::vector<double> exact_a = a.template values<double>(), exact_b = b.template values<double>();
        const std::vector<double> expected = reference_nn(exact_a, exact_b, e);
        const std::vector<double> magnitudes =
            reference_nn(support::magnitude(exact_a), support::magnitude(exact_b), e);
        const std::vector<double> tolerance = support::dot_tolerance<T>(static_cast<double>(c.inner), magnitudes);
        CHECK(difference(first_rows<T>(tensor::matmul_nn(a, b), e.rows), expected, tolerance) == "");
        CHECK(difference(first_rows<T>(tensor::matmul_nt(a, transposed<T>(b)), e.rows), expected, tolerance) == "");
        CHECK(difference(first_rows<T>(tensor::matmul_tn(transposed<T>(a), b), e.rows), expected, tolerance) == "");
    }
}

TEST_CASE_TEMPLATE("the fused epilogue equals product, bias and LeakyReLU one after the other, bit by bit", T, float,
                   double) {
    for (const MatmulCase& c : matmul_cases()) {
        CAPTURE(c.name);
        const Tensor a = real_tensor<T>({c.rows, c.inner}, 7), b = real_tensor<T>({c.inner, c.columns}, 8);
        const Tensor bias = real_tensor<T>({c.columns}, 9);
        const Tensor plain = tensor::matmul_nn(a, b);
        const Tensor biased = tensor::add(plain, bias);
        const auto fused = [&](const Epilogue& epilogue, Tensor* positive = nullptr) {
            return tensor::matmul_nn(a, b, epilogue, positive).template values<T>();
        };
        CHECK(same_bits(fused({bias, 1.0}), biased.values<T>()));
        CHECK(same_bits(fused({bias, 0.2}), tensor::leaky_relu(biased, 0.2).values<T>()));
        CHECK(same_bits(fused({{}, 0.2}), tensor::leaky_relu(plain, 0.2).values<T>()));
        CHECK(same_bits(fused({bias, 0.0}), tensor::relu(biased).values<T>()));
        const Tensor mask = real_tensor<T>({c.rows, c.columns}, 20);
        CHECK(same_bits(fused({.mask = mask, .mask_slope = 0.2}),
                        tensor::leaky_relu_mask(mask, plain, 0.2).template values<T>()));
        Tensor positive;
        CHECK(same_bits(fused({.mask = tensor::positive_bits(mask), .mask_slope = 0.2}, &positive),
                        tensor::leaky_relu_mask(mask, plain, 0.2).template values<T>()));
        CHECK(positive.values<std::uint8_t>() ==
              tensor::positive_bits(tensor::leaky_relu_mask(mask, plain, 0.2)).template values<std::uint8_t>());
        CHECK(difference(fused({bias, 0.2}), reference::epilogue<T>(plain.values<T>(), bias.values<T>(), 0.2)) == "");
    }
}

TEST_CASE_TEMPLATE("matmul: the number of threads changes no bit", T, float, double) {
    for (const MatmulCase& c : matmul_cases()) {
        CAPTURE(c.name);
        const Tensor a = real_tensor<T>({c.rows, c.inner}, 10), b = real_tensor<T>({c.inner, c.columns}, 11);
        const Tensor tall = real_tensor<T>({c.inner, c.rows}, 12);
        const auto nn = [&] { return tensor::matmul_nn(a, b).template values<T>(); };
        const auto tn = [&] { return tensor::matmul_tn(tall, b).template values<T>(); };
        const std::vector<T> one_nn = support::with_threads(1, nn), one_tn = support::with_threads(1, tn);
        for (const int threads : {2, 3}) {
            CAPTURE(threads);
            CHECK(same_bits(one_nn, support::with_threads(threads, nn)));
            CHECK(same_bits(one_tn, support::with_threads(threads, tn)));
        }
    }
}

// <NN(a, b), g> = <a, NT(g, b)> = <b, TN(a, g)>: the first-order rules, exact on whole numbers.
TEST_CASE("the three forms are each other's transposes") {
    for (const MatmulCase& c : matmul_cases()) {
        CAPTURE(c.name);
        const Tensor a = whole_tensor<float>({c.rows, c.inner}, 13), b = whole_tensor<float>({c.inner, c.columns}, 14);
        const Tensor g = whole_tensor<float>({c.rows, c.columns}, 15);
        const double t = support::inner_product(tensor::matmul_nn(a, b).values<float>(), g.values<float>());
        CHECK(support::inner_product(tensor::matmul_nt(g, b).values<float>(), a.values<float>()) == t);
        CHECK(support::inner_product(tensor::matmul_tn(a, g).values<float>(), b.values<float>()) == t);
    }
}

TEST_CASE("the derivative along a direction is the product rule: complex step") {
    const reference::MatmulExtents e{7, 5, 3};
    const std::vector<double> a = support::real_numbers<double>(35, 16), b = support::real_numbers<double>(15, 17);
    const std::vector<double> da = support::real_numbers<double>(35, 18), db = support::real_numbers<double>(15, 19);
    const std::vector<double> derivative = reference::derivative_of(reference::matmul_nn<reference::Complex>(
        reference::with_direction(a, da), reference::with_direction(b, db), e));
    const Tensor rule = tensor::add(tensor::matmul_nn(Tensor::from(da, {7, 5}), Tensor::from(b, {5, 3})),
                                    tensor::matmul_nn(Tensor::from(a, {7, 5}), Tensor::from(db, {5, 3})));
    CHECK(difference(rule.values<double>(), derivative, 1e-14) == "");  // ten products of numbers below 1
}

TEST_CASE("extents of zero: no rows, no columns, and a sum of nothing, which is 0 before the epilogue") {
    CHECK(tensor::matmul_nn(Tensor::zeros({0, 3}), Tensor::zeros({3, 4})).shape() == Shape{0, 4});
    CHECK(tensor::matmul_nn(Tensor::zeros({2, 3}), Tensor::zeros({3, 0})).shape() == Shape{2, 0});
    const Tensor a = Tensor::zeros({2, 0}), b = Tensor::zeros({0, 3});
    CHECK(tensor::matmul_nn(a, b).values<float>() == std::vector<float>(6, 0.0f));
    const Tensor bias = Tensor::from(std::vector<float>{1, -2, 3}, {3});
    CHECK(tensor::matmul_nn(a, b, {bias, 0.5}).values<float>() == std::vector<float>{1, -1, 3, 1, -1, 3});
}

TEST_CASE("errors name the form and what was given") {
    const Tensor a = Tensor::zeros({2, 3}), b = Tensor::zeros({4, 5}), cube = Tensor::zeros({2, 3, 4});
    const Tensor dry = Tensor::zeros({3, 5}, DType::f32, Device::dry()), f64 = Tensor::zeros({3, 5}, DType::f64);
    CHECK(contains_all(message_of([&] { tensor::matmul_nn(a, b); }), {"[matmul_nn]", "3", "4", "[2, 3]", "[4, 5]"}));
    CHECK(contains_all(message_of([&] { tensor::matmul_nt(a, b); }), {"[matmul_nt]", "3", "5"}));
    CHECK(contains_all(message_of([&] { tensor::matmul_tn(a, b); }), {"[matmul_tn]", "2", "4"}));
    CHECK(contains_all(message_of([&] { tensor::matmul_nn(a, cube); }), {"[matmul_nn]", "[2, 3, 4]"}));
    CHECK(contains_all(message_of([&] { tensor::matmul_nn(a, f64); }), {"[matmul_nn]", "f32", "f64"}));
    CHECK(contains_all(message_of([&] { tensor::matmul_nn(a, dry); }), {"[matmul_nn]", "cpu", "dry"}));

    const Tensor c = Tensor::zeros({3, 5});
    CHECK(contains_all(message_of([&] {
                           tensor::matmul_nn(a, c, {Tensor::zeros({4}), 1.0});
                       }),
                       {"[matmul_nn]", "[4]", "5"}));
    CHECK(contains_all(message_of([&] {
                           tensor::matmul_nn(a, c, {Tensor::zeros({5}, DType::f64), 1.0});
                       }),
                       {"[matmul_nn]", "f32", "f64"}));
    CHECK(contains_all(message_of([&] {
                           tensor::matmul_nn(a, c, {Tensor::zeros({5}, DType::f32, Device::dry()), 1.0});
                       }),
                       {"[matmul_nn]", "cpu", "dry"}));
}

TEST_CASE("a mask that is not like the product is an error") {
    const Tensor a = Tensor::zeros({2, 3}), b = Tensor::zeros({3, 5});
    const auto message = [&](const Tensor& mask) {
        return message_of([&] { tensor::matmul_nn(a, b, {.mask = mask, .mask_slope = 0.2}); });
    };
    CHECK(contains_all(message(Tensor::zeros({1, 5})), {"[matmul_nn]", "[1, 5]", "[2, 5]"}));
    CHECK(contains_all(message(Tensor::zeros({2, 5}, DType::f64)), {"[matmul_nn]", "f32", "f64"}));
    CHECK(contains_all(message(Tensor::zeros({2, 5}, DType::f32, Device::dry())), {"[matmul_nn]", "cpu", "dry"}));
}

TEST_CASE("u8 has no products: an error, in every form") {
    const Tensor square = Tensor::zeros({3, 3}, DType::u8);
    CHECK(contains_all(message_of([&] { tensor::matmul_nn(square, square); }), {"u8"}));
    CHECK(contains_all(message_of([&] { tensor::matmul_nt(square, square); }), {"u8"}));
    CHECK(contains_all(message_of([&] { tensor::matmul_tn(square, square); }), {"u8"}));
}
