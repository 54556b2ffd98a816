// How far a set is from the data, and how far is near.
#pragma once

#include <array>
#include <cstddef>

#include "musegan/evaluation/evaluation.hpp"

namespace musegan {

/// The papers' groups of metrics, in the order of their tables.
inline constexpr std::array distance_groups{"EB", "UPC", "QN", "DP", "TD"};

/// A number of each of distance_groups.
using GroupNumbers = std::array<double, distance_groups.size()>;

/// How far a set is from the data: the mean over a group's columns of |value - the data's value|, over those columns in
/// which both have one; nan where none has.
GroupNumbers distances(const EvaluatedSet& set, const EvaluatedSet& data);

/// How many times as far from the data as other songs of its kind, the noise floor: distances(set, data) /
/// distances(held_out, data), both over the columns in which all three have a value. nan where there is no such column,
/// and where the floor is 0.
GroupNumbers times_floor(const EvaluatedSet& set, const EvaluatedSet& data, const EvaluatedSet& held_out);

/// A kind of histogram that each track has.
struct HistogramKind {
    const char* name;  ///< in files: "length"
    const char* text;  ///< in sentences: "note length"
    Histogram TrackMetrics::*histogram;
    bool of_drums;  ///< whether drums have it
};
inline constexpr std::array histogram_kinds{HistogramKind{"length", "note length", &TrackMetrics::lengths, false},
                                            HistogramKind{"pitch", "pitch", &TrackMetrics::pitches_of_notes, true},
                                            HistogramKind{"density", "notes per bar", &TrackMetrics::densities, true}};

/// The area that a histogram of a set shares with the data's (overlap), %; nan where one of them is empty, and for a
/// track that a model is given.
double shared_area(const EvaluatedSet& set, const EvaluatedSet& data, const HistogramKind& kind, std::size_t track);

}  // namespace musegan
