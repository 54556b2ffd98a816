// What phrases are like, in the papers' numbers (AAAI 2018, section 5: EB, UPC, QN, DP, TD), measured on packed
// phrases.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "io/settings.hpp"
#include "musegan/evaluation/mean.hpp"
#include "musegan/phrase/histogram.hpp"
#include "musegan/phrase/phrase_sequence.hpp"

namespace musegan {

/// Which pitches are one class.
enum class ChromaFold {
    pitch_class,  ///< pitch mod 12
    as_released,  ///< pitch index div the number of octaves (7 in the paper), as in the authors' published code; no
                  ///< pitch classes, but comparable to their tables
};
constexpr auto enum_names(ChromaFold) { return std::array{"pitch-class", "as-released"}; }

/// Steps are those of the finest grid, 24ths of a beat, whatever the grid of the phrases: for QN and DP a note or a hit
/// of a coarser grid is measured as expand (phrase/grid.hpp) would write it. All else counts the cells as they are.
struct MetricOptions {
    int qualified_steps = 3;      ///< a note of at least this many steps is qualified (paper 3, 2017 code 2)
    double drum_tolerance = 0.3;  ///< weight of a hit one step off the pattern (2017 code 0.3, 2018 code 0.1)
    int drum_shifts = 6;          ///< the best of this many shifts counts, bar by bar (2018 code: 1)
    ChromaFold fold = ChromaFold::pitch_class;

    /// Throws Error for a value out of its range (settings_of).
    void validate() const;
};
/// All of them: fold, qn_threshold, drum_tolerance, drum_shifts.
io::SettingList settings_of(MetricOptions& options);

struct TrackMetrics {
    Mean empty_bars;     ///< EB: bars without a cell, %, over all bars
    Mean pitch_classes;  ///< UPC: pitch classes used in a bar, over the bars that are not empty
    Mean pitches;        ///< pitches used in a bar, over the same
    /// QN: notes of at least qualified_steps, %, over all notes. Nothing on a coarser grid on which the shortest note
    /// qualifies, r - 1 >= qualified_steps with r = 24 / steps per beat: there it would say 100 % of anything.
    Mean qualified_notes;
    Mean polyphony;      ///< steps with two pitches or more, %, over all steps at which the track sounds
    Mean monophony;      ///< steps with one pitch, %, over the same: 100 % less polyphony
    Mean in_scale;       ///< cells of a bar in C major (fold pitch_class), %, over the bars that are not empty
    Mean pitch;          ///< mean MIDI pitch of a note, over all notes
    Mean notes_per_bar;  ///< onsets, over all bars

    Histogram lengths;           ///< of notes, in steps of the phrases' grid; none of drums, whose notes are hits
    Histogram pitches_of_notes;  ///< MIDI pitches
    Histogram densities;         ///< of bars: notes that begin in each
};

/// Pairs of pitched tracks for TD, in the papers' order: B-G, B-S, B-P, G-S, G-P, S-P.
inline constexpr std::array<std::pair<int, int>, 6> tonal_pairs{{{0, 2}, {0, 4}, {0, 3}, {2, 4}, {2, 3}, {4, 3}}};
inline constexpr std::array<const char*, 6> tonal_pair_names{"B-G", "B-S", "B-P", "G-S", "G-P", "S-P"};

struct Metrics {
    std::int64_t phrases = 0;
    std::array<TrackMetrics, n_tracks> tracks;
    /// DP: share of a bar's onsets on the pattern of 16ths, %, over bars with a drum onset. Nothing on a grid of 16ths
    /// (4 steps per beat), on which there is no other place. At 8 and 12 steps per beat fewer places are off the
    /// pattern than at 24, so figures compare on one grid only.
    Mean drum_pattern;
    /// Drum onsets on the 8ths of a bar (steps that are a multiple of half a beat), %, over all drum onsets. Measurable
    /// on every grid.
    Mean drums_on_eighths;
    std::array<Mean, 6> tonal_distance;  ///< TD of tonal_pairs, over the beats in which both tracks sound
    Mean distance;                       ///< pairwise_distance (distance.hpp)
};

/// All metrics of phrases. Notes are those of note_runs inside their phrase; the onsets of a bar are the beginnings of
/// notes. Each Mean counts phrases as its groups. Throws Error for options out of range.
Metrics measure(const PhraseSequence& phrases, const MetricOptions& options = {});

/// The metrics as a table of text: one row per track, then drums, distance and TD; "-" where there was nothing to
/// measure.
std::string metrics_table(const Metrics& metrics);

}  // namespace musegan
