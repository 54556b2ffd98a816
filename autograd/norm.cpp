#include "autograd/norm.hpp"

#include "autograd/elementwise.hpp"
#include "autograd/rearrange.hpp"
#include "tensor/norm.hpp"

namespace autograd {

namespace {

/// [N] as [N, 1, ...], to go with every element of a phrase.
Shape spread(const Shape& shape) {
    Shape ones = shape;
    for (int axis = 1; axis < shape.rank(); ++axis) ones = ones.with(axis, 1);
    return ones;
}

}  // namespace

Variable norm(const Variable& x, double epsilon) {
    const Tensor value = tensor::norm(x.value(), epsilon);
    // dy / dx = x / y. While nobody records, the length at hand will do; else it is computed again, with its graph.
    return record("norm", value, {{x, [=](const Variable& g) {
                                       const Variable y = recording() ? norm(x, epsilon) : Variable(value);
                                       return multiply(x, reshape(divide(g, y), spread(x.shape())));
                                   }}});
}

}  // namespace autograd
