#include "tensor/tensor.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "tensor/arena.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/error.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/random_data.hpp"

using support::contains_all;
using support::difference;
using support::message_of;
using tensor::Device;
using tensor::DType;
using tensor::Error;
using tensor::Shape;
using tensor::Tensor;

TEST_CASE_TEMPLATE("values go in and come out unchanged", T, float, double, std::uint8_t) {
    std::vector<T> values(24);
    std::iota(values.begin(), values.end(), T(1));
    const Tensor x = Tensor::from(values, {2, 3, 4});
    CHECK(x.defined());
    CHECK(x.shape() == Shape{2, 3, 4});
    CHECK(x.dtype() == tensor::dtype_of<T>());
    CHECK(x.device() == Device::cpu());
    CHECK(x.elements() == 24);
    CHECK(x.bytes() == static_cast<std::int64_t>(24 * sizeof(T)));
    CHECK(x.values<T>() == values);
    CHECK(x.data<T>()[23] == T(24));
}

TEST_CASE("from refuses a number of values that the shape does not have") {
    const std::vector<float> five(5);
    CHECK_THROWS_AS(Tensor::from(five, {2, 3}), Error);
    CHECK(contains_all(message_of([&] { Tensor::from(five, {2, 3}); }), {"5", "[2, 3]", "6"}));
    CHECK_NOTHROW(Tensor::from(std::vector<float>{}, {2, 0}));
    CHECK_NOTHROW(Tensor::from(std::vector<float>{1.0f}, {}));
}

TEST_CASE("full and zeros fill every element, of any size and type") {
    for (const std::int64_t extent : {0, 1, 3, 1023, 100003}) {
        CAPTURE(extent);
        CHECK(difference(Tensor::zeros({extent}).values<float>(),
                         std::vector<float>(static_cast<std::size_t>(extent))) == "");
        CHECK(difference(Tensor::full({extent}, -2.5, DType::f64).values<double>(),
                         std::vector<double>(static_cast<std::size_t>(extent), -2.5)) == "");
    }
    CHECK(Tensor::full({4}, 7, DType::u8).values<std::uint8_t>() == std::vector<std::uint8_t>(4, 7));
    CHECK(Tensor::zeros({4}, DType::u8).values<std::uint8_t>() == std::vector<std::uint8_t>(4, 0));
}

TEST_CASE("a copy shares storage, a clone does not") {
    const Tensor x = Tensor::from(std::vector<float>{1, 2, 3}, {3});
    const Tensor shared = x;
    CHECK(shared.raw() == x.raw());
    Tensor copy = x.clone();
    CHECK(copy.raw() != x.raw());
    copy.data<float>()[0] = 9;
    CHECK(x.values<float>() == std::vector<float>{1, 2, 3});
    CHECK(copy.values<float>() == std::vector<float>{9, 2, 3});
}

TEST_CASE("reshape sees the same storage under another shape") {
    const Tensor x = support::whole_tensor<float>({2, 3, 4}, 1);
    const Tensor y = x.reshape({6, 4});
    CHECK(y.raw() == x.raw());
    CHECK(y.shape() == Shape{6, 4});
    CHECK(y.values<float>() == x.values<float>());
    CHECK(contains_all(message_of([&] { x.reshape({5, 5}); }), {"[2, 3, 4]", "24", "[5, 5]", "25"}));
    CHECK(Tensor::full({1, 1}, 3).reshape({}).item() == 3.0);
}

TEST_CASE("cast converts values, and is free when there is nothing to convert") {
    const Tensor x = Tensor::from(std::vector<double>{1.0, -2.5, 1e-3, 0x1p-40}, {4});
    CHECK(x.cast(DType::f64).raw() == x.raw());
    const Tensor y = x.cast(DType::f32);
    CHECK(y.dtype() == DType::f32);
    CHECK(y.values<float>() == std::vector<float>{1.0f, -2.5f, 1e-3f, 0x1p-40f});
    const Tensor exact = support::whole_tensor<float>({10007}, 2);
    CHECK(exact.cast(DType::f64).cast(DType::f32).values<float>() == exact.values<float>());
    CHECK(Tensor::from(std::vector<std::uint8_t>{0, 1, 255}, {3}).cast(DType::f32).values<float>() ==
          std::vector<float>{0, 1, 255});
    CHECK(x.values<float>() == y.values<float>());  // values converts by itself
}

TEST_CASE("to is free on the same device, and a dry copy has a shape but no values to read") {
    const Tensor x = support::whole_tensor<float>({2, 3}, 3);
    CHECK(x.to(Device::cpu()).raw() == x.raw());
    const Tensor dry = x.to(Device::dry());
    CHECK(dry.device() == Device::dry());
    CHECK(dry.shape() == x.shape());
    CHECK(Tensor::zeros({}, DType::f32, Device::dry()).item() == 0.0);
}

TEST_CASE("item reads the only element") {
    CHECK(Tensor::full({}, 1.5).item() == 1.5);
    CHECK(Tensor::full({1, 1, 1}, -4, DType::f64).item() == -4.0);
    CHECK(contains_all(message_of([] { Tensor::zeros({2}).item(); }), {"[item]", "[2]", "2"}));
    CHECK_THROWS_AS(Tensor::zeros({0}).item(), Error);
}

TEST_CASE("data of another number type is refused, naming both") {
    Tensor x = Tensor::zeros({2});
    CHECK(contains_all(message_of([&] { x.data<double>(); }), {"f32", "f64"}));
    CHECK_THROWS_AS(x.data<std::uint8_t>(), Error);
}

TEST_CASE("a tensor without a value says so wherever it is used") {
    const Tensor none;
    CHECK_FALSE(none.defined());
    for (const std::string& message :
         {message_of([&] { none.clone(); }), message_of([&] { none.reshape({1}); }),
          message_of([&] { none.cast(DType::f64); }), message_of([&] { none.to(Device::dry()); }),
          message_of([&] { none.item(); }), message_of([&] { none.values<float>(); }),
          message_of([&] { none.data<float>(); }), message_of([&] { none.require_defined("cast"); })}) {
        CAPTURE(message);
        CHECK(contains_all(message, {"without a value"}));
    }
    CHECK(contains_all(message_of([&] { none.require_defined("some operator"); }), {"[some operator]"}));
}

TEST_CASE("mixing devices or number types is an error that names both") {
    const Tensor f32 = Tensor::zeros({2}), f64 = Tensor::zeros({2}, DType::f64);
    const Tensor dry = Tensor::zeros({2}, DType::f32, Device::dry());
    CHECK(contains_all(message_of([&] { tensor::require_same_kind("here", {&f32, &f64}); }), {"[here]", "f32", "f64"}));
    CHECK(contains_all(message_of([&] { tensor::require_same_kind("here", {&f32, &dry}); }), {"[here]", "cpu", "dry"}));
    CHECK(contains_all(message_of([&] { tensor::add(f32, f64); }), {"[add]", "f32", "f64"}));
    CHECK(contains_all(message_of([&] { tensor::add(dry, f32); }), {"[add]", "cpu", "dry"}));
    CHECK_NOTHROW(tensor::require_same_kind("here", {&f32, &f32, &f32}));
    CHECK_NOTHROW(tensor::require_same_kind("here", {}));
}

TEST_CASE("a tensor's bytes go back to the arena with its last owner") {
    const std::int64_t before = tensor::arena(Device::cpu()).statistics().in_use;
    {
        const Tensor x = Tensor::empty({1000});
        CHECK(tensor::arena(Device::cpu()).statistics().in_use == before + 4096);
        const Tensor view = x.reshape({10, 100});
        CHECK(tensor::arena(Device::cpu()).statistics().in_use == before + 4096);
    }
    CHECK(tensor::arena(Device::cpu()).statistics().in_use == before);
}

TEST_CASE("a shape whose bytes do not fit into 64 bits gives an error, never a small block") {
    constexpr std::int64_t one = 1;
    CHECK_THROWS_AS(Tensor::empty({one << 62}, DType::f32), Error);
    CHECK_THROWS_AS(Tensor::empty({(one << 62) - 1}, DType::f32), Error);
    CHECK_THROWS_AS(Tensor::empty({one << 62}, DType::f64), Error);
    CHECK_THROWS_AS(Tensor::empty({one << 61}, DType::f64), Error);
    CHECK_THROWS_AS(Tensor::empty({one << 62}, DType::f32, Device::dry()), Error);
}

TEST_CASE("rows are a view: the same storage, kept alive, at the right place") {
    Tensor rows, bytes;
    {
        const Tensor x = Tensor::from(std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7}, {4, 2});
        rows = x.rows(1, 3);
        CHECK(rows.raw() == x.data<float>() + 2);
        bytes = Tensor::from(std::vector<std::uint8_t>{1, 2, 3}, {3}).rows(2, 3);
    }
    CHECK(rows.shape() == Shape{2, 2});
    CHECK(rows.values<float>() == std::vector<float>{2, 3, 4, 5});
    CHECK(rows.clone().values<double>() == std::vector<double>{2, 3, 4, 5});
    CHECK(rows.rows(1, 2).values<float>() == std::vector<float>{4, 5});
    CHECK(rows.rows(2, 2).elements() == 0);
    CHECK(bytes.values<std::uint8_t>() == std::vector<std::uint8_t>{3});
    CHECK(Tensor::zeros({0, 3}).rows(0, 0).elements() == 0);
    for (const auto& [begin, end] : {std::pair{-1, 1}, {2, 1}, {1, 3}})
        CHECK(support::contains_all(support::message_of([&, b = begin, e = end] { rows.rows(b, e); }),
                                    {"[rows]", "[2, 2]"}));
    CHECK(support::contains_all(support::message_of([] { Tensor::zeros({}).rows(0, 1); }), {"[rows]", "[]"}));
    CHECK(support::contains_all(support::message_of([] { Tensor().rows(0, 1); }), {"[rows]", "without a value"}));
}
