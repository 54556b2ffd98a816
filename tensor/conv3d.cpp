#include "tensor/conv3d.hpp"

#include "tensor/backend.hpp"
#include "tensor/conv3d_checks.hpp"
#include "tensor/observer.hpp"
#include "tensor/packed_bits.hpp"

namespace tensor {

Tensor conv3d(const Tensor& x, const Tensor& w, const Conv3dGeometry& geometry, const Epilogue& epilogue,
              Tensor* positive) {
    constexpr const char* where = "conv3d";
    OperationScope operation(where);
    require_same_kind(where, {&x, &w});
    require_real(where, x);
    const std::int64_t phrases = phrases_of(where, x);
    require_shape(where, "x", x, geometry.input_shape(phrases), geometry);
    require_shape(where, "w", w, geometry.weight_shape(), geometry);
    Tensor y = Tensor::empty(geometry.output_shape(phrases), x.dtype(), x.device());
    require_epilogue(where, epilogue, y);
    if (positive) *positive = empty_positive_bits(y);
    backend(x.device()).conv3d(x, w, geometry, epilogue, y, positive);
    operation.ran({&x, &w, &epilogue.bias, &epilogue.mask}, {&y, positive}, geometry.flops(phrases));
    return y;
}

Tensor conv3d_input_gradient(const Tensor& g, const Tensor& w, const Conv3dGeometry& geometry, const Epilogue& epilogue,
                             Tensor* positive) {
    constexpr const char* where = "conv3d_input_gradient";
    OperationScope operation(where);
    require_same_kind(where, {&g, &w});
    require_real(where, g);
    const std::int64_t phrases = phrases_of(where, g);
    require_shape(where, "g", g, geometry.output_shape(phrases), geometry);
    require_shape(where, "w", w, geometry.weight_shape(), geometry);
    Tensor x = Tensor::empty(geometry.input_shape(phrases), g.dtype(), g.device());
    require_epilogue(where, epilogue, x);
    if (positive) *positive = empty_positive_bits(x);
    backend(g.device()).conv3d_input_gradient(g, w, geometry, epilogue, x, positive);
    operation.ran({&g, &w, &epilogue.bias, &epilogue.mask}, {&x, positive}, geometry.flops(phrases));
    return x;
}

Tensor conv3d_weight_gradient(const Tensor& x, const Tensor& g, const Conv3dGeometry& geometry) {
    constexpr const char* where = "conv3d_weight_gradient";
    OperationScope operation(where);
    require_same_kind(where, {&x, &g});
    require_real(where, x);
    const std::int64_t phrases = phrases_of(where, x);
    require_shape(where, "x", x, geometry.input_shape(phrases), geometry);
    require_shape(where, "g", g, geometry.output_shape(phrases), geometry);
    Tensor w = Tensor::empty(geometry.weight_shape(), x.dtype(), x.device());
    backend(x.device()).conv3d_weight_gradient(x, g, geometry, w);
    operation.ran({&x, &g}, {&w}, geometry.flops(phrases));
    return w;
}

}  // namespace tensor
