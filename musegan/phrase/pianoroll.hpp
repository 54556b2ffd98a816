// The piano-roll: what a phrase is, cell by cell, and the way from MIDI notes to cells and back.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "io/midi.hpp"
#include "musegan/phrase/tracks.hpp"

namespace musegan {

static_assert(std::endian::native == std::endian::little, "packed phrases are read as little-endian words");

inline constexpr int steps_per_beat = 24;
inline constexpr int beats_per_bar = 4;
inline constexpr int steps_per_bar = steps_per_beat * beats_per_bar;
inline constexpr int bars_per_phrase = 4;
inline constexpr int steps_per_phrase = steps_per_bar * bars_per_phrase;
inline constexpr int lowest_pitch = 24;  ///< MIDI C1
inline constexpr int n_pitches = 84;     ///< up to MIDI 107, B7
inline constexpr int cells_per_step = n_pitches * n_tracks;
inline constexpr std::int64_t bits_per_phrase = std::int64_t{steps_per_phrase} * cells_per_step;
inline constexpr std::int64_t bytes_per_bar = std::int64_t{steps_per_bar} * cells_per_step / 8;
inline constexpr std::int64_t bytes_per_phrase = bits_per_phrase / 8;  ///< 20,160
inline constexpr std::int64_t max_bars =
    4096;  ///< over two hours; a longer song is a stray event, and is refused

/// Cells that are on or off, of any length: steps x 84 pitches x 5 tracks, row-major in that order, one bit a
/// cell, lowest bit of a byte first. `pitch` is an index: MIDI pitch minus lowest_pitch. Bars begin on whole
/// bytes, so that a phrase of a song is a plain range of its bytes.
class PianoRoll {
  public:
    /// All off. Throws Error for a negative length or one beyond max_bars.
    explicit PianoRoll(std::int64_t steps = 0);
    /// Copies packed cells: ceil(steps * 420 / 8) bytes. Throws Error for another size or for bits set past
    /// the end.
    PianoRoll(std::int64_t steps, std::span<const std::uint8_t> bits);

    std::int64_t steps() const { return steps_; }
    std::span<const std::uint8_t> bits() const { return bits_; }
    /// Throws Error outside the roll.
    bool at(std::int64_t step, int pitch, int track) const;
    void set(std::int64_t step, int pitch, int track, bool on = true);
    /// Turns on [begin, end) at one pitch. Throws Error outside the roll.
    void set_run(std::int64_t begin, std::int64_t end, int pitch, int track);
    /// The same cells in a roll of another length: cut, or filled with silence.
    PianoRoll resized(std::int64_t steps) const;
    /// Packed bytes of 4 bars from bar `bar` on: a phrase. Throws Error where the roll does not hold them
    /// all.
    std::span<const std::uint8_t> phrase_bits(std::int64_t bar) const;

    bool operator==(const PianoRoll&) const = default;

  private:
    std::int64_t index(std::int64_t step, int pitch, int track) const;

    std::int64_t steps_ = 0;
    std::vector<std::uint8_t> bits_;
};

/// Calls visit(step, pitch, track) for every cell that is on, in storage order; time grows with the cells
/// that are on.
template <typename Visit>
void for_each_cell(std::span<const std::uint8_t> bits, Visit&& visit) {
    for (std::size_t byte = 0; byte < bits.size(); byte += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, bits.data() + byte, std::min<std::size_t>(8, bits.size() - byte));
        for (; word != 0; word &= word - 1) {
            const auto bit = static_cast<std::int64_t>(byte * 8) + std::countr_zero(word);
            const int cell = static_cast<int>(bit % cells_per_step);
            visit(bit / cells_per_step, cell / n_tracks, cell % n_tracks);
        }
    }
}

/// A note of a roll: a maximal run of on-cells [begin, end) at one pitch of one track.
struct Run {
    std::int64_t begin = 0;
    std::int64_t end = 0;
    int pitch = 0;
    int track = 0;
    std::int64_t length() const { return end - begin; }
    bool operator==(const Run&) const = default;
};

/// All runs of packed cells, sorted by (begin, track, pitch).
std::vector<Run> note_runs(std::span<const std::uint8_t> bits);

/// What became of a file's notes.
struct NoteCounts {
    std::int64_t notes = 0;      ///< in the file
    std::int64_t kept = 0;       ///< in the roll
    std::int64_t too_short = 0;  ///< pitched, under two steps (a 1/12 beat), or struck again so soon
    std::int64_t out_of_range =
        0;  ///< outside pitches 24 to 107, as the Lakh pipeline crops; never folded by octaves
    std::int64_t no_family = 0;  ///< a program that family_of leaves out
};

struct RollFromMidi {
    PianoRoll roll;  ///< whole bars, as many as the last kept note needs
    NoteCounts counts;
};

/// floor(tick * 24 / ticks_per_quarter + 1/2): symbolic time, no tempo. Throws Error beyond max_bars.
std::int64_t step_of(std::int64_t tick, int ticks_per_quarter);

/// The roll of a song (musegan.md 1). With a note's onset and offset rounded to steps a and b:
///   drums        the one cell a;
///   the others   the cells [a, b - 1): the last step is the enforced rest, so a quarter note fills 23 cells
///   and two
///                quarters of one pitch stay two. b - a < 2 leaves no cell, and the note is counted as too
///                short; b - a of 2 or 3 gives 1 or 2 cells, so a staccato 16th stays a note.
/// A note that one instrument (MIDI track and channel) strikes again before its end ends there, as on the
/// instrument. Instruments of one family are merged by logical or. `transpose` moves all but the drums by
/// semitones. Bars count from `origin_tick`; notes that begin before it are left out as out of range.
/// `midi.notes` must be sorted by onset, as io::MidiFile says. Throws Error when the song is longer than
/// max_bars.
RollFromMidi roll_from_midi(const io::MidiFile& midi, int transpose = 0, std::int64_t origin_tick = 0);

struct MidiFromRoll {
    double tempo = 120.0;  ///< beats a minute, 4 to 1000
    int velocity = 100;    ///< 1 to 127
};

/// MIDI of a roll: 480 ticks a quarter (20 a step), 4/4, one named MIDI track a family that sounds. A run [a,
/// b) becomes a note from step a to step b + 1, the inverse of the rest that reading enforces; the next run
/// of that pitch cannot begin before b + 1, so roll_from_midi(midi_from_roll(roll)) has the very cells of
/// `roll` (its length is the whole bars up to the last note). Every drum cell becomes a hit, heard until the
/// next one or for a 16th at most.
io::MidiFile midi_from_roll(const PianoRoll& roll, const MidiFromRoll& options = {});

/// `phrases` (each bytes_per_phrase packed bytes, one after the other) as one roll, `gap_bars` silent bars
/// between them. Without a gap, a note held over the seam is one note. Throws Error for a size that is no
/// multiple of a phrase.
PianoRoll join_phrases(std::span<const std::uint8_t> phrases, std::int64_t gap_bars = 0);

}  // namespace musegan
