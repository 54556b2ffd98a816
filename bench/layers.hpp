// The convolutions that the programs of this folder time: the tests' full-width table, with the least cost of each.
#pragma once

#include <string>
#include <vector>

#include "tensor/tensor.hpp"
#include "tests/support/cases.hpp"

namespace bench {

/// The rows that a layer sees for a batch. Layers of the bar generator and of the encoder see each of a phrase's four
/// bars as one row.
inline std::int64_t rows_of_batch(const support::Conv3dCase& each, std::int64_t batch) {
    return each.name.starts_with("bar ") || each.name.starts_with("encoder ") ? 4 * batch : batch;
}

/// Bytes of x, w and y in f32, each of which moves at least once.
inline double least_bytes(const tensor::Conv3dGeometry& geometry, std::int64_t rows) {
    return 4.0 * static_cast<double>(geometry.input_shape(rows).elements() + geometry.weight_shape().elements() +
                                     geometry.output_shape(rows).elements());
}

/// Which of the critic's layers write their outputs: every one, or all but the first, whose output is computed again
/// where it is read (tensor/conv3d_pair.hpp).
enum class CriticOutputs { every_layer, first_fused };

/// Bytes of the outputs of the critic's convolutions at full width, f32, on `batch` phrases.
inline double critic_output_bytes(std::int64_t batch, CriticOutputs outputs) {
    double bytes = 0;
    for (const support::Conv3dCase& each : support::full_width_conv3d_cases()) {
        if (!each.name.starts_with("critic ") || each.name.ends_with("one track")) continue;
        if (outputs == CriticOutputs::first_fused && each.name == "critic bars 2") continue;
        bytes += 4.0 * static_cast<double>(each.geometry.output_shape(batch).elements());
    }
    return bytes;
}

/// The least bytes that the ten passes of a critic update move when each pass writes those outputs once and reads them
/// once. They are proportional to the width, as the channels of the outputs are.
inline double critic_update_bytes(double width, std::int64_t batch, CriticOutputs outputs) {
    return 20.0 * width * critic_output_bytes(batch, outputs);
}

}  // namespace bench
