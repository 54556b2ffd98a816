// Random tensors: the same stream gives the same numbers on every device.
#pragma once

#include "tensor/philox.hpp"
#include "tensor/tensor.hpp"

namespace tensor {

/// Uniform in [0, 1). Every operator here advances the stream by the blocks that it used.
Tensor random_uniform(RandomStream& stream, const Shape& shape, DType dtype = DType::f32,
                      Device device = Device::cpu());
/// Normal with mean 0.
Tensor random_normal(RandomStream& stream, const Shape& shape, double deviation, DType dtype = DType::f32,
                     Device device = Device::cpu());
/// Normal with mean 0, redrawn beyond two standard deviations; `deviation` is that of the normal before the cut.
Tensor random_truncated_normal(RandomStream& stream, const Shape& shape, double deviation, DType dtype = DType::f32,
                               Device device = Device::cpu());

}  // namespace tensor
