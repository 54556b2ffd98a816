// Chapter 6: the gradient penalty, by hand. The tests are in tests/course/chapter_6_test.cpp.
#pragma once

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

/// 6.1. Do chapter 6 again with v = (2, 4), everything else as there (the slope is a whole number again).
inline ByHand by_hand() {
    ByHand found;
    found.score = 0;
    found.g = {0, 0};
    found.slope = 0;
    found.penalty = 0;
    found.h = {0, 0};
    found.by_w = {0, 0, 0, 0};
    found.by_v = {0, 0};
    return found;
}

/// 6.2. Some prefer lambda mean(max(0, s - 1)^2): a critic may be flat, but not steep. slopes [N] -> a scalar, made of
/// operators of autograd/elementwise.hpp.
inline Variable one_sided_penalty(const Variable& slopes, double lambda) { return slopes; }

/// And its gradient by w for a linear critic D(x) = <w, x>, whose slope is |w| everywhere, as a formula: three cases,
/// |w| < 1, = 1 and > 1, of which two are alike.
inline std::vector<double> one_sided_gradient(const std::vector<double>& w, double lambda) { return {}; }

/// 6.3. lambda mean over n of (s_n - 1)^2 for phrases x [N, ...] and a critic that gives each a score ([N] or [N, 1]),
///
///     s_n = sqrt(1e-8 + sum of squares of grad D at x_n),
///
/// without autograd/norm.hpp: with grad, and operators of elementwise.hpp and rearrange.hpp. One sweep serves all
/// phrases (the end of chapter 6 says why). What comes back is differentiated by the critic's weights.
inline Variable gradient_penalty(const std::function<Variable(const Variable&)>& critic, const Tensor& x,
                                 double lambda) {
    return Variable(Tensor::zeros({}, x.dtype()));
}

}  // namespace course
