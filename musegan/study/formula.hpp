// The notation in which explanations write formulas, and what is made of it.
//
//     h_{1}             a name with an index                 x^             x with a hat
//     w^T, g^2, 10^{-8} a transpose, powers                  phi'           a derivative of a function
//     phi, lambda       Greek letters by their names         0.42, 1e-8     numbers
//     a * b             element by element                   a b            a product
//     a + b - c         sums                                 a = b > c      relations: = ~ > >= <= ->
//     F(x^, w_{1})      an operator and its arguments        <a, b>         an inner product
//     |g|               a norm                               sqrt(a)        a root
//     (a) / (b)         a fraction, of parentheses or of single names and numbers, which may have arguments
//     grad D(x^)        a gradient                           dP/dw_{1}      a derivative
//     sum_{n} a         a sum                                E(a)           an expectation
//     a, ..., b         a list                               "any words"    words, as they are
//
// Names are of ASCII letters and digits and begin with a letter; `.` and `_` may stand inside ("critic.conv1"). An
// argument list follows its name without a blank; with one, it is a product: "D(x)", but "lambda (s - 1)". `^` is a hat
// unless T, a digit or a brace follows it. `<` always opens an inner product, in which `>` closes it.
#pragma once

#include <string>
#include <string_view>

namespace musegan {

/// "h1 = phi(F(x^, w1) + b1)": for a terminal. Braces of indices and powers go, the rest stays.
std::string formula_text(std::string_view formula);

/// The same as a MathML element, <math>...</math>, of the elements of MathML Core that need no style. Every name is
/// escaped. Throws Error("[formula] ...") with the place, counted from 1, for parentheses or braces that do not match,
/// for a character that the notation does not have, and where an operand is missing.
std::string formula_mathml(std::string_view formula);

}  // namespace musegan
