// Chapter 7: what the machine wrote down.
#pragma once

#include <string>

namespace course {

/// 7.1. D is linear: g is w^T whatever x is, so neither x nor the score is in the graph. #5 is the rule of matmul_nn
/// for x; the constant is the score's cotangent, 1.
inline std::string graph_of_linear_penalty() {
    return R"(
        #11 affine [] <- #10
        #10 square [] <- #9
        #9 affine [] <- #8
        #8 square_root [] <- #7
        #7 sum_to [] <- #6
        #6 square [1, 2] <- #5
        #5 matmul_nt [1, 2] <- constant, #1
        #1 leaf [2, 1]
    )";
}

/// Products (convolutions F, A, B and matrix products) that run, each as expensive as its layer's forward pass.
struct Products {
    int real = 0;                  ///< forward on real phrases, and its backward pass to all weights
    int forward_interpolated = 0;  ///< forward on x^
    int penalty = 0;               ///< the input-gradient chain, and its differentiation by all weights
};

/// 7.2. With L = convolutions + 1 layers: forward L; backward B in each layer and A in all but the first. The chain has
/// A in each layer; its differentiation B in each and F in all but the last, whose cotangent is the constant 1.
inline Products products_of_update(int convolutions) {
    const int layers = convolutions + 1;
    return {layers + layers + (layers - 1), layers, layers + (layers - 1) + layers};
}

}  // namespace course
