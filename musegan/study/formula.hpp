// The notation in which explanations write formulas, and what is made of it.
//
//     h_{1}             a name with an index                 x^             x with a hat
//     w^T               a transpose                          phi, lambda    Greek letters by their names
//     a * b             element by element                   a b            a product
//     F(x^, w_{1})      an operator and its arguments        <a, b>         an inner product
//     |g|               a norm                               sqrt(a)        a root
//     (a) / (b)         a fraction, of parentheses or of single names and numbers
//     grad D(x^)        a gradient                           dP/dw_{1}      a derivative
#pragma once

#include <string>
#include <string_view>

namespace musegan {

/// "h1 = phi(F(x^, w1) + b1)": for a terminal. Braces of indices go, the rest stays.
std::string formula_text(std::string_view formula);

/// The same as a MathML element, <math>...</math>. Every name is escaped. Throws Error("[formula] ...") with the place
/// for parentheses or braces that do not match, and for a character that the notation does not have.
std::string formula_mathml(std::string_view formula);

}  // namespace musegan
