// Derivatives to machine precision with no step to tune (Squire and Trapp, SIAM Review 40, 1998).
//
// Let f be analytic at the real point x and real on the real axis, v a real direction and h a small real step.
// clang-format off
//   1. Taylor:  f(x + i h v) = f + i h f'v - (h^2/2) f''vv - i (h^3/6) f'''vvv + ...
//   2. f, f'v, f''vv, ... are real, so the imaginary part keeps the odd terms alone:
//   3.          Im f(x + i h v) = h f'v - (h^3/6) f'''vvv + ...
//   4. Divide:  Im f(x + i h v) / h = f'v + O(h^2), and h = 2^-100 makes the error 1e-60: nothing, in f64.
//   5. Nothing is subtracted from anything nearly equal (a finite difference does), so no digit cancels:
//   6. the result is as accurate as one evaluation of f.
// clang-format on
//
// h is a power of two, so that multiplying and dividing by it rounds nothing: a derivative that is a whole number is
// found exactly. The price is that f stays analytic: never std::conj, std::abs, std::norm or std::real on the way, and
// a branch (LeakyReLU) looks at the real part alone, as is_positive in functors.hpp does.
#pragma once

#include <complex>
#include <span>
#include <vector>

#include "tensor/error.hpp"

namespace tensor::reference {

using Complex = std::complex<double>;

inline constexpr double complex_step_size = 0x1p-100;

/// x + i h v: a point that carries a direction.
inline std::vector<Complex> with_direction(std::span<const double> x, std::span<const double> direction) {
    if (x.size() != direction.size())
        fail("complex_step", "a point of {} and a direction of {} numbers", x.size(), direction.size());
    std::vector<Complex> z;
    for (std::size_t i = 0; i < x.size(); ++i) z.emplace_back(x[i], complex_step_size * direction[i]);
    return z;
}

/// The same point with no direction: a constant.
inline std::vector<Complex> constant(std::span<const double> x) { return {x.begin(), x.end()}; }

/// The derivative that f's value carries: Im / h of each number.
inline std::vector<double> derivative_of(std::span<const Complex> value) {
    std::vector<double> derivative;
    for (const Complex& z : value) derivative.push_back(z.imag() / complex_step_size);
    return derivative;
}

/// d/dt f(x + t v) at t = 0, for f from a vector of Complex to a vector of Complex.
template <typename Function>
std::vector<double> complex_step(Function f, std::span<const double> x, std::span<const double> direction) {
    return derivative_of(f(with_direction(x, direction)));
}

/// All partial derivatives of f from a vector of Complex to one Complex.
template <typename Function>
std::vector<double> complex_gradient(Function f, std::span<const double> x) {
    std::vector<Complex> z = constant(x);
    std::vector<double> gradient;
    for (std::size_t i = 0; i < x.size(); ++i) {
        z[i] = Complex(x[i], complex_step_size);
        gradient.push_back(f(z).imag() / complex_step_size);
        z[i] = x[i];
    }
    return gradient;
}

}  // namespace tensor::reference
