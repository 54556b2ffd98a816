#include "tensor/conv3d_pair.hpp"

#include "tensor/backend.hpp"
#include "tensor/conv3d.hpp"
#include "tensor/conv3d_checks.hpp"
#include "tensor/error.hpp"
#include "tensor/observer.hpp"
#include "tensor/packed_bits.hpp"
#include "tensor/reduce.hpp"

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

/// Throws Error unless v can be the argument of that part at x.
void require_direction(const char* where, const Conv3dPair& pair, const Tensor& x, const Tensor& v, PairPart part) {
    require_shape(where, "v", v, x.shape(), pair.first);
    if (part == PairPart::value && v.raw() != x.raw())
        fail(where, "v is not x, expected x itself for the value of a pair; only tangents are along other tensors");
}

/// p: the value at x, or the tangent along v.
Tensor between(const Conv3dPair& pair, const PairPoint& at, const Tensor& v, PairPart part) {
    if (part == PairPart::value) return conv3d(at.x, at.w1, pair.first, {.bias = at.b1, .slope = pair.slope});
    const Tensor reference = conv3d(at.x, at.w1, pair.first, {.bias = at.b1});
    return conv3d(v, at.w1, pair.first, {.mask = reference, .mask_slope = pair.slope});
}

/// FLOPs of p: the tangent's m(x) is a convolution of its own, the value has the same signs.
double flops_between(const Conv3dPair& pair, std::int64_t phrases, PairPart part) {
    return (part == PairPart::value ? 1.0 : 2.0) * pair.first.flops(phrases);
}

/// u = m(x) A2(g, w2).
Tensor between_gradient(const Conv3dPair& pair, const PairPoint& at, const Tensor& g) {
    const Tensor reference = conv3d(at.x, at.w1, pair.first, {.bias = at.b1});
    return conv3d_input_gradient(g, at.w2, pair.second, {.mask = reference, .mask_slope = pair.slope});
}

}  // namespace

Tensor conv3d_pair(const Conv3dPair& pair, const PairPoint& at, const Tensor& v, PairPart part,
                   const Epilogue& epilogue, Tensor* positive) {
    constexpr const char* where = "conv3d_pair";
    OperationScope operation(where);
    require_same_kind(where, {&at.x, &at.w1, &at.b1, &at.w2, &v});
    const std::int64_t phrases = require_pair(where, pair, at);
    require_direction(where, pair, at.x, v, part);
    Tensor y = Tensor::empty(pair.second.output_shape(phrases), at.x.dtype(), at.x.device());
    require_epilogue(where, epilogue, y);
    if (positive) *positive = empty_positive_bits(y);
    backend(at.x.device()).conv3d_pair(pair, at, v, part, epilogue, y, positive);
    operation.ran({&at.x, &v, &at.w1, &at.b1, &at.w2, &epilogue.bias, &epilogue.mask}, {&y, positive},
                  flops_between(pair, phrases, part) + pair.second.flops(phrases));
    return y;
}

Tensor conv3d_pair_input_gradient(const Conv3dPair& pair, const PairPoint& at, const Tensor& g) {
    constexpr const char* where = "conv3d_pair_input_gradient";
    OperationScope operation(where);
    require_same_kind(where, {&at.x, &at.w1, &at.b1, &at.w2, &g});
    const std::int64_t phrases = require_pair(where, pair, at);
    require_shape(where, "g", g, pair.second.output_shape(phrases), pair.second);
    Tensor x_gradient = Tensor::empty(at.x.shape(), at.x.dtype(), at.x.device());
    backend(at.x.device()).conv3d_pair_input_gradient(pair, at, g, x_gradient);
    // F1 for the mask, A2 and A1.
    operation.ran({&at.x, &g, &at.w1, &at.b1, &at.w2}, {&x_gradient},
                  2.0 * pair.first.flops(phrases) + pair.second.flops(phrases));
    return x_gradient;
}

PairGradients conv3d_pair_weight_gradient(const Conv3dPair& pair, const PairPoint& at, const Tensor& g, const Tensor& v,
                                          PairPart part) {
    constexpr const char* where = "conv3d_pair_weight_gradient";
    OperationScope operation(where);
    require_same_kind(where, {&at.x, &at.w1, &at.b1, &at.w2, &g, &v});
    const std::int64_t phrases = require_pair(where, pair, at);
    require_shape(where, "g", g, pair.second.output_shape(phrases), pair.second);
    require_direction(where, pair, at.x, v, part);
    const auto like = [](const Tensor& t) { return Tensor::empty(t.shape(), t.dtype(), t.device()); };
    PairGradients gradients{like(at.w1), part == PairPart::value ? like(at.b1) : Tensor(), like(at.w2)};
    backend(at.x.device()).conv3d_pair_weight_gradient(pair, at, g, v, part, gradients.w1, gradients.b1, gradients.w2);
    // p, F1 for the mask, A2, B1 and B2.
    operation.ran({&at.x, &v, &g, &at.w1, &at.b1, &at.w2}, {&gradients.w1, &gradients.b1, &gradients.w2},
                  flops_between(pair, phrases, part) + 2.0 * (pair.first.flops(phrases) + pair.second.flops(phrases)));
    return gradients;
}

// The compositions call this backend's own operators on results that are there already. Each is an operator within the
// pair, and says so.

bool Backend::fuses(const Conv3dPair&, std::int64_t, DType) const { return false; }

void Backend::conv3d_pair(const Conv3dPair& pair, const PairPoint& at, const Tensor& v, PairPart part,
                          const Epilogue& epilogue, Tensor& y, Tensor* positive) const {
    const Tensor p = between(pair, at, v, part);
    OperationScope operation("conv3d");
    conv3d(p, at.w2, pair.second, epilogue, y, positive);
    operation.ran({&p, &at.w2, &epilogue.bias, &epilogue.mask}, {&y, positive}, pair.second.flops(v.shape()[0]));
}

void Backend::conv3d_pair_input_gradient(const Conv3dPair& pair, const PairPoint& at, const Tensor& g,
                                         Tensor& x_gradient) const {
    const Tensor u = between_gradient(pair, at, g);
    OperationScope operation("conv3d_input_gradient");
    conv3d_input_gradient(u, at.w1, pair.first, {}, x_gradient, nullptr);
    operation.ran({&u, &at.w1}, {&x_gradient}, pair.first.flops(g.shape()[0]));
}

void Backend::conv3d_pair_weight_gradient(const Conv3dPair& pair, const PairPoint& at, const Tensor& g, const Tensor& v,
                                          PairPart part, Tensor& w1_gradient, Tensor& b1_gradient,
                                          Tensor& w2_gradient) const {
    const auto weight_gradient = [&](const Tensor& x, const Tensor& cotangent, const Conv3dGeometry& geometry,
                                     Tensor& w) {
        OperationScope operation("conv3d_weight_gradient");
        conv3d_weight_gradient(x, cotangent, geometry, w);
        operation.ran({&x, &cotangent}, {&w}, geometry.flops(x.shape()[0]));
    };
    weight_gradient(between(pair, at, v, part), g, pair.second, w2_gradient);
    const Tensor u = between_gradient(pair, at, g);
    weight_gradient(v, u, pair.first, w1_gradient);
    if (part == PairPart::value) {
        OperationScope operation("sum_to");
        Tensor row = b1_gradient.reshape({1, 1, 1, 1, b1_gradient.elements()});
        sum_to(u, row);
        operation.ran({&u}, {&row}, static_cast<double>(u.elements()));
    }
}

}  // namespace tensor
