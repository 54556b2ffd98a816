// The rules of matrix products, which are bilinear. Their derivatives are their siblings, so the set is closed: every
// order of differentiation stays inside it.
//
// clang-format off
//   operator   value, cotangent    rule for a    rule for b
//   NN         y = a b, g          NT(g, b)      TN(a, g)
//   NT         y = a b^T, g        NN(g, b)      TN(g, a)
//   TN         y = a^T b, g        NT(b, g)      NN(a, g)
// clang-format on
#include "autograd/matmul.hpp"

#include <array>

#include "autograd/bias_leaky_relu.hpp"
#include "tensor/matmul.hpp"

namespace autograd {

namespace {

std::array<Input, 2> matmul_nn_inputs(const Variable& a, const Variable& b) {
    return {Input(a, [=](const Variable& g) { return matmul_nt(g, b); }),
            Input(b, [=](const Variable& g) { return matmul_tn(a, g); })};
}

}  // namespace

Variable matmul_nn(const Variable& a, const Variable& b) {
    return record("matmul_nn", tensor::matmul_nn(a.value(), b.value()), matmul_nn_inputs(a, b));
}

Variable matmul_nt(const Variable& a, const Variable& b) {
    return record("matmul_nt", tensor::matmul_nt(a.value(), b.value()),
                  {{a, [=](const Variable& g) { return matmul_nn(g, b); }},
                   {b, [=](const Variable& g) { return matmul_tn(g, a); }}});
}

Variable matmul_tn(const Variable& a, const Variable& b) {
    return record("matmul_tn", tensor::matmul_tn(a.value(), b.value()),
                  {{a, [=](const Variable& g) { return matmul_nt(b, g); }},
                   {b, [=](const Variable& g) { return matmul_nn(a, g); }}});
}

Batch matmul_bias_leaky_relu(const Batch& a, const Variable& w, const Variable& b, double slope) {
    const BiasLeakyRelu after(b, slope);
    const Tensor y = tensor::matmul_nn(a.value(), w.value(), after.epilogue());
    return a.map(y, [&](const Variable& part, const Batch::Rows& rows) {
        return after.record(record_skipped("matmul_nn", rows.value.shape(), matmul_nn_inputs(part, w)), rows);
    });
}

}  // namespace autograd
