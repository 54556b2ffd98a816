// New phrases, each from random vectors of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "musegan/music/sampling.hpp"

namespace musegan {

struct GenerateOptions {
    std::int64_t phrases = 8;
    Sampling sampling{};
    std::function<void(std::int64_t)> progress{};  ///< called with the phrases done; throwing from it ends the work
};
/// All but the progress.
io::SettingList settings_of(GenerateOptions& options);

/// Phrases from random vectors of the seed, with running batch-norm statistics. A track-conditional model is given, for
/// each, that track of one of the phrases `given`, drawn by the seed; they are of the model's shape or the same on the
/// finest grid. Phrase k depends on the weights, the seed, `given` and k alone, not on how many are made. Throws Error
/// for options out of range, and for a track-conditional model without phrases to be given.
PackedPhrases generate_phrases(const Model& model, const GenerateOptions& options,
                               std::optional<PhraseView> given = std::nullopt);

}  // namespace musegan
