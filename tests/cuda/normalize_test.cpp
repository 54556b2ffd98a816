// Batch norm and layer norm on the device against the CPU's. Statistics are sums in f64 on both sides, so means of
// whole numbers are equal; for what rounds, a tolerance is derived beside the test.
#include "tensor/normalize.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "tensor/elementwise.hpp"
#include "tensor/reference/normalize.hpp"
#include "tests/cuda/results.hpp"

namespace reference = tensor::reference;
using support::difference;
using support::eps;
using support::whole_tensor;
using tensor::Device;
using tensor::DType;
using tensor::NormalizeGeometry;
using tensor::NormalizeOver;
using tensor::Shape;
using tensor::Tensor;

namespace {

constexpr double epsilon = 1e-3;

struct Case {
    NormalizeGeometry geometry;

    Shape shape() const { return {geometry.groups, geometry.rows, geometry.channels}; }
    Shape statistics() const { return {geometry.per_channel ? geometry.channels : geometry.groups}; }
    double members() const { return static_cast<double>(reference::members(geometry)); }
    std::string name() const { return (geometry.per_channel ? "batch " : "layer ") + shape().to_string(); }
};

/// Rows and channels on both sides of a block's, a single value, and sums of two launches.
std::vector<Case> cases() {
    std::vector<Case> result;
    for (const std::int64_t channels : support::odd_channels)
        for (const std::int64_t rows : {1, 2, 31, 33, 257, 1000}) {
            result.push_back({{1, true, rows, channels}});
            result.push_back({{3, false, rows, channels}});
        }
    result.push_back({{1, false, 20011, 3}});
    result.push_back({{1, true, 20011, 3}});
    return result;
}

/// What one backend computes for a case, on the host.
template <typename T>
struct Forward {
    std::vector<T> y, mean, inverse_deviation;
};
template <typename T>
Forward<T> forward_on(Device device, const Case& c) {
    Tensor y = support::unwritten<T>(c.shape(), device), mean = support::unwritten<T>(c.statistics(), device),
           inverse_deviation = support::unwritten<T>(c.statistics(), device);
    tensor::backend(device).normalize(
        whole_tensor<T>(c.shape(), 1, device), whole_tensor<T>({c.geometry.channels}, 2, device),
        whole_tensor<T>({c.geometry.channels}, 3, device), c.geometry, epsilon, y, mean, inverse_deviation);
    return {y.template values<T>(), mean.template values<T>(), inverse_deviation.template values<T>()};
}

/// Statistics of whole numbers, made up: with them every sum of the gradient is exact. Inverse deviations are 1 and 2.
template <typename T>
struct Gradient {
    std::vector<T> x, gamma, beta;
};
template <typename T>
Gradient<T> gradient_on(Device device, const Case& c) {
    const Shape channel{c.geometry.channels};
    std::vector<T> deviations;
    for (std::int64_t i = 0; i < c.statistics().elements(); ++i) deviations.push_back(i % 3 == 1 ? T(2) : T(1));
    Tensor x = support::unwritten<T>(c.shape(), device), gamma = support::unwritten<T>(channel, device),
           beta = support::unwritten<T>(channel, device);
    tensor::backend(device).normalize_gradient(
        whole_tensor<T>(c.shape(), 1, device), whole_tensor<T>(channel, 2, device),
        whole_tensor<T>(c.shape(), 4, device), c.geometry, whole_tensor<T>(c.statistics(), 5, device),
        Tensor::from(deviations, c.statistics(), device), x, gamma, beta);
    return {x.template values<T>(), gamma.template values<T>(), beta.template values<T>()};
}

/// Sums of m numbers in f64, in whatever order, are within m eps of their magnitudes; the variance's are positive. One
/// more rounding for each of quotient, sum with epsilon, root and reciprocal, then one to T.
template <typename T>
double deviation_error(const Case& c) {
    return (c.members() + 4) * eps<double> + eps<T>;
}

/// y = (x - mean) r gamma + beta: three roundings to T relative to the product, one to y, and the difference in r.
template <typename T>
std::vector<double> forward_tolerance(const Case& c, const std::vector<T>& y) {
    constexpr double largest_beta = 4;
    std::vector<double> tolerance;
    for (const double value : support::magnitude(y))
        tolerance.push_back((4 * eps<T> + deviation_error<T>(c)) * (value + largest_beta));
    return tolerance;
}

/// r (q - <q> - h <q h>) in f64, rounded once: neighbours of T at most. Of whole numbers in [-4, 4], with r <= 2, |h|
/// <= 16, |q| <= 16 and |<q h>| <= 256, so that the terms are within 2 (16 + 16 + 16 256) = 8256, each of six
/// operations.
template <typename T>
std::vector<double> gradient_tolerance(const std::vector<T>& x) {
    std::vector<double> tolerance;
    for (const double value : support::magnitude(x)) tolerance.push_back(eps<T> * value + 6 * 8256 * eps<double>);
    return tolerance;
}

template <typename T>
std::vector<double> relative(double error, const std::vector<T>& values) {
    std::vector<double> tolerance = support::magnitude(values);
    for (double& t : tolerance) t *= error;
    return tolerance;
}

}  // namespace

TEST_CASE_TEMPLATE("normalize on the device: the CPU's means exactly, and the rest to its rounding", T, float, double) {
    NEEDS_CUDA();
    for (const Case& c : cases()) {
        CAPTURE(c.name());
        const Forward<T> got = forward_on<T>(Device::cuda(), c), expected = forward_on<T>(Device::cpu(), c);
        CHECK(difference(got.mean, expected.mean) == "");
        CHECK(difference(got.inverse_deviation, expected.inverse_deviation,
                         relative(deviation_error<T>(c), expected.inverse_deviation)) == "");
        CHECK(difference(got.y, expected.y, forward_tolerance(c, expected.y)) == "");
    }
    CHECK(support::cuda_faults() == "");
}

TEST_CASE_TEMPLATE("normalize_gradient on the device: the CPU's sums exactly, and the rest to its rounding", T, float,
                   double) {
    NEEDS_CUDA();
    for (const Case& c : cases()) {
        CAPTURE(c.name());
        const Gradient<T> got = gradient_on<T>(Device::cuda(), c), expected = gradient_on<T>(Device::cpu(), c);
        CHECK(difference(got.gamma, expected.gamma) == "");
        CHECK(difference(got.beta, expected.beta) == "");
        CHECK(difference(got.x, expected.x, gradient_tolerance(expected.x)) == "");
    }
    CHECK(support::cuda_faults() == "");
}

TEST_CASE_TEMPLATE("one statistic per channel takes the rows of all groups, on both devices", T, float, double) {
    NEEDS_CUDA();
    for (const std::int64_t channels : {1, 4, 5})
        for (const std::int64_t rows : {1, 33, 257}) {
            const Case split{{3, true, rows, channels}}, joined{{1, true, 3 * rows, channels}};
            CAPTURE(split.name());
            for (const Device device : {Device::cpu(), Device::cuda()}) {
                CAPTURE(device.to_string());
                const Forward<T> a = forward_on<T>(device, split), b = forward_on<T>(device, joined);
                CHECK(support::same_bits(a.y, b.y));
                CHECK(support::same_bits(a.mean, b.mean));
                CHECK(support::same_bits(a.inverse_deviation, b.inverse_deviation));
                const Gradient<T> da = gradient_on<T>(device, split), db = gradient_on<T>(device, joined);
                CHECK(support::same_bits(da.x, db.x));
                CHECK(support::same_bits(da.gamma, db.gamma));
                CHECK(support::same_bits(da.beta, db.beta));
            }
        }
    CHECK(support::cuda_faults() == "");
}

// The one-pass variance E x^2 - (E x)^2 loses all digits of a deviation of 1/64 at a mean of 1000 in f32.
TEST_CASE("on the device, too, a mean far above the deviation costs no more than the rounding of the input") {
    NEEDS_CUDA();
    constexpr double spread = 1.0 / 64;
    constexpr std::int64_t rows = 4096;
    std::vector<float> x;
    std::vector<double> expected;
    const double s = 1 / std::sqrt(spread * spread + 1e-10);
    for (std::int64_t i = 0; i < rows; ++i) {
        const double distance = i % 2 ? spread : -spread;
        x.push_back(static_cast<float>(1000 + distance));  // exact
        expected.push_back(distance * s);
    }
    const Tensor one = Tensor::full({1}, 1, DType::f32, Device::cuda()),
                 zero = Tensor::zeros({1}, DType::f32, Device::cuda());
    const auto result =
        tensor::normalize(Tensor::from(x, {rows, 1}, Device::cuda()), one, zero, NormalizeOver::batch, 1e-10);
    CHECK(result.mean.values<float>()[0] == 1000.0f);
    // Rounded once, then a product of it with an exact number.
    CHECK(difference(result.inverse_deviation.values<float>(), std::vector<double>{s}, eps<float> * s) == "");
    CHECK(difference(result.y.values<float>(), expected, 2 * eps<float>) == "");
    CHECK(support::cuda_faults() == "");
}

TEST_CASE_TEMPLATE("normalisation on the device gives the same bits each time", T, float, double) {
    NEEDS_CUDA();
    for (const NormalizeOver over : {NormalizeOver::batch, NormalizeOver::layer}) {
        const Shape shape{7, 301, 65};
        const Tensor x = support::real_tensor<T>(shape, 6, Device::cuda()),
                     g = support::real_tensor<T>(shape, 7, Device::cuda());
        const Tensor gamma = support::real_tensor<T>({65}, 8, Device::cuda()),
                     beta = support::real_tensor<T>({65}, 9, Device::cuda());
        const auto run = [&] {
            const auto forward = tensor::normalize(x, gamma, beta, over, epsilon);
            const auto gradient =
                tensor::normalize_gradient(x, gamma, g, over, forward.mean, forward.inverse_deviation);
            std::vector<T> all;
            for (const Tensor& t :
                 {forward.y, forward.mean, forward.inverse_deviation, gradient.x, gradient.gamma, gradient.beta})
                for (const T v : t.template values<T>()) all.push_back(v);
            return all;
        };
        CHECK(support::same_bits(run(), run()));
    }
    CHECK(support::cuda_faults() == "");
}

TEST_CASE_TEMPLATE("running statistics follow on the device as on the CPU, to the rounding of a few operations", T,
                   float, double) {
    NEEDS_CUDA();
    for (const std::int64_t channels : support::odd_channels) {
        CAPTURE(channels);
        const Tensor mean = support::real_tensor<T>({channels}, 31),
                     deviation = tensor::affine(tensor::square(support::real_tensor<T>({channels}, 32)), 1, 0.5);
        const auto follow = [&](Device device) {
            Tensor running_mean = support::real_tensor<T>({channels}, 33, device),
                   running_variance = tensor::square(support::real_tensor<T>({channels}, 34, device));
            tensor::follow_statistics(mean.to(device), deviation.to(device), 77, 1e-5, 0.9, running_mean,
                                      running_variance);
            std::vector<T> all = running_mean.template values<T>();
            for (const T v : running_variance.template values<T>()) all.push_back(v);
            return all;
        };
        // A product may be fused with the addition behind it; values are below 8.
        CHECK(support::difference(follow(Device::cuda()), follow(Device::cpu()), 16 * support::eps<T>) == "");
    }
    CHECK(support::cuda_faults() == "");
}
