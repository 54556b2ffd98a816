// Music to a track of a song of any length: a track-conditional model makes the other tracks, four bars at a time
// (AAAI 2018, section 3.2).
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "musegan/music/sampling.hpp"
#include "musegan/phrase/pianoroll.hpp"

namespace musegan {

struct AccompanyOptions {
    Sampling sampling{};
    std::vector<int> keep{};  ///< tracks of the song that stand in place of the ones made
    /// Called with (phrases done, phrases in all). Throwing from it ends the work.
    std::function<void(std::int64_t, std::int64_t)> progress{};
};
/// All that text can say.
io::SettingList settings_of(AccompanyOptions& options);

/// The song's own given track with the tracks that the model makes to it, on the finest grid, as many bars as the song.
/// The given track and those of options.keep are the song's, cell for cell, whatever the grid of the model; of the rest
/// of the song nothing is used. z and z_i are drawn once, the vectors per bar anew for every phrase (four bars), so
/// that phrase k depends on the weights, the seed, k and its own four bars of the given track alone: a song that goes
/// on does not change what comes before. The first phrase has the random vectors of generate_phrases' first one.
///
/// Notes of the made tracks are held where one phrase ends and the next begins with the same pitch. Behind its last bar
/// the song is silence, and what the model makes there is left out. Memory beside the rolls does not grow with the
/// song.
///
/// Throws Error for options out of range, a model from scratch, a song on another grid than the finest or with other
/// pitches than the model's, and one without a note of the given track.
PianoRoll accompany(const Model& model, const PianoRoll& song, const AccompanyOptions& options = {});

/// Throws Error unless the model is given `track`, naming both; an empty name stands for the model's own.
void require_given(const ModelConfig& config, std::string_view track);
/// Throws Error("[name] ...") for a song without a note of the track that the model is given, saying which tracks it
/// has.
void require_given_notes(const ModelConfig& config, const PianoRoll& song, std::string_view name);

}  // namespace musegan
