// The examples of autograd/README.md, chapter by chapter: what is printed there is asserted here.
#include <doctest/doctest.h>

#include <cmath>
#include <sstream>

#include "autograd/check_gradients.hpp"
#include "autograd/normalize.hpp"
#include "tests/autograd/critic.hpp"
#include "tests/autograd/graphs.hpp"
#include "tests/autograd/results.hpp"
#include "tests/support/compare.hpp"

using namespace autograd;
using support::difference;
using support::graph_from;
using support::leaf;
using support::message_of;
using support::values;
using support::Values;
using tensor::DType;

namespace {

Variable matrix(const Values& v, const Shape& shape) { return Variable(Tensor::from(v, shape), true); }

/// The lines of `graph` that `earlier` does not have.
std::string lines_added(const std::string& graph, const std::string& earlier) {
    std::string result;
    std::istringstream lines(graph);
    for (std::string line; std::getline(lines, line);)
        if (earlier.find(line + "\n") == std::string::npos) result += line + "\n";
    return result;
}

/// The critic of chapter 6: two units, LeakyReLU with slope 1/2, one score. All numbers are exact in f64.
struct TwoLayers {
    Variable w = matrix({1, 2, 3, 1}, {2, 2}), b = leaf({0.5, -0.5});
    Variable v = matrix({1, 2}, {2, 1}), c = leaf({0.25});
    Variable x = matrix({-1, 1}, {1, 2});

    Variable score() const { return matmul_bias_leaky_relu(matmul_bias_leaky_relu(x, w, b, 0.5), v, c, 1.0); }
    Variable gradient() const { return grad(sum(score()), x, {.create_graph = true}); }
    std::vector<Variable> parameters() const { return {w, b, v, c}; }
};

Variable norm(const Variable& g) { return square_root(sum(square(g))); }
Variable penalty(const Variable& g) { return scale(square(affine(norm(g), 1.0, -1.0)), 10.0); }

/// x^3 as one operator, its rule made of operators.
Variable cube(const Variable& x) {
    const Tensor value = multiply(square(x.detach()), x.detach()).value();
    return record("cube", value, {{x, [=](const Variable& g) { return multiply(scale(square(x), 3.0), g); }}});
}

/// The same with a rule made of numbers: the first derivative is right, the second is zero.
Variable cube_from_numbers(const Variable& x) {
    const Tensor value = multiply(square(x.detach()), x.detach()).value();
    return record("cube", value, {{x, [=](const Variable& g) { return multiply(scale(square(x.detach()), 3.0), g); }}});
}

/// log(cosh(x)), whose derivative is an operator that exists already.
Variable my_log_cosh(const Variable& x) {
    Values y = values(x);
    for (double& each : y) each = std::log(std::cosh(each));
    return record("log_cosh", Tensor::from(y, x.shape()),
                  {{x, [=](const Variable& g) { return multiply(g, tanh(x)); }}});
}

/// Two layers with a norm between them; phrases [N, 3] -> scores [N, 1].
struct NormedCritic {
    NormalizeOver over;

    Variable scores(const Variable& x) const {
        const Variable gamma(support::positive({4}, 2)), beta(support::smooth({4}, 3));
        const Variable hidden =
            normalize(matmul_nn(x, Variable(support::smooth({3, 4}, 1))), gamma, beta, over, 1e-5).y;
        return matmul_nn(leaky_relu(hidden, 0.2), Variable(support::smooth({4, 1}, 4)));
    }
};

/// Lengths of phrase 0's own gradient, grad D at x_0, and of its difference from row 0 of the gradient of the sum.
struct RowZero {
    double own = 0, difference = 0;
};
RowZero row_zero(const NormedCritic& critic) {
    const Variable x(support::smooth({4, 3}, 5), true);
    const Variable scores = critic.scores(x);
    const Values of_sum = values(grad(sum(scores), x, {.keep_graph = true}));
    const Values of_own = values(grad(sum(slice(scores, 0, 0, 1)), x));
    RowZero squares;
    for (std::size_t i = 0; i < 3; ++i) {
        squares.own += of_own[i] * of_own[i];
        squares.difference += (of_sum[i] - of_own[i]) * (of_sum[i] - of_own[i]);
    }
    return {std::sqrt(squares.own), std::sqrt(squares.difference)};
}

}  // namespace

TEST_CASE("story 1: a scalar, its derivative, and the derivative of that") {
    const Variable x(Tensor::full({}, 2.0, DType::f64), true);
    const Variable y = multiply(square(x), x);                 // x^3
    const Variable dy = grad(y, x, {.create_graph = true});    // 3 x^2
    const Variable ddy = grad(dy, x, {.create_graph = true});  // 6 x
    const Variable dddy = grad(ddy, x);                        // 6
    CHECK(y.item() == 8);
    CHECK(dy.item() == 12);
    CHECK(ddy.item() == 12);
    CHECK(dddy.item() == 6);
    CHECK(graph_from(x, y) ==
          "#3 multiply [] <- #2, #1\n"
          "#2 square [] <- #1\n"
          "#1 leaf []\n");
    CHECK(graph_from(x, dy) ==
          "#8 add [] <- #5, #7\n"
          "#7 multiply [] <- #6, #4\n"
          "#6 affine [] <- #1\n"
          "#5 multiply [] <- constant, #2\n"
          "#4 multiply [] <- constant, #1\n"
          "#2 square [] <- #1\n"
          "#1 leaf []\n");
}

TEST_CASE("story 2: a rule made of numbers is right once, a rule made of operators at every order") {
    const Variable x(Tensor::full({}, 2.0, DType::f64), true);
    CHECK(grad(cube_from_numbers(x), x).item() == 12);
    CHECK(grad(grad(cube_from_numbers(x), x, {.create_graph = true}), x).item() == 0);  // 6 x = 12 is lost
    CHECK(grad(grad(cube(x), x, {.create_graph = true}), x).item() == 12);

    const Tensor at = Tensor::from(Values{0.5, 1, 2}, {3});
    check_gradients([](const std::vector<Variable>& in) { return cube(in[0]); }, {at}, {.order = 3});
    const std::string message = message_of(
        [&] { check_gradients([](const std::vector<Variable>& in) { return cube_from_numbers(in[0]); }, {at}); });
    CHECK(
        support::contains_all(message, {"[check_gradients] order 2, input 0 of shape [3]: rule 0, difference -25.92608",
                                        "d value[0] / d input[0]: rule 0, difference -0.495143",
                                        "d value[1] / d input[1]: rule 0, difference 16.05868",
                                        "d value[2] / d input[2]: rule 0, difference -18.71824"}));
}

TEST_CASE("story 3: adding cotangents is an operator, or a value used twice loses half of its second derivative") {
    const Variable x(Tensor::full({}, 3.0, DType::f64), true);
    const Variable dy = grad(multiply(x, x), x, {.create_graph = true});
    CHECK(dy.item() == 6);
    CHECK(grad(dy, x).item() == 2);
    // The two terms, added by hand with the second as a mere number: right at order 1, wrong at order 2.
    const Variable one(Tensor::full({}, 1.0, DType::f64));
    const Variable half_recorded = add(multiply(one, x), multiply(one, x).detach());
    CHECK(half_recorded.item() == 6);
    CHECK(grad(half_recorded, x).item() == 1);
}

TEST_CASE("story 4: sum and broadcast are each other's rule, and so on for every closed set") {
    const Variable x = matrix({1, 2, 3, 4, 5, 6}, {2, 3}), row = leaf({10, 20, 30});
    const Variable y = sum(square(multiply(x, row)));
    const Variable by_row = grad(y, row, {.create_graph = true});  // 2 row sum over phrases of x^2
    CHECK(difference(values(by_row), Values{340, 1160, 2700}) == "");
    CHECK(difference(values(grad(sum(by_row), x)), Values{40, 160, 360, 160, 400, 720}) == "");  // 4 x row
}

TEST_CASE("story 5: F, A and B are three views of one trilinear form") {
    const Conv3dGeometry geometry = tensor::conv3d_geometry(
        {9, 6, 2}, {.kernel = {3, 2, 2}, .in_channels = 2, .out_channels = 3, .stride = {2, 2, 2}});
    const Variable x(support::whole_tensor<float>(geometry.input_shape(4), 1), true);
    const Variable w(support::whole_tensor<float>(geometry.weight_shape(), 2), true);
    const Variable g(support::whole_tensor<float>(geometry.output_shape(4), 3), true);
    const double through_y = sum(multiply(conv3d(x, w, geometry), g)).item();
    CHECK(through_y != 0);
    CHECK(sum(multiply(x, conv3d_input_gradient(g, w, geometry))).item() == through_y);
    CHECK(sum(multiply(w, conv3d_weight_gradient(x, g, geometry))).item() == through_y);
}

TEST_CASE("story 6: the penalty of a two-layer critic, by hand and by graph") {
    const TwoLayers critic;
    CHECK(critic.score().item() == 1.25);
    const Variable g = critic.gradient();
    CHECK(difference(values(g), Values{3, 4}) == "");
    const Variable p = penalty(g);
    CHECK(p.item() == 160);  // 10 (5 - 1)^2
    const auto found = grad(std::span(&p, 1), critic.parameters());
    CHECK(difference(values(*found[0]), Values{48, 48, 64, 64}) == "");
    CHECK(difference(values(*found[2]), Values{240, 80}) == "");
    CHECK_FALSE(found[1].has_value());
    CHECK_FALSE(found[3].has_value());
}

TEST_CASE("story 6: the same derivation holds for whole batches and agrees with finite differences") {
    const auto of_weights = [](const std::vector<Variable>& in) {
        const Variable x(Tensor::from(Values{-1, 1, 2, 0.5, 1, -2}, {3, 2}), true);
        const Variable b = leaf({0.5, -0.5});
        const Variable hidden = matmul_bias_leaky_relu(x, in[0], b, 0.5);
        const Variable g = grad(sum(matmul_nn(hidden, in[1])), x, {.create_graph = true});
        return support::penalty_of(g, 10.0);
    };
    const TwoLayers critic;
    check_gradients(of_weights, {critic.w.value(), critic.v.value()});
}

TEST_CASE("story 7: the graph of the penalty, and what differentiating it adds") {
    const TwoLayers critic;
    const Variable p = penalty(critic.gradient());
    const std::string graph = graph_from(critic.w, p);
    CHECK(graph ==
          "#20 affine [] <- #19\n"
          "#19 square [] <- #18\n"
          "#18 affine [] <- #17\n"
          "#17 square_root [] <- #16\n"
          "#16 sum_to [] <- #15\n"
          "#15 square [1, 2] <- #14\n"
          "#14 matmul_nt [1, 2] <- #13, #1\n"
          "#13 leaky_relu_mask [1, 2] <- #12\n"
          "#12 matmul_nt [1, 2] <- constant, #3\n"
          "#3 leaf [2, 1]\n"
          "#1 leaf [2, 2]\n");
    const auto found = grad(std::span(&p, 1), critic.parameters(), {}, {.create_graph = true});
    const std::string second = graph_from(critic.w, concat({reshape(*found[0], {4}), reshape(*found[2], {2})}, 0));
    const std::string added = lines_added(second, graph);
    INFO(added);
    CHECK(
        added.ends_with("#33 matmul_tn [2, 1] <- #32, constant\n"
                        "#32 leaky_relu_mask [1, 2] <- #30\n"
                        "#31 matmul_tn [2, 2] <- #29, #13\n"
                        "#30 matmul_nn [1, 2] <- #29, #1\n"
                        "#29 multiply [1, 2] <- #28, #27\n"
                        "#28 affine [1, 2] <- #14\n"
                        "#27 broadcast_to [1, 2] <- #26\n"
                        "#26 divide [] <- #25, #24\n"
                        "#25 affine [] <- #23\n"
                        "#24 square_root [] <- #16\n"
                        "#23 affine [] <- #22\n"
                        "#22 multiply [] <- #21, constant\n"
                        "#21 affine [] <- #18\n"));
}

TEST_CASE("story 8: a bias moves the score and not the slope") {
    const TwoLayers critic;
    const Variable score = sum(critic.score());
    const auto by_score = grad(std::span(&score, 1), critic.parameters());
    for (const auto& each : by_score) CHECK(each.has_value());
    TwoLayers shifted;
    shifted.b = leaf({0.75, -0.25});
    shifted.c = leaf({-3});
    CHECK(shifted.score().item() != critic.score().item());
    CHECK(difference(values(shifted.gradient()), Values{3, 4}) == "");
}

TEST_CASE("story 9: the slope at zero needs its 1e-8") {
    const Variable g = leaf({0, 0});
    CHECK(std::isnan(values(grad(penalty(g), g))[0]));
    CHECK(difference(values(grad(support::penalty_of(reshape(g, {1, 2}), 10.0), g)), Values{0, 0}) == "");
}

TEST_CASE("story 9: with batch norm a row of the gradient is no phrase's gradient, and no gradient check can tell") {
    const RowZero batch = row_zero({NormalizeOver::batch}), layer = row_zero({NormalizeOver::layer});
    CHECK(batch.own == doctest::Approx(0.4326).epsilon(1e-4));
    CHECK(batch.difference == doctest::Approx(0.3882).epsilon(1e-4));
    CHECK(layer.difference < 1e-15);
    for (const NormalizeOver over : {NormalizeOver::batch, NormalizeOver::layer}) {
        const auto scores = [&](const std::vector<Variable>& in) { return NormedCritic{over}.scores(in[0]); };
        check_gradients(scores, {support::smooth({4, 3}, 5)}, {.order = 2});
    }
}

TEST_CASE("story 10: an operator of your own needs a value, a rule and a check") {
    const Tensor at = Tensor::from(Values{-2, -0.5, 0, 1, 3, 0.25}, {2, 3});
    check_gradients([](const std::vector<Variable>& in) { return my_log_cosh(in[0]); }, {at}, {.order = 3});
    check_gradients([](const std::vector<Variable>& in) { return multiply(my_log_cosh(in[0]), in[0]); }, {at},
                    {.order = 3});
}
