#include "tensor/clamp.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "tensor/error.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/random_data.hpp"

using support::contains_all;
using support::difference;
using support::message_of;
using support::real_tensor;
using tensor::Device;
using tensor::DType;
using tensor::Shape;
using tensor::Tensor;

namespace {

void clamp(Tensor x, double bound) { tensor::clamp({&x, 1}, bound); }

}  // namespace

TEST_CASE_TEMPLATE("what lies outside goes to the bound, what lies within stays", T, float, double) {
    constexpr T infinity = std::numeric_limits<T>::infinity(), least = std::numeric_limits<T>::denorm_min();
    const std::vector<T> x{-infinity, -2, -1, T(-0.25), -least, 0, least, T(0.25), 1, 2, infinity};
    const Tensor one = Tensor::from(x, {11}), quarter = Tensor::from(x, {11}), all = Tensor::from(x, {11});
    clamp(one, 1);
    CHECK(one.values<T>() == std::vector<T>{-1, -1, -1, T(-0.25), -least, 0, least, T(0.25), 1, 1, 1});
    clamp(quarter, 0.25);
    CHECK(quarter.values<T>() ==
          std::vector<T>{T(-0.25), T(-0.25), T(-0.25), T(-0.25), -least, 0, least, T(0.25), T(0.25), T(0.25), T(0.25)});
    clamp(all, std::numeric_limits<double>::infinity());
    CHECK(all.values<T>() == x);
}

TEST_CASE_TEMPLATE("what is not a number stays so within bounds", T, float, double) {
    const Tensor x = Tensor::from(std::vector<T>{5, std::numeric_limits<T>::quiet_NaN(), -5}, {3});
    clamp(x, 0.5);
    CHECK(x.values<T>()[0] == T(0.5));
    CHECK(std::isnan(x.values<T>()[1]));
    CHECK(x.values<T>()[2] == T(-0.5));
}

TEST_CASE_TEMPLATE("many tensors are bounded in one call, each in its own storage", T, float, double) {
    std::vector<Tensor> tensors;
    std::vector<std::vector<T>> expected;
    std::vector<const void*> storage;
    for (const Shape& shape : std::vector<Shape>{{3}, {}, {70001}, {2, 3, 5}, {0}, {64, 65}}) {
        tensors.push_back(real_tensor<T>(shape, 3));
        storage.push_back(tensors.back().raw());
        expected.push_back(tensors.back().values<T>());
        for (T& each : expected.back()) each = std::abs(each) <= T(0.01) ? each : std::copysign(T(0.01), each);
    }
    tensor::clamp(tensors, 0.01);
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        CHECK(tensors[i].raw() == storage[i]);
        CHECK(difference(tensors[i].values<T>(), expected[i]) == "");
    }
}

TEST_CASE("errors name clamp and what was given") {
    const Tensor x = Tensor::full({2}, 7);
    for (const double bound : {0.0, -1.0, std::nan("")})
        CHECK(contains_all(message_of([&] { clamp(x, bound); }), {"[clamp]", "bound"}));
    CHECK_NOTHROW(tensor::clamp({}, 1));
    const auto both = [&](const Tensor& other) {
        std::vector<Tensor> tensors{x, other};
        return message_of([&] { tensor::clamp(tensors, 1); });
    };
    CHECK(contains_all(both(Tensor::zeros({2}, DType::f64)), {"[clamp]", "f32", "f64"}));
    CHECK(contains_all(both(Tensor::zeros({2}, DType::f32, Device::dry())), {"[clamp]", "cpu", "dry"}));
    CHECK(contains_all(both(Tensor()), {"[clamp]", "without a value"}));
    CHECK(contains_all(message_of([&] { clamp(Tensor::zeros({2}, DType::u8), 1); }), {"[clamp]", "u8"}));
    CHECK(x.values<float>() == std::vector<float>(2, 7.0f));
}
