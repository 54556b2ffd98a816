// Gradients of the three convolution operators on the small lines of the case table, of chains of them, and of the
// fused layer.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "autograd/check_gradients.hpp"
#include "autograd/conv3d.hpp"
#include "autograd/elementwise.hpp"
#include "autograd/grad.hpp"
#include "tests/autograd/inputs.hpp"
#include "tests/autograd/results.hpp"
#include "tests/support/cases.hpp"
#include "tests/support/compare.hpp"

using autograd::check_gradients;
using autograd::Conv3dGeometry;
using autograd::Variable;
using support::away_from_zero;
using support::contains_all;
using support::difference;
using support::eps;
using support::Inputs;
using support::leaf;
using support::message_of;
using support::real_tensor;
using support::same_bits;
using support::smooth;
using support::three_orders;
using support::whole_tensor;
using tensor::Tensor;

namespace {

/// The convolution layer as three separate operators.
Variable layer_composed(const Variable& x, const Variable& w, const Variable& b, double slope,
                        const Conv3dGeometry& geometry) {
    const Variable product = conv3d(x, w, geometry);
    const Variable biased = b.defined() ? add(product, b) : product;
    return slope == 1.0 ? biased : autograd::leaky_relu(biased, slope);
}

/// Two strided, overlapping convolutions, one behind the other: 9 x 6 x 2 -> 4 x 3 x 1 -> 2 x 2 x 1.
const Conv3dGeometry outer_geometry =
    tensor::conv3d_geometry({9, 6, 2}, {.kernel = {3, 2, 2}, .in_channels = 2, .out_channels = 3, .stride = {2, 2, 2}});
const Conv3dGeometry inner_geometry =
    tensor::conv3d_geometry({4, 3, 1}, {.kernel = {2, 2, 1}, .in_channels = 3, .out_channels = 4, .stride = {2, 1, 1}});

}  // namespace

TEST_CASE("F, A and B are right at orders 1 and 2 on every small geometry") {
    for (const support::Conv3dCase& each : support::small_conv3d_cases()) {
        CAPTURE(each.name);
        const Conv3dGeometry g = each.geometry;
        const Tensor x = smooth(g.input_shape(each.phrases), 1), w = smooth(g.weight_shape(), 2),
                     y = smooth(g.output_shape(each.phrases), 3);
        check_gradients([&](const Inputs& in) { return conv3d(in[0], in[1], g); }, {x, w});
        check_gradients([&](const Inputs& in) { return conv3d_input_gradient(in[0], in[1], g); }, {y, w});
        check_gradients([&](const Inputs& in) { return conv3d_weight_gradient(in[0], in[1], g); }, {x, y});
    }
}

TEST_CASE("the six rules of the table are the six operators, exactly") {
    // On whole numbers every sum is exact in f32, so that each gradient equals its line of the table with ==.
    for (const support::Conv3dCase& each : support::small_conv3d_cases()) {
        CAPTURE(each.name);
        const Conv3dGeometry geometry = each.geometry;
        const Variable x = leaf(whole_tensor<float>(geometry.input_shape(each.phrases), 1));
        const Variable w = leaf(whole_tensor<float>(geometry.weight_shape(), 2));
        const Variable g = leaf(whole_tensor<float>(geometry.output_shape(each.phrases), 3));
        const auto check = [&](const Variable& value, const Inputs& inputs, const Variable& cotangent,
                               const Variable& first, const Variable& second) {
            const auto found = grad(std::span(&value, 1), inputs, std::span(&cotangent, 1));
            CHECK(difference(found[0]->value().values<float>(), first.value().values<float>()) == "");
            CHECK(difference(found[1]->value().values<float>(), second.value().values<float>()) == "");
        };
        const auto f = [&](const Variable& a, const Variable& b) { return conv3d(a, b, geometry); };
        const auto a = [&](const Variable& p, const Variable& q) { return conv3d_input_gradient(p, q, geometry); };
        const auto b = [&](const Variable& p, const Variable& q) { return conv3d_weight_gradient(p, q, geometry); };
        const Variable h = leaf(whole_tensor<float>(x.shape(), 4)), v = leaf(whole_tensor<float>(w.shape(), 5));
        check(f(x, w), {x, w}, g, a(g, w), b(x, g));
        check(a(g, w), {g, w}, h, f(h, w), b(h, g));
        check(b(x, g), {x, g}, v, a(g, v), f(x, v));
    }
}

TEST_CASE("F, A and B are right at order 3 once they are squared") {
    const Conv3dGeometry g = inner_geometry;
    const Tensor x = smooth(g.input_shape(2), 1), w = smooth(g.weight_shape(), 2), y = smooth(g.output_shape(2), 3);
    check_gradients([&](const Inputs& in) { return square(conv3d(in[0], in[1], g)); }, {x, w}, {.order = 3});
    check_gradients([&](const Inputs& in) { return square(conv3d_input_gradient(in[0], in[1], g)); }, {y, w},
                    {.order = 3});
    check_gradients([&](const Inputs& in) { return square(conv3d_weight_gradient(in[0], in[1], g)); }, {x, y},
                    {.order = 3});
}

TEST_CASE("a chain of two strided convolutions is right at orders 1 and 2, linear and with a tanh between") {
    const std::vector<Tensor> inputs = {smooth(outer_geometry.input_shape(2), 1),
                                        smooth(outer_geometry.weight_shape(), 2),
                                        smooth(inner_geometry.weight_shape(), 3)};
    const auto linear = [](const Inputs& in) {
        return conv3d(conv3d(in[0], in[1], outer_geometry), in[2], inner_geometry);
    };
    const auto bent = [](const Inputs& in) {
        return autograd::tanh(conv3d(autograd::tanh(conv3d(in[0], in[1], outer_geometry)), in[2], inner_geometry));
    };
    check_gradients(linear, inputs);
    check_gradients(bent, inputs);
}

TEST_CASE("a chain of two transposed convolutions is right at orders 1 and 2") {
    const auto bent = [](const Inputs& in) {
        const Variable middle = autograd::tanh(conv3d_input_gradient(in[0], in[1], inner_geometry));
        return autograd::tanh(conv3d_input_gradient(middle, in[2], outer_geometry));
    };
    check_gradients(bent, {smooth(inner_geometry.output_shape(2), 1), smooth(inner_geometry.weight_shape(), 2),
                           smooth(outer_geometry.weight_shape(), 3)});
}

TEST_CASE("a convolution whose kernel is computed from its own input is right at orders 1 and 2") {
    const Conv3dGeometry g = tensor::conv3d_geometry({5, 1, 1}, {.kernel = {2, 1, 1}});
    check_gradients(
        [&](const Inputs& in) {
            const Variable w = autograd::broadcast_to(mean(in[0]), g.weight_shape());
            return conv3d(in[0], add(w, square(w)), g);
        },
        {smooth(g.input_shape(1), 1)}, {.order = 3});
}

TEST_CASE("the fused convolution layer is right at orders 1 and 2") {
    // Biases of size 9 and more keep every unit away from its kink: |x w| stays below 2 * 2 * 2 * 3.
    const Conv3dGeometry g = outer_geometry;
    const Tensor b = Tensor::from(std::vector<double>{25, -30, 26}, {3});
    for (const double slope : {1.0, 0.2, 0.0}) {
        CAPTURE(slope);
        const auto layer = [=](const Inputs& in) {
            return square(conv3d_bias_leaky_relu(in[0], in[1], in[2], slope, g));
        };
        check_gradients(layer, {smooth(g.input_shape(2), 1), smooth(g.weight_shape(), 2), b});
    }
}

TEST_CASE_TEMPLATE("the fused layer equals its composition bit for bit, gradients and their gradients too", T, float,
                   double) {
    for (const support::Conv3dCase& each : support::small_conv3d_cases())
        for (const bool biased : {true, false})
            for (const double slope : {1.0, 0.2}) {
                CAPTURE(each.name);
                CAPTURE(biased);
                CAPTURE(slope);
                const Conv3dGeometry& geometry = each.geometry;
                const Variable x = leaf(real_tensor<T>(geometry.input_shape(each.phrases), 1));
                const Variable w = leaf(real_tensor<T>(geometry.weight_shape(), 2));
                const Variable b = biased ? leaf(real_tensor<T>({geometry.out_channels}, 3)) : Variable();
                Inputs inputs{x, w};
                if (biased) inputs.push_back(b);
                const auto orders = [&](const Variable& y) { return three_orders<T>(y, sum(square(y)), inputs); };
                const auto fused = orders(conv3d_bias_leaky_relu(x, w, b, slope, geometry));
                const auto plain = orders(layer_composed(x, w, b, slope, geometry));
                REQUIRE(fused.size() == plain.size());
                for (std::size_t n = 0; n < fused.size(); ++n) CHECK(same_bits(fused[n], plain[n]));
            }
}

TEST_CASE_TEMPLATE("a LeakyReLU's mask taken along by the next convolution changes no bit of a gradient", T, float,
                   double) {
    // The same chain with an identity after the LeakyReLU, which keeps mask and convolution apart.
    const auto apart = [](const Variable& v) {
        return autograd::record("identity", v.value(), {{v, [](const Variable& g) { return g; }}});
    };
    const auto together = [](const Variable& v) { return v; };
    const Variable x = leaf(real_tensor<T>(outer_geometry.input_shape(2), 1));
    const Variable w1 = leaf(real_tensor<T>(outer_geometry.weight_shape(), 2)), b1 = leaf(real_tensor<T>({3}, 3));
    const Variable w2 = leaf(real_tensor<T>(inner_geometry.weight_shape(), 4)), b2 = leaf(real_tensor<T>({4}, 5));
    const Inputs inputs{x, w1, b1, w2, b2};
    const auto orders = [&](const auto& between) {
        const Variable h = conv3d_bias_leaky_relu(x, w1, b1, 0.2, outer_geometry);
        const Variable y = between(conv3d_bias_leaky_relu(between(h), w2, b2, 0.2, inner_geometry));
        std::vector<std::vector<T>> all{y.value().template values<T>()};
        const Variable first = sum(square(y));
        const auto plain = grad(std::span(&first, 1), inputs, {}, {.keep_graph = true});
        const auto recorded = grad(std::span(&first, 1), inputs, {}, {.create_graph = true});
        Variable second = sum(square(*recorded[0]));
        for (std::size_t n = 1; n < recorded.size(); ++n) second = add(second, sum(square(*recorded[n])));
        for (const auto& found : {plain, recorded, grad(std::span(&second, 1), inputs)})
            for (const auto& g : found) all.push_back(g->value().template values<T>());
        return all;
    };
    // At order 1 each LeakyReLU has one user. At order 2 it has two, so that s a + s b replaces s (a + b): some
    // roundings of the largest terms.
    constexpr std::size_t order_1 = 11;
    const auto fused = orders(together), unfused = orders(apart);
    for (std::size_t n = 0; n < fused.size(); ++n) {
        CAPTURE(n);
        if (n < order_1) {
            CHECK(same_bits(fused[n], unfused[n]));
            continue;
        }
        double largest = 0;
        for (const T each : unfused[n]) largest = std::max(largest, std::abs(static_cast<double>(each)));
        CHECK(difference(fused[n], unfused[n], 32 * eps<T> * largest) == "");
    }
}

TEST_CASE("a LeakyReLU between convolutions may be asked for its own gradient, and may have other users") {
    const Conv3dGeometry g1 = outer_geometry, g2 = inner_geometry;
    const Variable x = leaf(smooth(g1.input_shape(1), 1)), w1 = leaf(smooth(g1.weight_shape(), 2)),
                   w2 = leaf(smooth(g2.weight_shape(), 3));
    // y = sum F(h, w2) + 3 sum h: the gradient of h is A(1, w2) + 3, and that of LeakyReLU's argument is the same after
    // the mask.
    const Variable z = conv3d(x, w1, g1);
    const Variable h = autograd::leaky_relu(z, 0.2);
    const Variable y = add(sum(conv3d(h, w2, g2)), autograd::scale(sum(h), 3.0));
    const Variable ones(Tensor::full(g2.output_shape(1), 1.0, tensor::DType::f64));
    const Variable of_h = autograd::affine(conv3d_input_gradient(ones, w2, g2), 1.0, 3.0);
    const Variable of_z = leaky_relu_mask(h.value(), of_h, 0.2);
    const Inputs inputs{h, z, x};
    const auto found = grad(std::span(&y, 1), inputs, {}, {.keep_graph = true});
    CHECK(difference(found[0]->value().values<double>(), of_h.value().values<double>(), 1e-13) == "");
    CHECK(difference(found[1]->value().values<double>(), of_z.value().values<double>(), 1e-13) == "");
    const Variable alone = grad(y, x);
    CHECK(difference(alone.value().values<double>(), found[2]->value().values<double>(), 1e-12) == "");
}

TEST_CASE("errors of convolutions come through with their names") {
    const Conv3dGeometry g = inner_geometry;
    const Variable x = leaf(smooth(g.input_shape(2), 1)), w = leaf(smooth(outer_geometry.weight_shape(), 2));
    CHECK(contains_all(message_of([&] { conv3d(x, w, g); }),
                       {"[conv3d] w is", w.shape().to_string(), g.weight_shape().to_string()}));
    CHECK(contains_all(message_of([&] { conv3d_input_gradient(x, w, g); }), {"[conv3d_input_gradient] g is"}));
    CHECK(contains_all(message_of([&] { conv3d_weight_gradient(x, x, g); }), {"[conv3d_weight_gradient] g is"}));
}
