// Phrases on the way between points of the latent space: what lies between two phrases, or four.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "musegan/music/files.hpp"
#include "musegan/music/sampling.hpp"

namespace musegan {

struct InterpolateOptions {
    std::int64_t steps = 8;
    bool grid = false;  ///< steps x steps phrases between four points instead of `steps` phrases between two
    Way way = Way::spherical;
    Sampling sampling{};
    std::function<void(std::int64_t)> progress{};  ///< called with the phrases done; throwing from it ends the work

    std::int64_t phrases() const { return grid ? steps * steps : steps; }
    /// Throws Error for a value out of its range (settings_of), and for a grid of more phrases than a picture shows.
    void validate() const;
};
/// All that text can say.
io::SettingList settings_of(InterpolateOptions& options);

/// The line: phrase k has the latents between(p1, p2, t, way) with t = k / (steps - 1). The grid: in row i and column j
/// those of between({p1, p2, p3, p4}, s, t, way) with s = j / (steps - 1) and t = i / (steps - 1), row after row; its
/// corners are p1 and p2 above, p3 and p4 below. Point pk has the random vectors of phrase k of generate_phrases.
///
/// All phrases are made to the track that the first phrase of generate_phrases is given, where the model is given one,
/// and meet the same chance where sampling.binarize is by chance: from phrase to phrase the latents alone change. So
/// the first phrase is that of generate_phrases, and with a model from scratch and a threshold the other ends are, too.
/// Throws Error for options that do not validate, and for a track-conditional model without phrases to be given.
PackedPhrases interpolate(const Model& model, const InterpolateOptions& options,
                          std::optional<PhraseView> given = std::nullopt);

/// Names and captions of the phrases: point_001 and "t = 0.143", or point_1_2 (row, column) and "s = 0.143, t = 0".
PhraseSheet sheet_of(const InterpolateOptions& options);

}  // namespace musegan
