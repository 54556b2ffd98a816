#include "tensor/conv3d_pair.hpp"

#include "tensor/conv3d.hpp"
#include "tensor/conv3d_checks.hpp"
#include "tensor/error.hpp"
#include "tensor/reduce.hpp"
#include "tensor/scope.hpp"

namespace tensor {

namespace {

/// Checks everything but v and g; returns the number of phrases.
std::int64_t require_pair(const char* where, const Conv3dPair& pair, const PairPoint& at) {
    require_real(where, at.x);
    if (!(pair.slope >= 0.0)) fail(where, "slope {}, expected at least 0", pair.slope);
    if (!(pair.second.input_shape(1) == pair.first.output_shape(1)))
        fail(where, "the second convolution reads {} per phrase, the first makes {}",
             pair.second.input_shape(1).to_string(), pair.first.output_shape(1).to_string());
    const std::int64_t phrases = phrases_of(where, at.x);
    require_shape(where, "x", at.x, pair.first.input_shape(phrases), pair.first);
    require_shape(where, "w1", at.w1, pair.first.weight_shape(), pair.first);
    require_shape(where, "b1", at.b1, {pair.first.out_channels}, pair.first);
    require_shape(where, "w2", at.w2, pair.second.weight_shape(), pair.second);
    return phrases;
}

/// p(v); at v = x with bias this is leaky_relu(F1(x, w1) + b1).
Tensor between(const Conv3dPair& pair, const PairPoint& at, const Tensor& v, PairBias bias) {
    if (bias == PairBias::with && v.raw() == at.x.raw())
        return conv3d(at.x, at.w1, pair.first, {.bias = at.b1, .slope = pair.slope});
    const Tensor reference = conv3d(at.x, at.w1, pair.first, {.bias = at.b1});
    return conv3d(v, at.w1, pair.first,
                  {.bias = bias == PairBias::with ? at.b1 : Tensor(), .mask = reference, .mask_slope = pair.slope});
}

/// u = m(x) A2(g, w2).
Tensor between_gradient(const Conv3dPair& pair, const PairPoint& at, const Tensor& g) {
    const Tensor reference = conv3d(at.x, at.w1, pair.first, {.bias = at.b1});
    return conv3d_input_gradient(g, at.w2, pair.second, {.mask = reference, .mask_slope = pair.slope});
}

}  // namespace

Tensor conv3d_pair(const Conv3dPair& pair, const PairPoint& at, const Tensor& v, PairBias bias,
                   const Epilogue& epilogue) {
    constexpr const char* where = "conv3d_pair";
    const OperationScope operation(where);
    require_same_kind(where, {&at.x, &at.w1, &at.b1, &at.w2, &v});
    const std::int64_t phrases = require_pair(where, pair, at);
    require_shape(where, "v", v, at.x.shape(), pair.first);
    Tensor y = Tensor::empty(pair.second.output_shape(phrases), at.x.dtype(), at.x.device());
    require_epilogue(where, epilogue, y);
    backend(at.x.device()).conv3d_pair(pair, at, v, bias, epilogue, y);
    return y;
}

Tensor conv3d_pair_input_gradient(const Conv3dPair& pair, const PairPoint& at, const Tensor& g) {
    constexpr const char* where = "conv3d_pair_input_gradient";
    const OperationScope operation(where);
    require_same_kind(where, {&at.x, &at.w1, &at.b1, &at.w2, &g});
    const std::int64_t phrases = require_pair(where, pair, at);
    require_shape(where, "g", g, pair.second.output_shape(phrases), pair.second);
    Tensor x_gradient = Tensor::empty(at.x.shape(), at.x.dtype(), at.x.device());
    backend(at.x.device()).conv3d_pair_input_gradient(pair, at, g, x_gradient);
    return x_gradient;
}

PairGradients conv3d_pair_weight_gradient(const Conv3dPair& pair, const PairPoint& at, const Tensor& g, const Tensor& v,
                                          PairBias bias) {
    constexpr const char* where = "conv3d_pair_weight_gradient";
    const OperationScope operation(where);
    require_same_kind(where, {&at.x, &at.w1, &at.b1, &at.w2, &g, &v});
    const std::int64_t phrases = require_pair(where, pair, at);
    require_shape(where, "g", g, pair.second.output_shape(phrases), pair.second);
    require_shape(where, "v", v, at.x.shape(), pair.first);
    const auto like = [](const Tensor& t) { return Tensor::empty(t.shape(), t.dtype(), t.device()); };
    PairGradients gradients{like(at.w1), bias == PairBias::with ? like(at.b1) : Tensor(), like(at.w2)};
    backend(at.x.device()).conv3d_pair_weight_gradient(pair, at, g, v, bias, gradients.w1, gradients.b1, gradients.w2);
    return gradients;
}

bool Backend::fuses(const Conv3dPair&, std::int64_t, DType) const { return false; }

void Backend::conv3d_pair(const Conv3dPair& pair, const PairPoint& at, const Tensor& v, PairBias bias,
                          const Epilogue& epilogue, Tensor& y) const {
    conv3d(between(pair, at, v, bias), at.w2, pair.second, epilogue, y);
}

void Backend::conv3d_pair_input_gradient(const Conv3dPair& pair, const PairPoint& at, const Tensor& g,
                                         Tensor& x_gradient) const {
    conv3d_input_gradient(between_gradient(pair, at, g), at.w1, pair.first, {}, x_gradient);
}

void Backend::conv3d_pair_weight_gradient(const Conv3dPair& pair, const PairPoint& at, const Tensor& g, const Tensor& v,
                                          PairBias bias, Tensor& w1_gradient, Tensor& b1_gradient,
                                          Tensor& w2_gradient) const {
    conv3d_weight_gradient(between(pair, at, v, bias), g, pair.second, w2_gradient);
    const Tensor gradient = between_gradient(pair, at, g);
    conv3d_weight_gradient(v, gradient, pair.first, w1_gradient);
    if (bias == PairBias::with) {
        Tensor row = b1_gradient.reshape({1, 1, 1, 1, b1_gradient.elements()});
        sum_to(gradient, row);
    }
}

}  // namespace tensor
