// What the filters ask of a song, whatever kind of file it came from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "musegan/phrase/chroma.hpp"
#include "musegan/phrase/key.hpp"
#include "musegan/phrase/midi_roll.hpp"

namespace musegan {

/// The meters in force while notes begin, and what they do to the bars.
struct Meter {
    std::string text;               ///< "4/4", "none" (nothing is said: counted as 4/4), "3/4;4/4"
    std::string not_4_4;            ///< the first that is written otherwise: "2/2 at tick 0"; empty for none
    std::string foreign;            ///< the first bar without four quarters, but for an upbeat (BarLines::foreign)
    std::int64_t foreign_bars = 0;  ///< how many there are, an upbeat among them
    /// Why the song is none of the Lakh Pianoroll Dataset's cleansed ones, which have one time signature, of 4/4, in
    /// force from the first beat on: "no time signature", "3/4 at tick 0", "2 time signatures"; empty if it is.
    std::string not_cleansed{};
};

/// How a song becomes cells.
struct RollRequest {
    int transposition = 0;  ///< semitones, of all but the drums
    FamilyRule families = FamilyRule::paper;
    Timing timing = Timing::native;
};

/// A song on its way to phrases: source -> roll -> windows (cut_song). A kind of file becomes data by implementing
/// this.
class SongSource {
  public:
    virtual ~SongSource() = default;

    /// Notes in the song; with none, nothing else is asked.
    virtual std::int64_t note_count() const = 0;
    virtual Meter meter() const = 0;
    /// The key that the file names, if it names one and no other.
    virtual std::optional<Key> written_key() const { return std::nullopt; }
    /// Of all notes but the drums and those without a family: what the key is estimated from.
    virtual Chroma chroma(FamilyRule families) const = 0;
    /// The stretches of bars of four quarters, in cells of paper_shape, as datasets are, bar lines on whole bars of the
    /// roll. What lies beyond max_bars is left out.
    virtual CountedRoll roll(const RollRequest& request) const = 0;
    /// The same of the whole song in one stretch, as it is, an upbeat at the end of its first bar. Only of a song
    /// without foreign bars.
    virtual CountedRoll whole_roll() const = 0;
};

}  // namespace musegan
