// The rules of bilinear operators. Each operator's derivatives are its siblings, so the sets are closed: every order
// of differentiation stays inside them.
//
//   operator    value              rule for its 1st argument   rule for its 2nd
//   F(x, w)     y, cotangent g     A(g, w)                     B(x, g)
//   A(g, w)     x', cotangent h    F(h, w)                     B(h, g)
//   B(x, g)     w', cotangent v    A(g, v)                     F(x, v)
//
// Matrix products likewise: NN a b, NT a b^T, TN a^T b.
#include "autograd/products.hpp"

#include "autograd/elementwise.hpp"
#include "tensor/conv3d.hpp"
#include "tensor/matmul.hpp"

namespace autograd {

namespace {

std::vector<Input> conv3d_inputs(const Variable& x, const Variable& w, const Conv3dGeometry& geometry) {
    return {{x, [=](const Variable& g) { return conv3d_input_gradient(g, w, geometry); }},
            {w, [=](const Variable& g) { return conv3d_weight_gradient(x, g, geometry); }}};
}

std::vector<Input> matmul_nn_inputs(const Variable& a, const Variable& b) {
    return {{a, [=](const Variable& g) { return matmul_nt(g, b); }},
            {b, [=](const Variable& g) { return matmul_tn(a, g); }}};
}

/// The tape of leaky_relu(product + b): the plain operators, of which only the last has a value.
Variable record_bias_leaky_relu(const Variable& product, const Variable& b, double slope, const Tensor& y) {
    std::vector<Input> terms{{product, [](const Variable& g) { return g; }}};
    if (b.defined()) terms.push_back({b, [s = b.shape()](const Variable& g) { return sum_to(g, s); }});
    if (slope == 1.0) return record("add", y, std::move(terms));
    const Variable biased = record_skipped("add", y.shape(), std::move(terms));
    return record("leaky_relu", y, {{biased, [=](const Variable& g) { return leaky_relu_mask(y, g, slope); }}});
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

Variable conv3d(const Variable& x, const Variable& w, const Conv3dGeometry& geometry) {
    return record("conv3d", tensor::conv3d(x.value(), w.value(), geometry), conv3d_inputs(x, w, geometry));
}

Variable conv3d_input_gradient(const Variable& g, const Variable& w, const Conv3dGeometry& geometry) {
    return record("conv3d_input_gradient", tensor::conv3d_input_gradient(g.value(), w.value(), geometry),
                  {{g, [=](const Variable& h) { return conv3d(h, w, geometry); }},
                   {w, [=](const Variable& h) { return conv3d_weight_gradient(h, g, geometry); }}});
}

Variable conv3d_weight_gradient(const Variable& x, const Variable& g, const Conv3dGeometry& geometry) {
    return record("conv3d_weight_gradient", tensor::conv3d_weight_gradient(x.value(), g.value(), geometry),
                  {{x, [=](const Variable& v) { return conv3d_input_gradient(g, v, geometry); }},
                   {g, [=](const Variable& v) { return conv3d(x, v, geometry); }}});
}

Variable conv3d_bias_leaky_relu(const Variable& x, const Variable& w, const Variable& b, double slope,
                                const Conv3dGeometry& geometry) {
    const tensor::Epilogue epilogue{b.defined() ? b.value() : Tensor(), slope};
    const Tensor y = tensor::conv3d(x.value(), w.value(), geometry, epilogue);
    const Variable product = record_skipped("conv3d", y.shape(), conv3d_inputs(x, w, geometry));
    return record_bias_leaky_relu(product, b, slope, y);
}

Variable matmul_bias_leaky_relu(const Variable& a, const Variable& w, const Variable& b, double slope) {
    const tensor::Epilogue epilogue{b.defined() ? b.value() : Tensor(), slope};
    const Tensor y = tensor::matmul_nn(a.value(), w.value(), epilogue);
    const Variable product = record_skipped("matmul_nn", y.shape(), matmul_nn_inputs(a, w));
    return record_bias_leaky_relu(product, b, slope, y);
}

}  // namespace autograd
