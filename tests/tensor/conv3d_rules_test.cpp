// The closed set of three convolutions: the derivative of each is made of the other two. The complex step through the
// reference gives the derivatives, the operators give the rules.
//
// clang-format off
//     operator  cotangent       rule for the 1st argument   rule for the 2nd
//     F(x, w)   g (like y)      A(g, w)                     B(x, g)
//     A(g, w)   h (like x)      F(h, w)                     B(h, g)
//     B(x, g)   v (like w)      A(g, v)                     F(x, v)
// clang-format on
#include <doctest/doctest.h>

#include "tensor/conv3d.hpp"
#include "tensor/reference/complex_step.hpp"
#include "tensor/reference/conv3d.hpp"
#include "tensor/reference/conv3d_at.hpp"
#include "tests/support/cases.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/random_data.hpp"

namespace reference = tensor::reference;
using reference::Complex;
using support::Conv3dCase;
using support::difference;
using support::inner_product;
using tensor::Shape;
using tensor::Tensor;

namespace {

using Values = std::vector<double>;

/// The reference and the operator of one letter, on plain values of a case.
template <typename T>
using Reference = std::vector<T> (*)(std::span<const T>, std::span<const T>, const tensor::Conv3dGeometry&,
                                     std::int64_t);

struct Case {
    Conv3dCase c;

    Shape x_shape() const { return c.geometry.input_shape(c.phrases); }
    Shape w_shape() const { return c.geometry.weight_shape(); }
    Shape y_shape() const { return c.geometry.output_shape(c.phrases); }

    Values f(const Values& x, const Values& w) const {
        return tensor::conv3d(Tensor::from(x, x_shape()), Tensor::from(w, w_shape()), c.geometry).values<double>();
    }
    Values a(const Values& g, const Values& w) const {
        const Tensor result =
            tensor::conv3d_input_gradient(Tensor::from(g, y_shape()), Tensor::from(w, w_shape()), c.geometry);
        return result.values<double>();
    }
    Values b(const Values& x, const Values& g) const {
        const Tensor result =
            tensor::conv3d_weight_gradient(Tensor::from(x, x_shape()), Tensor::from(g, y_shape()), c.geometry);
        return result.values<double>();
    }
    Values random(const Shape& shape, std::uint64_t seed) const {
        return support::real_numbers<double>(shape.elements(), seed);
    }
    /// sum of |terms| of the trilinear form: what 1e-14 is relative to.
    double magnitude(const Values& x, const Values& w, const Values& g) const {
        return inner_product(
            reference::conv3d<double>(support::magnitude(x), support::magnitude(w), c.geometry, c.phrases),
            support::magnitude(g));
    }
};

/// d/dt operation(p + t dp, q + t dq) at t = 0, element by element.
Values derivative(Reference<Complex> operation, const Case& c, const Values& p, const Values& dp, const Values& q,
                  const Values& dq) {
    return reference::derivative_of(
        operation(reference::with_direction(p, dp), reference::with_direction(q, dq), c.c.geometry, c.c.phrases));
}

Values sum(Values a, const Values& b) {
    for (std::size_t i = 0; i < a.size(); ++i) a[i] += b[i];
    return a;
}

constexpr double precision = 1e-14;

}  // namespace

TEST_CASE_TEMPLATE("the reference's single elements are those of the whole operator", T, float, double) {
    for (const Conv3dCase& c : support::small_conv3d_cases()) {
        CAPTURE(c.name);
        const std::vector<T> x = support::whole_numbers<T>(c.geometry.input_shape(c.phrases).elements(), 1);
        const std::vector<T> w = support::whole_numbers<T>(c.geometry.weight_shape().elements(), 2);
        const std::vector<T> g = support::whole_numbers<T>(c.geometry.output_shape(c.phrases).elements(), 3);
        const auto all = [](std::size_t count, auto at) {
            std::vector<T> values;
            for (std::size_t i = 0; i < count; ++i) values.push_back(at(static_cast<std::int64_t>(i)));
            return values;
        };
        CHECK(all(g.size(), [&](std::int64_t i) { return reference::conv3d_at<T>(x, w, c.geometry, c.phrases, i); }) ==
              reference::conv3d<T>(x, w, c.geometry, c.phrases));
        CHECK(all(x.size(), [&](std::int64_t i) {
                  return reference::conv3d_input_gradient_at<T>(g, w, c.geometry, c.phrases, i);
              }) == reference::conv3d_input_gradient<T>(g, w, c.geometry, c.phrases));
        CHECK(all(w.size(), [&](std::int64_t i) {
                  return reference::conv3d_weight_gradient_at<T>(x, g, c.geometry, c.phrases, i);
              }) == reference::conv3d_weight_gradient<T>(x, g, c.geometry, c.phrases));
    }
}

// Worked by hand: one phrase, time only, x = 1 2 3 4 5, kernel (10, 1) with dilation 2, stride 2, padding 1. Padded x:
// 0 1 2 3 4 5 0. Taps of output t': 2 t' and 2 t' + 2.
TEST_CASE("the reference convolution on paper") {
    const tensor::Conv3dGeometry g = tensor::conv3d_geometry(
        {5, 1, 1}, {.kernel = {2, 1, 1}, .stride = {2, 1, 1}, .dilation = {2, 1, 1}, .padding = {1, 0, 0}});
    REQUIRE(g.output == tensor::Extents{3, 1, 1});
    const Values x{1, 2, 3, 4, 5}, w{10, 1}, cotangent{1, 2, 3};
    CHECK(reference::conv3d<double>(x, w, g, 1) == Values{2, 24, 40});
    CHECK(reference::conv3d_input_gradient<double>(cotangent, w, g, 1) == Values{0, 21, 0, 32, 0});
    CHECK(reference::conv3d_weight_gradient<double>(x, cotangent, g, 1) == Values{16, 10});
}

TEST_CASE("each operator's directional derivative is the product rule over itself") {
    for (const Conv3dCase& each : support::small_conv3d_cases()) {
        CAPTURE(each.name);
        const Case c{each};
        const Values x = c.random(c.x_shape(), 1), w = c.random(c.w_shape(), 2), g = c.random(c.y_shape(), 3);
        const Values dx = c.random(c.x_shape(), 4), dw = c.random(c.w_shape(), 5), dg = c.random(c.y_shape(), 6);
        const auto tolerance = [&](double terms) { return precision * 2 * terms; };  // two sums of terms below 1
        const auto& k = each.geometry;
        CHECK(difference(sum(c.f(dx, w), c.f(x, dw)), derivative(reference::conv3d<Complex>, c, x, dx, w, dw),
                         tolerance(static_cast<double>(k.kernel.product() * k.in_channels))) == "");
        CHECK(difference(sum(c.a(dg, w), c.a(g, dw)),
                         derivative(reference::conv3d_input_gradient<Complex>, c, g, dg, w, dw),
                         tolerance(static_cast<double>(k.kernel.product() * k.out_channels))) == "");
        CHECK(difference(sum(c.b(dx, g), c.b(x, dg)),
                         derivative(reference::conv3d_weight_gradient<Complex>, c, x, dx, g, dg),
                         tolerance(static_cast<double>(each.phrases * k.output.product()))) == "");
    }
}

TEST_CASE("order 1: d<F(x, w), g> = <dx, A(g, w)> + <dw, B(x, g)>") {
    for (const Conv3dCase& each : support::small_conv3d_cases()) {
        CAPTURE(each.name);
        const Case c{each};
        const Values x = c.random(c.x_shape(), 7), w = c.random(c.w_shape(), 8), g = c.random(c.y_shape(), 9);
        const Values dx = c.random(c.x_shape(), 10), dw = c.random(c.w_shape(), 11);
        const double expected = inner_product(derivative(reference::conv3d<Complex>, c, x, dx, w, dw), g);
        const double rule = inner_product(dx, c.a(g, w)) + inner_product(dw, c.b(x, g));
        CHECK(std::abs(rule - expected) <= precision * (c.magnitude(dx, w, g) + c.magnitude(x, dw, g)));
    }
}

TEST_CASE("order 2: d<A(g, w), h> = <dg, F(h, w)> + <dw, B(h, g)>") {
    for (const Conv3dCase& each : support::small_conv3d_cases()) {
        CAPTURE(each.name);
        const Case c{each};
        const Values g = c.random(c.y_shape(), 12), w = c.random(c.w_shape(), 13), h = c.random(c.x_shape(), 14);
        const Values dg = c.random(c.y_shape(), 15), dw = c.random(c.w_shape(), 16);
        const double expected =
            inner_product(derivative(reference::conv3d_input_gradient<Complex>, c, g, dg, w, dw), h);
        const double rule = inner_product(dg, c.f(h, w)) + inner_product(dw, c.b(h, g));
        CHECK(std::abs(rule - expected) <= precision * (c.magnitude(h, w, dg) + c.magnitude(h, dw, g)));
    }
}

TEST_CASE("order 2: d<B(x, g), v> = <dx, A(g, v)> + <dg, F(x, v)>") {
    for (const Conv3dCase& each : support::small_conv3d_cases()) {
        CAPTURE(each.name);
        const Case c{each};
        const Values x = c.random(c.x_shape(), 17), g = c.random(c.y_shape(), 18), v = c.random(c.w_shape(), 19);
        const Values dx = c.random(c.x_shape(), 20), dg = c.random(c.y_shape(), 21);
        const double expected =
            inner_product(derivative(reference::conv3d_weight_gradient<Complex>, c, x, dx, g, dg), v);
        const double rule = inner_product(dx, c.a(g, v)) + inner_product(dg, c.f(x, v));
        CHECK(std::abs(rule - expected) <= precision * (c.magnitude(dx, v, g) + c.magnitude(x, v, dg)));
    }
}

// The rules element by element, on a case so small that every coordinate can be stepped along.
TEST_CASE("every partial derivative of <F(x, w), g> and <A(g, w), h> by its own complex step") {
    const Case c{{"by coordinate",
                  tensor::conv3d_geometry({5, 3, 3}, {.kernel = {2, 2, 3},
                                                      .in_channels = 2,
                                                      .out_channels = 3,
                                                      .stride = {2, 1, 2},
                                                      .dilation = {2, 1, 1},
                                                      .padding = {1, 0, 1}}),
                  2}};
    const Values x = c.random(c.x_shape(), 22), w = c.random(c.w_shape(), 23), g = c.random(c.y_shape(), 24);
    const Values h = c.random(c.x_shape(), 25);
    const auto dot = [](const std::vector<Complex>& values, const Values& weights) {
        Complex total = 0;
        for (std::size_t i = 0; i < values.size(); ++i) total += values[i] * weights[i];
        return total;
    };
    const auto& geometry = c.c.geometry;
    const auto f_of = [&](const std::vector<Complex>& p, const std::vector<Complex>& q) {
        return dot(reference::conv3d<Complex>(p, q, geometry, 2), g);
    };
    const auto a_of = [&](const std::vector<Complex>& p, const std::vector<Complex>& q) {
        return dot(reference::conv3d_input_gradient<Complex>(p, q, geometry, 2), h);
    };
    using Z = std::vector<Complex>;
    const Z cx = reference::constant(x), cw = reference::constant(w), cg = reference::constant(g);
    const double terms = 2 * 3 * 12;  // phrases, channels, taps: more than any sum here has
    CHECK(difference(c.a(g, w), reference::complex_gradient([&](const Z& z) { return f_of(z, cw); }, x),
                     precision * terms) == "");
    CHECK(difference(c.b(x, g), reference::complex_gradient([&](const Z& z) { return f_of(cx, z); }, w),
                     precision * terms) == "");
    CHECK(difference(c.f(h, w), reference::complex_gradient([&](const Z& z) { return a_of(z, cw); }, g),
                     precision * terms) == "");
    CHECK(difference(c.b(h, g), reference::complex_gradient([&](const Z& z) { return a_of(cg, z); }, w),
                     precision * terms) == "");
}
