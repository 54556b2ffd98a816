#include "musegan/toy/row_error.hpp"

#include <cmath>
#include <span>
#include <vector>

#include "autograd/elementwise.hpp"
#include "autograd/grad.hpp"

namespace musegan {

namespace {

using layers::Variable;
using tensor::Tensor;

/// The gradient of score n, in all rows.
std::vector<double> gradient_of_score(const Variable& scores, const Variable& input, std::size_t n) {
    std::vector<double> one(static_cast<std::size_t>(scores.shape().elements()), 0.0);
    one[n] = 1.0;
    const Tensor cotangent = Tensor::from(one, scores.shape()).cast(input.value().dtype()).to(input.value().device());
    const Variable cotangents(cotangent);
    const auto gradients = autograd::grad(std::span(&scores, 1), std::span(&input, 1), std::span(&cotangents, 1),
                                          {.create_graph = false, .keep_graph = true});
    return gradients.front()->value().values<double>();
}

}  // namespace

RowError row_error(const PlaneNetwork& critic, const Tensor& points) {
    const Variable input(points, true);
    const Variable scores = critic(input);
    const std::vector<double> of_sum =
        autograd::grad(autograd::sum(scores), input, {.create_graph = false, .keep_graph = true})
            .value()
            .values<double>();
    const std::size_t rows = of_sum.size() / 2;
    RowError error;
    for (std::size_t n = 0; n < rows; ++n) {
        const std::vector<double> of_score = gradient_of_score(scores, input, n);
        const std::size_t x = 2 * n, y = x + 1;
        error.true_length += std::hypot(of_score[x], of_score[y]);
        error.difference += std::hypot(of_sum[x] - of_score[x], of_sum[y] - of_score[y]);
    }
    error.true_length /= static_cast<double>(rows);
    error.difference /= static_cast<double>(rows);
    return error;
}

}  // namespace musegan
