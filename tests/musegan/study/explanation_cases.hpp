// The critic updates that tests/fixtures/explanation.safetensors walks through (tests/fixtures/README.md,
// "explanation"): a small critic of each of the six models, and what it sees.
#pragma once

#include <vector>

#include "musegan/training/wgan_gp.hpp"
#include "tests/musegan/six_models.hpp"
#include "tests/musegan/training/replay.hpp"
#include "tests/support/fixture.hpp"

namespace support {

inline constexpr const char* explanation_fixture = "explanation";

/// The first critic of the model in f64, with enlarged weights.
inline musegan::Critic explanation_critic(const SmallModel& c) {
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
