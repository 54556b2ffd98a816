// How exactly products are computed.
#pragma once

#include "tensor/device.hpp"
#include "tensor/enum_names.hpp"

namespace tensor {

/// What products (matmul, conv3d) of f32 tensors may do to their operands. f32: nothing. tf32: round their fractions to
/// 10 bits, for tensor cores. bf16: round them to bfloat16 (bf16.hpp), 7 bits of fraction, for a processor's own
/// products of these. Sums are f32 in each; tensors of other types and all other operators are not affected.
enum class Precision { f32, tf32, bf16 };
constexpr auto enum_names(Precision) { return std::array{"f32", "tf32", "bf16"}; }
inline constexpr std::array every_precision{Precision::f32, Precision::tf32, Precision::bf16};

/// Throws Error, naming the device and what it computes in, if that is not this precision. Dry devices take any.
void require_precision(Precision precision, Device device);

}  // namespace tensor
