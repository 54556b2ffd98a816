#include "tensor/normalize.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "tensor/error.hpp"
#include "tensor/reference/complex_step.hpp"
#include "tensor/reference/normalize.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/random_data.hpp"
#include "tests/support/threads.hpp"

namespace reference = tensor::reference;
using reference::Complex;
using support::contains_all;
using support::difference;
using support::eps;
using support::message_of;
using support::same_bits;
using tensor::Device;
using tensor::DType;
using tensor::NormalizeGeometry;
using tensor::NormalizeOver;
using tensor::Shape;
using tensor::Tensor;

namespace {

using Values = std::vector<double>;

constexpr double epsilon = 1e-5;

struct Case {
    Shape shape;
    NormalizeOver over;

    NormalizeGeometry geometry() const {
        const std::int64_t rows = shape.elements() / shape[-1];
        if (over == NormalizeOver::batch) return {1, true, rows, shape[-1]};
        return {shape[0], false, rows / shape[0], shape[-1]};
    }
    std::string name() const { return (over == NormalizeOver::batch ? "batch " : "layer ") + shape.to_string(); }
};

std::vector<Case> cases() {
    std::vector<Case> result;
    for (const NormalizeOver over : {NormalizeOver::batch, NormalizeOver::layer})
        for (const Shape& shape : {Shape{3, 5},
                                   {2, 7, 3},
                                   {4, 3, 2, 5, 7},
                                   {5, 1},
                                   {3, 2, 1, 1, 33},
                                   {2, 600, 17},
                                   {1, 4, 3},
                                   {3, 91, 16},
                                   {513, 1},
                                   {2, 515, 3},
                                   {2, 3, 300}})
            result.push_back({shape, over});
    return result;
}

/// x, gamma, beta and a cotangent of a case, in f64.
struct Data {
    Values x, gamma, beta, g;

    explicit Data(const Case& c)
        : x(support::real_numbers<double>(c.shape.elements(), 1)),
          gamma(support::real_numbers<double>(c.shape[-1], 2)),
          beta(support::real_numbers<double>(c.shape[-1], 3)),
          g(support::real_numbers<double>(c.shape.elements(), 4)) {}
};

template <typename T>
Tensor as(const Values& values, const Shape& shape) {
    return Tensor::from(values, shape).cast(tensor::dtype_of<T>());
}

double largest(const Values& values) {
    double result = 0;
    for (const double v : values) result = std::max(result, std::abs(v));
    return result;
}

}  // namespace

// Every xhat comes from a mean and a deviation of m numbers. Rounding them moves xhat by about (m eps) max|x| s and the
// m eps relative of s: the bound below, times |gamma| < 1. Statistics in f64 keep m out of it; m stays for T = double.
TEST_CASE_TEMPLATE("normalize agrees with the reference", T, float, double) {
    for (const Case& c : cases()) {
        CAPTURE(c.name());
        const Data d(c);
        const Shape channel{c.shape[-1]};
        const auto got =
            tensor::normalize(as<T>(d.x, c.shape), as<T>(d.gamma, channel), as<T>(d.beta, channel), c.over, epsilon);
        const auto expected = reference::normalize<double>(d.x, d.gamma, d.beta, c.geometry(), epsilon);
        const double m = std::is_same_v<T, double> ? static_cast<double>(reference::members(c.geometry())) : 1.0;
        const double s = largest(expected.inverse_deviation);
        CHECK(got.y.shape() == c.shape);
        CHECK(got.mean.shape() == Shape{static_cast<std::int64_t>(expected.mean.size())});
        CHECK(got.inverse_deviation.shape() == got.mean.shape());
        CHECK(difference(got.mean.template values<T>(), expected.mean, (m + 2) * eps<T>) == "");
        CHECK(difference(got.inverse_deviation.template values<T>(), expected.inverse_deviation,
                         (m + 4) * eps<T> * s * (1 + s)) == "");
        CHECK(difference(got.y.template values<T>(), expected.y, (m + 8) * eps<T> * (2 * s + 1)) == "");
    }
}

TEST_CASE_TEMPLATE("normalize_gradient agrees with the reference", T, float, double) {
    for (const Case& c : cases()) {
        CAPTURE(c.name());
        const Data d(c);
        const Shape channel{c.shape[-1]};
        // Both sides start from the same statistics, so that only the gradient's own rounding is compared.
        const Tensor x = as<T>(d.x, c.shape), gamma = as<T>(d.gamma, channel), beta = as<T>(d.beta, channel),
                     g = as<T>(d.g, c.shape);
        const auto forward = tensor::normalize(x, gamma, beta, c.over, epsilon);
        const Values mean = forward.mean.template values<double>(),
                     s = forward.inverse_deviation.template values<double>();
        const auto got = tensor::normalize_gradient(x, gamma, g, c.over, forward.mean, forward.inverse_deviation);
        const auto expected = reference::normalize_gradient<double>(d.x, d.gamma, d.g, c.geometry(), mean, s);
        // |h| < 1 and |xhat| < 2 s; an x gradient is s times (h, a mean of h, xhat times a mean of h xhat).
        const double xhat = 2 * largest(s), rows = static_cast<double>(c.shape.elements() / c.shape[-1]);
        const double m = std::is_same_v<T, double> ? static_cast<double>(reference::members(c.geometry())) : 1.0;
        CHECK(difference(got.x.template values<T>(), expected.x, (m + 8) * eps<T> * largest(s) * (2 + xhat * xhat)) ==
              "");
        const double sum = std::is_same_v<T, double> ? rows : 1.0;
        CHECK(difference(got.gamma.template values<T>(), expected.gamma, (sum + 4) * eps<T> * rows * (1 + xhat)) == "");
        CHECK(difference(got.beta.template values<T>(), expected.beta, (sum + 1) * eps<T> * rows) == "");
        CHECK(got.x.shape() == c.shape);
        CHECK(got.gamma.shape() == channel);
        CHECK(got.beta.shape() == channel);
    }
}

TEST_CASE("the reference gradient is the derivative of the reference: complex step along every input") {
    for (const Case& c : cases()) {
        if (c.shape.elements() > 1000) continue;
        CAPTURE(c.name());
        const Data d(c);
        using Z = std::vector<Complex>;
        const Z x = reference::constant(d.x), gamma = reference::constant(d.gamma), beta = reference::constant(d.beta);
        const auto loss = [&](const Z& a, const Z& b, const Z& e) {
            Complex total = 0;
            const auto y = reference::normalize<Complex>(a, b, e, c.geometry(), epsilon).y;
            for (std::size_t i = 0; i < y.size(); ++i) total += y[i] * d.g[i];
            return total;
        };
        const auto forward = reference::normalize<double>(d.x, d.gamma, d.beta, c.geometry(), epsilon);
        const auto rule = reference::normalize_gradient<double>(d.x, d.gamma, d.g, c.geometry(), forward.mean,
                                                                forward.inverse_deviation);
        // Relative to the terms that cancel: s (1 + xhat^2) for an element of x, the number of terms for gamma and
        // beta.
        const double s = largest(forward.inverse_deviation), xhat = 2 * s, n = static_cast<double>(c.shape.elements());
        CHECK(difference(rule.x, reference::complex_gradient([&](const Z& z) { return loss(z, gamma, beta); }, d.x),
                         1e-13 * s * (1 + xhat * xhat)) == "");
        CHECK(difference(rule.gamma, reference::complex_gradient([&](const Z& z) { return loss(x, z, beta); }, d.gamma),
                         1e-14 * n * (1 + xhat)) == "");
        CHECK(difference(rule.beta, reference::complex_gradient([&](const Z& z) { return loss(x, gamma, z); }, d.beta),
                         1e-14 * n) == "");
    }
}

TEST_CASE("on paper: 1 2 3 4 with variance 5/4") {
    const Tensor x = Tensor::from(Values{1, 2, 3, 4}, {4, 1}), one = Tensor::full({1}, 1, DType::f64);
    const auto batch = tensor::normalize(x, Tensor::full({1}, 2, DType::f64), one, NormalizeOver::batch, 1e-300);
    const double s = 1 / std::sqrt(1.25);
    CHECK(batch.mean.values<double>() == Values{2.5});
    CHECK(difference(batch.inverse_deviation.values<double>(), Values{s}, 1e-15) == "");
    CHECK(difference(batch.y.values<double>(), Values{1 - 3 * s, 1 - s, 1 + s, 1 + 3 * s}, 1e-15) == "");
    const auto layer = tensor::normalize(x.reshape({1, 4}), Tensor::full({4}, 1, DType::f64),
                                         Tensor::zeros({4}, DType::f64), NormalizeOver::layer, 1e-300);
    CHECK(layer.mean.values<double>() == Values{2.5});
    CHECK(difference(layer.y.values<double>(), Values{-1.5 * s, -0.5 * s, 0.5 * s, 1.5 * s}, 1e-15) == "");
}

TEST_CASE("batch norm mixes phrases and keeps channels apart, layer norm the other way round") {
    const Shape shape{3, 4, 5};
    Values x = support::real_numbers<double>(60, 5);
    const Tensor gamma = Tensor::full({5}, 1, DType::f64), beta = Tensor::zeros({5}, DType::f64);
    const auto y = [&](NormalizeOver over) {
        return tensor::normalize(Tensor::from(x, shape), gamma, beta, over, epsilon).y.values<double>();
    };
    const Values batch = y(NormalizeOver::batch), layer = y(NormalizeOver::layer);
    x[7] += 0.5;  // phrase 0, channel 2
    const Values batch_moved = y(NormalizeOver::batch), layer_moved = y(NormalizeOver::layer);
    for (std::size_t i = 0; i < 60; ++i) {
        CAPTURE(i);
        CHECK((batch[i] != batch_moved[i]) == (i % 5 == 2));
        CHECK((layer[i] != layer_moved[i]) == (i < 20));
    }
}

// The one-pass variance E x^2 - (E x)^2 loses all digits of a deviation of 1e-3 at a mean of 1000 in f32.
TEST_CASE("a mean far above the deviation costs no more than the rounding of the input") {
    constexpr double mean = 1000, spread = 1.0 / 64;
    const std::int64_t rows = 4096;
    Values x;
    for (std::int64_t i = 0; i < rows; ++i) x.push_back(mean + (i % 2 ? spread : -spread));  // exact in f32
    const Tensor one = Tensor::full({1}, 1), zero = Tensor::zeros({1});
    const auto result = tensor::normalize(as<float>(x, {rows, 1}), one, zero, NormalizeOver::batch, 1e-10);
    CHECK(result.mean.values<float>()[0] == 1000.0f);
    const double s = 1 / std::sqrt(spread * spread + 1e-10);
    CHECK(difference(result.inverse_deviation.values<float>(), Values{s}, 4 * eps<float> * s) == "");
    Values expected;
    for (const double v : x) expected.push_back((v - mean) * s);
    CHECK(difference(result.y.values<float>(), expected, 8 * eps<float>) == "");
}

TEST_CASE("a constant input gives beta and finite gradients, even at the smallest epsilon that is used") {
    const Tensor x = Tensor::full({4, 3}, 0.75), gamma = Tensor::full({3}, 2), beta = Tensor::full({3}, -1);
    for (const NormalizeOver over : {NormalizeOver::batch, NormalizeOver::layer}) {
        const auto forward = tensor::normalize(x, gamma, beta, over, 1e-8);
        CHECK(difference(forward.y.values<float>(), std::vector<float>(12, -1.0f)) == "");
        const auto gradient = tensor::normalize_gradient(x, gamma, support::real_tensor<float>({4, 3}, 6), over,
                                                         forward.mean, forward.inverse_deviation);
        for (const Tensor& t : {gradient.x, gradient.gamma, gradient.beta}) {
            bool finite = true;
            for (const float v : t.values<float>()) finite = finite && std::isfinite(v);
            CHECK(finite);
        }
    }
}

TEST_CASE_TEMPLATE("normalize: the number of threads changes no bit", T, float, double) {
    for (const NormalizeOver over : {NormalizeOver::batch, NormalizeOver::layer}) {
        const Case c{{7, 301, 65}, over};
        const Data d(c);
        const Tensor x = as<T>(d.x, c.shape), gamma = as<T>(d.gamma, {65}), beta = as<T>(d.beta, {65}),
                     g = as<T>(d.g, c.shape);
        const auto run = [&] {
            const auto forward = tensor::normalize(x, gamma, beta, c.over, epsilon);
            const auto gradient =
                tensor::normalize_gradient(x, gamma, g, c.over, forward.mean, forward.inverse_deviation);
            std::vector<T> all;
            for (const Tensor& t :
                 {forward.y, forward.mean, forward.inverse_deviation, gradient.x, gradient.gamma, gradient.beta})
                for (const T v : t.template values<T>()) all.push_back(v);
            return all;
        };
        const std::vector<T> one = support::with_threads(1, run);
        CHECK(same_bits(one, support::with_threads(2, run)));
        CHECK(same_bits(one, support::with_threads(3, run)));
    }
}

TEST_CASE("normalize: errors name the operator and what was given") {
    const Tensor x = Tensor::zeros({2, 3, 4}), c = Tensor::zeros({4}), n = Tensor::zeros({2});
    const auto batch = NormalizeOver::batch, layer = NormalizeOver::layer;
    CHECK(contains_all(message_of([&] { tensor::normalize(c, c, c, batch, epsilon); }), {"[normalize]", "[4]"}));
    CHECK(contains_all(message_of([&] { tensor::normalize(x, n, c, batch, epsilon); }),
                       {"[normalize]", "gamma [2]", "4"}));
    CHECK(contains_all(message_of([&] { tensor::normalize(x, c, n, batch, epsilon); }),
                       {"[normalize]", "beta [2]", "[4]"}));
    CHECK(contains_all(message_of([&] { tensor::normalize(x, c, c, layer, 0); }), {"[normalize]", "epsilon 0"}));
    CHECK(contains_all(message_of([&] { tensor::normalize(x, c, c, layer, std::nan("")); }), {"[normalize]", "nan"}));
    CHECK(contains_all(message_of([&] { tensor::normalize(x, c.cast(DType::f64), c, batch, epsilon); }),
                       {"[normalize]", "f32", "f64"}));
    CHECK(contains_all(message_of([&] { tensor::normalize(x, c, c.to(Device::dry()), batch, epsilon); }),
                       {"[normalize]", "cpu", "dry"}));
    CHECK_THROWS_AS(tensor::normalize(Tensor::zeros({0, 4}), c, c, batch, epsilon), tensor::Error);
    CHECK(contains_all(message_of([&] { tensor::normalize_gradient(x, c, c, batch, c, c); }),
                       {"[normalize_gradient]", "[4]", "[2, 3, 4]"}));
    CHECK(contains_all(message_of([&] { tensor::normalize_gradient(x, c, x, batch, n, n); }),
                       {"[normalize_gradient]", "[2]", "[4]"}));
    CHECK(contains_all(message_of([&] { tensor::normalize_gradient(x, c, x, layer, c, c); }),
                       {"[normalize_gradient]", "[4]", "[2]"}));
    CHECK_NOTHROW(tensor::normalize_gradient(x, c, x, layer, n, n));
}

TEST_CASE("on paper: running statistics go a quarter of the way to a batch's, its variance without bias") {
    // Means 4 and 8; variances 3 and 1 with bias, of 4 values: 4 and 4/3 without.
    const Tensor mean = Tensor::from(std::vector<double>{4, 8}, {2}),
                 inverse_deviation = Tensor::from(std::vector<double>{0.5, 1 / std::sqrt(2.0)}, {2});
    Tensor running_mean = Tensor::from(std::vector<double>{0, 4}, {2}),
           running_variance = Tensor::from(std::vector<double>{8, 0}, {2});
    const void* const storage = running_mean.raw();
    tensor::follow_statistics(mean, inverse_deviation, 4, 1.0, 0.75, running_mean, running_variance);
    CHECK(running_mean.raw() == storage);
    CHECK(running_mean.values<double>() == std::vector<double>{1, 5});
    CHECK(running_variance.values<double>()[0] == 7);
    CHECK(running_variance.values<double>()[1] == doctest::Approx(1.0 / 3).epsilon(1e-14));
    // A single value has no unbiased variance: the biased one is taken.
    tensor::follow_statistics(mean, inverse_deviation, 1, 1.0, 0.0, running_mean, running_variance);
    CHECK(running_variance.values<double>()[0] == 3);
}

TEST_CASE("follow_statistics: errors name the operator and what was given") {
    Tensor two = Tensor::zeros({2}), three = Tensor::zeros({3}), f64 = Tensor::zeros({2}, tensor::DType::f64);
    const auto message = [](const Tensor& mean, Tensor& running, std::int64_t members) {
        return message_of([&] { tensor::follow_statistics(mean, mean, members, 1e-5, 0.9, running, running); });
    };
    CHECK(contains_all(message(two, three, 4), {"[follow_statistics]", "[2]", "[3]"}));
    CHECK(contains_all(message(two, f64, 4), {"[follow_statistics]", "f32", "f64"}));
    CHECK(contains_all(message(two, two, 0), {"[follow_statistics]", "0 members"}));
}
