// A training run small enough for a test: a narrow model on a few synthetic phrases.
#pragma once

#include <vector>

#include "musegan/data/song.hpp"
#include "musegan/data/synth.hpp"
#include "musegan/phrase/grid.hpp"
#include "musegan/sources/midi_source.hpp"
#include "musegan/training/training.hpp"

namespace support {

inline musegan::TrainingSettings small_settings(int steps_per_beat = musegan::PhraseShape::finest) {
    musegan::TrainingSettings settings;
    settings.model.shape.steps_per_beat = steps_per_beat;
    settings.model.width = 1.0 / 32;
    settings.batch = 2;
    settings.critic_steps = 2;
    settings.seed = 7;
    return settings;
}

inline musegan::ModelConfig model_of(musegan::MultiTrackModel model,
                                     musegan::Condition condition = musegan::Condition::none) {
    musegan::ModelConfig config;
    config.model = model;
    config.condition = condition;
    return config;
}

/// The six models: three multi-track ones, from scratch and given a track, each another one.
inline std::vector<musegan::ModelConfig> six_models() {
    using musegan::Condition;
    using musegan::MultiTrackModel;
    return {model_of(MultiTrackModel::jamming),  model_of(MultiTrackModel::jamming, Condition::drums),
            model_of(MultiTrackModel::composer), model_of(MultiTrackModel::composer, Condition::piano),
            model_of(MultiTrackModel::hybrid),   model_of(MultiTrackModel::hybrid, Condition::bass)};
}

/// A small run of one of them.
inline musegan::TrainingSettings small_settings_of(const musegan::ModelConfig& model) {
    musegan::TrainingSettings settings = small_settings(model.shape.steps_per_beat);
    settings.model.model = model.model;
    settings.model.condition = model.condition;
    settings.critic_steps = 1;
    return settings;
}

/// Phrases of one synthetic song.
inline musegan::PackedPhrases small_song(int steps_per_beat = musegan::PhraseShape::finest) {
    return musegan::reduce(musegan::cut_song(musegan::MidiSource(musegan::synthesize_song(3, 0))).phrases,
                           steps_per_beat);
}

/// The same as Training takes them.
inline tensor::Tensor small_phrases(int steps_per_beat = musegan::PhraseShape::finest) {
    const musegan::PackedPhrases song = small_song(steps_per_beat);
    return tensor::Tensor::from(song.bits, {song.count(), song.shape.bytes()});
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
