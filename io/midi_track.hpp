// Internals of the MIDI reader: the events of one track. Users include io/midi.hpp.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "io/midi.hpp"

namespace io::midi_detail {

constexpr int channel_count = 16;
constexpr int pitch_count = 128;

struct ProgramChange {
    std::int64_t tick;
    int track;
    int notes_before;  ///< notes of the whole file read before this event: its position among them within a tick
    int program;
};

/// What all tracks write into. The notes have no program yet and stand in the order of the bytes.
struct Song {
    MidiFile file;
    std::array<std::vector<ProgramChange>, channel_count> programs;
};

/// The sounding notes of one track: a linked list for each channel and pitch, through indices into the notes.
struct OpenNotes {
    static constexpr int none = -1;
    std::array<int, channel_count * pitch_count> first;
    std::vector<int> next;  ///< one entry per note of the file

    OpenNotes() { first.fill(none); }
};

/// Reads the events of MTrk chunk number `track` into `song`: its notes (all closed), its entry at the back of
/// track_names, its tempos, meters, keys and program changes. `open` is empty before and after. Throws tensor::Error
/// where a bound of `limits` is exceeded; everything else is forgiven and counted.
void read_track(Song& song, OpenNotes& open, int track, std::span<const std::uint8_t> chunk, std::string_view name,
                const MidiLimits& limits);

}  // namespace io::midi_detail
