// The length of each phrase, as the gradient penalty takes it: differentiable at every order.
#pragma once

#include "autograd/variable.hpp"

namespace autograd {

/// y[n] = sqrt(epsilon + sum of x[n, ...]^2), [N] (tensor/norm.hpp). One pass over x forward and one backward. With
/// epsilon > 0 every derivative exists, also where a phrase is zero.
Variable norm(const Variable& x, double epsilon);

}  // namespace autograd
