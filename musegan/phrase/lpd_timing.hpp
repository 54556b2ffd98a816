// From MIDI notes to cells with the timing of the Lakh Pianoroll Dataset (LPD), errors included.
//
// Its converter, pypianoroll 0.3.0 on top of pretty_midi, goes through seconds. In the order of its steps:
//
//     seconds    of each tick, by the tempos. The first beat is where the first time signature stands.
//     beats      from there, each 60 / tempo seconds after the last, crossing changes of tempo and placed anew by each
//                time signature, up to the end of the song. The last of them is dropped.
//     position   of a time: (number of its beat + share of the beat that has gone) * 24, cut off to a whole step. Since
//                seconds are rounded, a note that is written on a step often falls into the step before.
//     drums      one cell
//     the others from the step of the onset to that of the offset, that one included: one step too long. If the step
//                before the onset is on in the same instrument, it is turned off: that is the gap between two notes of
//                one pitch, and the only one.
//     merging    of instruments into families by the greatest velocity
//
// So a quarter note fills 25 cells, or 23 where the next one has its pitch; notes begin on time or a step early; and a
// rest of one step between notes of other pitches is lost.
#pragma once

#include "musegan/phrase/midi_roll.hpp"

namespace musegan {

/// As roll_from_midi, with the cells that the converter would make, bit for bit where the file is read alike. The
/// stretches of bars are cut out of its steps, each from the beat nearest to where it begins, 96 steps a bar.
///
/// Where it differs by intent:
///     A file without a time signature begins at tick 0; the converter guessed a first beat.
///     2/2 and 8/8 have beats of a quarter note, too, so that their bars have 96 steps.
///     A drum hit behind the last beat, where the tempo falls within that beat, is left out; the converter lost the
///     whole song.
/// And because io::MidiFile has only what is needed to play a song:
///     Programs are those of a player, in force at the note's onset; the converter takes those of the note's own MIDI
///     track alone, at its end.
///     Notes without an end last to the end of their track, and all-notes-off ends notes; the converter dropped the
///     former and did not know the latter. Meters and tempos of all tracks count, not only those of the first.
///     The end of the song is that of its notes, tempos, meters and keys; controllers and bends behind it are not seen.
/// Drums are what channel 9 plays, whatever GS and XG messages say, as in the converter. Notes that end where they
/// begin are dropped by it, and counted as too short; those before the first beat and behind the last one are counted
/// among those of foreign bars. Throws Error as roll_from_midi does.
CountedRoll roll_by_lpd_timing(const io::MidiFile& midi, const RollFromMidi& options = {});

}  // namespace musegan
