#include "tensor/follow.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "tensor/error.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/random_data.hpp"
#include "tests/support/threads.hpp"

using support::contains_all;
using support::difference;
using support::eps;
using support::message_of;
using support::real_tensor;
using support::same_bits;
using tensor::Device;
using tensor::DType;
using tensor::FollowSlot;
using tensor::Shape;
using tensor::Tensor;

namespace {

void follow(const FollowSlot& slot, double share) {
    FollowSlot shared = slot;
    tensor::follow({&shared, 1}, share);
}

}  // namespace

// By hand: 8 + (0 - 8) / 4 = 6, then 6 + (2 - 6) / 2 = 4.
TEST_CASE_TEMPLATE("an average takes its share of the way to the value", T, float, double) {
    constexpr DType dtype = tensor::dtype_of<T>();
    const FollowSlot slot{Tensor::full({2, 3}, 8, dtype), Tensor::zeros({2, 3}, dtype)};
    follow(slot, 0.25);
    CHECK(slot.average.values<T>() == std::vector<T>(6, T(6)));
    CHECK(slot.value.values<T>() == std::vector<T>(6, T(0)));
    follow({slot.average, Tensor::full({2, 3}, 2, dtype)}, 0.5);
    CHECK(slot.average.values<T>() == std::vector<T>(6, T(4)));
    follow({slot.average, Tensor::full({2, 3}, -7, dtype)}, 0);
    CHECK(slot.average.values<T>() == std::vector<T>(6, T(4)));
    follow({slot.average, Tensor::full({2, 3}, -7, dtype)}, 1);
    CHECK(slot.average.values<T>() == std::vector<T>(6, T(-7)));
}

TEST_CASE_TEMPLATE("every element follows by the formula as it is written", T, float, double) {
    for (const double share : {0.001, 0.3, 1.0}) {
        CAPTURE(share);
        const FollowSlot slot{real_tensor<T>({1003}, 1), real_tensor<T>({1003}, 2)};
        const std::vector<T> average = slot.average.values<T>(), value = slot.value.values<T>();
        std::vector<double> expected, tolerance;
        for (std::size_t i = 0; i < average.size(); ++i) {
            const double a = static_cast<double>(average[i]), way = static_cast<double>(value[i]) - a;
            expected.push_back(a + static_cast<double>(T(share)) * way);
            // Half a unit each for the difference, the product and the sum.
            tolerance.push_back(eps<T> * (std::abs(share * way) + std::abs(expected.back())));
        }
        follow(slot, share);
        CHECK(difference(slot.average.values<T>(), expected, tolerance) == "");
    }
}

TEST_CASE("an average that takes 1 / k of the k-th step is the mean of all values") {
    const FollowSlot slot{Tensor::full({1}, 100, DType::f64), Tensor::zeros({1}, DType::f64)};
    double sum = 0;
    for (int k = 1; k <= 50; ++k) {
        const double value = std::sin(k);
        sum += value;
        follow({slot.average, Tensor::full({1}, value, DType::f64)}, 1.0 / k);
        CHECK(slot.average.item() == doctest::Approx(sum / k).epsilon(1e-13));
    }
}

TEST_CASE_TEMPLATE("many slots follow in one call as in one call each, in their own storage", T, float, double) {
    const std::vector<Shape> shapes = {{3}, {}, {70001}, {2, 3, 5}, {0}, {64, 65}};
    std::vector<FollowSlot> together, apart;
    std::vector<const void*> storage;
    for (const Shape& shape : shapes) {
        together.push_back({real_tensor<T>(shape, 1), real_tensor<T>(shape, 2)});
        apart.push_back({together.back().average.clone(), together.back().value.clone()});
        storage.push_back(together.back().average.raw());
    }
    tensor::follow(together, 0.1);
    for (std::size_t i = 0; i < shapes.size(); ++i) {
        CAPTURE(shapes[i].to_string());
        follow(apart[i], 0.1);
        CHECK(together[i].average.raw() == storage[i]);
        CHECK(same_bits(together[i].average.values<T>(), apart[i].average.values<T>()));
        CHECK(same_bits(together[i].value.values<T>(), apart[i].value.values<T>()));
    }
}

TEST_CASE("follow: the number of threads changes no bit") {
    const auto run = [] {
        const FollowSlot slot{real_tensor<float>({100003}, 7), real_tensor<float>({100003}, 8)};
        follow(slot, 0.3);
        return slot.average.values<float>();
    };
    const std::vector<float> one = support::with_threads(1, run);
    CHECK(same_bits(one, support::with_threads(2, run)));
    CHECK(same_bits(one, support::with_threads(3, run)));
}

TEST_CASE("errors name follow and what was given") {
    const FollowSlot good{Tensor::full({2, 3}, 1), Tensor::zeros({2, 3})};
    for (const double share : {-0.1, 1.5, std::nan("")})
        CHECK(contains_all(message_of([&] { follow(good, share); }), {"[follow]", "share"}));
    CHECK_NOTHROW(tensor::follow({}, 0.5));
    FollowSlot shape = good, dtype = good, device = good, missing = good;
    shape.value = Tensor::zeros({3, 2});
    dtype.value = Tensor::zeros({2, 3}, DType::f64);
    device.value = Tensor::zeros({2, 3}, DType::f32, Device::dry());
    missing.value = Tensor();
    const FollowSlot bytes{Tensor::zeros({2}, DType::u8), Tensor::zeros({2}, DType::u8)};
    CHECK(contains_all(message_of([&] { follow(shape, 1); }), {"[follow]", "[3, 2]", "[2, 3]"}));
    CHECK(contains_all(message_of([&] { follow(dtype, 1); }), {"[follow]", "f32", "f64"}));
    CHECK(contains_all(message_of([&] { follow(device, 1); }), {"[follow]", "cpu", "dry"}));
    CHECK(contains_all(message_of([&] { follow(missing, 1); }), {"[follow]", "without a value"}));
    CHECK(contains_all(message_of([&] { follow(bytes, 1); }), {"[follow]", "u8"}));
    CHECK(good.average.values<float>() == std::vector<float>(6, 1.0f));
}
