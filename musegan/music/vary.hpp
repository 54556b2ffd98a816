// Variants of a phrase in which some tracks are drawn anew.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "musegan/music/files.hpp"
#include "musegan/music/sampling.hpp"

namespace musegan {

struct VaryOptions {
    std::int64_t phrases = 8;
    std::vector<int> redraw{};  ///< the tracks whose private vectors are drawn anew
    Sampling sampling{};
    std::function<void(std::int64_t)> progress{};  ///< called with the phrases done; throwing from it ends the work
};
/// All that text can say.
io::SettingList settings_of(VaryOptions& options);

/// Variants of the first phrase of generate_phrases. Variant 0 is that phrase; in variant k the private vectors, z_i
/// and z_it, of the tracks options.redraw are those of phrase k of generate_phrases, and all else is as it was: the
/// other random vectors, the given track, and the chance where sampling.binarize is by chance. Since each track has a
/// generator of its own, the other tracks do not change by a cell. In a jamming model the tracks drawn anew are those
/// of phrase k; in a hybrid one they are new parts to the same shared vectors. Throws Error for options out of range,
/// for tracks that require_private_vectors refuses, and for a track-conditional model without phrases to be given.
PackedPhrases vary(const Model& model, const VaryOptions& options, std::optional<PhraseView> given = std::nullopt);

/// Throws Error unless there is a track to redraw and the model has private vectors for each: a composer has none, and
/// no model has any for its given track.
void require_private_vectors(const ModelConfig& config, const std::vector<int>& redraw);

/// Names and captions of the phrases: variant_000 and "the phrase", variant_001 and "variant 1: bass,drums redrawn".
PhraseSheet sheet_of(const VaryOptions& options);

}  // namespace musegan
