// Chapter 5: one trilinear form, three operators. The tests are in tests/course/chapter_5_test.cpp.
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

[[noreturn]] inline void not_written(const char* rule) { tensor::fail("course", "{} is not written yet", rule); }

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

/// 5.1. A convolution of your own, in one dimension and with dilation 2: every second element of x under the kernel.
///
///     F(x, w)[i] = sum over j of x[i + 2j] w[j]      x of [L], w of [R], y and g of [L - 2 (R - 1)], all f64
///     A(g, w) = the derivative of <F(x, w), g> by x: correlate_input_gradient, of [L]
///     B(x, g) = the derivative of <F(x, w), g> by w: correlate_weight_gradient, of [R]
///
/// Above are their values as plain loops over T(x, w, g) = sum over i, j of x[i + 2j] w[j] g[i]. Write the six rules,
/// of these three operators and of nothing else. Do not look into chapter 5's table before you have tried to derive a
/// line of it: pair A(g, w) with a cotangent h of x's shape, which gives T(h, w, g), and differentiate that by g and by
/// w.
inline Variable correlate(const Variable& x, const Variable& w) {
    return record("correlate", correlate_value(x.value(), w.value()),
                  {{x, [=](const Variable& g) -> Variable { not_written("correlate's rule for x"); }},
                   {w, [=](const Variable& g) -> Variable { not_written("correlate's rule for w"); }}});
}

inline Variable correlate_input_gradient(const Variable& g, const Variable& w) {
    return record("correlate_input_gradient", correlate_input_gradient_value(g.value(), w.value()),
                  {{g, [=](const Variable& h) -> Variable { not_written("the input gradient's rule for g"); }},
                   {w, [=](const Variable& h) -> Variable { not_written("the input gradient's rule for w"); }}});
}

inline Variable correlate_weight_gradient(const Variable& x, const Variable& g) {
    return record("correlate_weight_gradient", correlate_weight_gradient_value(x.value(), g.value()),
                  {{x, [=](const Variable& v) -> Variable { not_written("the weight gradient's rule for x"); }},
                   {g, [=](const Variable& v) -> Variable { not_written("the weight gradient's rule for g"); }}});
}

/// 5.2. Predict without running. One phrase x of 8 by 5 by 3 positions (time, pitch, track) with 3 channels goes
/// through
///
///     conv3d_geometry({8, 5, 3}, {.kernel = {3, 1, 2}, .in_channels = 3, .out_channels = 4, .stride = {2, 2, 1}})
///
/// What are the extents of y? How many of x's 120 positions does no tap of the kernel touch, so that A(g, w) has a zero
/// there for every g and w? And how many products does one pass take: F, A or B, a product being a multiplication and
/// its addition? Hint: axis by axis. Where do the kernel's steps begin, and what lies between or behind them?
struct StridedPass {
    Extents output{0, 0, 0};
    std::int64_t untouched = 0;
    std::int64_t products = 0;
};
inline StridedPass predicted_pass() { return {}; }

}  // namespace course
