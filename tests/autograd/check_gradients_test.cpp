// The checker itself: it must see small mistakes, name the order where they are, and pass what is right.
#include "autograd/check_gradients.hpp"

#include <doctest/doctest.h>

#include "autograd/elementwise.hpp"
#include "autograd/matmul.hpp"
#include "tensor/elementwise.hpp"
#include "tests/autograd/inputs.hpp"
#include "tests/support/compare.hpp"

using autograd::check_gradients;
using autograd::Variable;
using support::contains_all;
using support::Inputs;
using support::message_of;
using support::positive;
using support::smooth;

namespace {

/// x^3 whose rule is 0.05 % too large.
Variable cube_wrong_at_order_1(const Variable& x) {
    return autograd::record(
        "cube", tensor::multiply(tensor::square(x.value()), x.value()),
        {{x, [=](const Variable& g) { return multiply(autograd::scale(square(x), 3.0 * 1.0005), g); }}});
}

/// 3 x^2 g, right in value and in its rule for g, 0.1 % off in its rule for x.
Variable three_squares_times(const Variable& x, const Variable& g) {
    const tensor::Tensor value = tensor::multiply(tensor::scale(tensor::square(x.value()), 3.0), g.value());
    return autograd::record(
        "three_squares_times", value,
        {{x, [=](const Variable& h) { return multiply(autograd::scale(multiply(x, g), 6.0 * 1.001), h); }},
         {g, [=](const Variable& h) { return three_squares_times(x, h); }}});
}

/// x^3 whose gradient is right, and whose gradient's gradient is not.
Variable cube_wrong_at_order_2(const Variable& x) {
    return autograd::record("cube", tensor::multiply(tensor::square(x.value()), x.value()),
                            {{x, [=](const Variable& g) { return three_squares_times(x, g); }}});
}

}  // namespace

TEST_CASE("a rule that is wrong by 0.05 % is caught at order 1") {
    const auto cube = [](const Inputs& in) { return cube_wrong_at_order_1(in[0]); };
    for (const tensor::Shape& shape : {tensor::Shape{}, tensor::Shape{3}, tensor::Shape{2, 5, 7}}) {
        CAPTURE(shape.to_string());
        const std::string message = message_of([&] { check_gradients(cube, {positive(shape, 1)}, {.order = 1}); });
        CHECK(contains_all(message,
                           {"[check_gradients] order 1, input 0 of shape " + shape.to_string(), "rule", "difference"}));
    }
}

TEST_CASE("a rule that is wrong by 0.1 % at order 2 alone passes order 1 and is caught at order 2") {
    const auto cube = [](const Inputs& in) { return cube_wrong_at_order_2(in[0]); };
    for (const tensor::Shape& shape : {tensor::Shape{}, tensor::Shape{3}, tensor::Shape{2, 5, 7}}) {
        CAPTURE(shape.to_string());
        CHECK_NOTHROW(check_gradients(cube, {positive(shape, 1)}, {.order = 1}));
        const std::string message = message_of([&] { check_gradients(cube, {positive(shape, 1)}, {.order = 2}); });
        CHECK(contains_all(message, {"order 2, input 0"}));
    }
}

TEST_CASE("the message holds both numbers and the wrong entries of a small Jacobian, and no others") {
    // Only the second input's rule is wrong: 2.002 a b where 2 a b is right, at a = 3, b = (1, 5).
    const auto wrong = [](const Inputs& in) {
        const Variable a = in[0], b = in[1];
        return autograd::record(
            "a_square_b", tensor::multiply(tensor::square(b.value()), a.value()),
            {{a, [=](const Variable& g) { return autograd::sum_to(multiply(square(b), g), a.shape()); }},
             {b, [=](const Variable& g) { return multiply(autograd::scale(multiply(a, b), 2.002), g); }}});
    };
    const std::vector<tensor::Tensor> inputs = {support::scalar(3),
                                                tensor::Tensor::from(std::vector<double>{1, 5}, {2})};
    const std::string message = message_of([&] { check_gradients(wrong, inputs, {.order = 1}); });
    CAPTURE(message);
    CHECK(contains_all(message, {"order 1, input 1 of shape [2]", "d value[0] / d input[0]: rule 6.006, difference 6",
                                 "d value[1] / d input[1]: rule 30.03, difference 30"}));
    CHECK(message.find("d value[0] / d input[1]") == std::string::npos);
}

TEST_CASE("a gradient that is missing or that is there without cause is wrong") {
    const auto missing = [](const Inputs& in) { return multiply(in[0], in[1].detach()); };
    CHECK(contains_all(message_of([&] {
                           check_gradients(missing, {positive({2}, 1), positive({2}, 2)});
                       }),
                       {"order 1, input 1", "rule 0"}));
    const auto groundless = [](const Inputs& in) {
        return autograd::record(
            "first", in[0].value(),
            {{in[0], [](const Variable& g) { return g; }}, {in[1], [](const Variable& g) { return g; }}});
    };
    CHECK(contains_all(message_of([&] {
                           check_gradients(groundless, {positive({2}, 1), positive({2}, 2)});
                       }),
                       {"order 1, input 1", "difference"}));
}

TEST_CASE("a rule that is wrong only while a graph is recorded is caught at order 1") {
    const auto wrong = [](const Inputs& in) {
        const Variable x = in[0];
        return autograd::record("square", tensor::square(x.value()),
                                {{x, [=](const Variable& g) {
                                      return multiply(autograd::scale(x, autograd::recording() ? 2.001 : 2.0), g);
                                  }}});
    };
    CHECK(contains_all(message_of([&] { check_gradients(wrong, {positive({3}, 1)}); }),
                       {"order 1", "(with create_graph)"}));
}

TEST_CASE("a rule for the cotangent of order 1 is checked at order 2 and called by its name") {
    // 2 x g whose rule for g is 0.1 % off: right at order 1, right in x at order 2.
    const auto two_x_g = [](const Variable& x, const Variable& g) {
        return autograd::record("two_x_g", tensor::scale(tensor::multiply(x.value(), g.value()), 2.0),
                                {{x, [=](const Variable& h) { return autograd::scale(multiply(g, h), 2.0); }},
                                 {g, [=](const Variable& h) { return autograd::scale(multiply(x, h), 2.002); }}});
    };
    const auto wrong = [=](const Inputs& in) {
        const Variable x = in[0];
        return autograd::record("square", tensor::square(x.value()),
                                {{x, [=](const Variable& g) { return two_x_g(x, g); }}});
    };
    CHECK(contains_all(message_of([&] { check_gradients(wrong, {positive({3}, 1)}); }),
                       {"order 2, cotangent of order 1"}));
}

TEST_CASE("a rule that forgets to sum over what was broadcast is caught by its shape") {
    const auto wrong = [](const Inputs& in) {
        return autograd::record(
            "add", tensor::add(in[0].value(), in[1].value()),
            {{in[0], [](const Variable& g) { return g; }}, {in[1], [](const Variable& g) { return g; }}});
    };
    CHECK(contains_all(message_of([&] {
                           check_gradients(wrong, {smooth({2, 3}, 1), smooth({3}, 2)});
                       }),
                       {"gradient of input 1 is [2, 3], expected [3]", "sum_to"}));
}

TEST_CASE("what is right passes at every order and from every seed") {
    const auto dense = [](const Inputs& in) { return autograd::tanh(matmul_nn(in[0], in[1])); };
    for (std::uint64_t seed = 0; seed < 5; ++seed)
        CHECK_NOTHROW(
            check_gradients(dense, {smooth({3, 4}, seed), smooth({4, 2}, seed + 1)}, {.order = 3, .seed = seed}));
}

TEST_CASE("what cannot be checked is refused") {
    const auto same = [](const Inputs& in) { return in[0]; };
    const auto check = [&](const tensor::Tensor& x, int order) {
        return message_of([&] { check_gradients(same, {x}, {.order = order}); });
    };
    CHECK(contains_all(check(tensor::Tensor::zeros({2}), 1), {"[check_gradients] input 0 is f32, expected f64"}));
    CHECK(contains_all(check(smooth({2}, 1), 0), {"order 0, expected 1 or more"}));
}
