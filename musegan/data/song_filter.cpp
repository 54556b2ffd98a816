#include "musegan/data/song_filter.hpp"

#include "musegan/phrase/pianoroll.hpp"
#include "tensor/error.hpp"

namespace musegan {

void SongFilter::validate() const {
    if (min_tracks < 1 || min_tracks > n_tracks)
        tensor::fail("prepare", "at least {} active tracks, expected 1 to {}", min_tracks, n_tracks);
    if (min_active_bars < 1 || min_active_bars > bars_per_phrase)
        tensor::fail("prepare", "at least {} active bars, expected 1 to {}", min_active_bars, bars_per_phrase);
    if (max_phrases < 0) tensor::fail("prepare", "at most {} phrases per song, expected 0 (all) or more", max_phrases);
    for (const int track : required_tracks)
        if (track < 0 || track >= n_tracks)
            tensor::fail("prepare", "required track {}, expected 0 to {}", track, n_tracks - 1);
}

}  // namespace musegan
