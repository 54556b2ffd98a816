// A training run small enough for a test: a narrow composer on a few synthetic phrases.
#pragma once

#include "musegan/data/midi_source.hpp"
#include "musegan/data/song.hpp"
#include "musegan/data/synth.hpp"
#include "musegan/training/training.hpp"

namespace support {

inline musegan::TrainingSettings small_settings() {
    musegan::TrainingSettings settings;
    settings.model.width = 1.0 / 32;
    settings.batch = 2;
    settings.critic_steps = 2;
    settings.seed = 7;
    return settings;
}

/// Packed phrases of one synthetic song.
inline std::vector<std::uint8_t> small_bits() {
    return musegan::cut_song(musegan::MidiSource(musegan::synthesize_song(3, 0))).phrases;
}

inline tensor::Tensor small_phrases() {
    const std::vector<std::uint8_t> bits = small_bits();
    return tensor::Tensor::from(
        bits, {static_cast<std::int64_t>(bits.size()) / musegan::bytes_per_phrase, musegan::bytes_per_phrase});
}

/// The values of every parameter, statistic and moment of a run, one after the other.
template <typename T>
std::vector<T> state_values(const musegan::Training& training) {
    std::vector<T> values;
    for (const auto& entry : training.state_tensors()) {
        const std::vector<T> part = entry.tensor.template values<T>();
        values.insert(values.end(), part.begin(), part.end());
    }
    return values;
}

}  // namespace support
