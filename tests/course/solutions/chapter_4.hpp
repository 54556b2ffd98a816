// Chapter 4: vectors, and sets that are closed.
#pragma once

#include <cstdint>
#include <vector>

#include "autograd/elementwise.hpp"
#include "autograd/variable.hpp"
#include "tensor/tensor.hpp"

namespace course {

using autograd::record;
using autograd::Variable;
using tensor::Tensor;

inline Variable running_sum(const Variable& x);
inline Variable running_sum_back(const Variable& x);

/// 4.1. y = L x with a matrix L of ones on and below the diagonal. A rule of a linear operator is its transpose, and
/// the transpose of L has its ones on and above the diagonal: x[j] has gone into y[j], ..., y[n-1], and all of these
/// send their cotangents back. The transpose of the transpose is L again, so the set is closed: every derivative, of
/// whatever order, is one of the two operators applied to something.
inline Variable running_sum(const Variable& x) {
    std::vector<double> y = x.value().values<double>();
    const auto n = static_cast<std::size_t>(x.shape()[-1]);
    for (std::size_t i = 0; i < y.size(); ++i)
        if (i % n != 0) y[i] += y[i - 1];
    return record("running_sum", Tensor::from(y, x.shape()),
                  {{x, [=](const Variable& g) { return running_sum_back(g); }}});
}

inline Variable running_sum_back(const Variable& x) {
    std::vector<double> y = x.value().values<double>();
    const auto n = static_cast<std::size_t>(x.shape()[-1]);
    for (std::size_t i = y.size(); i-- > 0;)
        if (i % n != n - 1) y[i] += y[i + 1];
    return record("running_sum_back", Tensor::from(y, x.shape()),
                  {{x, [=](const Variable& g) { return running_sum(g); }}});
}

/// 4.2. What was repeated on the way in is summed on the way back: shift and gain went to every row, so their
/// cotangents come from every row; a column x went to every column. Each rule says so for its own input, and sum_to
/// does nothing where the shapes agree. The rules' products are no place for it: they have g's shape, and only the
/// input knows what it was before it was repeated.
inline Variable shift_and_gain(const Variable& x, const Variable& shift, const Variable& gain) {
    const Tensor value = multiply(subtract(x.detach(), shift.detach()), gain.detach()).value();
    return record("shift_and_gain", value,
                  {{x, [=](const Variable& g) { return sum_to(multiply(g, gain), x.shape()); }},
                   {shift, [=](const Variable& g) { return sum_to(negate(multiply(g, gain)), shift.shape()); }},
                   {gain, [=](const Variable& g) { return sum_to(multiply(g, subtract(x, shift)), gain.shape()); }}});
}

}  // namespace course
