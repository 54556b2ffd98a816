#include "tensor/interpolate.hpp"

#include <doctest/doctest.h>

#include "tensor/elementwise.hpp"
#include "tensor/error.hpp"
#include "tensor/reference/elementwise.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/random_data.hpp"
#include "tests/support/threads.hpp"

namespace reference = tensor::reference;
using support::contains_all;
using support::difference;
using support::message_of;
using support::same_bits;
using support::whole_tensor;
using tensor::DType;
using tensor::Shape;
using tensor::Tensor;

namespace {

/// Factors 0, 1/4, 1/2, ... beyond 1: exact in every number type beside whole numbers.
template <typename T>
Tensor quarters(std::int64_t count) {
    std::vector<T> factors;
    for (std::int64_t n = 0; n < count; ++n) factors.push_back(static_cast<T>(n % 7) / T(4));
    return Tensor::from(factors, {count});
}

}  // namespace

TEST_CASE_TEMPLATE("interpolate equals the reference exactly on whole numbers and quarters", T, float, double) {
    for (const Shape& shape : {Shape{1}, Shape{7}, Shape{3, 5}, Shape{2, 3, 4, 5, 1}, Shape{7, 20011}, Shape{1, 40009},
                               Shape{0, 4}, Shape{3, 0}}) {
        CAPTURE(shape.to_string());
        const Tensor a = whole_tensor<T>(shape, 1), b = whole_tensor<T>(shape, 2), factor = quarters<T>(shape[0]);
        const Tensor y = tensor::interpolate(a, b, factor);
        CHECK(y.shape() == shape);
        CHECK(difference(y.values<T>(), reference::interpolate<T>(a.values<T>(), b.values<T>(), factor.values<T>())) ==
              "");
    }
}

TEST_CASE("interpolate ends at a for factor 0 and, on numbers whose difference is exact, at b for factor 1") {
    const Tensor a = whole_tensor<float>({2, 30}, 3), b = whole_tensor<float>({2, 30}, 4);
    CHECK(same_bits(tensor::interpolate(a, b, Tensor::zeros({2})).values<float>(), a.values<float>()));
    CHECK(difference(tensor::interpolate(a, b, Tensor::full({2}, 1)).values<float>(), b.values<float>()) == "");
}

TEST_CASE("interpolate: the number of threads changes no bit") {
    const Tensor a = support::real_tensor<float>({3, 20011}, 5), b = support::real_tensor<float>({3, 20011}, 6);
    const Tensor factor = support::real_tensor<float>({3}, 7);
    const auto run = [&] { return tensor::interpolate(a, b, factor).values<float>(); };
    const std::vector<float> one = support::with_threads(1, run);
    CHECK(same_bits(one, support::with_threads(2, run)));
    CHECK(same_bits(one, support::with_threads(3, run)));
}

TEST_CASE("interpolate refuses what does not fit, with the shapes") {
    const Tensor a = Tensor::zeros({2, 3}), factor = Tensor::zeros({2});
    CHECK(contains_all(message_of([&] {
                           tensor::interpolate(a, Tensor::zeros({2, 4}), factor);
                       }),
                       {"[interpolate]", "[2, 3]", "[2, 4]"}));
    CHECK(contains_all(message_of([&] { tensor::interpolate(a, a, Tensor::zeros({3})); }),
                       {"[interpolate]", "[3]", "[2]: one per phrase"}));
    CHECK(contains_all(message_of([&] { tensor::interpolate(a, a, Tensor::zeros({2, 1})); }), {"[2, 1]"}));
    CHECK(contains_all(message_of([&] { tensor::interpolate(Tensor::zeros({}), Tensor::zeros({}), factor); }),
                       {"phrases first"}));
    CHECK(contains_all(message_of([&] {
                           tensor::interpolate(a, Tensor::zeros({2, 3}, DType::f64), factor);
                       }),
                       {"f32", "f64"}));
    const Tensor bytes = Tensor::zeros({2, 3}, DType::u8);
    CHECK_THROWS_AS(tensor::interpolate(bytes, bytes, Tensor::zeros({2}, DType::u8)), tensor::Error);
    CHECK_THROWS_AS(tensor::interpolate(a, Tensor(), factor), tensor::Error);
}
