// Chapter 7: what the machine wrote down. The tests are in tests/course/chapter_7_test.cpp.
#pragma once

#include <string>

namespace course {

/// 7.1. The graph of the penalty of a linear critic, as describe_graph prints it:
///
///     w                                                            leaf #1, [2, 1]
///     x                                                            leaf #2, [1, 2]
///     score = sum(matmul_nn(x, w))                                 #3, #4
///     g = grad(score, x, {.create_graph = true})
///     penalty = scale(square(affine(square_root(sum(square(g))), 1.0, -1.0)), 10.0)
///
/// Eight lines, newest node first, scalars with []. Which of w, x and score are in it?
inline std::string graph_of_linear_penalty() {
    return R"(
        #11 affine [] <- #10
        ...
    )";
}

/// Products (convolutions F, A, B and matrix products) that run, each as expensive as its layer's forward pass.
struct Products {
    int real = 0;                  ///< forward on real phrases, and its backward pass to all weights
    int forward_interpolated = 0;  ///< forward on x^
    int penalty = 0;               ///< the input-gradient chain, and its differentiation by all weights
};

/// 7.2. Of a critic of so many convolutions, one after the other, and a dense layer to one score. Draw the arrows for
/// one convolution first. Nobody asks for a gradient by the data, and the score's own cotangent is a constant.
inline Products products_of_update(int convolutions) { return {}; }

}  // namespace course
