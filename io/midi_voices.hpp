// Internals of the MIDI reader: which sound a channel plays, all tracks merged in time. Users include io/midi.hpp.
//
// A device has 16 channels per port. Each plays the program that was last set on it, and is a drum part or a pitched
// one. By General MIDI channel 9 (counted from 0; "channel 10") plays drums and the others do not. Later standards move
// drum parts, and files use all of them:
//     GS   system exclusive 41 dd 42 12 40 1n 15 vv: part n is pitched (vv = 0) or a drum part (1, 2). n = 0 is channel
//          9, 1 to 9 are channels 0 to 8, A to F channels 10 to 15.
//     XG   system exclusive 43 1d 4C 08 nn 07 vv: part nn is pitched (vv = 0) or a drum part. Besides, a program that
//          is chosen from bank 126 or 127 (controller 0) is a drum kit.
//     GM2  a program that is chosen from bank 120 is a drum kit.
// The same bank is another sound elsewhere: on GS devices bank 127 is pitched. So banks 126 and 127 are kits in a file
// that resets the device to XG anywhere, and no bank is one in a file that resets it to GS alone. In a file without
// either, bank 120 is one, and banks 126 and 127 are for the programs that are kits of every XG device. A channel whose
// part was switched by a message stays so until another message or a reset; a kit stays until the next program.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "io/midi.hpp"

namespace io::midi_detail {

constexpr int channel_count = 16;
constexpr int pitch_count = 128;
constexpr int all_channels = -1;

/// An event that may change the sound of a channel.
struct VoiceEvent {
    enum class Kind : std::uint8_t {
        program,   ///< value: 0 to 127
        bank,      ///< value: controller 0
        part,      ///< value: 1 for a drum part, 0 for a pitched one
        reset_gm,  ///< of all channels of the port: parts that messages switched are as in General MIDI again
        reset_gs,
        reset_xg,
    };
    Kind kind = Kind::program;
    std::int8_t channel = 0;  ///< or all_channels
    std::uint8_t value = 0;
    std::uint8_t port = 0;
    int track = 0;
    std::int64_t tick = 0;
    int next_note = 0;  ///< number of the first note of the file that was read after it: its place within a tick
};

/// What a system-exclusive message (the bytes between F0 and F7) says of parts: an event of which kind, channel and
/// value are set; nothing for any other message. Checksums are not looked at.
std::optional<VoiceEvent> part_event(std::span<const std::uint8_t> message);

/// Gives each note the sound in force on its port and channel: after the last events before it in (tick, track, order
/// in the track). A channel of another port than 0 of which nothing is said plays what that of port 0 plays. `events`
/// and `notes` stand in the order of the bytes.
void assign_voices(std::vector<VoiceEvent>& events, std::vector<MidiNote>& notes);

}  // namespace io::midi_detail
