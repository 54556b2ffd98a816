// Chapter 6: the gradient penalty, by hand.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "autograd/elementwise.hpp"
#include "autograd/grad.hpp"
#include "autograd/rearrange.hpp"

namespace course {

using autograd::Variable;
using tensor::Tensor;

/// What chapter 6 computes by hand.
struct ByHand {
    double score = 0;
    std::vector<double> g;  ///< dD/dx, 2 numbers
    double slope = 0, penalty = 0;
    std::vector<double> h;     ///< dP/dg, 2 numbers
    std::vector<double> by_w;  ///< dP/dW, 4 numbers, row by row
    std::vector<double> by_v;  ///< dP/dv, 2 numbers
};

/// 6.1. Twice the v is twice the slope, and the penalty grows with its square: from 160 to 810.
inline ByHand by_hand() {
    ByHand found;
    found.score = 2.25;                 // 2.5 * 2 - 0.75 * 4 + 0.25
    found.g = {6, 8};                   // u2 = (2, 4), u1 = (1, 1/2) o u2 = (2, 2), g = u1 W^T
    found.slope = 10;                   // sqrt(36 + 64)
    found.penalty = 810;                // 10 (10 - 1)^2
    found.h = {108, 144};               // 20 (s - 1) g / s = 180 (0.6, 0.8)
    found.by_w = {216, 216, 288, 288};  // h^T u1
    found.by_v = {540, 180};            // m o (h W) = (1, 1/2) o (540, 360)
    return found;
}

/// 6.2. relu passes the cotangent on where s > 1, and nothing elsewhere.
inline Variable one_sided_penalty(const Variable& slopes, double lambda) {
    return scale(mean(square(relu(affine(slopes, 1.0, -1.0)))), lambda);
}

/// And its gradient: 2 lambda (|w| - 1) w / |w| above 1, else zero. At 1 itself both sides agree: the square has slope
/// 0 there.
inline std::vector<double> one_sided_gradient(const std::vector<double>& w, double lambda) {
    double sum_of_squares = 0;
    for (const double each : w) sum_of_squares += each * each;
    const double slope = std::sqrt(sum_of_squares), above = std::max(0.0, slope - 1);
    std::vector<double> gradient = w;
    for (double& each : gradient) each *= 2 * lambda * above / slope;
    return gradient;
}

/// 6.3. create_graph, or the weights never feel it. The score of phrase n depends on phrase n alone, so row n of the
/// gradient of the sum is the gradient of D at x_n.
inline Variable gradient_penalty(const std::function<Variable(const Variable&)>& critic, const Tensor& x,
                                 double lambda) {
    const Variable phrases(x, true);
    const Variable g = grad(sum(critic(phrases)), phrases, {.create_graph = true});
    const std::int64_t n = x.shape()[0];
    const Variable rows = reshape(g, {n, x.shape().elements() / n});
    const Variable slopes = square_root(affine(sum_to(square(rows), {n, 1}), 1.0, 1e-8));
    return scale(mean(square(affine(slopes, 1.0, -1.0))), lambda);
}

}  // namespace course
