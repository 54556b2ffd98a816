// Internals of the MIDI reader: which sound a channel plays, all tracks merged in time. Users include io/midi.hpp.
//
// A device has 16 channels per port. Each plays the program that was last set on it, and is a drum part or a pitched
// one. By General MIDI channel 9 (counted from 0; "channel 10") plays drums and the others do not. Three later
// standards move drum parts, and files use all of them:
//     GS   system exclusive 41 dd 42 12 40 1n 15 vv: part n is pitched (vv = 0) or a drum part (1, 2). n = 0 is channel
//          9, 1 to 9 are channels 0 to 8, A to F channels 10 to 15.
//     XG   system exclusive 43 1d 4C 08 nn 07 vv: part nn is pitched (vv = 0) or a drum part. Besides, a program that
//          is chosen from bank 127 or 126 (controller 0) is a drum kit.
//     GM2  a program that is chosen from bank 120 is a drum kit.
// On GS devices bank 127 holds pitched sounds. So bank 127 counts where the file resets the device to XG anywhere;
// where it resets it to neither, if the program has the number of a kit that every XG device has.
#pragma once

#include <algorithm>
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
        reset_gm,  ///< of all channels of the port: parts are as in General MIDI again
        reset_gs,
        reset_xg,
    };
    Kind kind = Kind::program;
    std::int8_t channel = 0;  ///< or all_channels
    std::uint8_t value = 0;
    std::uint8_t port = 0;
    int track = 0;
    std::int64_t tick = 0;
    int notes_before = 0;  ///< notes of the whole file read before this event: its position among them within a tick
};

/// What a system-exclusive message (the bytes between F0 and F7) says of parts: an event of which kind, channel and
/// value are set; nothing for any other message. Checksums are not looked at.
std::optional<VoiceEvent> part_event(std::span<const std::uint8_t> message);

/// Finds the messages in system-exclusive events. A message may come in packets (F0 begins it, F7 goes on), several may
/// come in one event, and the F7 at the end may be missing.
class SystemExclusive {
  public:
    /// Takes an event's bytes and calls found(event) for each part_event in them. `status` is F0 or F7.
    template <typename Found>
    void take(int status, std::span<const std::uint8_t> bytes, const Found& found) {
        std::vector<std::uint8_t> joined;
        if (status == end && is_open_) {
            joined.swap(begun_);
            joined.insert(joined.end(), bytes.begin(), bytes.end());
            bytes = joined;
        } else if (status == end && (bytes.empty() || bytes.front() != begin)) {
            return;  // any bytes, sent as they are
        }
        begun_.clear();
        is_open_ = bytes.empty();
        while (!bytes.empty()) {
            const auto last = std::ranges::find(bytes, std::uint8_t{end});
            std::span<const std::uint8_t> message(bytes.begin(), last);
            is_open_ = last == bytes.end() && message.size() <= most_begun;
            if (is_open_) begun_.assign(message.begin(), message.end());
            bytes = bytes.subspan(std::min(message.size() + 1, bytes.size()));
            while (!message.empty() && message.front() == begin) message = message.subspan(1);
            if (const auto event = part_event(message)) found(*event);
        }
    }

  private:
    static constexpr std::uint8_t begin = 0xF0, end = 0xF7;
    static constexpr std::size_t most_begun = 256;  // no message that counts here is longer
    std::vector<std::uint8_t> begun_;               // a message without its end
    bool is_open_ = false;                          // it may go on
};

/// Gives each note the sound in force on its port and channel: after the last events before it in (tick, track, order
/// in the track). A channel of another port than 0 of which nothing is said plays what that of port 0 plays. `events`
/// and `notes` stand in the order of the bytes.
void assign_voices(std::vector<VoiceEvent>& events, std::vector<MidiNote>& notes);

}  // namespace io::midi_detail
