// The engine: what is summed, what is asked for, what is left out, and what is refused.
#include "autograd/grad.hpp"

#include <doctest/doctest.h>

#include <array>
#include <stdexcept>

#include "autograd/check_gradients.hpp"
#include "autograd/elementwise.hpp"
#include "tensor/scope.hpp"
#include "tests/autograd/inputs.hpp"
#include "tests/autograd/results.hpp"
#include "tests/support/compare.hpp"

using autograd::grad;
using autograd::Needed;
using autograd::NoGrad;
using autograd::Variable;
using support::contains_all;
using support::difference;
using support::Inputs;
using support::leaf;
using support::message_of;
using support::scalar;
using support::smooth;
using support::values;
using support::Values;
using tensor::Shape;
using tensor::Tensor;

namespace {

/// The identity, counting how often its rule is called.
Variable counted(const Variable& x, int& calls) {
    return autograd::record("counted", x.value(), {{x, [&calls](const Variable& g) {
                                                        ++calls;
                                                        return g;
                                                    }}});
}

}  // namespace

TEST_CASE("the cotangents of a value's users are summed") {
    // y = 2x + 3x + 4x + x: ten for each element, with the in-place sum and with the differentiable one.
    const Variable x = leaf({1, -2});
    const Variable y = sum(add(add(autograd::scale(x, 2), autograd::scale(x, 3)), add(autograd::scale(x, 4), x)));
    CHECK(difference(values(grad(y, x, {.keep_graph = true})), Values{10, 10}) == "");
    CHECK(difference(values(grad(y, x, {.create_graph = true})), Values{10, 10}) == "");
}

TEST_CASE("sums in place never touch a tensor that somebody else holds") {
    const Variable x = leaf({1, 2});
    const Variable y = add(add(x, x), add(x, x));
    const Variable cotangent(Tensor::from(Values{10, 20}, {2}));
    const auto first = grad(std::span(&y, 1), std::span(&x, 1), std::span(&cotangent, 1), {.keep_graph = true});
    const auto second = grad(std::span(&y, 1), std::span(&x, 1), std::span(&cotangent, 1));
    CHECK(difference(values(*first[0]), Values{40, 80}) == "");
    CHECK(difference(values(*second[0]), Values{40, 80}) == "");
    CHECK(difference(values(cotangent), Values{10, 20}) == "");
    CHECK(difference(values(x), Values{1, 2}) == "");
}

TEST_CASE("a cotangent sum is a graph where it is differentiable, and one tensor of its own where it is not") {
    const Variable a = leaf({1, 2}), b = leaf({10, 20}), c = leaf({100, 200});
    autograd::CotangentSum recorded, in_place;
    CHECK_FALSE(recorded.value().defined());
    for (const Variable& term : {a, b, c}) {
        recorded.add_term(term, true);
        in_place.add_term(term, false);
    }
    CHECK(difference(values(recorded.value()), Values{111, 222}) == "");
    CHECK(difference(values(in_place.value()), Values{111, 222}) == "");
    CHECK(recorded.value().requires_grad());
    CHECK_FALSE(in_place.value().requires_grad());
    CHECK(difference(values(a), Values{1, 2}) == "");
    CHECK(difference(values(b), Values{10, 20}) == "");
}

TEST_CASE("several outputs with cotangents give the gradient of the sum of products") {
    const Variable x = leaf({2, 3});
    const Variable cube = multiply(square(x), x);
    const std::array<Variable, 3> outputs = {square(x), cube, cube};
    const std::array<Variable, 3> cotangents = {leaf({1, 10}), leaf({1, 0}), leaf({0, 1})};
    const auto found = grad(outputs, std::span(&x, 1), cotangents);
    // 2x c0 + 3x^2 (c1 + c2) = (4 + 12, 60 + 27); the third output is the second again.
    CHECK(difference(values(*found[0]), Values{16, 87}) == "");
}

TEST_CASE("gradients are linear in cotangents that can be differentiated themselves") {
    const Variable x = leaf({2, 3}), g = leaf({5, 7});
    const Variable y = square(x);
    const auto first = grad(std::span(&y, 1), std::span(&x, 1), std::span(&g, 1), {.create_graph = true});
    const Variable by_g = grad(sum(*first[0]), g, {.keep_graph = true});
    CHECK(difference(values(by_g), Values{4, 6}) == "");  // d/dg of 2 x g
    CHECK(difference(values(grad(sum(*first[0]), x)), Values{10, 14}) == "");
}

TEST_CASE("an input may be a value in the middle, depend on another input, be the output, or be there twice") {
    const Variable x = leaf(scalar(3));
    const Variable middle = square(x);
    const Variable y = multiply(middle, x);  // x^3
    const std::array<Variable, 4> inputs = {x, middle, y, x};
    const auto found = grad(std::span(&y, 1), inputs);
    CHECK(found[0]->item() == 27);  // the whole derivative, through middle too
    CHECK(found[1]->item() == 3);   // middle's own: x
    CHECK(found[2]->item() == 1);
    CHECK(found[3]->item() == 27);
}

TEST_CASE("where no path leads there is no gradient, and the short form answers zeros") {
    const Variable x = leaf({1, 2}), unused = leaf({3, 4, 5});
    const Variable y = sum(square(x));
    const std::array<Variable, 2> inputs = {unused, x};
    const auto found = grad(std::span(&y, 1), inputs, {}, {.keep_graph = true});
    CHECK_FALSE(found[0].has_value());
    CHECK(difference(values(*found[1]), Values{2, 4}) == "");
    CHECK(difference(values(grad(y, unused)), Values{0, 0, 0}) == "");
    // Nor from a constant.
    const Variable constant(scalar(1));
    CHECK_FALSE(grad(std::span(&constant, 1), std::span(&x, 1))[0].has_value());
    CHECK(difference(values(grad(autograd::sum(x.detach()), x)), Values{0, 0}) == "");
}

TEST_CASE("rules run for wanted inputs alone, once per node") {
    int wanted = 0, frozen = 0, unwanted = 0;
    const Variable x = leaf({1, 2}), other = leaf({3, 4}), constant{Tensor::from(Values{5, 6}, {2})};
    const Variable a = counted(x, wanted);
    const Variable y = sum(add(multiply(a, counted(constant, frozen)), add(multiply(a, counted(other, unwanted)), a)));
    CHECK(difference(values(grad(y, x)), Values{9, 11}) == "");
    CHECK(wanted == 1);  // a has three users: their sum comes first
    CHECK(frozen == 0);
    CHECK(unwanted == 0);
}

TEST_CASE("a joint rule learns which of its inputs are needed, and may leave out any") {
    Needed seen;
    const Variable a = leaf({1}), b = leaf({2}), constant{Tensor::from(Values{3}, {1})};
    const auto rule = [&](const Variable& g, const Needed& needed) {
        seen = needed;
        return std::vector<std::optional<Variable>>{autograd::scale(g, 5.0), std::nullopt, std::nullopt};
    };
    const Variable y = autograd::record_joint("joint", a.value(), a.shape(), {a, constant, b}, rule);
    const std::array<Variable, 2> inputs = {a, b};
    const auto found = grad(std::span(&y, 1), inputs);
    CHECK(seen == Needed{true, false, true});
    CHECK(found[0]->item() == 5);
    CHECK_FALSE(found[1].has_value());
}

TEST_CASE("a graph is freed by its first gradient unless it is kept or recorded") {
    const Variable x = leaf(scalar(2));
    const Variable y = square(x);
    CHECK(grad(y, x, {.keep_graph = true}).item() == 4);
    CHECK(grad(y, x, {.create_graph = true}).item() == 4);
    CHECK(grad(y, x).item() == 4);
    CHECK(message_of([&] { grad(y, x); }) ==
          "[grad] the graph behind 'square' was freed by an earlier call (use keep_graph there)");
    // Two graphs over the same leaf are separate.
    CHECK(grad(multiply(x, x), x).item() == 4);
}

TEST_CASE("without create_graph a gradient is a constant") {
    const Variable x = leaf(scalar(2));
    CHECK_FALSE(grad(square(x), x).requires_grad());
    CHECK(grad(square(x), x, {.create_graph = true}).requires_grad());
    CHECK(autograd::recording());
}

TEST_CASE("under NoGrad operators leave no nodes, and recording comes back after it, also by an exception") {
    const Variable x = leaf(scalar(2));
    {
        const NoGrad outer;
        {
            const NoGrad inner;
            CHECK_FALSE(square(x).requires_grad());
        }
        CHECK_FALSE(autograd::recording());
        CHECK_FALSE(square(x).requires_grad());
        CHECK(x.requires_grad());
    }
    CHECK(square(x).requires_grad());
    CHECK_THROWS_AS(
        [] {
            const NoGrad no_grad;
            throw std::runtime_error("");
        }(),
        std::runtime_error);
    CHECK(autograd::recording());
    const Variable bad = autograd::record("bad", x.value(),
                                          {{x, [](const Variable&) -> Variable { throw std::runtime_error("rule"); }}});
    CHECK_THROWS_AS(grad(bad, x), std::runtime_error);
    CHECK(autograd::recording());
}

TEST_CASE("what cannot be answered is refused with a reason") {
    const Variable x = leaf({1, 2}), constant{Tensor::from(Values{1, 2}, {2})}, y = square(x);
    const auto message = [](const Variable& output, const Variable& input, const Inputs& cotangents) {
        return message_of([&] { grad(std::span(&output, 1), std::span(&input, 1), cotangents); });
    };
    CHECK(message(sum(y), constant, {}) == "[grad] input 0 of shape [2] does not require a gradient");
    CHECK(contains_all(message(y, x, {}), {"[grad]", "output of shape [2] without a cotangent", "scalar"}));
    CHECK(message(y, x, {leaf({1})}) == "[grad] cotangent 0 is [1], its output [2]");
    CHECK(message(y, x, {leaf({1, 2}), leaf({1, 2})}) == "[grad] 2 cotangents for 1 outputs");
}

TEST_CASE("a rule is kept only while recording and of an input that requires a gradient, and moved to the tape") {
    const auto token = std::make_shared<int>(0);
    const auto rule = [token](const Variable& g) { return g; };  // holds the token, as does every copy of it
    const Variable x(Tensor::full({2}, 1), true), constant(Tensor::full({2}, 1));
    {
        const autograd::Input of_x(x, rule), of_constant(constant, rule);
        CHECK(token.use_count() == 3);
        CHECK(!of_constant.rule);
        const Variable y = autograd::record("mine", x.value(), std::span(&of_x, 1));
        CHECK(token.use_count() == 3);
        CHECK(!of_x.rule);
    }
    CHECK(token.use_count() == 2);
    const autograd::NoGrad nobody_records;
    CHECK(!autograd::Input(x, rule).rule);
}

TEST_CASE("a variable without a value says why") {
    CHECK(contains_all(message_of([] { Variable().value(); }), {"[variable]", "never set"}));
    CHECK(contains_all(message_of([] { Variable{Tensor()}; }), {"[variable]", "without a value"}));
    const Variable x = leaf({1, 2});
    const Variable skipped = autograd::record_skipped("product", {2, 5}, {{x, [](const Variable& g) { return g; }}});
    CHECK(skipped.shape() == Shape{2, 5});
    CHECK(message_of([&] { skipped.value(); }) ==
          "[product] this value was never computed: a fused operator skipped it");
}

TEST_CASE("the graph is described newest first, with names, shapes and inputs") {
    const Variable x = leaf(smooth({2, 3}, 1)), constant(smooth({3}, 2));
    const Variable product = multiply(x, constant);
    const Variable y = sum(add(product, x));
    const auto id = [](const Variable& v) { return v.node()->id; };
    CHECK(describe_graph(y) == fmt::format("#{} sum_to [] <- #{}\n"
                                           "#{} add [2, 3] <- #{}, #{}\n"
                                           "#{} multiply [2, 3] <- #{}, constant\n"
                                           "#{} leaf [2, 3]\n",
                                           id(y), id(y) - 1, id(y) - 1, id(product), id(x), id(product), id(x), id(x)));
    CHECK(describe_graph(constant).empty());
}

TEST_CASE("the graph names the layer of each node that was recorded in one, in a gradient too") {
    const Variable x = leaf(smooth({2, 3}, 1));
    const Variable y = [&] {
        const tensor::LayerScope layer("critic.dense1");
        return square(x);
    }();
    const auto id = [](const Variable& v) { return v.node()->id; };
    CHECK(describe_graph(y) == fmt::format("#{} square [2, 3] <- #{}  critic.dense1\n"
                                           "#{} leaf [2, 3]\n",
                                           id(y), id(x), id(x)));
    // The rule of a node runs in the layer of the node, so what it leaves on the tape is of that layer as well.
    const Variable total = sum(y), dy = grad(total, x, {.create_graph = true});
    CHECK(describe_graph(total).starts_with(fmt::format("#{} sum_to [] <- #{}\n#{} square", id(total), id(y), id(y))));
    CHECK(describe_graph(dy) == fmt::format("#{} multiply [2, 3] <- #{}, constant  critic.dense1\n"
                                            "#{} affine [2, 3] <- #{}  critic.dense1\n"
                                            "#{} leaf [2, 3]\n",
                                            id(dy), id(dy) - 1, id(dy) - 1, id(x), id(x)));
}

TEST_CASE("an input that is only looked at needs no rule: it may lie on the edge of a freed graph") {
    const Variable x = leaf(scalar(3));
    const Variable middle = square(x);
    CHECK(grad(autograd::scale(middle, 2.0), x).item() == 12);  // frees middle's rule
    CHECK(grad(autograd::scale(middle, 5.0), middle).item() == 5);
}

TEST_CASE("an input's own rule stays: nothing has gone through it yet") {
    const Variable x = leaf(scalar(3));
    const Variable middle = square(x);
    CHECK(grad(autograd::scale(middle, 5.0), middle).item() == 5);
    CHECK(grad(autograd::scale(middle, 2.0), x).item() == 12);
}
