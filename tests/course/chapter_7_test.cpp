// Chapter 7: what the machine wrote down.
#include "chapter_7.hpp"

#include <doctest/doctest.h>

#include "tests/autograd/critic.hpp"
#include "tests/autograd/graphs.hpp"
#include "tests/autograd/results.hpp"
#include "tests/course/check.hpp"
#include "tests/support/compare.hpp"

using autograd::Variable;
using support::count_products;
using support::leaf;
using support::leaves;
using support::smooth;
using tensor::Tensor;

namespace {

/// Convolutions one after the other along time, then a dense layer to one score; LeakyReLU between them.
struct DeepCritic {
    std::vector<autograd::Conv3dGeometry> convolutions;

    explicit DeepCritic(int count) {
        tensor::Extents extents{17, 2, 1};
        for (int k = 0; k < count; ++k) {
            convolutions.push_back(tensor::conv3d_geometry(
                extents, {.kernel = {2, 1, 1}, .in_channels = k == 0 ? 1 : 2, .out_channels = 2, .stride = {2, 1, 1}}));
            extents = convolutions.back().output;
        }
    }
    std::vector<Tensor> parameters() const {
        std::vector<Tensor> all;
        for (const auto& geometry : convolutions) {
            all.push_back(smooth(geometry.weight_shape(), all.size()));
            all.push_back(smooth({2}, all.size()));
        }
        all.push_back(smooth({convolutions.back().output_shape(1).elements(), 1}, 50));
        all.push_back(smooth({1}, 51));
        return all;
    }
    Variable operator()(const Variable& x, const std::vector<Variable>& p) const {
        Variable h = x;
        for (std::size_t k = 0; k < convolutions.size(); ++k)
            h = conv3d_bias_leaky_relu(h, p[2 * k], p[2 * k + 1], 0.2, convolutions[k]);
        const std::int64_t features = convolutions.back().output_shape(1).elements();
        return matmul_bias_leaky_relu(reshape(h, {x.shape()[0], features}), p[p.size() - 2], p.back(), 1.0);
    }
};

/// Products in the graph behind `v` and behind all its gradients by `p`.
int products_with_gradients(const Variable& v, const std::vector<Variable>& p) {
    Variable total = v;
    for (const auto& each : grad(std::span(&v, 1), p, {}, {.create_graph = true}))
        if (each) total = add(total, sum(*each));
    return count_products(total);
}

}  // namespace

TEST_CASE("7.1: the graph of a linear critic's penalty") {
    const Variable w = leaf(Tensor::from(support::Values{3, 4}, {2, 1}));
    const Variable x = leaf(Tensor::from(support::Values{1, 1}, {1, 2}));
    const Variable score = sum(matmul_nn(x, w));
    const Variable g = grad(score, x, {.create_graph = true});
    const Variable slope = square_root(sum(square(g)));
    const Variable penalty = scale(square(affine(slope, 1.0, -1.0)), 10.0);
    CHECK(course::first_wrong_line(course::graph_of_linear_penalty(), support::graph_from(w, penalty)) == "");
}

TEST_CASE("7.2: the products of an update") {
    for (const int convolutions : {1, 2, 3}) {
        CAPTURE(convolutions);
        const DeepCritic critic(convolutions);
        const std::vector<Variable> p = leaves(critic.parameters());
        const Tensor x = smooth(critic.convolutions[0].input_shape(3), 1);
        const course::Products mine = course::products_of_update(convolutions);
        const Variable scores = critic(Variable(x), p), penalty = support::gradient_penalty(critic, x, p, 10.0);
        // In brackets, so that a failure names the count that is wrong and not what would be right.
        CHECK_MESSAGE((mine.real == products_with_gradients(mean(scores), p)), "real");
        CHECK_MESSAGE((mine.forward_interpolated == count_products(scores)), "forward_interpolated");
        CHECK_MESSAGE((mine.penalty == products_with_gradients(penalty, p)), "penalty");
    }
}
