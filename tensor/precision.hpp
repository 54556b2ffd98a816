// How exactly products are computed.
#pragma once

#include "tensor/device.hpp"
#include "tensor/enum_names.hpp"

namespace tensor {

/// What products (matmul, conv3d) of f32 tensors may do to their operands. f32: nothing. tf32: round their fractions to
/// 10 bits, for tensor cores. Sums are f32 either way; f64 tensors and all other operators are not affected.
enum class Precision { f32, tf32 };
constexpr auto enum_names(Precision) { return std::array{"f32", "tf32"}; }

/// Throws Error, naming the device, if it has nothing that computes in this precision. Dry devices take any.
void require_precision(Precision precision, Device device);

}  // namespace tensor
