// Batch norm and layer norm: the fused gradient at order 1, the composed one from order 2 on, and both equal.
#include "autograd/normalize.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "autograd/check_gradients.hpp"
#include "autograd/elementwise.hpp"
#include "autograd/grad.hpp"
#include "tests/autograd/inputs.hpp"
#include "tests/support/compare.hpp"

using autograd::check_gradients;
using autograd::NormalizeOver;
using autograd::Variable;
using support::difference;
using support::eps;
using support::Inputs;
using support::leaf;
using support::positive;
using support::real_tensor;
using support::smooth;
using tensor::Shape;

namespace {

constexpr double epsilon = 1e-5;
const std::vector<Shape> shapes = {{4, 3}, {2, 5}, {3, 2, 2, 1, 4}, {7, 1, 3}};
const std::vector<NormalizeOver> both = {NormalizeOver::batch, NormalizeOver::layer};

std::vector<tensor::Tensor> inputs_for(const Shape& shape) {
    return {smooth(shape, 1), positive({shape[-1]}, 2), smooth({shape[-1]}, 3)};
}

}  // namespace

TEST_CASE("normalize, fused and composed, is right at orders 1 and 2") {
    for (const NormalizeOver over : both)
        for (const Shape& shape : shapes) {
            CAPTURE(shape.to_string());
            CAPTURE(over == NormalizeOver::batch);
            const auto fused = [=](const Inputs& in) { return normalize(in[0], in[1], in[2], over, epsilon).y; };
            const auto composed = [=](const Inputs& in) {
                return normalize_composed(in[0], in[1], in[2], over, epsilon);
            };
            check_gradients(fused, inputs_for(shape));
            check_gradients(composed, inputs_for(shape));
        }
}

TEST_CASE("normalize is right at order 3, and with x used twice") {
    for (const NormalizeOver over : both) {
        CAPTURE(over == NormalizeOver::batch);
        const auto plain = [=](const Inputs& in) { return normalize(in[0], in[1], in[2], over, epsilon).y; };
        check_gradients(plain, inputs_for({4, 3}), {.order = 3});
        const auto twice = [=](const Inputs& in) {
            const Variable y = normalize(in[0], in[1], in[2], over, epsilon).y;
            return add(multiply(y, y), multiply(y, in[0]));
        };
        check_gradients(twice, inputs_for({4, 3}));
    }
}

TEST_CASE("normalize is right where gamma and beta depend on x") {
    // With a graph, the gradient by x must be that of x as an argument of the formula alone: what flows through gamma
    // and beta is the sweep's to add, once.
    for (const NormalizeOver over : both) {
        CAPTURE(over == NormalizeOver::batch);
        const auto tied = [=](const Inputs& in) {
            const Variable row = sum_to(square(in[0]), Shape{3});
            return normalize(in[0], row, autograd::tanh(row), over, epsilon).y;
        };
        check_gradients(tied, {smooth({4, 3}, 5)});
    }
}

// How much the two may differ. Either computes, for each x, with y^ the normalised x and s the inverse deviation,
//
//     gamma s (g - mean(g) - y^ mean(g y^))
//
// from means over n values. A mean of n values is off by at most n eps<T> of the mean of their sizes (compare.hpp); s
// and y^ carry the error of the mean and the variance below them, 2 n eps<T> relative to max|x| s. So each of the three
// terms is off by at most about 4 n eps<T> (1 + max|x| s) times the size of the largest, and the two gradients by twice
// the sum.
TEST_CASE_TEMPLATE("the fused gradient equals the composed one within the rounding of its sums", T, float, double) {
    for (const NormalizeOver over : both)
        for (const Shape& shape : {Shape{4, 3}, Shape{64, 8}, Shape{3, 8, 7, 1, 16}}) {
            CAPTURE(shape.to_string());
            CAPTURE(over == NormalizeOver::batch);
            const Inputs inputs{leaf(real_tensor<T>(shape, 1)), leaf(real_tensor<T>({shape[-1]}, 2)),
                                leaf(real_tensor<T>({shape[-1]}, 3))};
            const Variable g(real_tensor<T>(shape, 4));
            const auto fused = normalize(inputs[0], inputs[1], inputs[2], over, epsilon);
            const Variable composed = normalize_composed(inputs[0], inputs[1], inputs[2], over, epsilon);
            const auto of_fused = grad(std::span(&fused.y, 1), inputs, std::span(&g, 1));
            const auto of_composed = grad(std::span(&composed, 1), inputs, std::span(&g, 1));

            const std::int64_t groups = over == NormalizeOver::batch ? shape[-1] : shape[0];
            const double members = static_cast<double>(shape.elements() / groups);
            double s = 0, y_hat = 0;
            for (const double each : fused.inverse_deviation.values<double>()) s = std::max(s, each);
            y_hat = 2 * s;  // |x - mean| <= 2
            const double relative = 2 * 3 * 4 * members * eps<T> * (1 + s);
            const double x_tolerance = relative * s * (1 + 1 + y_hat * y_hat);
            const double rows = static_cast<double>(shape.elements() / shape[-1]);
            const double parameter_tolerance = relative * rows * (1 + y_hat);
            const std::vector<double> tolerances = {x_tolerance, parameter_tolerance, parameter_tolerance};
            for (std::size_t i = 0; i < 3; ++i)
                CHECK(difference(of_fused[i]->value().template values<T>(),
                                 of_composed[i]->value().template values<T>(), tolerances[i]) == "");
            CHECK(difference(fused.y.value().template values<T>(), composed.value().template values<T>(),
                             relative * (1 + y_hat)) == "");
        }
}

TEST_CASE("a gradient with a graph goes through the composition, one without does not") {
    const Inputs inputs{leaf(smooth({4, 3}, 1)), leaf(positive({3}, 2)), leaf(smooth({3}, 3))};
    const Variable y = sum(square(normalize(inputs[0], inputs[1], inputs[2], NormalizeOver::batch, epsilon).y));
    const Variable plain = grad(y, inputs[0], {.keep_graph = true});
    CHECK_FALSE(plain.requires_grad());
    const Variable with_graph = grad(y, inputs[0], {.create_graph = true});
    CHECK(describe_graph(with_graph).find("square_root") != std::string::npos);
    CHECK(difference(plain.value().values<double>(), with_graph.value().values<double>(), 1e-12) == "");
}

TEST_CASE("batch norm ties phrases together, layer norm does not: why a critic may only have the second") {
    // d y[0] / d x[1]: the gradient of phrase 0's value with respect to phrase 1.
    const auto leak = [](NormalizeOver over) {
        const Variable x = leaf(smooth({4, 3}, 1)), gamma(positive({3}, 2)), beta(smooth({3}, 3));
        const Variable y = normalize(x, gamma, beta, over, epsilon).y;
        std::vector<double> first_phrase(12, 0.0);
        first_phrase[0] = 1;
        const Variable g(tensor::Tensor::from(first_phrase, {4, 3}));
        const auto found = grad(std::span(&y, 1), std::span(&x, 1), std::span(&g, 1));
        double others = 0;
        const std::vector<double> values = found[0]->value().values<double>();
        for (std::size_t i = 3; i < 12; ++i) others += std::abs(values[i]);
        return others;
    };
    CHECK(leak(NormalizeOver::batch) > 0.1);
    CHECK(leak(NormalizeOver::layer) == 0.0);
}

TEST_CASE("the statistics that come back are constants with the value they should have") {
    const Variable x = leaf(tensor::Tensor::from(std::vector<double>{1, 10, 3, 10, 5, 10}, {3, 2}));
    const Variable gamma(tensor::Tensor::full({2}, 1.0, tensor::DType::f64)),
        beta(tensor::Tensor::zeros({2}, tensor::DType::f64));
    const auto result = normalize(x, gamma, beta, NormalizeOver::batch, 1e-5);
    CHECK(difference(result.mean.values<double>(), std::vector<double>{3, 10}) == "");
    // Variances 8/3 and 0.
    CHECK(difference(result.inverse_deviation.values<double>(),
                     std::vector<double>{1 / std::sqrt(8.0 / 3 + 1e-5), 1 / std::sqrt(1e-5)}, 1e-12) == "");
}
