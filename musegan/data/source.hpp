// What the filters ask of a song, whatever kind of file it came from.
#pragma once

#include <cstdint>
#include <string>

#include "musegan/phrase/chroma.hpp"
#include "musegan/phrase/midi_roll.hpp"

namespace musegan {

/// The meters in force while notes begin, and what they do to the bars.
struct Meter {
    std::string text;               ///< "4/4", "none" (nothing is said: counted as 4/4), "3/4;4/4"
    std::string not_4_4;            ///< the first that is written otherwise: "2/2 at tick 0"; empty for none
    std::string foreign;            ///< the first bar without four quarters, but for an upbeat (BarLines::foreign)
    std::int64_t foreign_bars = 0;  ///< how many there are, an upbeat among them
};

/// A song on its way to phrases: source -> roll -> windows (cut_song). A kind of file becomes data by implementing
/// this.
class SongSource {
  public:
    virtual ~SongSource() = default;

    /// Notes in the song; with none, nothing else is asked.
    virtual std::int64_t note_count() const = 0;
    virtual Meter meter() const = 0;
    /// Of all notes but the drums and those without a family: what the key is estimated from.
    virtual Chroma chroma() const = 0;
    /// The stretches of bars of four quarters, in cells of paper_shape, as datasets are, all but the drums moved by
    /// `transposition` semitones, bar lines on whole bars of the roll. What lies beyond max_bars is left out.
    virtual CountedRoll roll(int transposition) const = 0;
    /// The same of the whole song in one stretch, an upbeat at the end of its first bar. Only of a song without foreign
    /// bars.
    virtual CountedRoll whole_roll() const = 0;
};

}  // namespace musegan
