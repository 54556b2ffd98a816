// When a MIDI file's ticks sound.
#pragma once

#include <cstdint>
#include <vector>

#include "io/midi.hpp"

namespace musegan {

/// Ticks to frames (samples of one channel) by a file's tempos; before the first there are 120 beats per minute, the
/// standard's default.
class MidiClock {
  public:
    MidiClock(const io::MidiFile& midi, int frames_per_second);

    /// Frames from the beginning to a tick of 0 or more: the exact time, a sum of ticks times microseconds per quarter
    /// note, rounded once to the nearest frame.
    std::int64_t frame_of(std::int64_t tick) const;

  private:
    struct Section {
        std::int64_t tick;         ///< at which a tempo begins
        double microsecond_ticks;  ///< before it; a whole number
        int microseconds_per_quarter;
    };
    std::vector<Section> sections_;
    double frames_per_microsecond_tick_;
};

}  // namespace musegan
