// How exactly products are computed: one value for the process, set for a while by whoever runs something.
#pragma once

#include <string_view>

#include "tensor/device.hpp"

namespace tensor {

/// What products (matmul, conv3d) of f32 tensors may do to their operands. f32: nothing. tf32: round their fractions to
/// 10 bits, for tensor cores. Sums are f32 either way; f64 tensors and all other operators are not affected.
enum class Precision { f32, tf32 };

constexpr const char* name_of(Precision precision) { return precision == Precision::tf32 ? "tf32" : "f32"; }
/// "f32" or "tf32"; throws Error("[where] ...") for anything else.
Precision precision_from(std::string_view text, std::string_view where = "precision");

/// Throws Error, naming the device, if it has nothing that computes in this precision. Dry devices take any.
void require_precision(Precision precision, Device device);

/// The current value; f32 unless a PrecisionScope is alive.
Precision precision();

/// Sets the value for its own lifetime, for all threads.
class PrecisionScope {
  public:
    explicit PrecisionScope(Precision precision);
    ~PrecisionScope();
    PrecisionScope(const PrecisionScope&) = delete;
    PrecisionScope& operator=(const PrecisionScope&) = delete;

  private:
    Precision previous_;
};

}  // namespace tensor
