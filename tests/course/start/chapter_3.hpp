// Chapter 3: the reverse sweep. The tests are in tests/course/chapter_3_test.cpp.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "autograd/elementwise.hpp"
#include "autograd/variable.hpp"
#include "tensor/tensor.hpp"

namespace course {

using autograd::Needed;
using autograd::Node;
using autograd::Variable;
using tensor::Tensor;

/// 3.1. The derivative of the scalar `output` by `input`, of input's shape, as a variable that can be differentiated
/// again: autograd's `grad` with create_graph, in some 20 lines. Zeros where no path leads from output to input.
///
/// You have Variable::node() and, of each Node (autograd/variable.hpp): `id`; `inputs`, null where an input is a
/// constant; and `rule`, empty for a leaf. node->rule(cotangent, needed) answers one optional cotangent for each input;
/// `needed`, a vector<bool>, says for which inputs you want one. `mask`, `masked_rule` and `slice` may be left alone:
/// nothing in the test slices. You may not call `grad`.
///
/// Start with cotangent 1 at the output. Every node's rule runs once, when all that the node gets has arrived: a value
/// that is used n times gets n cotangents. Hint: what is known of a node's id and its users' ids? And a std::map keeps
/// its keys sorted, by std::greater<> from the largest down. The output may be a constant, which has no node.
///
/// The test lays your derivatives of orders 1 to 3 one after another and compares them with those of `grad`. For a
/// scalar x these are three elements: 0 is the gradient, 1 the gradient of the gradient.
inline Variable gradient(const Variable& output, const Variable& input) {
    return Variable(Tensor::zeros(input.shape(), input.value().dtype()));
}

/// 3.2. Predict without running. How many `add` nodes has the graph (describe_graph) of the first derivative of
///
///     balanced:  s = multiply(x, x), y = multiply(s, s)
///     chain:     y = multiply(multiply(multiply(x, x), x), x)
///
/// and how many has the graph of the second derivative of `balanced`? All are by x, a scalar, with create_graph. None
/// of the rules here calls `add`; the sweep does. Hints: a node that gets k cotangents takes k - 1 additions. And the
/// graph of a second derivative holds those nodes of the first whose values its products need. Which one is not needed?
struct Additions {
    int balanced_first = -1;
    int chain_first = -1;
    int balanced_second = -1;
};
inline Additions predicted_additions() { return {}; }

}  // namespace course
