// The rules of the convolution F, its input gradient A and its weight gradient B, which are bilinear. Each one's
// derivatives are the other two, so the set is closed: every order of differentiation stays inside it.
//
// clang-format off
//   operator    value, cotangent   rule for its 1st argument   rule for its 2nd
//   F(x, w)     y, g               A(g, w)                     B(x, g)
//   A(g, w)     x', h              F(h, w)                     B(h, g)
//   B(x, g)     w', v              A(g, v)                     F(x, v)
// clang-format on
#include "autograd/conv3d.hpp"

#include <array>

#include "autograd/bias_leaky_relu.hpp"
#include "autograd/elementwise.hpp"
#include "tensor/conv3d.hpp"

namespace autograd {

namespace {

std::array<Input, 2> conv3d_inputs(const Variable& x, const Variable& w, const Conv3dGeometry& geometry) {
    return {Input(x, [=](const Variable& g) { return conv3d_input_gradient(g, w, geometry); }),
            Input(w, [=](const Variable& g) { return conv3d_weight_gradient(x, g, geometry); })};
}

std::array<Input, 2> conv3d_input_gradient_inputs(const Variable& g, const Variable& w,
                                                  const Conv3dGeometry& geometry) {
    return {Input(g, [=](const Variable& h) { return conv3d(h, w, geometry); }),
            Input(w, [=](const Variable& h) { return conv3d_weight_gradient(h, g, geometry); })};
}

// The rules of F and A for an x (or a g) that is itself the value of a LeakyReLU or of its mask m. What they return is
// multiplied by m next, and one call does both: m o A(g, w) is A with m in its epilogue. The tape gets the two
// operators all the same, as if they had run in turn: the product, without a value, and a leaky_relu_mask with the
// value of both. For the second input, a weight, there is no such call (no layer puts a LeakyReLU on its weights): B,
// then the mask.

MaskedRule conv3d_input_gradient_masked(const Variable& g, const Variable& w, const Conv3dGeometry& geometry);

MaskedRule conv3d_masked(const Variable& x, const Variable& w, const Conv3dGeometry& geometry) {
    return [=](std::size_t input, const Variable& g, const Mask& mask) {
        if (input != 0) return leaky_relu_mask(mask.reference, conv3d_weight_gradient(x, g, geometry), mask.slope);
        const Tensor value = tensor::conv3d_input_gradient(g.value(), w.value(), geometry,
                                                           {.mask = mask.reference, .mask_slope = mask.slope});
        const Variable product =
            record_skipped("conv3d_input_gradient", value.shape(), conv3d_input_gradient_inputs(g, w, geometry));
        if (product.requires_grad()) set_masked_rule(product, conv3d_input_gradient_masked(g, w, geometry));
        return record_mask("leaky_relu_mask", product, value, mask);
    };
}

MaskedRule conv3d_input_gradient_masked(const Variable& g, const Variable& w, const Conv3dGeometry& geometry) {
    return [=](std::size_t input, const Variable& h, const Mask& mask) {
        if (input != 0) return leaky_relu_mask(mask.reference, conv3d_weight_gradient(h, g, geometry), mask.slope);
        const Tensor value =
            tensor::conv3d(h.value(), w.value(), geometry, {.mask = mask.reference, .mask_slope = mask.slope});
        const Variable product = record_skipped("conv3d", value.shape(), conv3d_inputs(h, w, geometry));
        if (product.requires_grad()) set_masked_rule(product, conv3d_masked(h, w, geometry));
        return record_mask("leaky_relu_mask", product, value, mask);
    };
}

}  // namespace

Variable conv3d(const Variable& x, const Variable& w, const Conv3dGeometry& geometry) {
    const Variable y = record("conv3d", tensor::conv3d(x.value(), w.value(), geometry), conv3d_inputs(x, w, geometry));
    if (y.requires_grad()) set_masked_rule(y, conv3d_masked(x, w, geometry));
    return y;
}

Variable conv3d_input_gradient(const Variable& g, const Variable& w, const Conv3dGeometry& geometry) {
    const Variable x = record("conv3d_input_gradient", tensor::conv3d_input_gradient(g.value(), w.value(), geometry),
                              conv3d_input_gradient_inputs(g, w, geometry));
    if (x.requires_grad()) set_masked_rule(x, conv3d_input_gradient_masked(g, w, geometry));
    return x;
}

Variable conv3d_weight_gradient(const Variable& x, const Variable& g, const Conv3dGeometry& geometry) {
    return record("conv3d_weight_gradient", tensor::conv3d_weight_gradient(x.value(), g.value(), geometry),
                  {{x, [=](const Variable& v) { return conv3d_input_gradient(g, v, geometry); }},
                   {g, [=](const Variable& v) { return conv3d(x, v, geometry); }}});
}

Batch conv3d_bias_leaky_relu(const Batch& x, const Variable& w, const Variable& b, double slope,
                             const Conv3dGeometry& geometry) {
    BiasLeakyRelu after(b, slope, geometry, x.value());
    const Tensor y = tensor::conv3d(x.value(), w.value(), geometry, after.epilogue(), after.positive());
    return x.map(y, [&](const Variable& part, const Batch::Rows& rows) {
        const Variable product = record_skipped("conv3d", rows.value.shape(), conv3d_inputs(part, w, geometry));
        if (product.requires_grad()) set_masked_rule(product, conv3d_masked(part, w, geometry));
        return after.record(product, rows);
    });
}

}  // namespace autograd
