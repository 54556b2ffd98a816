// Gradients of the three matrix products and of the fused dense layer.
#include <doctest/doctest.h>

#include "autograd/check_gradients.hpp"
#include "autograd/elementwise.hpp"
#include "autograd/grad.hpp"
#include "autograd/matmul.hpp"
#include "tests/autograd/inputs.hpp"
#include "tests/autograd/results.hpp"
#include "tests/support/compare.hpp"

using autograd::check_gradients;
using autograd::Variable;
using support::contains_all;
using support::difference;
using support::Inputs;
using support::leaf;
using support::message_of;
using support::real_tensor;
using support::same_bits;
using support::smooth;
using support::three_orders;
using tensor::Shape;
using tensor::Tensor;

namespace {

struct Extents {
    std::int64_t i, j, k;
};
const std::vector<Extents> extents = {{1, 1, 1}, {2, 3, 4}, {5, 1, 3}, {1, 7, 1}, {9, 17, 5}};

/// The dense layer as three separate operators.
Variable dense_composed(const Variable& a, const Variable& w, const Variable& b, double slope) {
    const Variable product = matmul_nn(a, w);
    const Variable biased = b.defined() ? add(product, b) : product;
    return slope == 1.0 ? biased : autograd::leaky_relu(biased, slope);
}

}  // namespace

TEST_CASE("the three products are right at orders 1 to 3") {
    for (const Extents& e : extents) {
        const std::int64_t i = e.i, j = e.j, k = e.k;
        CAPTURE(i);
        CAPTURE(j);
        CAPTURE(k);
        const auto check = [](auto product, const Shape& a, const Shape& b) {
            check_gradients([=](const Inputs& in) { return product(in[0], in[1]); }, {smooth(a, 1), smooth(b, 2)},
                            {.order = 3});
        };
        check(autograd::matmul_nn, {i, j}, {j, k});
        check(autograd::matmul_nt, {i, j}, {k, j});
        check(autograd::matmul_tn, {j, i}, {j, k});
    }
}

TEST_CASE("products of a matrix with itself, and chains of all three, are right at orders 1 and 2") {
    check_gradients([](const Inputs& in) { return matmul_nn(in[0], in[0]); }, {smooth({3, 3}, 1)}, {.order = 3});
    check_gradients([](const Inputs& in) { return matmul_nt(in[0], in[0]); }, {smooth({2, 3}, 1)}, {.order = 3});
    check_gradients([](const Inputs& in) { return matmul_tn(in[0], in[0]); }, {smooth({2, 3}, 1)}, {.order = 3});
    check_gradients(
        [](const Inputs& in) { return matmul_tn(matmul_nt(autograd::tanh(matmul_nn(in[0], in[1])), in[1]), in[0]); },
        {smooth({2, 3}, 1), smooth({3, 4}, 2)});
}

TEST_CASE("the fused dense layer is right at orders 1 and 2") {
    // Biases of size 3 and more keep every unit away from its kink: |a w| stays below 2.5.
    const Tensor b = Tensor::from(std::vector<double>{3, -4, 3.5}, {3});
    for (const double slope : {1.0, 0.2, 0.0}) {
        CAPTURE(slope);
        const auto with_bias = [=](const Inputs& in) {
            return square(matmul_bias_leaky_relu(in[0], in[1], in[2], slope));
        };
        check_gradients(with_bias, {smooth({4, 2}, 1), smooth({2, 3}, 2), b});
    }
    const auto without_bias = [](const Inputs& in) {
        return square(matmul_bias_leaky_relu(in[0], in[1], Variable(), 1.0));
    };
    check_gradients(without_bias, {smooth({4, 2}, 1), smooth({2, 3}, 2)});
}

TEST_CASE_TEMPLATE("the fused dense layer equals its composition bit for bit, gradients and their gradients too", T,
                   float, double) {
    for (const bool biased : {true, false})
        for (const double slope : {1.0, 0.2, 0.0})
            for (const Extents& e : extents) {
                const std::int64_t i = e.i, j = e.j, k = e.k;
                CAPTURE(biased);
                CAPTURE(slope);
                CAPTURE(i);
                const Variable a = leaf(real_tensor<T>({i, j}, 1)), w = leaf(real_tensor<T>({j, k}, 2));
                const Variable b = biased ? leaf(real_tensor<T>({k}, 3)) : Variable();
                const Variable cotangent = leaf(real_tensor<T>({i, k}, 4));
                Inputs inputs{a, w, cotangent};
                if (biased) inputs.push_back(b);
                const auto orders = [&](const Variable& y) {
                    return three_orders<T>(y, sum(square(multiply(y, cotangent))), inputs);
                };
                const auto fused = orders(matmul_bias_leaky_relu(a, w, b, slope)),
                           plain = orders(dense_composed(a, w, b, slope));
                REQUIRE(fused.size() == plain.size());
                for (std::size_t n = 0; n < fused.size(); ++n) CHECK(same_bits(fused[n], plain[n]));
            }
}

TEST_CASE("the tape of a fused layer is that of its composition") {
    const auto operations = [](const Variable& y) {
        std::string text;
        for (const autograd::Node* node = y.node().get(); node;
             node = node->inputs.empty() ? nullptr : node->inputs[0].get())
            text += std::string(node->operation) + " ";
        return text;
    };
    const Variable a = leaf(smooth({2, 3}, 1)), w = leaf(smooth({3, 4}, 2)), b = leaf(smooth({4}, 3));
    const Variable y = matmul_bias_leaky_relu(a, w, b, 0.2);
    CHECK(operations(y) == "leaky_relu add matmul_nn leaf ");
    CHECK(operations(y) == operations(dense_composed(a, w, b, 0.2)));
}

TEST_CASE("errors of products come through with their names") {
    const Variable a = leaf(smooth({2, 3}, 1)), w = leaf(smooth({2, 4}, 2)), b = leaf(smooth({5}, 3));
    CHECK(contains_all(message_of([&] { matmul_nn(a, w); }), {"[matmul_nn]", "3 and 2"}));
    CHECK(contains_all(message_of([&] {
                           matmul_bias_leaky_relu(a, leaf(smooth({3, 4}, 1)), b, 0.2);
                       }),
                       {"[matmul_nn]", "bias", "[5]"}));
}
