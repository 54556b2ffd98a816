// The critic updates that tests/fixtures/explanation.safetensors walks through (tests/fixtures/README.md,
// "explanation"): a small critic of each of the six models, and what it sees.
#pragma once

#include <array>
#include <vector>

#include "musegan/training/wgan_gp.hpp"
#include "tests/musegan/training/replay.hpp"
#include "tests/support/fixture.hpp"

namespace support {

struct ExplanationCase {
    const char* name;  ///< in front of the names of its arrays: "composer/forward"
    musegan::MultiTrackModel model;
    musegan::Condition condition;
    double width;

    musegan::ModelConfig config() const { return {model, condition, width, {}, {}}; }
};

inline constexpr const char* explanation_fixture = "explanation";

inline constexpr std::array explanation_cases{
    ExplanationCase{"jamming", musegan::MultiTrackModel::jamming, musegan::Condition::none, 1.0 / 16},
    ExplanationCase{"jamming_given_drums", musegan::MultiTrackModel::jamming, musegan::Condition::drums, 1.0 / 8},
    ExplanationCase{"composer", musegan::MultiTrackModel::composer, musegan::Condition::none, 1.0 / 16},
    ExplanationCase{"composer_given_piano", musegan::MultiTrackModel::composer, musegan::Condition::piano, 1.0 / 8},
    ExplanationCase{"hybrid", musegan::MultiTrackModel::hybrid, musegan::Condition::none, 1.0 / 16},
    ExplanationCase{"hybrid_given_bass", musegan::MultiTrackModel::hybrid, musegan::Condition::bass, 1.0 / 8},
};

/// The first critic of the model in f64, with enlarged weights.
inline musegan::Critic explanation_critic(const ExplanationCase& c) {
    return Replay(replay_settings(c.config(), 1)).critics().front();
}

/// Two phrases of each kind in f64, of the tracks that the critic sees.
inline musegan::CriticBatch explanation_batch(const musegan::Critic& critic) {
    const musegan::PhraseShape shape = musegan::paper_shape;
    const tensor::Shape phrases{2, shape.steps(), shape.pitches, shape.tracks, 1};
    const musegan::CriticBatch batch{symmetric("explanation/real", phrases), symmetric("explanation/fake", phrases),
                                     tensor::Tensor::from(std::vector<double>{0.375, 0.75}, {2})};
    return batch.seen_by(critic);
}

}  // namespace support
