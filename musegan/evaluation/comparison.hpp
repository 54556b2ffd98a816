// New phrases beside the data's, in numbers: how near each number is, which of 16 marks are missed, and a table of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "musegan/evaluation/metrics.hpp"

namespace musegan {

/// How many new phrases a comparison takes, and how many of the data, where nobody says otherwise.
inline constexpr std::int64_t compared_phrases = 400, compared_data = 600;

/// How far from the data's a figure of the new phrases may be.
struct Tolerances {
    double empty_bars = 5.0;     ///< EB of a track: points that it may differ by
    double pitch_classes = 1.0;  ///< UPC of a pitched track: pitch classes that it may differ by
    double notes_factor =
        1.5;                   ///< notes per bar of a track: at most this many times the data's, at least one such part
    double notes_added = 0.1;  ///< to both before they are compared, so that tracks that hardly play can agree
    double bass_polyphony = 10.0;  ///< polyphony of the bass, %, at most, whatever the data's
    double distance_share = 0.8;   ///< distance of two phrases: at least this share of the data's
    double tonal_factor = 1.1;     ///< TD of a pair of tracks: at most this many times the data's (a fact, not a mark)
};

/// What a figure is to be: from `least` to `most`, both included.
struct Wanted {
    double least = 0.0, most = 0.0;
};

/// One figure of the new phrases and what it was to be.
struct Mark {
    std::string name;  ///< "bass EB", "guitar UPC", "drums notes", "bass poly", "distance"
    double got = 0.0;  ///< nan where the new phrases had nothing to measure
    Wanted wanted;
    bool met = false;  ///< got is as wanted; where there was nothing to measure, if the data had nothing either
};

/// A sentence about the new phrases that their figures confirm or not.
struct Fact {
    std::string name;  ///< "bass lowest"
    bool holds = false;
    std::string figures;  ///< those that decide: "36.1; the lowest of the others is guitar with 52.0"
};

struct Comparison {
    Metrics data, made;
    /// 16: EB and notes per bar of each track, UPC of each pitched track, polyphony of the bass, distance.
    std::vector<Mark> marks;
    /// "bass lowest": its mean pitch is below that of each other pitched track. "bass mostly of one voice": its
    /// polyphony is as its mark wants. "chords that share pitches": TD of each pair is at most the data's times
    /// Tolerances::tonal_factor.
    std::vector<Fact> facts;

    std::int64_t missed() const;
    /// Whether there is a mark of that name that is missed.
    bool misses(std::string_view name) const;
};

Comparison compare(const Metrics& made, const Metrics& data, const Tolerances& tolerances = {});
/// The same of what `measure` says. Throws Error for phrases of different shapes, and where there are none.
Comparison compare(const PhraseView& made, const PhraseView& data, const Tolerances& tolerances = {});

/// "3 of 16 marks missed: bass EB, bass notes, distance", in one line however long.
std::string missed_line(const Comparison& comparison);

/// Per track EB, UPC, notes per bar, mean pitch and polyphony of the data and of the new phrases, then TD, drums on
/// 8ths and distance, what the columns mean, missed_line and the facts. A figure that misses its mark has a * behind
/// it, and "-" stands where there was nothing to measure. At most 100 columns but for missed_line.
std::string comparison_table(const Comparison& comparison);

}  // namespace musegan
