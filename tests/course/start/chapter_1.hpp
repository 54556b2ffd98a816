// Chapter 1: a scalar. The tests are in tests/course/chapter_1_test.cpp.
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

/// 1.1. What describe_graph(ddy) prints for ddy of chapter 1, eleven lines, newest node first. Draw it on paper before
/// you write it down: which cotangents meet in an `add`? Hints: the rules are in elementwise.cpp; those of one node run
/// in the order of its inputs. An operator on constants alone leaves no node. A node of y or dy is in the graph only if
/// ddy is computed from it: of #1 to #8, three are.
inline std::string graph_of_ddy() {
    return R"(
        #? ?
        #1 leaf []
    )";
}

/// 1.2. f', f'', ... f^(n) at x, where f is a function of one number. f may not depend on its argument at all.
inline std::vector<double> derivatives(const std::function<Variable(const Variable&)>& f, double x, int n) {
    return {};
}

}  // namespace course
