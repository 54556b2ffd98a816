// A critic small enough to see through, built as MuseGAN's is: strided convolutions, a dense layer, LeakyReLU; and the
// penalty of WGAN-GP on it, as in musegan/training/wgan_gp.cpp.
#pragma once

#include <utility>
#include <vector>

#include "autograd/conv3d.hpp"
#include "autograd/elementwise.hpp"
#include "autograd/grad.hpp"
#include "autograd/matmul.hpp"
#include "autograd/norm.hpp"
#include "autograd/rearrange.hpp"
#include "tests/autograd/inputs.hpp"

namespace support {

using autograd::Variable;

/// D: 9 x 6 x 2 volumes -> conv 3 x 2 x 2, stride 2, 4 channels -> conv 2 x 2 x 1, stride 2 in time (overlapping in
/// pitch), 5 channels -> dense to one score. Parameters in the order w, b of each layer.
struct SmallCritic {
    static constexpr int layers = 3;
    autograd::Conv3dGeometry first =
        tensor::conv3d_geometry({9, 6, 2}, {.kernel = {3, 2, 2}, .out_channels = 4, .stride = {2, 2, 2}});
    autograd::Conv3dGeometry second = tensor::conv3d_geometry(
        {4, 3, 1}, {.kernel = {2, 2, 1}, .in_channels = 4, .out_channels = 5, .stride = {2, 1, 1}});
    double slope = 0.2;
    /// Smooth instead of piecewise linear, for comparison.
    bool with_tanh = false;

    tensor::Shape phrases_shape(std::int64_t phrases) const { return first.input_shape(phrases); }

    std::vector<tensor::Tensor> parameters(std::uint64_t seed) const {
        const std::int64_t features = second.output_shape(1).elements();
        return {smooth(first.weight_shape(), seed),      smooth({first.out_channels}, seed + 1),
                smooth(second.weight_shape(), seed + 2), smooth({second.out_channels}, seed + 3),
                smooth({features, 1}, seed + 4),         smooth({1}, seed + 5)};
    }

    /// x [N, 9, 6, 2, 1] -> scores [N, 1].
    Variable operator()(const Variable& x, const std::vector<Variable>& p) const {
        const double inner_slope = with_tanh ? 1.0 : slope;
        const auto activate = [&](const Variable& v) { return with_tanh ? autograd::tanh(v) : v; };
        const Variable h1 = activate(conv3d_bias_leaky_relu(x, p[0], p[1], inner_slope, first));
        const Variable h2 = activate(conv3d_bias_leaky_relu(h1, p[2], p[3], inner_slope, second));
        const Variable features = reshape(h2, {x.shape()[0], second.output_shape(1).elements()});
        return matmul_bias_leaky_relu(features, p[4], p[5], 1.0);
    }
};

/// Norm of each phrase's gradient of D: sqrt(epsilon + sum of squares), [N].
inline Variable slope_of(const Variable& x_gradient, double epsilon = 1e-8) {
    return autograd::norm(x_gradient, epsilon);
}

/// lambda mean((slope - 1)^2).
inline Variable penalty_of(const Variable& x_gradient, double lambda, double epsilon = 1e-8) {
    return autograd::scale(mean(square(autograd::affine(slope_of(x_gradient, epsilon), 1.0, -1.0))), lambda);
}

/// The penalty of a critic at x: the gradient inside is itself a graph over the parameters.
template <typename Critic>
Variable gradient_penalty(const Critic& critic, const tensor::Tensor& x, const std::vector<Variable>& parameters,
                          double lambda) {
    const Variable leaf_x(x, true);
    return penalty_of(grad(sum(critic(leaf_x, parameters)), leaf_x, {.create_graph = true}), lambda);
}

}  // namespace support
