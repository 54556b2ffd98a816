// From MIDI notes to the cells of a piano-roll, and back.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "io/midi.hpp"
#include "musegan/phrase/bar_lines.hpp"
#include "musegan/phrase/grid.hpp"
#include "musegan/phrase/tracks.hpp"

namespace musegan {

/// What became of a song's notes.
struct NoteCounts {
    std::int64_t notes = 0;  ///< in the song
    std::int64_t kept = 0;   ///< in the roll of the finest grid
    std::int64_t too_short =
        0;  ///< pitched and shorter than two steps of the finest grid (1/12 beat), or struck again so soon
    std::int64_t no_family = 0;  ///< of a program that family_of leaves out
    /// Outside the shape's pitches; cropped as in the Lakh pipeline, not folded by octaves.
    std::int64_t out_of_range = 0;
    std::int64_t in_foreign_bars = 0;  ///< and elsewhere outside the stretches of bars
    std::int64_t too_late = 0;         ///< beyond max_bars

    NoteCounts& operator+=(const NoteCounts& more);
};

/// A roll and what became of the notes that it was made of.
struct CountedRoll {
    PianoRoll roll;  ///< whole bars, as many as the last kept note needs, at most max_bars
    NoteCounts counts;
    ReductionCounts reduction{};              ///< zero on the finest grid
    std::vector<std::int64_t> first_bars{0};  ///< the bars of the roll at which a stretch begins
};

/// floor(tick * 24 / ticks_per_quarter + 1/2): symbolic time, tempo does not matter. The tick may be negative.
std::int64_t step_of(std::int64_t tick, int ticks_per_quarter);

/// How times become steps.
enum class Timing {
    native,  ///< to the nearest step, exactly (roll_from_midi)
    lpd,     ///< as the Lakh Pianoroll Dataset's converter did
};
constexpr auto enum_names(Timing) { return std::array{"native", "lpd"}; }

struct RollFromMidi {
    PhraseShape shape{};
    int transpose = 0;                   ///< semitones, of all but the drums
    std::vector<Stretch> stretches{{}};  ///< of bars, in time (bar_lines.hpp): what becomes the roll
    FamilyRule families = FamilyRule::paper;
};

/// The roll of a song in symbolic time, as the AAAI 2018 paper has it, on the finest grid. With a note's onset and
/// offset rounded to steps a and b, counted from where the bars of its stretch begin:
///     drums        the one cell a
///     the others   the cells [a, b - 1): the last step is the enforced rest, so that two notes of one pitch stay two.
///                  A quarter note fills 23 cells. b - a of 2 or 3 gives 1 or 2 cells: a staccato 16th stays a note.
///                  b - a < 2 leaves no cell: the note is counted as too short.
/// A note that one instrument (MIDI track and channel) strikes again before its end ends there, as on the instrument.
/// Instruments of one family are merged by logical or. On a coarser grid it is this roll, reduced.
///
/// The stretches follow one another in the roll; what sounds between them is left out. A pitched note that lasts over
/// the end of a stretch sounds to that end, and one that lasts into the next stretch sounds from its beginning on, as
/// notes do that last over the edge of a window; it does not go on in a third, so that no note costs more than two.
/// `midi.notes` must be sorted by onset, as io::MidiFile says.
CountedRoll roll_from_midi(const io::MidiFile& midi, const RollFromMidi& options = {});

/// Of the files that midi_from_roll makes.
inline constexpr int roll_ticks_per_quarter = 480;

struct MidiFromRoll {
    double tempo = 120.0;                 ///< beats per minute, 4 to 1000
    int velocity = 100;                   ///< 1 to 127
    std::vector<io::MidiTempo> tempos{};  ///< a tempo map in place of `tempo` (tempo_map.hpp); empty for none
};

/// MIDI of a roll: 480 ticks per quarter note (20 per step of the finest grid), 4/4, one named MIDI track for each
/// family that sounds. On the finest grid a run [a, b) becomes a note from step a to step b + 1, which undoes the rest
/// that reading enforces; a roll of a coarser grid is expanded first, so that its note [a, b) lasts from a to b. The
/// next run of that pitch cannot begin before a note's end, so on every grid roll_from_midi(midi_from_roll(roll),
/// {.shape = roll.shape()}) has the very cells of `roll` (and its length is the whole bars up to the last note). Every
/// drum cell becomes a hit, heard until the next one, for a 16th at most. Throws Error for options out of range.
io::MidiFile midi_from_roll(const PianoRoll& roll, const MidiFromRoll& options = {});

}  // namespace musegan
