// The paper's networks as tables of layers, line by line (AAAI 2018, online appendix). Channels are those of a config's
// width, layers in time those of its grid (table in README.md).
#pragma once

#include "layers/stack.hpp"
#include "musegan/networks/model_config.hpp"

namespace musegan {

/// G_temp: one vector [1, 1, 1, L] into one per bar, [4, 1, 1, L], time standing for the bar.
layers::Table temporal_generator_table(const ModelConfig& config, std::int64_t length);

/// G_bar: a vector [1, 1, 1, 128] into a bar of `track_count` tracks, [96, 84, M, 1] in (-1, 1). Every layer that is
/// transposed joins the map of `encoder` (empty: none) that has the size of what it reads.
layers::Table bar_generator_table(const ModelConfig& config, std::size_t track_count, const layers::Table& encoder);

/// E: a bar of the given track, [96, 84, 1, 1], into a map per layer, of 16 channels each: 96 x 7, 96 x 1, 32 x 1, and
/// 16, 8, 4, 2 x 1.
layers::Table encoder_table(const ModelConfig& config);

/// D: phrases of `track_count` tracks, [384, 84, M, 1], into a score, [1, 1, 1, 1].
layers::Table critic_table(const ModelConfig& config, std::size_t track_count);

/// A bar of `track_count` tracks of a config's shape.
layers::Volume bar_volume(const ModelConfig& config, std::size_t track_count);
/// A phrase of as many.
layers::Volume phrase_volume(const ModelConfig& config, std::size_t track_count);

}  // namespace musegan
