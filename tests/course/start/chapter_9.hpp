// Chapter 9: traps. The tests are in tests/course/chapter_9_test.cpp.
#pragma once

#include <functional>

#include "autograd/elementwise.hpp"
#include "autograd/grad.hpp"
#include "autograd/rearrange.hpp"

namespace course {

using autograd::Variable;
using tensor::Tensor;

/// 9.1. sqrt(epsilon + sum over i of g[n, i]^2): [N, K] -> [N], from plain operators. Its gradient at a row of zeros is
/// zero, not NaN.
inline Variable slopes(const Variable& g, double epsilon) { return sum_to(g, {g.shape()[0], 1}); }

/// 9.2. scores [N, 1] of phrases x [N, K], by a critic that may have batch norm. Row n of the result is the gradient of
/// phrase n's own score by phrase n. One sweep is not enough any more; N are. `keep_graph` keeps the graph for the next
/// of them, and for the test, which asks again after the last. (The values are enough: they need not be
/// differentiable.)
inline Variable own_gradients(const Variable& scores, const Variable& x) { return grad(sum(scores), x); }

/// 9.3. This penalty should be lambda mean over n of (s_n - 1)^2 with s_n = sqrt(1e-8 + sum of squares of grad D at
/// x_n). It compiles, and prints a plausible number. It has three mistakes: one that no weight ever feels, one that
/// shows with two phrases, and one that shows with a phrase whose gradient is zero.
inline Variable mended_penalty(const std::function<Variable(const Variable&)>& critic, const Tensor& x, double lambda) {
    const Variable phrases(x, true);
    const Variable g = grad(sum(critic(phrases)), phrases);
    const Variable slope = affine(square_root(sum(square(g))), 1.0, 1e-8);
    return scale(square(affine(slope, 1.0, -1.0)), lambda);
}

}  // namespace course
