// The convolutions of the presets' networks, for tables that set libraries and algorithms side by side.
#pragma once

#include <string>
#include <vector>

#include "tests/support/update_cases.hpp"

namespace bench {

struct ConvolutionLayer {
    std::string name;  ///< "paper/critic.conv1"; with its rows where they are not those of the first of that name
    tensor::Conv3dGeometry geometry;
    std::int64_t rows = 1;  ///< that it sees in an update: phrases, or bars
};

/// Every convolution of the presets at full width, transposed ones too, for updates of `batch` phrases: found in the
/// calls of an update (support::update_cases). One of the same geometry and rows in an earlier preset is left out.
std::vector<ConvolutionLayer> convolution_layers(const std::vector<std::string>& presets, std::int64_t batch);

/// Bytes of x, w and y in f32, each of which moves at least once.
inline double least_bytes(const tensor::Conv3dGeometry& geometry, std::int64_t rows) {
    return 4.0 * static_cast<double>(geometry.input_shape(rows).elements() + geometry.weight_shape().elements() +
                                     geometry.output_shape(rows).elements());
}

}  // namespace bench
