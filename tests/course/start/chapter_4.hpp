// Chapter 4: vectors, and sets that are closed. The tests are in tests/course/chapter_4_test.cpp.
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

/// 4.1. Two operators on f64 of one axis or more, along the last axis, of n elements:
///
///     running_sum       y[i] = x[0] + x[1] + ... + x[i]
///     running_sum_back  y[i] = x[i] + x[i+1] + ... + x[n-1]
///
/// Each is to be one node of that name, made by `record`, whose rule needs no operator but these two. running_sum has
/// its value already. Write its rule; then value and rule of running_sum_back.
/// Hint: which of the y[i] has x[j] gone into? Each of those sends its g[i] back to x[j].
inline Variable running_sum(const Variable& x) {
    std::vector<double> y = x.value().values<double>();
    const auto n = static_cast<std::size_t>(x.shape()[-1]);
    for (std::size_t i = 0; i < y.size(); ++i)
        if (i % n != 0) y[i] += y[i - 1];
    return record("running_sum", Tensor::from(y, x.shape()), {{x, [=](const Variable& g) { return g; }}});
}

inline Variable running_sum_back(const Variable& x) { return x; }

/// 4.2. Repair. y = (x - shift) gain, with x of [N, K] or of [N, 1] and shift and gain of [K]; y is [N, K]. One node,
/// three rules. The value is right, and each rule would be if all three had one shape. Run the test, read what
/// check_gradients says, repair one thing, and run it again: it names one mistake at a time.
inline Variable shift_and_gain(const Variable& x, const Variable& shift, const Variable& gain) {
    const Tensor value = multiply(subtract(x.detach(), shift.detach()), gain.detach()).value();
    return record("shift_and_gain", value,
                  {{x, [=](const Variable& g) { return multiply(g, gain); }},
                   {shift, [=](const Variable& g) { return negate(multiply(g, gain)); }},
                   {gain, [=](const Variable& g) { return multiply(g, subtract(x, shift)); }}});
}

}  // namespace course
