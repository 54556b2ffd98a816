// Two convolutions as one operator: on whole numbers equal to plain operators one after the other, and to each other as
// transposes, exactly.
#include "tensor/conv3d_pair.hpp"

#include <doctest/doctest.h>

#include "tensor/conv3d.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/error.hpp"
#include "tensor/reduce.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/random_data.hpp"

using support::contains_all;
using support::inner_product;
using support::message_of;
using support::whole_tensor;
using tensor::Conv3dPair;
using tensor::Device;
using tensor::DType;
using tensor::PairPart;
using tensor::PairPoint;
using tensor::Shape;
using tensor::Tensor;

namespace {

struct PairCase {
    const char* name;
    Conv3dPair pair;
    std::int64_t phrases = 2;
};

Conv3dPair pair_of(const tensor::Extents& volume, const tensor::Conv3dSpec& first, tensor::Conv3dSpec second,
                   double slope) {
    const tensor::Conv3dGeometry geometry = tensor::conv3d_geometry(volume, first);
    second.in_channels = first.out_channels;
    return {geometry, tensor::conv3d_geometry(geometry.output, second), slope};
}

std::vector<PairCase> pair_cases() {
    return {
        {"single elements", pair_of({1, 1, 1}, {.kernel = {1, 1, 1}}, {.kernel = {1, 1, 1}}, 0.25), 1},
        {"bars as dilation, as in MuseGAN",
         pair_of({24, 7, 5}, {.kernel = {2, 1, 5}, .out_channels = 6, .stride = {1, 1, 5}, .dilation = {6, 1, 1}},
                 {.kernel = {3, 1, 1}, .out_channels = 5, .dilation = {6, 1, 1}}, 0.25)},
        {"several channels in, overlapping kernels",
         pair_of({7, 5, 3}, {.kernel = {3, 2, 2}, .in_channels = 3, .out_channels = 5},
                 {.kernel = {2, 2, 2}, .out_channels = 4}, 0.5),
         3},
        {"kernel = stride, then stride < kernel",
         pair_of({12, 8, 5}, {.kernel = {2, 4, 5}, .in_channels = 2, .out_channels = 3, .stride = {2, 4, 5}},
                 {.kernel = {4, 1, 1}, .out_channels = 7, .stride = {2, 1, 1}}, 0.25)},
        {"padding in both",
         pair_of({4, 3, 2}, {.kernel = {3, 2, 1}, .in_channels = 2, .out_channels = 4, .padding = {1, 1, 0}},
                 {.kernel = {2, 2, 2}, .out_channels = 3, .padding = {1, 0, 1}}, 0.5)},
        {"ReLU in between",
         pair_of({5, 4, 1}, {.kernel = {2, 2, 1}, .out_channels = 4}, {.kernel = {2, 1, 1}, .out_channels = 2}, 0.0)},
    };
}

/// Operands of a case: a point, a direction v of x's shape, a cotangent g of y's.
template <typename T>
struct Operands {
    PairPoint at;
    Tensor v, g;

    explicit Operands(const PairCase& c)
        : at{whole_tensor<T>(c.pair.first.input_shape(c.phrases), 1), whole_tensor<T>(c.pair.first.weight_shape(), 2),
             whole_tensor<T>({c.pair.first.out_channels}, 3), whole_tensor<T>(c.pair.second.weight_shape(), 4)},
          v(whole_tensor<T>(c.pair.first.input_shape(c.phrases), 5)),
          g(whole_tensor<T>(c.pair.second.output_shape(c.phrases), 6)) {}
};

/// m(x) (F1(v, w1) + b1) for the value, without b1 for the tangent, each step an operator of its own.
Tensor plain_between(const Conv3dPair& pair, const PairPoint& at, const Tensor& v, PairPart part) {
    const Tensor reference = tensor::add(tensor::conv3d(at.x, at.w1, pair.first), at.b1);
    Tensor product = tensor::conv3d(v, at.w1, pair.first);
    if (part == PairPart::value) product = tensor::add(product, at.b1);
    return tensor::leaky_relu_mask(reference, product, pair.slope);
}

Tensor plain_between_gradient(const Conv3dPair& pair, const PairPoint& at, const Tensor& g) {
    const Tensor reference = tensor::add(tensor::conv3d(at.x, at.w1, pair.first), at.b1);
    return tensor::leaky_relu_mask(reference, tensor::conv3d_input_gradient(g, at.w2, pair.second), pair.slope);
}

template <typename T>
std::string differ(const Tensor& got, const Tensor& expected) {
    if (!(got.shape() == expected.shape())) return got.shape().to_string() + " for " + expected.shape().to_string();
    return support::difference(got.values<T>(), expected.values<T>());
}

double inner(const Tensor& a, const Tensor& b) { return inner_product(a.values<double>(), b.values<double>()); }

}  // namespace

TEST_CASE_TEMPLATE("the value of a pair is that of its layers, one after the other, exactly", T, float, double) {
    for (const PairCase& c : pair_cases()) {
        CAPTURE(c.name);
        const Operands<T> o(c);
        const Tensor bias = whole_tensor<T>({c.pair.second.out_channels}, 7);
        const Tensor p =
            tensor::leaky_relu(tensor::add(tensor::conv3d(o.at.x, o.at.w1, c.pair.first), o.at.b1), c.pair.slope);
        const Tensor plain = tensor::conv3d(p, o.at.w2, c.pair.second);
        CHECK(differ<T>(tensor::conv3d_pair(c.pair, o.at, o.at.x, PairPart::value), plain) == "");
        CHECK(differ<T>(tensor::conv3d_pair(c.pair, o.at, o.at.x, PairPart::value, {.bias = bias, .slope = 0.5}),
                        tensor::leaky_relu(tensor::add(plain, bias), 0.5)) == "");
    }
}

TEST_CASE_TEMPLATE("values, tangents and gradients of a pair are compositions of plain operators, exactly", T, float,
                   double) {
    for (const PairCase& c : pair_cases())
        for (const PairPart part : {PairPart::tangent, PairPart::value}) {
            CAPTURE(c.name);
            CAPTURE(part == PairPart::value);
            const Operands<T> o(c);
            const Tensor& v = part == PairPart::value ? o.at.x : o.v;
            const Tensor p = plain_between(c.pair, o.at, v, part), u = plain_between_gradient(c.pair, o.at, o.g);
            const Tensor y = tensor::conv3d(p, o.at.w2, c.pair.second), mask = whole_tensor<T>(y.shape(), 8);
            CHECK(differ<T>(tensor::conv3d_pair(c.pair, o.at, v, part), y) == "");
            CHECK(differ<T>(tensor::conv3d_pair(c.pair, o.at, v, part, {.mask = mask, .mask_slope = 0.25}),
                            tensor::leaky_relu_mask(mask, y, 0.25)) == "");
            CHECK(differ<T>(tensor::conv3d_pair_input_gradient(c.pair, o.at, o.g),
                            tensor::conv3d_input_gradient(u, o.at.w1, c.pair.first)) == "");
            const auto found = tensor::conv3d_pair_weight_gradient(c.pair, o.at, o.g, v, part);
            CHECK(differ<T>(found.w1, tensor::conv3d_weight_gradient(v, u, c.pair.first)) == "");
            CHECK(differ<T>(found.w2, tensor::conv3d_weight_gradient(p, o.g, c.pair.second)) == "");
            REQUIRE(found.b1.defined() == (part == PairPart::value));
            if (part == PairPart::value) CHECK(differ<T>(found.b1, tensor::sum_to(u, o.at.b1.shape())) == "");
        }
}

TEST_CASE_TEMPLATE("the input gradient of a pair is the transpose of its tangent, exactly", T, float, double) {
    for (const PairCase& c : pair_cases()) {
        CAPTURE(c.name);
        const Operands<T> o(c);
        const double forward = inner(tensor::conv3d_pair(c.pair, o.at, o.v, PairPart::tangent), o.g);
        CHECK(forward == inner(o.v, tensor::conv3d_pair_input_gradient(c.pair, o.at, o.g)));
        if (c.phrases > 1) CHECK(forward != 0);
    }
}

TEST_CASE_TEMPLATE("the weight gradients of a pair are its derivatives in any direction, exactly", T, float, double) {
    // With the mask held fixed, <F2(p, w2), g> is linear in (w1, b1) and in w2, so its derivative in a direction is
    // its value there.
    for (const PairCase& c : pair_cases())
        for (const PairPart part : {PairPart::tangent, PairPart::value}) {
            CAPTURE(c.name);
            CAPTURE(part == PairPart::value);
            const Operands<T> o(c);
            const Tensor& v = part == PairPart::value ? o.at.x : o.v;
            const auto found = tensor::conv3d_pair_weight_gradient(c.pair, o.at, o.g, v, part);
            const Tensor dw1 = whole_tensor<T>(o.at.w1.shape(), 11), db1 = whole_tensor<T>(o.at.b1.shape(), 12),
                         dw2 = whole_tensor<T>(o.at.w2.shape(), 13);
            Tensor dp = tensor::conv3d(v, dw1, c.pair.first);
            if (part == PairPart::value) dp = tensor::add(dp, db1);
            const Tensor reference = tensor::add(tensor::conv3d(o.at.x, o.at.w1, c.pair.first), o.at.b1);
            dp = tensor::leaky_relu_mask(reference, dp, c.pair.slope);
            const double first = inner(found.w1, dw1) + (part == PairPart::value ? inner(found.b1, db1) : 0.0);
            CHECK(first == inner(tensor::conv3d(dp, o.at.w2, c.pair.second), o.g));
            PairPoint moved = o.at;
            moved.w2 = dw2;
            CHECK(inner(found.w2, dw2) == inner(tensor::conv3d_pair(c.pair, moved, v, part), o.g));
        }
}

TEST_CASE("a pair without a phrase gives empty values and zero weight gradients") {
    const PairCase c{"empty", pair_cases()[1].pair, 0};
    const Operands<float> o(c);
    CHECK(tensor::conv3d_pair(c.pair, o.at, o.at.x, PairPart::value).shape() == c.pair.second.output_shape(0));
    CHECK(tensor::conv3d_pair_input_gradient(c.pair, o.at, o.g).shape() == o.at.x.shape());
    const auto found = tensor::conv3d_pair_weight_gradient(c.pair, o.at, o.g, o.at.x, PairPart::value);
    for (const Tensor& gradient : {found.w1, found.b1, found.w2})
        for (const float value : gradient.values<float>()) CHECK(value == 0.0f);
}

TEST_CASE("a pair's arguments that do not agree are an error that says what and where") {
    const PairCase c = pair_cases()[1];
    const Operands<float> good(c);
    const auto message = [&](auto change) {
        Conv3dPair pair = c.pair;
        Operands<float> changed = good;
        change(pair, changed);
        return message_of([&] { tensor::conv3d_pair(pair, changed.at, changed.v, PairPart::tangent); }) + "\n" +
               message_of([&] { tensor::conv3d_pair_input_gradient(pair, changed.at, changed.g); }) + "\n" +
               message_of([&] {
                   tensor::conv3d_pair_weight_gradient(pair, changed.at, changed.g, changed.v, PairPart::tangent);
               });
    };
    using Pair = Conv3dPair;
    using Changed = Operands<float>;
    const std::string everywhere[] = {"[conv3d_pair] ", "[conv3d_pair_input_gradient] ",
                                      "[conv3d_pair_weight_gradient] "};
    const auto all_say = [&](const std::string& text, const std::string& part) {
        return contains_all(text, {everywhere[0] + part, everywhere[1] + part, everywhere[2] + part});
    };
    CHECK(all_say(message([](Pair& p, Changed&) { p.second = p.first; }),
                  "the second convolution reads [1, 24, 7, 5, 1] per phrase, the first makes [1, 18, 7, 1, 6]"));
    CHECK(all_say(message([](Pair& p, Changed&) { p.slope = -1; }), "slope -1, expected at least 0"));
    CHECK(all_say(message([](Pair&, Changed& o) { o.at.w1 = o.at.w2; }),
                  "w1 is [3, 1, 1, 6, 5], expected [2, 1, 5, 1, 6]"));
    CHECK(all_say(message([](Pair&, Changed& o) { o.at.w2 = o.at.w1; }),
                  "w2 is [2, 1, 5, 1, 6], expected [3, 1, 1, 6, 5]"));
    CHECK(all_say(message([](Pair&, Changed& o) { o.at.b1 = Tensor::zeros({5}); }), "b1 is [5], expected [6]"));
    CHECK(all_say(message([](Pair&, Changed& o) { o.at.b1 = Tensor(); }), "a tensor without a value"));
    CHECK(all_say(message([](Pair&, Changed& o) {
                      o.at.x = Tensor::zeros({2, 24});
                  }),
                  "shape [2, 24], expected rank 5"));
    CHECK(all_say(message([](Pair&, Changed& o) {
                      o.at.x = Tensor::zeros({2, 24, 7, 4, 1});
                  }),
                  "x is [2, 24, 7, 4, 1], expected [2, 24, 7, 5, 1]"));
    CHECK(all_say(message([](Pair&, Changed& o) { o.at.w1 = o.at.w1.cast(DType::f64); }), "arguments of f32 and f64"));
    CHECK(all_say(message([](Pair&, Changed& o) { o.at.w2 = o.at.w2.to(Device::dry()); }), "arguments on cpu and dry"));
    const std::string v = message([](Pair&, Changed& o) { o.v = Tensor::zeros({3, 24, 7, 5, 1}); });
    CHECK(contains_all(v, {everywhere[0] + "v is [3, 24, 7, 5, 1]", everywhere[2] + "v is [3, 24, 7, 5, 1]"}));
    const std::string g = message([](Pair&, Changed& o) { o.g = Tensor::zeros({2, 6, 7, 1, 6}); });
    CHECK(contains_all(g, {everywhere[1] + "g is [2, 6, 7, 1, 6], expected [2, 6, 7, 1, 5]",
                           everywhere[2] + "g is [2, 6, 7, 1, 6], expected [2, 6, 7, 1, 5]"}));
    CHECK(contains_all(message_of([&] {
                           tensor::conv3d_pair(c.pair, good.at, good.v, PairPart::tangent,
                                               {.bias = Tensor::zeros({6})});
                       }),
                       {"[conv3d_pair]", "bias is [6], expected [5]"}));
}

TEST_CASE("the value of a pair is asked for at x itself, and nowhere else") {
    const PairCase c = pair_cases()[1];
    const Operands<float> o(c);
    const Tensor copy = o.at.x.clone();
    for (const Tensor& v : {o.v, copy}) {
        const std::string message =
            message_of([&] { tensor::conv3d_pair(c.pair, o.at, v, PairPart::value); }) + "\n" +
            message_of([&] { tensor::conv3d_pair_weight_gradient(c.pair, o.at, o.g, v, PairPart::value); });
        CHECK(contains_all(message, {"[conv3d_pair] v is not x, expected x itself",
                                     "[conv3d_pair_weight_gradient] v is not x, expected x itself"}));
    }
    CHECK(differ<float>(tensor::conv3d_pair(c.pair, o.at, o.at.x.reshape(o.at.x.shape()), PairPart::value),
                        tensor::conv3d_pair(c.pair, o.at, o.at.x, PairPart::value)) == "");
}
