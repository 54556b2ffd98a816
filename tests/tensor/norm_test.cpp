#include "tensor/norm.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "tensor/error.hpp"
#include "tensor/reference/reduce.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/random_data.hpp"
#include "tests/support/threads.hpp"

namespace reference = tensor::reference;
using support::contains_all;
using support::difference;
using support::message_of;
using support::same_bits;
using tensor::DType;
using tensor::Shape;
using tensor::Tensor;

namespace {

/// One phrase, more phrases than threads, phrases on both sides of any blocking, and none.
const std::vector<Shape>& shapes() {
    static const std::vector<Shape> all{{1},        {7},      {3, 5},     {2, 3, 4, 5, 1}, {2, 40009},
                                        {1, 50021}, {300, 3}, {5, 16384}, {3, 16385}};
    return all;
}

}  // namespace

TEST_CASE_TEMPLATE("norm equals the reference exactly on whole numbers", T, float, double) {
    for (const Shape& shape : shapes()) {
        CAPTURE(shape.to_string());
        const Tensor x = support::whole_tensor<T>(shape, 1);
        const Tensor y = tensor::norm(x, 0.25);
        CHECK(y.shape() == Shape{shape[0]});
        // The sum is exact in f64, so the root is that of the exact sum, rounded once to f64 and once to T.
        const std::vector<double> exact = reference::norm<double>(x.values<double>(), shape, 0.25);
        CHECK(difference(y.values<T>(), std::vector<T>(exact.begin(), exact.end())) == "");
    }
}

TEST_CASE("norm of 3 and 4 is 5, of nothing the root of epsilon") {
    CHECK(tensor::norm(Tensor::from(std::vector<float>{3, 4, 0, 0}, {2, 2}), 0.0).values<float>() ==
          std::vector<float>{5, 0});
    CHECK(tensor::norm(Tensor::zeros({2, 3}), 0.25).values<float>() == std::vector<float>{0.5f, 0.5f});
    CHECK(tensor::norm(Tensor::zeros({2, 0}), 4.0).values<float>() == std::vector<float>{2, 2});
    CHECK(tensor::norm(Tensor::zeros({0, 3}), 4.0).shape() == Shape{0});
}

TEST_CASE("norm sums in f64: squares that f32 cannot hold, and a small one beside them, count") {
    const float large = 1e30f;
    CHECK(tensor::norm(Tensor::full({1, 4}, large), 0.0).values<float>()[0] == 2.0f * large);
    std::vector<float> values(1 << 16, 1.0f);
    values[0] = 4096.0f;  // 2^24 + 65535 = 16842751: adding ones to 2^24 in f32 would change nothing
    CHECK(tensor::norm(Tensor::from(values, {1, 1 << 16}), 0.0).values<float>()[0] ==
          static_cast<float>(std::sqrt(16842751.0)));
}

TEST_CASE("a NaN stays in its own phrase") {
    std::vector<float> values(6, 2.0f);
    values[4] = std::numeric_limits<float>::quiet_NaN();
    const std::vector<float> y = tensor::norm(Tensor::from(values, {3, 2}), 1.0).values<float>();
    CHECK(y[0] == 3.0f);
    CHECK(y[1] == 3.0f);
    CHECK(std::isnan(y[2]));
}

TEST_CASE_TEMPLATE("norm: the number of threads changes no bit", T, float, double) {
    for (const Shape& shape : shapes()) {
        CAPTURE(shape.to_string());
        const Tensor x = support::real_tensor<T>(shape, 2);
        const auto run = [&] { return tensor::norm(x, 1e-8).template values<T>(); };
        const std::vector<T> one = support::with_threads(1, run);
        CHECK(same_bits(one, support::with_threads(2, run)));
        CHECK(same_bits(one, support::with_threads(3, run)));
    }
}

TEST_CASE("norm refuses scalars, a negative epsilon and bytes") {
    CHECK(contains_all(message_of([] { tensor::norm(Tensor::zeros({}), 1.0); }), {"[norm]", "phrases first"}));
    CHECK(contains_all(message_of([] { tensor::norm(Tensor::zeros({2}), -1.0); }), {"[norm]", "epsilon -1"}));
    CHECK_THROWS_AS(tensor::norm(Tensor::zeros({2}), std::nan("")), tensor::Error);
    CHECK_THROWS_AS(tensor::norm(Tensor::zeros({2}, DType::u8), 1.0), tensor::Error);
    CHECK_THROWS_AS(tensor::norm(Tensor(), 1.0), tensor::Error);
}
