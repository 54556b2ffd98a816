// Internals of the MIDI reader: system-exclusive messages, however the events of a file cut them. Users include
// io/midi.hpp.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "io/midi_voices.hpp"

namespace io::midi_detail {

/// Finds messages in the events of one track. The event F0 begins a message, which ends with the byte F7. It may come
/// in packets, whose later ones are events F7; several may come in one event; and the F7 at its end may be missing.
class SystemExclusive {
  public:
    /// Takes the bytes of an event with status F0 or F7, and returns what the messages in it say of parts (part_event).
    std::vector<VoiceEvent> take(int status, std::span<const std::uint8_t> bytes);

  private:
    std::vector<std::uint8_t> begun_;  // a message without its end
    bool is_open_ = false;             // it may go on
};

}  // namespace io::midi_detail
