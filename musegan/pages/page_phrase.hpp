// A phrase, or a whole song, as pages show and play it.
#pragma once

#include <string>
#include <vector>

#include "io/midi.hpp"
#include "musegan/phrase/pianoroll.hpp"

namespace musegan {

struct PagePhrase {
    std::string name;  ///< above the roll and in lists
    std::string file;  ///< what its MIDI file is called as a download, without ".mid"
    PianoRoll roll;
    std::vector<io::MidiTempo> tempos{};  ///< in ticks of midi_from_roll's files (tempo_map.hpp); empty for `tempo`
    double tempo = 120;                   ///< beats per minute
};

}  // namespace musegan
