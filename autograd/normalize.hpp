// Batch norm and layer norm on variables; see tensor/normalize.hpp for the formula.
#pragma once

#include "autograd/variable.hpp"
#include "tensor/normalize.hpp"

namespace autograd {

using tensor::NormalizeOver;

struct Normalized {
    Variable y;
    Tensor mean, inverse_deviation;  ///< statistics that were used, as constants (for running averages)
};

/// The fused operator. Its gradient is fused too; where that gradient is to be differentiated again, it is taken
/// through normalize_composed instead, which has the same value.
Normalized normalize(const Variable& x, const Variable& gamma, const Variable& beta, NormalizeOver over,
                     double epsilon);
/// The same value as a composition of plain operators.
Variable normalize_composed(const Variable& x, const Variable& gamma, const Variable& beta, NormalizeOver over,
                            double epsilon);

}  // namespace autograd
