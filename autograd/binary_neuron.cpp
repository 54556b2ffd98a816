#include "autograd/binary_neuron.hpp"

#include <cmath>

#include "autograd/elementwise.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/error.hpp"

namespace autograd {

namespace {

/// 2 b - 1: the sign of a, or of p - u.
Tensor decide(const Tensor& a, double slope, const Tensor& threshold) {
    if (!threshold.defined()) return tensor::binarize(a);
    return tensor::binarize(tensor::subtract(tensor::sigmoid(tensor::scale(a, slope)), threshold));
}

}  // namespace

Variable binary_neuron(const Variable& a, double slope, const Tensor& threshold) {
    constexpr const char* where = "binary_neuron";
    if (!(slope > 0.0) || !std::isfinite(slope)) tensor::fail(where, "slope {}, expected a finite one above 0", slope);
    if (threshold.defined()) {
        tensor::require_same_kind(where, {&a.value(), &threshold});
        if (!(threshold.shape() == a.shape()))
            tensor::fail(where, "threshold {}, expected {}", threshold.shape().to_string(), a.shape().to_string());
    }
    return record(where, decide(a.value(), slope, threshold), {{a, [=](const Variable& g) {
                                                                    const Variable p = sigmoid(scale(a, slope));
                                                                    const Variable q = affine(p, -1.0, 1.0);
                                                                    return multiply(g,
                                                                                    scale(multiply(p, q), 2.0 * slope));
                                                                }}});
}

}  // namespace autograd
