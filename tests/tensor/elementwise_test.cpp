#include "tensor/elementwise.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "tensor/error.hpp"
#include "tensor/functors.hpp"
#include "tensor/reference/complex_step.hpp"
#include "tensor/reference/elementwise.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/random_data.hpp"
#include "tests/support/threads.hpp"

namespace reference = tensor::reference;
using support::contains_all;
using support::difference;
using support::eps;
using support::message_of;
using support::real_tensor;
using support::same_bits;
using support::whole_tensor;
using tensor::Device;
using tensor::DType;
using tensor::Shape;
using tensor::Tensor;

namespace {

/// Shapes that are empty, a scalar, shorter than a vector, no multiple of one, and large enough for threads.
const std::vector<Shape> shapes = {{}, {0}, {1}, {3}, {2, 3, 5}, {1023}, {7, 11, 13, 17}, {100003}};

/// `factor` eps |value| for each: the rounding error of a formula of a few correctly rounded operations.
template <typename T>
std::vector<double> relative(double factor, const std::vector<T>& values) {
    std::vector<double> tolerance = support::magnitude(values);
    for (double& t : tolerance) t *= factor * eps<T>;
    return tolerance;
}

}  // namespace

TEST_CASE_TEMPLATE("one-argument operators agree with their formula on every element", T, float, double) {
    for (const Shape& shape : shapes) {
        CAPTURE(shape.to_string());
        const Tensor whole = whole_tensor<T>(shape, 1), real = real_tensor<T>(shape, 2);
        const std::vector<T> w = whole.values<T>(), r = real.values<T>();
        CHECK(difference(tensor::affine(whole, 3, -2).values<T>(), reference::unary<T>(tensor::Affine{3, -2}, w)) ==
              "");
        CHECK(difference(tensor::scale(whole, -2).values<T>(), reference::unary<T>(tensor::Affine{-2, 0}, w)) == "");
        CHECK(difference(tensor::negate(real).values<T>(), reference::unary<T>(tensor::Affine{-1, 0}, r)) == "");
        CHECK(difference(tensor::square(real).values<T>(), reference::unary<T>(tensor::Square{}, r)) == "");
        CHECK(difference(tensor::leaky_relu(real, 0.2).values<T>(), reference::unary<T>(tensor::LeakyRelu{0.2}, r)) ==
              "");
        CHECK(difference(tensor::relu(real).values<T>(), reference::unary<T>(tensor::LeakyRelu{0}, r)) == "");
        CHECK(difference(tensor::binarize(whole).values<T>(), reference::unary<T>(tensor::Binarize{}, w)) == "");
        const Tensor positive = tensor::affine(tensor::square(real), 1, 0.5);
        const std::vector<T> p = positive.values<T>();
        CHECK(difference(tensor::square_root(positive).values<T>(), reference::unary<T>(tensor::SquareRoot{}, p)) ==
              "");
        CHECK(difference(tensor::reciprocal(positive).values<T>(), reference::unary<T>(tensor::Reciprocal{}, p)) == "");
        // Library functions: within a few units in the last place.
        const std::vector<T> tangent = reference::unary<T>(tensor::HyperbolicTangent{}, r);
        CHECK(difference(tensor::tanh(real).values<T>(), tangent, relative(4, tangent)) == "");
        const std::vector<T> sigmoid = reference::unary<T>(tensor::Sigmoid{}, r);
        CHECK(difference(tensor::sigmoid(real).values<T>(), sigmoid, relative(4, sigmoid)) == "");
        const std::vector<T> softplus = reference::unary<T>(tensor::Softplus{}, r);
        CHECK(difference(tensor::softplus(real).values<T>(), softplus, relative(4, softplus)) == "");
    }
}

TEST_CASE_TEMPLATE("two-argument operators broadcast from the last axis", T, float, double) {
    const std::vector<std::pair<Shape, Shape>> pairs = {{{4, 3}, {4, 3}},
                                                        {{4, 3}, {3}},
                                                        {{4, 3}, {4, 1}},
                                                        {{1, 3}, {4, 1}},
                                                        {{}, {2, 3}},
                                                        {{2, 3}, {}},
                                                        {{}, {}},
                                                        {{2, 1, 4, 1}, {3, 1, 5}},
                                                        {{2, 3, 4, 5}, {3, 1, 5}},
                                                        {{3, 1, 5}, {2, 3, 4, 5}},
                                                        {{0, 3}, {1, 3}},
                                                        {{5, 0}, {5, 1}},
                                                        {{33, 1, 7, 1, 2, 3}, {7, 5, 1, 3}},
                                                        {{64, 1, 1, 129}, {7, 3, 129}},
                                                        {{401, 257}, {257}},
                                                        {{401, 257}, {401, 1}},
                                                        {{4099, 5}, {5}},
                                                        {{16}, {1027, 16}},
                                                        {{127}, {333, 127}},
                                                        {{333, 128}, {128}},
                                                        {{1, 5}, {5}},
                                                        {{2, 5}, {5}}};
    for (const auto& both : pairs) {
        const Shape &a_shape = both.first, &b_shape = both.second;
        CAPTURE(a_shape.to_string());
        CAPTURE(b_shape.to_string());
        const Tensor a = real_tensor<T>(a_shape, 3), b = tensor::affine(real_tensor<T>(b_shape, 4), 1, 2);
        const std::vector<T> left = a.values<T>(), right = b.values<T>();
        const auto expected = [&](auto functor) {
            return reference::binary<T>(functor, left, a_shape, right, b_shape);
        };
        CHECK(tensor::add(a, b).shape() == tensor::broadcast_shape(a_shape, b_shape, "test"));
        CHECK(difference(tensor::add(a, b).values<T>(), expected(tensor::Add{})) == "");
        CHECK(difference(tensor::subtract(a, b).values<T>(), expected(tensor::Subtract{})) == "");
        CHECK(difference(tensor::multiply(a, b).values<T>(), expected(tensor::Multiply{})) == "");
        CHECK(difference(tensor::divide(a, b).values<T>(), expected(tensor::Divide{})) == "");
        CHECK(difference(tensor::leaky_relu_mask(a, b, 0.2).values<T>(), expected(tensor::LeakyReluMask{0.2})) == "");
    }
}

TEST_CASE("an operator leaves its arguments alone and never hands back their storage") {
    const Tensor x = whole_tensor<float>({50}, 5), y = whole_tensor<float>({50}, 6);
    const std::vector<float> before_x = x.values<float>(), before_y = y.values<float>();
    for (const Tensor& result :
         {tensor::affine(x, 1, 0), tensor::leaky_relu(x, 1), tensor::add(x, y), tensor::leaky_relu_mask(x, y, 1)}) {
        CHECK(result.raw() != x.raw());
        CHECK(result.raw() != y.raw());
    }
    CHECK(x.values<float>() == before_x);
    CHECK(y.values<float>() == before_y);
}

TEST_CASE("at 0 LeakyReLU and its mask take the slope's side") {
    const Tensor x = Tensor::from(std::vector<double>{-1, -0.0, 0.0, 1}, {4}), g = Tensor::full({4}, 1, DType::f64);
    CHECK(tensor::leaky_relu(x, 0.25).values<double>() == std::vector<double>{-0.25, 0, 0, 1});
    CHECK(tensor::leaky_relu_mask(x, g, 0.25).values<double>() == std::vector<double>{0.25, 0.25, 0.25, 1});
    // The value of LeakyReLU serves as the mask's reference as well as its argument, even for slope 0.
    for (const double slope : {0.0, 0.25})
        CHECK(tensor::leaky_relu_mask(tensor::leaky_relu(x, slope), g, slope).values<double>() ==
              tensor::leaky_relu_mask(x, g, slope).values<double>());
}

TEST_CASE_TEMPLATE("binarize gives 1 above 0 and -1 elsewhere", T, float, double) {
    constexpr T least = std::numeric_limits<T>::denorm_min(), infinity = std::numeric_limits<T>::infinity();
    const std::vector<T> x{-infinity, -3, -least, T(-0.0), 0, least, 3, infinity};
    CHECK(tensor::binarize(Tensor::from(x, {8})).template values<T>() == std::vector<T>{-1, -1, -1, -1, -1, 1, 1, 1});
}

// Expected: the formula as it is written, in long double, whose exponent reaches far enough. One rounding each of exp,
// log1p and the sum, none of which the next one magnifies.
TEST_CASE_TEMPLATE("softplus keeps its digits, and does not overflow", T, float, double) {
    const std::vector<T> x{-80, T(-37.5), -3, T(-0.625), T(-1e-6), 0, T(1e-6), T(0.625), 3, T(37.5), 80};
    std::vector<T> expected;
    for (const T each : x) expected.push_back(static_cast<T>(std::log1p(std::exp(static_cast<long double>(each)))));
    CHECK(difference(tensor::softplus(Tensor::from(x, {11})).template values<T>(), expected, relative(3, expected)) ==
          "");
    const std::vector<T> far{-std::numeric_limits<T>::max(), -1000, 1000, std::numeric_limits<T>::max()};
    CHECK(tensor::softplus(Tensor::from(far, {4})).template values<T>() ==
          std::vector<T>{0, 0, 1000, std::numeric_limits<T>::max()});
}

TEST_CASE("what is not a number stays visible") {
    constexpr float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
    const Tensor x = Tensor::from(std::vector<float>{nan, 1, infinity, -infinity}, {4});
    for (const Tensor& y : {tensor::leaky_relu(x, 0.2), tensor::relu(x), tensor::tanh(x), tensor::sigmoid(x),
                            tensor::softplus(x), tensor::square(x), tensor::affine(x, 1, 1), tensor::add(x, x)})
        CHECK(std::isnan(y.values<float>()[0]));
    CHECK(std::isnan(tensor::square_root(Tensor::full({1}, -1)).values<float>()[0]));
    CHECK(tensor::tanh(x).values<float>()[3] == -1.0f);
    CHECK(tensor::sigmoid(x).values<float>()[2] == 1.0f);
    CHECK(tensor::sigmoid(x).values<float>()[3] == 0.0f);
    CHECK(tensor::softplus(x).values<float>()[2] == infinity);
    CHECK(tensor::softplus(x).values<float>()[3] == 0.0f);
}

TEST_CASE_TEMPLATE("accumulate adds in place", T, float, double) {
    for (const Shape& shape : shapes) {
        const Tensor x = whole_tensor<T>(shape, 7), before = whole_tensor<T>(shape, 8);
        Tensor y = before.clone();
        const void* const storage = y.raw();
        tensor::accumulate(x, y);
        CHECK(y.raw() == storage);
        CHECK(difference(y.values<T>(), tensor::add(x, before).values<T>()) == "");
    }
    Tensor y = Tensor::zeros({3});
    CHECK(contains_all(message_of([&] { tensor::accumulate(Tensor::zeros({1}), y); }), {"[accumulate]", "[1]", "[3]"}));
}

TEST_CASE_TEMPLATE("all_finite finds a single NaN or infinity wherever it stands", T, float, double) {
    constexpr std::size_t elements = 70001;
    std::vector<T> values(elements, std::numeric_limits<T>::max());
    CHECK(tensor::all_finite(Tensor::from(values, {static_cast<std::int64_t>(elements)})));
    for (const T bad :
         {std::numeric_limits<T>::quiet_NaN(), std::numeric_limits<T>::infinity(), -std::numeric_limits<T>::infinity()})
        for (const std::size_t position : {std::size_t{0}, std::size_t{1}, elements / 2, elements - 2, elements - 1}) {
            CAPTURE(bad);
            CAPTURE(position);
            values[position] = bad;
            CHECK_FALSE(tensor::all_finite(Tensor::from(values, {static_cast<std::int64_t>(elements)})));
            values[position] = T(1);
        }
    CHECK(tensor::all_finite(Tensor::zeros({0})));
    CHECK(tensor::all_finite(Tensor::full({4}, 255, DType::u8)));
}

TEST_CASE("first_not_finite names the first of several tensors, of any number types") {
    const Tensor good = Tensor::full({3, 5}, 1), bytes = Tensor::full({4}, 255, DType::u8);
    const Tensor nan = Tensor::full({7}, std::numeric_limits<double>::quiet_NaN(), DType::f64);
    const Tensor infinite = Tensor::full({}, std::numeric_limits<double>::infinity());
    const auto first = [](const std::vector<Tensor>& tensors) { return tensor::first_not_finite(tensors); };
    CHECK(first({}) == -1);
    CHECK(first({good, bytes, Tensor::zeros({0}), good}) == -1);
    CHECK(first({nan}) == 0);
    CHECK(first({good, bytes, nan, infinite}) == 2);
    CHECK(first({bytes, infinite, good, nan}) == 1);
}

TEST_CASE("first_not_finite refuses a missing tensor and tensors on two devices") {
    const std::vector<Tensor> mixed{Tensor::zeros({2}), Tensor::zeros({2}, DType::f32, tensor::Device::dry())};
    CHECK(contains_all(message_of([&] { tensor::first_not_finite(mixed); }), {"[first_not_finite]", "cpu", "dry"}));
    const std::vector<Tensor> missing{Tensor::zeros({2}), Tensor()};
    CHECK(contains_all(message_of([&] { tensor::first_not_finite(missing); }), {"without a value"}));
}

TEST_CASE("elementwise: the number of threads changes no bit") {
    const Tensor x = real_tensor<float>({301, 333}, 9), row = real_tensor<float>({333}, 10);
    const auto run = [&] { return tensor::tanh(tensor::multiply(tensor::add(x, row), x)).values<float>(); };
    const std::vector<float> one = support::with_threads(1, run);
    CHECK(same_bits(one, support::with_threads(2, run)));
    CHECK(same_bits(one, support::with_threads(3, run)));
}

// The formulas that the derivative rules use, against the complex step through the functor itself.
TEST_CASE("the functors carry derivatives: complex step equals the textbook derivative") {
    const std::vector<double> x = {-2.5, -0.7, 0.3, 1.9}, ones(4, 1.0);
    const auto derivative = [&](auto functor, const std::vector<double>& at) {
        return reference::complex_step(
            [&](const std::vector<reference::Complex>& z) { return reference::unary<reference::Complex>(functor, z); },
            at, ones);
    };
    const auto each = [](const std::vector<double>& at, auto formula) {
        std::vector<double> result;
        for (const double v : at) result.push_back(formula(v));
        return result;
    };
    const auto agree = [](const std::vector<double>& got, const std::vector<double>& expected) {
        return difference(got, expected, relative(8, expected));
    };
    CHECK(agree(derivative(tensor::Affine{3, 1}, x), std::vector<double>(4, 3.0)) == "");
    CHECK(agree(derivative(tensor::Square{}, x), each(x, [](double v) { return 2 * v; })) == "");
    CHECK(agree(derivative(tensor::Reciprocal{}, x), each(x, [](double v) { return -1 / (v * v); })) == "");
    CHECK(agree(derivative(tensor::Sigmoid{}, x), each(x, [](double v) {
                    const double y = 1 / (1 + std::exp(-v));
                    return y * (1 - y);
                })) == "");
    CHECK(agree(derivative(tensor::LeakyRelu{0.2}, x), {0.2, 0.2, 1, 1}) == "");
    CHECK(agree(derivative(tensor::Binarize{}, x), std::vector<double>(4, 0.0)) == "");
    CHECK(agree(derivative(tensor::Softplus{}, x), each(x, [](double v) { return 1 / (1 + std::exp(-v)); })) == "");
    const std::vector<double> positive = {0.1, 0.7, 1, 4};
    CHECK(agree(derivative(tensor::SquareRoot{}, positive),
                each(positive, [](double v) { return 0.5 / std::sqrt(v); })) == "");
    // 1 - tanh^2 cancels for large arguments: its own rounding is eps, not eps times the small result.
    CHECK(difference(derivative(tensor::HyperbolicTangent{}, x),
                     each(x, [](double v) { return 1 - std::tanh(v) * std::tanh(v); }), 4 * eps<double>) == "");
}

TEST_CASE("elementwise: errors name the operator and what was given") {
    const Tensor a = Tensor::zeros({4, 3}), b = Tensor::zeros({4}), f64 = Tensor::zeros({4, 3}, DType::f64);
    const Tensor dry = Tensor::zeros({4, 3}, DType::f32, Device::dry()), bytes = Tensor::zeros({4, 3}, DType::u8);
    CHECK(contains_all(message_of([&] { tensor::multiply(a, b); }), {"[multiply]", "[4, 3]", "[4]"}));
    CHECK(contains_all(message_of([&] { tensor::divide(a, f64); }), {"[divide]", "f32", "f64"}));
    CHECK(contains_all(message_of([&] { tensor::leaky_relu_mask(dry, a, 0.2); }), {"[leaky_relu_mask]", "dry", "cpu"}));
    CHECK(contains_all(message_of([&] { tensor::leaky_relu(a, -0.1); }), {"[leaky_relu]", "-0.1"}));
    CHECK(contains_all(message_of([&] { tensor::leaky_relu(a, std::nan("")); }), {"[leaky_relu]", "nan"}));
    CHECK(contains_all(message_of([&] { tensor::leaky_relu_mask(a, a, -1); }), {"[leaky_relu_mask]", "-1"}));
    CHECK(contains_all(message_of([&] { tensor::square(bytes); }), {"[square]", "u8"}));
    CHECK(contains_all(message_of([&] { tensor::add(bytes, bytes); }), {"[add]", "u8"}));
    CHECK(contains_all(message_of([&] { tensor::tanh(Tensor()); }), {"[tanh]", "without a value"}));
}
