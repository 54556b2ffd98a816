// The rules of elementwise operators, sum and broadcast: one line per input, g the cotangent of the value.
//
// A rule that needs the operator's own value y recomputes it from x inside the rule (tanh, sigmoid, square_root). A
// rule that captured y would make the node own itself, so that it is never freed; and a recomputed y has the right
// graph at every order.
#include "autograd/elementwise.hpp"

#include "tensor/elementwise.hpp"
#include "tensor/reduce.hpp"

namespace autograd {

Variable affine(const Variable& x, double a, double b) {
    return record("affine", tensor::affine(x.value(), a, b), {{x, [=](const Variable& g) { return scale(g, a); }}});
}

Variable square(const Variable& x) {
    return record("square", tensor::square(x.value()),
                  {{x, [=](const Variable& g) { return multiply(scale(x, 2.0), g); }}});
}

Variable square_root(const Variable& x) {
    // The root first, so that every compiler numbers the nodes alike.
    return record("square_root", tensor::square_root(x.value()), {{x, [=](const Variable& g) {
                                                                       const Variable y = square_root(x);
                                                                       return divide(scale(g, 0.5), y);
                                                                   }}});
}

Variable reciprocal(const Variable& x) {
    return record("reciprocal", tensor::reciprocal(x.value()),
                  {{x, [=](const Variable& g) { return negate(multiply(g, square(reciprocal(x)))); }}});
}

Variable tanh(const Variable& x) {
    return record("tanh", tensor::tanh(x.value()),
                  {{x, [=](const Variable& g) { return multiply(g, affine(square(tanh(x)), -1.0, 1.0)); }}});
}

Variable sigmoid(const Variable& x) {
    return record("sigmoid", tensor::sigmoid(x.value()), {{x, [=](const Variable& g) {
                                                               const Variable y = sigmoid(x);
                                                               return multiply(g, multiply(y, affine(y, -1.0, 1.0)));
                                                           }}});
}

Variable softplus(const Variable& x) {
    return record("softplus", tensor::softplus(x.value()),
                  {{x, [=](const Variable& g) { return multiply(g, sigmoid(x)); }}});
}

Variable leaky_relu(const Variable& x, double slope) {
    // y agrees with x in sign. Holding y lets x go, and the next layer keeps y anyway.
    const Tensor y = tensor::leaky_relu(x.value(), slope);
    return record_mask("leaky_relu", x, y, {y, slope});
}

Variable leaky_relu_mask(const Tensor& reference, const Variable& g, double slope) {
    return record_mask("leaky_relu_mask", g, tensor::leaky_relu_mask(reference, g.value(), slope), {reference, slope});
}

Variable record_mask(const char* operation, const Variable& x, const Tensor& value, const Mask& mask) {
    const Variable result = record(
        operation, value, {{x, [=](const Variable& g) { return leaky_relu_mask(mask.reference, g, mask.slope); }}});
    set_mask(result, mask);
    return result;
}

Variable add(const Variable& a, const Variable& b) {
    return record("add", tensor::add(a.value(), b.value()),
                  {{a, [s = a.shape()](const Variable& g) { return sum_to(g, s); }},
                   {b, [s = b.shape()](const Variable& g) { return sum_to(g, s); }}});
}

Variable subtract(const Variable& a, const Variable& b) {
    return record("subtract", tensor::subtract(a.value(), b.value()),
                  {{a, [s = a.shape()](const Variable& g) { return sum_to(g, s); }},
                   {b, [s = b.shape()](const Variable& g) { return sum_to(negate(g), s); }}});
}

Variable multiply(const Variable& a, const Variable& b) {
    return record("multiply", tensor::multiply(a.value(), b.value()),
                  {{a, [=](const Variable& g) { return sum_to(multiply(g, b), a.shape()); }},
                   {b, [=](const Variable& g) { return sum_to(multiply(g, a), b.shape()); }}});
}

Variable divide(const Variable& a, const Variable& b) {
    return record("divide", tensor::divide(a.value(), b.value()),
                  {{a, [=](const Variable& g) { return sum_to(divide(g, b), a.shape()); }},
                   {b, [=](const Variable& g) {
                        // The square first, so that every compiler numbers the nodes alike.
                        const Variable squared = square(b);
                        return sum_to(negate(divide(multiply(g, a), squared)), b.shape());
                    }}});
}

Variable sum_to(const Variable& x, const Shape& shape) {
    if (shape == x.shape()) return x;
    return record("sum_to", tensor::sum_to(x.value(), shape),
                  {{x, [s = x.shape()](const Variable& g) { return broadcast_to(g, s); }}});
}

Variable broadcast_to(const Variable& x, const Shape& shape) {
    if (shape == x.shape()) return x;
    return record("broadcast_to", tensor::broadcast_to(x.value(), shape),
                  {{x, [s = x.shape()](const Variable& g) { return sum_to(g, s); }}});
}

Variable mean(const Variable& x) { return scale(sum(x), 1.0 / static_cast<double>(x.shape().elements())); }

}  // namespace autograd
