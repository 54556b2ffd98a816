#include "tensor/adam.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "tensor/error.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/random_data.hpp"
#include "tests/support/threads.hpp"

using support::contains_all;
using support::difference;
using support::eps;
using support::message_of;
using support::same_bits;
using tensor::AdamOptions;
using tensor::AdamSlot;
using tensor::Device;
using tensor::DType;
using tensor::Shape;
using tensor::Tensor;

namespace {

template <typename T>
AdamSlot slot(const Shape& shape, double weight) {
    constexpr DType dtype = tensor::dtype_of<T>();
    return {Tensor::full(shape, weight, dtype), Tensor::zeros(shape, dtype), Tensor::zeros(shape, dtype),
            Tensor::zeros(shape, dtype)};
}

void step(AdamSlot& s, const AdamOptions& options, std::int64_t number) { tensor::adam({&s, 1}, options, number); }

}  // namespace

// Worked by hand with rate 0.1, beta1 0.5, beta2 0.9, epsilon 1e-8, gradients 2 and then 4:
// clang-format off
//   step 1: m = 1, v = 0.4;    m / 0.5 = 2, v / 0.1 = 4:           w = 1 - 0.1 * 2 / (2 + 1e-8)
//   step 2: m = 2.5, v = 1.96; m / 0.75 = 10/3, v / 0.19 = 196/19: w = w - 0.1 * (10/3) / (sqrt(196/19) + 1e-8)
// clang-format on
TEST_CASE_TEMPLATE("two steps worked by hand", T, float, double) {
    const AdamOptions options{.rate = 0.1, .beta1 = 0.5, .beta2 = 0.9, .epsilon = 1e-8};
    AdamSlot s = slot<T>({2, 3}, 1.0);
    s.gradient = Tensor::full({2, 3}, 2, tensor::dtype_of<T>());
    step(s, options, 1);
    CHECK(difference(s.first.values<T>(), std::vector<double>(6, 1.0), eps<T>) == "");
    CHECK(difference(s.second.values<T>(), std::vector<double>(6, 0.4), eps<T>) == "");
    CHECK(difference(s.weight.values<T>(), std::vector<double>(6, 0.9000000004999999975), 2 * eps<T>) == "");
    s.gradient = Tensor::full({2, 3}, 4, tensor::dtype_of<T>());
    step(s, options, 2);
    CHECK(difference(s.first.values<T>(), std::vector<double>(6, 2.5), 4 * eps<T>) == "");
    CHECK(difference(s.second.values<T>(), std::vector<double>(6, 1.96), 4 * eps<T>) == "");
    CHECK(difference(s.weight.values<T>(), std::vector<double>(6, 0.7962166926435894017), 4 * eps<T>) == "");
    CHECK(s.gradient.values<T>() == std::vector<T>(6, T(4)));
}

TEST_CASE("the first step moves every weight by the rate, whatever the size of its gradient") {
    const std::vector<double> gradient{1e-3, -1e-3, 1, -7, 1e6, -1e6};
    AdamSlot s = slot<double>({6}, 0.0);
    s.gradient = Tensor::from(gradient, {6});
    step(s, {.rate = 0.01, .beta1 = 0.5, .beta2 = 0.9, .epsilon = 1e-12}, 1);
    std::vector<double> expected;
    for (const double g : gradient) expected.push_back(g > 0 ? -0.01 : 0.01);
    CHECK(difference(s.weight.values<double>(), expected, 1e-10) == "");  // epsilon / |g| of the rate
}

TEST_CASE("a gradient of zero moves nothing and gives no NaN") {
    AdamSlot s = slot<float>({5}, 0.25);
    for (int number = 1; number <= 3; ++number) step(s, {}, number);
    CHECK(s.weight.values<float>() == std::vector<float>(5, 0.25f));
    CHECK(s.first.values<float>() == std::vector<float>(5, 0.0f));
}

TEST_CASE_TEMPLATE("many slots in one call equal one call per slot, in their own storage", T, float, double) {
    const std::vector<Shape> shapes = {{3}, {1}, {70001}, {2, 3, 5}, {0}, {64, 65}};
    std::vector<AdamSlot> together, apart;
    std::vector<const void*> storage;
    for (const Shape& shape : shapes) {
        AdamSlot s{support::real_tensor<T>(shape, 1), support::real_tensor<T>(shape, 2),
                   support::real_tensor<T>(shape, 3), Tensor::full(shape, 0.5, tensor::dtype_of<T>())};
        storage.push_back(s.weight.raw());
        apart.push_back({s.weight.clone(), s.gradient.clone(), s.first.clone(), s.second.clone()});
        together.push_back(std::move(s));
    }
    tensor::adam(together, {}, 5);
    for (std::size_t i = 0; i < shapes.size(); ++i) {
        CAPTURE(shapes[i].to_string());
        step(apart[i], {}, 5);
        CHECK(together[i].weight.raw() == storage[i]);
        CHECK(same_bits(together[i].weight.values<T>(), apart[i].weight.values<T>()));
        CHECK(same_bits(together[i].first.values<T>(), apart[i].first.values<T>()));
        CHECK(same_bits(together[i].second.values<T>(), apart[i].second.values<T>()));
    }
}

TEST_CASE("every element follows the formula, far into a run") {
    constexpr std::int64_t n = 1003, number = 1000;
    const AdamOptions options{.rate = 2e-4, .beta1 = 0.5, .beta2 = 0.9, .epsilon = 1e-8};
    AdamSlot s{support::real_tensor<double>({n}, 4), support::real_tensor<double>({n}, 5),
               support::real_tensor<double>({n}, 6), Tensor::full({n}, 0.5, DType::f64)};
    const auto w = s.weight.values<double>(), g = s.gradient.values<double>(), m = s.first.values<double>();
    std::vector<double> expected;
    for (std::size_t i = 0; i < n; ++i) {
        const double first = 0.5 * m[i] + 0.5 * g[i], second = 0.9 * 0.5 + 0.1 * g[i] * g[i];
        expected.push_back(w[i] - 2e-4 * (first / (1 - std::pow(0.5, 1000))) /
                                      (std::sqrt(second / (1 - std::pow(0.9, 1000))) + 1e-8));
    }
    step(s, options, number);
    CHECK(difference(s.weight.values<double>(), expected, 4e-16) == "");
}

TEST_CASE("adam: the number of threads changes no bit") {
    const auto run = [] {
        AdamSlot s{support::real_tensor<float>({100003}, 7), support::real_tensor<float>({100003}, 8),
                   support::real_tensor<float>({100003}, 9), Tensor::full({100003}, 0.1)};
        step(s, {}, 3);
        return s.weight.values<float>();
    };
    const std::vector<float> one = support::with_threads(1, run);
    CHECK(same_bits(one, support::with_threads(2, run)));
    CHECK(same_bits(one, support::with_threads(3, run)));
}

TEST_CASE("errors name adam and what was given") {
    AdamSlot good = slot<float>({2, 3}, 1);
    CHECK(contains_all(message_of([&] { step(good, {}, 0); }), {"[adam]", "step 0"}));
    CHECK(contains_all(message_of([&] { step(good, {}, -4); }), {"[adam]", "step -4"}));
    CHECK_NOTHROW(tensor::adam({}, {}, 1));
    AdamSlot shape = good, dtype = good, device = good, missing = good, bytes = slot<std::uint8_t>({2}, 1);
    shape.gradient = Tensor::zeros({3, 2});
    dtype.second = Tensor::zeros({2, 3}, DType::f64);
    device.first = Tensor::zeros({2, 3}, DType::f32, Device::dry());
    missing.gradient = Tensor();
    CHECK(contains_all(message_of([&] { step(shape, {}, 1); }), {"[adam]", "[3, 2]", "[2, 3]"}));
    CHECK(contains_all(message_of([&] { step(dtype, {}, 1); }), {"[adam]", "f32", "f64"}));
    CHECK(contains_all(message_of([&] { step(device, {}, 1); }), {"[adam]", "cpu", "dry"}));
    CHECK(contains_all(message_of([&] { step(missing, {}, 1); }), {"[adam]", "without a value"}));
    CHECK_THROWS_AS(step(bytes, {}, 1), tensor::Error);
    CHECK(good.weight.values<float>() == std::vector<float>(6, 1.0f));
}
