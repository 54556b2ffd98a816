// The checks that the operators of tensor/conv3d.hpp and tensor/conv3d_pair.hpp share.
#pragma once

#include "tensor/conv3d_geometry.hpp"
#include "tensor/error.hpp"
#include "tensor/tensor.hpp"

namespace tensor {

/// N of t [N, T, P, M, C]. Throws Error for another rank.
inline std::int64_t phrases_of(const char* where, const Tensor& t) {
    if (t.shape().rank() != 5)
        fail(where, "shape {}, expected rank 5: phrases, time, pitch, track, channel", t.shape().to_string());
    return t.shape()[0];
}

/// Throws Error naming the argument and the geometry unless t has the expected shape.
inline void require_shape(const char* where, const char* name, const Tensor& t, const Shape& expected,
                          const Conv3dGeometry& geometry) {
    if (!(t.shape() == expected))
        fail(where, "{} is {}, expected {} ({})", name, t.shape().to_string(), expected.to_string(),
             geometry.to_string());
}

}  // namespace tensor
