#include "tensor/backend.hpp"
#include "tensor/conv3d.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/reduce.hpp"

namespace tensor {

namespace {

/// p(v) = m(x) (F1(v, w1) + b1, if with_bias). At v = x with bias this is leaky_relu(F1(x, w1) + b1).
Tensor between(const Conv3dPair& pair, const PairPoint& at, const Tensor& v, bool with_bias) {
    if (with_bias && v.raw() == at.x.raw())
        return conv3d(at.x, at.w1, pair.first, {.bias = at.b1, .slope = pair.slope});
    const Tensor product = conv3d(v, at.w1, pair.first, {.bias = with_bias ? at.b1 : Tensor()});
    const Tensor reference = conv3d(at.x, at.w1, pair.first, {.bias = at.b1});
    return leaky_relu_mask(reference, product, pair.slope);
}

/// m(x) A2(g, w2).
Tensor between_gradient(const Conv3dPair& pair, const PairPoint& at, const Tensor& g) {
    const Tensor reference = conv3d(at.x, at.w1, pair.first, {.bias = at.b1});
    return conv3d_input_gradient(g, at.w2, pair.second, {.mask = reference, .mask_slope = pair.slope});
}

}  // namespace

bool Backend::fuses(const Conv3dPair&, std::int64_t, DType) const { return false; }

void Backend::conv3d_pair(const Conv3dPair& pair, const PairPoint& at, const Tensor& v, bool with_bias,
                          const Epilogue& epilogue, Tensor& y) const {
    conv3d(between(pair, at, v, with_bias), at.w2, pair.second, epilogue, y);
}

void Backend::conv3d_pair_input_gradient(const Conv3dPair& pair, const PairPoint& at, const Tensor& g,
                                         Tensor& x_gradient) const {
    conv3d_input_gradient(between_gradient(pair, at, g), at.w1, pair.first, {}, x_gradient);
}

void Backend::conv3d_pair_weight_gradient(const Conv3dPair& pair, const PairPoint& at, const Tensor& g,
                                          const Tensor& v, bool with_bias, Tensor& w1_gradient, Tensor& b1_gradient,
                                          Tensor& w2_gradient) const {
    conv3d_weight_gradient(between(pair, at, v, with_bias), g, pair.second, w2_gradient);
    const Tensor gradient = between_gradient(pair, at, g);
    conv3d_weight_gradient(v, gradient, pair.first, w1_gradient);
    if (with_bias) {
        Tensor row = b1_gradient.reshape({1, 1, 1, 1, b1_gradient.elements()});
        sum_to(gradient, row);
    }
}

}  // namespace tensor
