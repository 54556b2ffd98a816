#include "io/midi_voices.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <iterator>

namespace io::midi_detail {
namespace {

using Kind = VoiceEvent::Kind;

constexpr int drum_channel = 9;

bool begins(std::span<const std::uint8_t> message, std::initializer_list<int> pattern) {
    constexpr int anything = -1;  // a device's number
    return message.size() >= pattern.size() &&
           std::equal(pattern.begin(), pattern.end(), message.begin(),
                      [](int expected, std::uint8_t got) { return expected == anything || expected == got; });
}

VoiceEvent of_all_channels(Kind kind) { return {.kind = kind, .channel = all_channels}; }

VoiceEvent part(int channel, bool is_drum) {
    return {.kind = Kind::part, .channel = static_cast<std::int8_t>(channel), .value = is_drum};
}

/// The channel of a GS part by its block number: 0 is the tenth.
int gs_channel(int block) { return block == 0 ? drum_channel : block <= drum_channel ? block - 1 : block; }

/// GS "data set": an address of three bytes, the data from there on, a checksum.
std::optional<VoiceEvent> gs_event(std::span<const std::uint8_t> message) {
    constexpr std::size_t header = 4, address = 3, tail = 1;
    constexpr int use_for_rhythm = 0x15;
    if (message.size() <= header + address + tail) return std::nullopt;
    const int high = message[header], middle = message[header + 1], low = message[header + 2];
    const auto data = message.subspan(header + address, message.size() - header - address - tail);
    if (high == 0x40 && middle == 0 && low == 0x7F && data[0] == 0) return of_all_channels(Kind::reset_gs);
    const int offset = use_for_rhythm - low;
    if (high != 0x40 || middle >> 4 != 1 || offset < 0 || static_cast<std::size_t>(offset) >= data.size())
        return std::nullopt;
    const int mode = data[static_cast<std::size_t>(offset)];
    if (mode > 2) return std::nullopt;
    return part(gs_channel(middle & 0x0F), mode != 0);
}

/// XG "parameter change": an address of three bytes, the data.
std::optional<VoiceEvent> xg_event(std::span<const std::uint8_t> message) {
    if (begins(message, {0x43, -1, 0x4C, 0, 0, 0x7E})) return of_all_channels(Kind::reset_xg);
    constexpr int most_drum_setups = 5, part_mode = 7;
    if (message.size() < 7 || message[3] != 8 || message[4] >= channel_count || message[5] != part_mode ||
        message[6] > most_drum_setups)
        return std::nullopt;
    return part(message[4], message[6] != 0);
}

/// A sound, from an event on.
struct Voice {
    std::int64_t tick;
    int track;
    int next_note;
    std::uint8_t program;
    bool switches_part;
};

/// What a file resets its devices to, anywhere.
struct Standards {
    bool gs = false, xg = false;
};

bool is_drum_kit(int bank, int program, const Standards& standards) {
    constexpr int gm2_drums = 120, xg_effects = 126;
    constexpr std::array xg_kits{0, 1, 8, 16, 24, 25, 26, 27, 28, 29, 30, 32, 40, 48};
    if (standards.xg) return bank >= xg_effects;
    if (standards.gs) return false;
    return bank == gm2_drums || (bank >= xg_effects && std::ranges::find(xg_kits, program) != xg_kits.end());
}

/// One channel of one port, followed through the song.
class Channel {
  public:
    void take(const VoiceEvent& event, int channel, const Standards& standards) {
        switch (event.kind) {
            case Kind::bank: bank_ = event.value; return;  // counts from the next program on
            case Kind::program:
                program_ = event.value;
                is_kit_ = is_drum_kit(bank_, event.value, standards);
                break;
            case Kind::part: part_ = event.value; break;
            case Kind::reset_gm:
            case Kind::reset_gs:
            case Kind::reset_xg: part_.reset(); break;
        }
        is_said_ |= event.channel != all_channels;
        const bool is_usual = channel == drum_channel;
        const bool switches = part_.value_or(is_usual || is_kit_) != is_usual;
        const Voice last = voices_.empty() ? Voice{} : voices_.back();
        if (last.program != program_ || last.switches_part != switches)
            voices_.push_back({event.tick, event.track, event.next_note, program_, switches});
    }

    /// The sound in force at a note, the file's number `index`.
    Voice at(const MidiNote& note, int index) const {
        const auto is_before = [&](const Voice& voice) {
            if (note.onset != voice.tick) return voice.tick < note.onset;
            if (note.track != voice.track) return voice.track < note.track;
            return voice.next_note <= index;
        };
        const auto next = std::partition_point(voices_.begin(), voices_.end(), is_before);
        return next == voices_.begin() ? Voice{} : *std::prev(next);
    }

    /// Whether a program or a part was chosen here.
    bool is_said() const { return is_said_; }

  private:
    std::vector<Voice> voices_;  // in time, each unlike the one before
    bool is_said_ = false;
    int bank_ = 0;
    std::uint8_t program_ = 0;
    bool is_kit_ = false;
    std::optional<bool> part_;  // as messages say
};

}  // namespace

std::optional<VoiceEvent> part_event(std::span<const std::uint8_t> message) {
    if (begins(message, {0x41, -1, 0x42, 0x12})) return gs_event(message);
    if (begins(message, {0x43, -1, 0x4C}) && message[1] >> 4 == 1) return xg_event(message);
    if (begins(message, {0x7E, -1, 0x09, 1}) || begins(message, {0x7E, -1, 0x09, 3}))
        return of_all_channels(Kind::reset_gm);
    return std::nullopt;
}

void assign_voices(std::vector<VoiceEvent>& events, std::vector<MidiNote>& notes) {
    if (events.empty()) return;
    std::stable_sort(events.begin(), events.end(),
                     [](const VoiceEvent& a, const VoiceEvent& b) { return a.tick < b.tick; });
    Standards standards;
    int ports = 0;
    for (const VoiceEvent& event : events) {
        standards.gs |= event.kind == Kind::reset_gs;
        standards.xg |= event.kind == Kind::reset_xg;
        ports = std::max(ports, event.port + 1);
    }
    std::vector<Channel> channels(static_cast<std::size_t>(ports * channel_count));
    for (const VoiceEvent& event : events) {
        const int first = event.channel == all_channels ? 0 : event.channel;
        const int last = event.channel == all_channels ? channel_count - 1 : event.channel;
        for (int channel = first; channel <= last; ++channel)
            channels[static_cast<std::size_t>(event.port * channel_count + channel)].take(event, channel, standards);
    }
    for (std::size_t i = 0; i < notes.size(); ++i) {
        const auto on_first_port = static_cast<std::size_t>(notes[i].channel);
        const auto own = static_cast<std::size_t>(notes[i].port * channel_count) + on_first_port;
        const bool has_own = own < channels.size() && channels[own].is_said();
        const Voice voice = channels[has_own ? own : on_first_port].at(notes[i], static_cast<int>(i));
        notes[i].program = voice.program;
        notes[i].switches_part = voice.switches_part;
    }
}

}  // namespace io::midi_detail
