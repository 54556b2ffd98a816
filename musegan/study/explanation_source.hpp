// What an explanation is about: a critic of a run or a fresh one, real phrases, and phrases that the model makes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "musegan/study/explanation_run.hpp"
#include "musegan/training/training.hpp"

namespace musegan {

struct ExplanationSource {
    std::filesystem::path run;   ///< of a training run, whose weights are taken; empty: fresh weights of `settings`
    TrainingSettings settings;   ///< without a run: the networks and the objective; always: the device
    std::filesystem::path data;  ///< a dataset; empty: a song by rule (synth.hpp)
    std::int64_t phrase = 0;     ///< the first one that is taken of it, from 0
    std::int64_t phrases = 1;    ///< how many, and as many generated ones
    std::string critic;          ///< the track of a critic of one track; "": the first critic
    std::uint64_t seed = 0;      ///< of z and alpha, of fresh weights, and of the song by rule
};

/// Small networks for whoever has no run: the paper's at a sixteenth of its width, on a grid of 16ths. Their weights
/// start such that values keep their size from layer to layer (WeightStart::fan_in): with the published start slopes of
/// so narrow a critic vanish, and there would be nothing to see.
TrainingSettings small_settings();

/// What a source says, made: its critics with their weights, and a batch for an update.
struct PreparedUpdate {
    Training training;
    std::size_t index = 0;        ///< of the critic
    CriticBatch batch;            ///< whole phrases
    std::string real, generated;  ///< where they come from, in words

    const Critic& critic() const { return training.critics()[index]; }
};
/// With numbers of that type. Throws Error for a run without a model or with a damaged one, data of another shape than
/// the model's, phrases that are not there, and a critic that the model does not have.
PreparedUpdate prepare_update(const ExplanationSource& source, DType dtype);

/// Explains a critic update of what the source says, in f64. Throws Error as prepare_update and explain_update do.
Explanation explain_source(const ExplanationSource& source, ExplainOptions options = {});

}  // namespace musegan
