// The tempos of a song, beside its roll: rolls are in symbolic time and know none.
#pragma once

#include <cstdint>
#include <vector>

#include "io/midi.hpp"
#include "musegan/phrase/pianoroll.hpp"

namespace musegan {

/// The tempo map of a song for the MIDI of its roll (midi_from_roll), in that file's ticks: an event at tick x stands
/// at
///     floor((x - origin_tick) * 480 / ticks_per_quarter + 1/2),
/// where origin_tick is the one that the roll was made with (RollFromMidi). The first event stands at tick 0: the tempo
/// in force where the song or, if that is later, the roll begins; 120 beats per minute where the song says none, the
/// standard's default. Events from the roll's end on, which change nothing, are left out, and of several on one tick
/// the last stays.
std::vector<io::MidiTempo> tempo_map_of(const io::MidiFile& midi, std::int64_t origin_tick, const PianoRoll& roll);

/// A tempo map step by step, in beats per minute: that in force where the step begins. Tempos outside 4 to 1000, which
/// MIDI can say and pypianoroll files of ours do not, become the nearer of the two.
std::vector<double> tempos_of_steps(const std::vector<io::MidiTempo>& tempos, const PianoRoll& roll);

}  // namespace musegan
