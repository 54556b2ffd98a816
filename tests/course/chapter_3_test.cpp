// Chapter 3: the reverse sweep.
#include "chapter_3.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "autograd/grad.hpp"
#include "autograd/matmul.hpp"
#include "tests/autograd/graphs.hpp"
#include "tests/autograd/inputs.hpp"
#include "tests/autograd/results.hpp"
#include "tests/course/check.hpp"
#include "tests/support/compare.hpp"

using autograd::Variable;
using support::difference;
using support::leaf;
using support::values;
using support::whole_tensor;

namespace {

using Scalar = std::function<Variable(const Variable& x)>;
using Gradient = std::function<Variable(const Variable& output, const Variable& input)>;

Variable grad_of_the_house(const Variable& output, const Variable& input) {
    return grad(output, input, {.create_graph = true});
}

/// f's derivatives by x of orders 1 to 3, one after another. Before the next order each is multiplied by whole numbers
/// and summed up, since only a scalar has a gradient.
std::vector<double> three_derivatives(const Scalar& f, const tensor::Tensor& at, const Gradient& gradient) {
    const Variable x = leaf(at);
    Variable y = f(x);
    std::vector<double> all;
    for (std::uint64_t order = 1; order <= 3; ++order) {
        const Variable derivative = gradient(y, x);
        for (const double value : values(derivative)) all.push_back(value);
        y = sum(multiply(derivative, Variable(whole_tensor<double>(at.shape(), 10 + order))));
    }
    return all;
}

/// Whole numbers in, few products: the same derivatives exactly, in whatever order terms were added.
std::string unlike_grad(const Scalar& f, const tensor::Tensor& at) {
    return difference(three_derivatives(f, at, course::gradient), three_derivatives(f, at, grad_of_the_house));
}

/// x as an operator that counts how often its rule runs.
Variable counted(const Variable& x, int& runs) {
    return autograd::record("counted", x.value(), {{x, [&runs](const Variable& g) {
                                                        ++runs;
                                                        return g;
                                                    }}});
}

int additions(const Variable& v) { return support::count_operators(v)["add"]; }

std::string text_of(const course::Additions& counts) {
    return fmt::format("balanced_first {}\nchain_first {}\nbalanced_second {}", counts.balanced_first,
                       counts.chain_first, counts.balanced_second);
}

}  // namespace

TEST_CASE("3.1: the sweep yourself") {
    const tensor::Tensor three = support::scalar(3), matrix = whole_tensor<double>({2, 3}, 1);
    SUBCASE("an input used once, and several times") {
        CHECK(unlike_grad([](const Variable& x) { return square(square(x)); }, three) == "");
        CHECK(unlike_grad([](const Variable& x) { return multiply(multiply(x, square(x)), x); }, three) == "");
    }
    SUBCASE("a value used by its neighbour and by one far above") {
        const auto f = [](const Variable& x) {
            const Variable s = square(x), t = multiply(affine(s, 2.0, 1.0), x);
            return add(multiply(square(t), s), multiply(s, x));
        };
        CHECK(unlike_grad(f, three) == "");
    }
    SUBCASE("matrices inside, products, sums and broadcasts") {
        const Variable w(whole_tensor<double>({3, 4}, 2), true), b = leaf(whole_tensor<double>({4}, 3));
        const auto f = [&](const Variable& x) {
            return sum(square(multiply(add(matmul_nn(x, w), b), autograd::leaky_relu(matmul_nn(x, w), 0.5))));
        };
        CHECK(unlike_grad(f, matrix) == "");
    }
    SUBCASE("branches that do not lead to the input") {
        const Variable constant(matrix), other = leaf(matrix);
        CHECK(unlike_grad([&](const Variable& x) { return sum(multiply(multiply(x, constant), square(other))); },
                          matrix) == "");
        CHECK(unlike_grad([&](const Variable& x) { return sum(multiply(square(x), x)); }, matrix) == "");
        const Variable x = leaf(matrix);
        CHECK(difference(values(course::gradient(sum(square(other)), x)), std::vector<double>(6, 0.0)) == "");
        CHECK(difference(values(course::gradient(sum(constant), x)), std::vector<double>(6, 0.0)) == "");
        CHECK(difference(values(course::gradient(sum(multiply(x, constant)), x)), values(constant)) == "");
    }
    SUBCASE("the gradient by a value in the middle, and by the output itself") {
        const Variable x = leaf(three), s = square(x);
        CHECK(course::gradient(multiply(s, x), s).item() == 3);
        CHECK(course::gradient(s, s).item() == 1);
    }
    SUBCASE("every rule runs once") {
        int runs = 0;
        const Variable x = leaf(three);
        Variable y = x;
        for (int doubling = 0; doubling < 10; ++doubling) {
            const Variable once = counted(y, runs);
            y = add(once, once);
        }
        CHECK(course::gradient(y, x).item() == 1024);
        CHECK(runs == 10);
    }
}

TEST_CASE("3.2: how many additions") {
    const Variable x = leaf(support::scalar(3)), s = multiply(x, x);
    const Variable balanced = grad_of_the_house(multiply(s, s), x);
    const Variable chain = grad_of_the_house(multiply(multiply(multiply(x, x), x), x), x);
    const course::Additions counted_ones{additions(balanced), additions(chain),
                                         additions(grad_of_the_house(balanced, x))};
    CHECK(course::first_wrong_line(text_of(course::predicted_additions()), text_of(counted_ones)) == "");
}
