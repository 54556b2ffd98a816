// What the filters ask of a song, whatever kind of file it came from.
#pragma once

#include <cstdint>
#include <string>

#include "musegan/phrase/chroma.hpp"
#include "musegan/phrase/midi_roll.hpp"

namespace musegan {

/// The meters in force while notes begin.
struct Meter {
    std::string text;   ///< "4/4", "none" (nothing is said: counted as 4/4), "3/4;4/4"
    std::string fault;  ///< the first meter that is not 4/4: "3/4 at tick 0, expected 4/4 throughout"; empty for none
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
    /// The song in cells of paper_shape, as datasets are, all but the drums moved by `transposition` semitones, bar
    /// lines on whole bars of the roll. Throws Error for a song longer than max_bars.
    virtual CountedRoll roll(int transposition) const = 0;
};

}  // namespace musegan
