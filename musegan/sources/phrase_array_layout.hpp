// What the axes of an array of phrases mean.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "musegan/phrase/phrase_shape.hpp"
#include "musegan/sources/track_order.hpp"

namespace musegan {

/// A sparse array may claim any number; sums over many files must fit.
inline constexpr std::int64_t max_array_phrases = std::int64_t{1} << 32;

struct ArrayLayout {
    std::vector<std::int64_t> shape{};
    std::int64_t phrases = 0;
    int steps_per_beat = 0;  ///< divides 24
    int pitches = 0;
    int lowest_pitch = 0;  ///< MIDI
    TrackOrder order{};

    int steps() const { return steps_per_beat * paper_shape.beats(); }
    /// Elements of one phrase.
    std::int64_t cells() const { return std::int64_t{steps()} * pitches * n_tracks; }
    /// Steps of the finest grid in one of this: 24 / steps_per_beat.
    int finest_steps() const { return PhraseShape::finest / steps_per_beat; }
};

/// Throws Error as PhraseArray does for a shape that is none of phrases. `order`: as ArrayOptions says.
ArrayLayout layout_of(const std::vector<std::int64_t>& shape, const std::optional<TrackOrder>& order,
                      std::string_view name);

}  // namespace musegan
