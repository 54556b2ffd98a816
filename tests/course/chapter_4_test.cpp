// Chapter 4: vectors, and sets that are closed.
#include "chapter_4.hpp"

#include <doctest/doctest.h>

#include <map>
#include <span>
#include <string>

#include "autograd/grad.hpp"
#include "tests/autograd/graphs.hpp"
#include "tests/autograd/inputs.hpp"
#include "tests/autograd/results.hpp"
#include "tests/course/refusal.hpp"
#include "tests/support/compare.hpp"

using autograd::Variable;
using support::count_operators;
using support::difference;
using support::leaf;
using support::smooth;
using support::values;
using support::Values;
using support::whole_tensor;
using tensor::Shape;
using Counts = std::map<std::string, int>;

TEST_CASE("4.1: running sums") {
    const Variable x = leaf(tensor::Tensor::from(Values{1, 2, 3, 4, 5, 6}, {2, 3}));
    CHECK(difference(values(course::running_sum(x)), Values{1, 3, 6, 4, 9, 15}) == "");
    CHECK(difference(values(course::running_sum_back(x)), Values{6, 5, 3, 15, 11, 6}) == "");
    for (const Shape& shape : {Shape{1}, Shape{5}, Shape{4, 1}, Shape{2, 3, 4}}) {
        CAPTURE(shape.to_string());
        // <f(x), g> = <x, b(g)> says that the one is the other's transpose; exactly, on whole numbers.
        const Variable a(whole_tensor<double>(shape, 1)), g(whole_tensor<double>(shape, 2));
        CHECK(sum(multiply(course::running_sum(a), g)).item() == sum(multiply(a, course::running_sum_back(g))).item());
        for (const auto& f : {course::running_sum, course::running_sum_back}) {
            CHECK(course::refusal_of_one(f, smooth(shape, 3), 3) == "");
            const auto bent = [&](const Variable& v) { return multiply(f(square(v)), f(v)); };
            CHECK(course::refusal_of_one(bent, smooth(shape, 4), 3) == "");
        }
    }
    // Closed: the gradient of <f(x), g> is one node, the other operator.
    const Variable g = leaf(whole_tensor<double>({2, 3}, 3));
    const auto gradient_of = [&](const Variable& y) {
        return count_operators(
            grad(std::span(&y, 1), std::span(&x, 1), std::span(&g, 1), {.create_graph = true})[0].value_or(Variable()));
    };
    const Counts back = {{"leaf", 1}, {"running_sum_back", 1}}, forth = {{"leaf", 1}, {"running_sum", 1}};
    CHECK_MESSAGE(gradient_of(course::running_sum(x)) == back,
                  "running_sum's gradient is not one node, running_sum_back(g)");
    CHECK_MESSAGE(gradient_of(course::running_sum_back(x)) == forth,
                  "running_sum_back's gradient is not one node, running_sum(g)");
}

TEST_CASE("4.2: a sum that was forgotten") {
    const auto function = [](const support::Inputs& in) { return course::shift_and_gain(in[0], in[1], in[2]); };
    for (const Shape& shape : {Shape{4, 3}, Shape{4, 1}, Shape{1, 3}}) {
        CAPTURE(shape.to_string());
        CHECK(course::refusal(function, {smooth(shape, 1), smooth({3}, 2), smooth({3}, 3)}, 3) == "");
    }
    const Variable x = leaf(tensor::Tensor::from(Values{1, 2, 3, 4}, {2, 2})), shift = leaf({1, -1});
    const Variable gain = leaf({2, 3}), y = course::shift_and_gain(x, shift, gain);
    CHECK(difference(values(y), Values{0, 9, 4, 15}) == "");
    const Counts one_node = {{"leaf", 3}, {"shift_and_gain", 1}};
    CHECK_MESSAGE(count_operators(y) == one_node, "y is not one node on three inputs");
}
