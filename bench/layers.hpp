// The convolutions that the bench times: the tests' full-width table, with what each costs at least.
#pragma once

#include <string>
#include <vector>

#include "tensor/tensor.hpp"
#include "tests/support/cases.hpp"

namespace bench {

/// Rows of a batch in a layer: layers of the bar generator and of the encoder see each of a phrase's four
/// bars alone.
inline std::int64_t rows_of_batch(const support::Conv3dCase& each, std::int64_t batch) {
    return each.name.starts_with("bar ") || each.name.starts_with("encoder ") ? 4 * batch : batch;
}

/// Bytes of x, w and y in f32: each moves once at least.
inline double least_bytes(const tensor::Conv3dGeometry& geometry, std::int64_t rows) {
    return 4.0 *
           static_cast<double>(geometry.input_shape(rows).elements() + geometry.weight_shape().elements() +
                               geometry.output_shape(rows).elements());
}

/// Bytes of the outputs of the critic's convolutions at full width, f32, on `batch` phrases.
inline double critic_output_bytes(std::int64_t batch) {
    double bytes = 0;
    for (const support::Conv3dCase& each : support::full_width_conv3d_cases())
        if (each.name.starts_with("critic ") && !each.name.ends_with("one track"))
            bytes += 4.0 * static_cast<double>(each.geometry.output_shape(batch).elements());
    return bytes;
}

/// Bytes that the ten passes of a critic update move at least when each writes every layer's output once and
/// reads it once. Narrower networks: in proportion, since the output's channels are.
inline double critic_update_bytes(double width, std::int64_t batch) {
    return 20.0 * width * critic_output_bytes(batch);
}

}  // namespace bench
