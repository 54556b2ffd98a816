// The shape of a phrase as one value: how time, pitch and tracks are cut into cells. Datasets, checkpoints, models,
// metrics, figures and MIDI carry it and check it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "musegan/phrase/tracks.hpp"

namespace io {
class SettingList;
}

namespace musegan {

/// A phrase is bars x steps x pitches x tracks cells. Time is cut into equal steps; the meter is 4/4.
struct PhraseShape {
    static constexpr int beats_per_bar = 4;
    /// Steps per beat of the finest grid, on which datasets are kept; every other grid divides it.
    static constexpr int finest = 24;
    static constexpr std::array grids{4, 8, 12, finest};

    int bars = 4;
    int steps_per_beat = finest;  ///< one of grids
    int lowest_pitch = 24;        ///< MIDI C1
    int pitches = 84;             ///< up to MIDI 107, B7
    int tracks = n_tracks;

    constexpr int beats() const { return bars * beats_per_bar; }
    constexpr int steps_per_bar() const { return steps_per_beat * beats_per_bar; }
    constexpr int steps() const { return steps_per_bar() * bars; }
    /// Steps of the finest grid in a step of this one: 24 / steps_per_beat.
    constexpr int finest_steps() const { return finest / steps_per_beat; }
    constexpr int octaves() const { return pitches / 12; }
    constexpr int cells_per_step() const { return pitches * tracks; }
    constexpr std::int64_t cells() const { return std::int64_t{steps()} * cells_per_step(); }
    /// Of packed cells, one bit each. Bars are whole bytes for every shape that validates.
    constexpr std::int64_t bytes_per_bar() const { return std::int64_t{steps_per_bar()} * cells_per_step() / 8; }
    constexpr std::int64_t bytes() const { return bytes_per_bar() * bars; }

    /// The same bars, pitches and tracks with another number of steps per beat.
    constexpr PhraseShape on_grid(int other_steps_per_beat) const {
        PhraseShape other = *this;
        other.steps_per_beat = other_steps_per_beat;
        return other;
    }

    /// "4 bars, 24 steps per beat, pitches 24 to 107, bass,drums,guitar,piano,strings".
    std::string to_string() const;
    /// Throws Error("[where] ...") for a grid other than 4, 8, 12 or 24 steps per beat, bars outside 1 to 64, pitches
    /// that are no whole octaves from a C on or lie outside MIDI's 0 to 127, and another number of tracks than five.
    void validate(std::string_view where) const;

    bool operator==(const PhraseShape&) const = default;
};

/// How files say it: resolution (steps per beat), bars, lowest_pitch, pitches, track_names.
io::SettingList settings_of(PhraseShape& shape);

/// That of AAAI 2018, section 4: 4 x 96 x 84 x 5 cells, 20,160 bytes.
inline constexpr PhraseShape paper_shape{};

}  // namespace musegan
