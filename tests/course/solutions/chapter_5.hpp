// Chapter 5: one trilinear form, three operators.
#pragma once

#include <cstdint>
#include <vector>

#include "autograd/variable.hpp"
#include "tensor/conv3d_geometry.hpp"
#include "tensor/error.hpp"
#include "tensor/tensor.hpp"

namespace course {

using autograd::record;
using autograd::Variable;
using tensor::Extents;
using tensor::Tensor;

inline Variable correlate(const Variable& x, const Variable& w);
inline Variable correlate_input_gradient(const Variable& g, const Variable& w);
inline Variable correlate_weight_gradient(const Variable& x, const Variable& g);

/// The three sums over all pairs (i, j), of which each is one line of the form x[i + 2j] w[j] g[i] solved for one
/// factor.
inline Tensor correlate_value(const Tensor& x, const Tensor& w) {
    const std::int64_t count = x.elements() - 2 * (w.elements() - 1);
    if (count < 1) tensor::fail("correlate", "w of {} reaches over x of {}", w.elements(), x.elements());
    const std::vector<double> xs = x.values<double>(), ws = w.values<double>();
    std::vector<double> y(static_cast<std::size_t>(count), 0.0);
    for (std::size_t i = 0; i < y.size(); ++i)
        for (std::size_t j = 0; j < ws.size(); ++j) y[i] += xs[i + 2 * j] * ws[j];
    return Tensor::from(y, {count});
}

inline Tensor correlate_input_gradient_value(const Tensor& g, const Tensor& w) {
    const std::int64_t count = g.elements() + 2 * (w.elements() - 1);
    const std::vector<double> gs = g.values<double>(), ws = w.values<double>();
    std::vector<double> x(static_cast<std::size_t>(count), 0.0);
    for (std::size_t i = 0; i < gs.size(); ++i)
        for (std::size_t j = 0; j < ws.size(); ++j) x[i + 2 * j] += gs[i] * ws[j];
    return Tensor::from(x, {count});
}

inline Tensor correlate_weight_gradient_value(const Tensor& x, const Tensor& g) {
    const std::int64_t spare = x.elements() - g.elements();
    if (spare < 0 || spare % 2 != 0)
        tensor::fail("correlate_weight_gradient", "x of {} and g of {}, expected x longer by an even number",
                     x.elements(), g.elements());
    const std::vector<double> xs = x.values<double>(), gs = g.values<double>();
    std::vector<double> w(static_cast<std::size_t>(spare / 2 + 1), 0.0);
    for (std::size_t i = 0; i < gs.size(); ++i)
        for (std::size_t j = 0; j < w.size(); ++j) w[j] += xs[i + 2 * j] * gs[i];
    return Tensor::from(w, {spare / 2 + 1});
}

/// 5.1. <y, g> = T(x, w, g) with y = F(x, w). Whatever the operator, its value paired with a cotangent is T with the
/// cotangent in the place of what the operator returns: A(g, w) with h is T(h, w, g), B(x, g) with v is T(x, v, g). T's
/// derivative by its first place is A of the other two, by its second B, by its third F. So all six rules are read off:
/// T(h, w, g) by g is F(h, w) and by w is B(h, g); T(x, v, g) by x is A(g, v) and by g is F(x, v).
///
/// Why dilation 2? With x[i + j] in its place F(x, w) and B(x, g) are one and the same function, since i and j may
/// change their names, and a rule that mixes up the two would be right by chance.
///
/// With g and h swapped in A's rule for w, it is F whose check fails, at order 2: F's gradient by x is A(g, w), so
/// differentiating that gradient is what first calls A's rules.
inline Variable correlate(const Variable& x, const Variable& w) {
    return record("correlate", correlate_value(x.value(), w.value()),
                  {{x, [=](const Variable& g) { return correlate_input_gradient(g, w); }},
                   {w, [=](const Variable& g) { return correlate_weight_gradient(x, g); }}});
}

inline Variable correlate_input_gradient(const Variable& g, const Variable& w) {
    return record("correlate_input_gradient", correlate_input_gradient_value(g.value(), w.value()),
                  {{g, [=](const Variable& h) { return correlate(h, w); }},
                   {w, [=](const Variable& h) { return correlate_weight_gradient(h, g); }}});
}

inline Variable correlate_weight_gradient(const Variable& x, const Variable& g) {
    return record("correlate_weight_gradient", correlate_weight_gradient_value(x.value(), g.value()),
                  {{x, [=](const Variable& v) { return correlate_input_gradient(g, v); }},
                   {g, [=](const Variable& v) { return correlate(x, v); }}});
}

/// 5.2. y's extents are floor((extent - kernel) / stride) + 1: (8 - 3) / 2 + 1 = 3, (5 - 1) / 2 + 1 = 3, (3 - 2) + 1
/// = 2. In time the taps cover 0-2, 2-4 and 4-6, all but the last of 8. In pitch they are single and two apart: 0, 2
/// and 4 of 5, so a kernel smaller than its stride leaves holes. In track all 3. A position is touched if it is on
/// every axis: 7 * 3 * 3 = 63 of 120, and 57 are not. (So a stride that loses nothing needs kernel >= stride and no
/// remainder.)
///
/// T has one term for each position of y, tap, input and output channel: 18 * 6 * 3 * 4 = 1296. F, A and B add up these
/// same terms, each to another factor's places, so all three cost the same.
struct StridedPass {
    Extents output{0, 0, 0};
    std::int64_t untouched = 0;
    std::int64_t products = 0;
};
inline StridedPass predicted_pass() { return {{3, 3, 2}, 57, 1296}; }

}  // namespace course
