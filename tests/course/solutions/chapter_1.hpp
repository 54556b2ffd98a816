// Chapter 1: a scalar.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "autograd/elementwise.hpp"
#include "autograd/grad.hpp"

namespace course {

using autograd::Variable;
using tensor::DType;
using tensor::Tensor;

/// 1.1. dy = #5 + #7 with #5 = 1 x^2 and #7 = 2x x. The sweep from #8 gives 1 to #7 and to #5. #7's rule gives x to #6
/// (#9, over #4) and 2x to #4 (#10); ... x meets itself twice: through #6 and #4 (#13), and through #2 (#15).
inline std::string graph_of_ddy() {
    return R"(
        #16 add [] <- #13, #15
        #15 multiply [] <- #14, constant
        #14 affine [] <- #1
        #13 add [] <- #11, #12
        #12 multiply [] <- #10, constant
        #11 affine [] <- #9
        #10 multiply [] <- constant, #6
        #9 multiply [] <- constant, #4
        #6 affine [] <- #1
        #4 multiply [] <- constant, #1
        #1 leaf []
    )";
}

/// 1.2.
inline std::vector<double> derivatives(const std::function<Variable(const Variable&)>& f, double x, int n) {
    const Variable at(Tensor::full({}, x, DType::f64), true);
    std::vector<double> found;
    Variable derivative = f(at);
    for (int order = 1; order <= n; ++order) {
        derivative = grad(derivative, at, {.create_graph = true});
        found.push_back(derivative.item());
    }
    return found;
}

}  // namespace course
