// What the MIDI writer does to track numbers, for tests of the round trip.
#pragma once

#include <map>
#include <vector>

#include "io/midi.hpp"

namespace support {

/// The notes with their tracks numbered 1, 2, ... in ascending order, as io::serialize_midi numbers them.
inline std::vector<io::MidiNote> renumbered(std::vector<io::MidiNote> notes) {
    std::map<int, int> number;
    for (const io::MidiNote& note : notes) number[note.track] = 0;
    int next = 1;
    for (auto& [track, value] : number) value = next++;
    for (io::MidiNote& note : notes) note.track = number[note.track];
    return notes;
}

}  // namespace support
