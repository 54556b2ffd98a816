// The axes of histograms: where whole numbers stand, which of them share a bin, and what a musician calls them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "musegan/phrase/histogram.hpp"

namespace musegan {

/// How often numbers from `begin` to `end` - 1 occurred.
std::int64_t between(const Histogram& histogram, std::int64_t begin, std::int64_t end);
/// The least number such that at least 99.5 % of all are not above it; `first` - 1 for an empty histogram.
std::int64_t nearly_last(const Histogram& histogram);

/// An axis of whole numbers from `low` to `high`, `pixels` long. Number k takes the pixels from edge(k) to edge(k + 1)
/// - 1, counted from the left end: as many for each or, if `doubles`, as many for every doubling of k + shift (above
/// 0).
struct NumberAxis {
    std::int64_t low = 0;
    std::int64_t high = 0;
    int pixels = 0;
    bool doubles = false;
    std::int64_t shift = 0;

    int edge(std::int64_t number) const;
    /// The pixel in the middle of those that a number takes.
    int middle(std::int64_t number) const { return (edge(number) + edge(number + 1) - 1) / 2; }
};

/// Numbers that are counted together since each alone would be narrower than `least` pixels: the first one of every
/// bin, and one beyond the last. The last bin may be narrower.
std::vector<std::int64_t> bins_of(const NumberAxis& axis, int least);

/// A number with a name.
struct NumberTick {
    std::int64_t number = 0;
    std::string label;
};

/// Every C from MIDI pitch `low` to `high`: "C4" is middle C, pitch 60.
std::vector<NumberTick> pitch_ticks(std::int64_t low, std::int64_t high);

/// Steps that a note of each length lasts, up to `high`: "16th", "8th", "quarter", "half", "bar", "2 bars", "4 bars"
/// and so on. On the finest grid, where a note leaves its last step silent, one less than it is long (length_shift).
std::vector<NumberTick> length_ticks(int steps_per_beat, std::int64_t high);
std::int64_t length_shift(int steps_per_beat);

/// Round numbers from `low` to `high`, about five.
std::vector<NumberTick> number_ticks(std::int64_t low, std::int64_t high);

}  // namespace musegan
