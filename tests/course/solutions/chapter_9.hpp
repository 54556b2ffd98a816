// Chapter 9: traps.
#pragma once

#include <functional>
#include <vector>

#include "autograd/elementwise.hpp"
#include "autograd/grad.hpp"
#include "autograd/rearrange.hpp"

namespace course {

using autograd::Variable;
using tensor::Tensor;

/// 9.1. epsilon stands under the root: there the root's own derivative, 1 / (2 s), stays finite, and times 2 g = 0 it
/// is 0. Added behind the root it would come too late.
inline Variable slopes(const Variable& g, double epsilon) {
    const Variable squares = sum_to(square(g), {g.shape()[0], 1});
    return reshape(square_root(affine(squares, 1.0, epsilon)), {g.shape()[0]});
}

/// 9.2. The cotangent picks one score; of the gradient by all phrases, which batch norm fills with numbers, row n is
/// the one that counts.
inline Variable own_gradients(const Variable& scores, const Variable& x) {
    const std::int64_t phrases = x.shape()[0];
    std::vector<Variable> rows;
    for (std::int64_t n = 0; n < phrases; ++n) {
        const Variable own = slice(scores, 0, n, n + 1);
        rows.push_back(slice(grad(sum(own), x, {.keep_graph = true}), 0, n, n + 1));
    }
    return concat(rows, 0);
}

/// 9.3. (1) Without create_graph g is a constant. (2) One norm of all phrases' gradients is not the mean over phrases.
/// (3) epsilon belongs under the root.
inline Variable mended_penalty(const std::function<Variable(const Variable&)>& critic, const Tensor& x, double lambda) {
    const Variable phrases(x, true);
    const Variable g = grad(sum(critic(phrases)), phrases, {.create_graph = true});
    const std::int64_t n = x.shape()[0];
    const Variable each = slopes(reshape(g, {n, x.shape().elements() / n}), 1e-8);
    return scale(mean(square(affine(each, 1.0, -1.0))), lambda);
}

}  // namespace course
