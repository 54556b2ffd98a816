// Writes Standard MIDI Files: format 1, one note-off for each note, and every track repeats the programs that it uses,
// so that readers which keep programs for each track agree with those which keep them for each channel. Ports are told
// where they change, parts that are switched by the GS message "use for rhythm part".
#include <algorithm>
#include <array>
#include <bit>
#include <bitset>
#include <initializer_list>
#include <tuple>
#include <utility>

#include "io/atomic_file.hpp"
#include "io/midi.hpp"
#include "io/midi_voices.hpp"
#include "tensor/error.hpp"

namespace io {
namespace {

using midi_detail::channel_count;
using midi_detail::pitch_count;

constexpr const char* where = "midi writer";
constexpr int off_velocity = 64;
constexpr int max_tracks = 65'535;
constexpr std::int64_t max_delta = 0x0FFF'FFFF;
constexpr std::size_t all_channel_count = std::size_t{128} * channel_count;  // of all ports
constexpr int none = -1;                                                     // no note's number

/// An event of at most twelve bytes. At one tick, rank 0 comes before rank 1: notes end before others begin.
struct Event {
    std::int64_t tick = 0;
    std::uint8_t rank = 0;
    std::uint8_t port = 0;
    std::uint8_t length = 0;
    std::array<std::uint8_t, 12> bytes{};

    Event(std::int64_t at, int order, int on_port, std::initializer_list<int> values)
        : tick(at),
          rank(static_cast<std::uint8_t>(order)),
          port(static_cast<std::uint8_t>(on_port)),
          length(static_cast<std::uint8_t>(values.size())) {
        std::transform(values.begin(), values.end(), bytes.begin(), [](int v) { return static_cast<std::uint8_t>(v); });
    }
};

/// A note on its way into a track.
struct PlacedNote {
    MidiNote note;
    bool sets_program = false;  ///< a program change goes before it
    bool sets_part = false;     ///< what says whether its channel is a drum part goes before it
    bool has_off = true;        ///< false where a later note's off ends this one too
};

void append_big_endian(std::vector<std::uint8_t>& bytes, std::uint32_t value, int length) {
    for (int shift = 8 * (length - 1); shift >= 0; shift -= 8)
        bytes.push_back(static_cast<std::uint8_t>(value >> shift));
}

/// Seven bits per byte, most significant first, all but the last with bit 7 set. `value` is below 2^28.
void append_variable(std::vector<std::uint8_t>& bytes, std::int64_t value) {
    for (int shift = 21; shift > 0; shift -= 7)
        if (value >> shift) bytes.push_back(static_cast<std::uint8_t>(0x80 | (value >> shift & 0x7F)));
    bytes.push_back(static_cast<std::uint8_t>(value & 0x7F));
}

/// Appends one MTrk chunk: the name at tick 0, the events in order, the end at `end` or the last event.
void append_track(std::vector<std::uint8_t>& file, const std::string& name, std::vector<Event> events,
                  std::int64_t end) {
    std::stable_sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
        return a.tick != b.tick ? a.tick < b.tick : a.rank < b.rank;
    });
    file.insert(file.end(), {'M', 'T', 'r', 'k', 0, 0, 0, 0});
    const std::size_t start = file.size();
    if (!name.empty()) {
        file.insert(file.end(), {0x00, 0xFF, 0x03});
        append_variable(file, static_cast<std::int64_t>(name.size()));
        file.insert(file.end(), name.begin(), name.end());
    }
    std::int64_t tick = 0;
    const auto go_to = [&](std::int64_t next) {
        for (; next - tick > max_delta; tick += max_delta) {  // an empty text on the way
            append_variable(file, max_delta);
            file.insert(file.end(), {0xFF, 0x01, 0x00});
        }
        append_variable(file, next - std::exchange(tick, next));
    };
    std::uint8_t port = 0;
    for (const Event& event : events) {
        go_to(event.tick);
        if (port != event.port) {
            port = event.port;
            file.insert(file.end(), {0xFF, 0x21, 0x01, port, 0x00});
        }
        file.insert(file.end(), event.bytes.begin(), event.bytes.begin() + event.length);
    }
    go_to(std::max(end, tick));
    file.insert(file.end(), {0xFF, 0x2F, 0x00});
    const auto length = static_cast<std::uint32_t>(file.size() - start);
    for (int i = 0; i < 4; ++i)
        file[start - 4 + static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(length >> (24 - 8 * i));
}

void require(const char* what, std::int64_t got, std::int64_t lowest, std::int64_t highest) {
    if (got < lowest || got > highest) tensor::fail(where, "{} {}, expected {} to {}", what, got, lowest, highest);
}

void check_notes(const MidiFile& midi, std::int64_t last_tick) {
    for (const MidiNote& note : midi.notes) {
        require("note onset", note.onset, 0, last_tick);
        require("note offset", note.offset, note.onset, last_tick);
        require("note track", note.track, 0, INT32_MAX);
        require("note channel", note.channel, 0, channel_count - 1);
        require("note program", note.program, 0, 127);
        require("note pitch", note.pitch, 0, pitch_count - 1);
        require("note velocity", note.velocity, 1, 127);
        require("note port", note.port, 0, 127);
    }
}

void check(const MidiFile& midi) {
    require("ticks per quarter", midi.ticks_per_quarter, 1, 0x7FFF);
    const std::int64_t last_tick = MidiLimits{}.quarters * midi.ticks_per_quarter;
    require("last tick", midi.last_tick, 0, last_tick);
    check_notes(midi, last_tick);
    for (const MidiTempo& tempo : midi.tempos) {
        require("tempo tick", tempo.tick, 0, last_tick);
        require("microseconds per quarter", tempo.microseconds_per_quarter, 1, 0xFF'FFFF);
    }
    for (const MidiMeter& meter : midi.meters) {
        require("meter tick", meter.tick, 0, last_tick);
        require("meter numerator", meter.numerator, 1, 255);
        require("meter denominator", meter.denominator, 1, 1024);
        if (!std::has_single_bit(static_cast<unsigned>(meter.denominator)))
            tensor::fail(where, "meter denominator {}, expected a power of two", meter.denominator);
    }
    for (const MidiKey& key : midi.keys) {
        require("key tick", key.tick, 0, last_tick);
        require("key sharps", key.sharps, -7, 7);
    }
    for (const std::string& name : midi.track_names)
        require("bytes of a track name", static_cast<std::int64_t>(name.size()), 0, (1 << 28) - 1);
}

/// Tempos, meters and keys: what belongs to the whole song.
std::vector<Event> conductor_events(const MidiFile& midi) {
    std::vector<Event> events;
    for (const MidiTempo& tempo : midi.tempos) {
        const int us = tempo.microseconds_per_quarter;
        events.push_back({tempo.tick, 0, 0, {0xFF, 0x51, 3, us >> 16, us >> 8 & 0xFF, us & 0xFF}});
    }
    for (const MidiMeter& meter : midi.meters) {
        const int power = std::countr_zero(static_cast<unsigned>(meter.denominator));
        // 24 MIDI clocks per metronome click and 8 thirty-second notes per quarter note: the usual values.
        events.push_back({meter.tick, 0, 0, {0xFF, 0x58, 4, meter.numerator, power, 24, 8}});
    }
    for (const MidiKey& key : midi.keys)
        events.push_back({key.tick, 0, 0, {0xFF, 0x59, 2, key.sharps & 0xFF, key.minor ? 1 : 0}});
    return events;
}

/// The distinct tracks of the notes, ascending.
std::vector<int> distinct_tracks(const MidiFile& midi) {
    std::vector<int> tracks;
    for (const MidiNote& note : midi.notes)
        if (tracks.empty() || tracks.back() != note.track) tracks.push_back(note.track);
    std::sort(tracks.begin(), tracks.end());
    tracks.erase(std::unique(tracks.begin(), tracks.end()), tracks.end());
    return tracks;
}

/// A channel's number among those of all ports.
std::size_t channel_of(const MidiNote& note) {
    return static_cast<std::size_t>(note.port * channel_count + note.channel);
}

/// The notes of each track in writing order, marked where a program change is due: on a track's first note of a port
/// and channel, and where their program, followed over all tracks as the reader does, is another. Likewise what says
/// whether the channel is a drum part.
std::vector<std::vector<PlacedNote>> place_notes(const MidiFile& midi, const std::vector<int>& tracks) {
    std::vector<MidiNote> notes = midi.notes;
    std::stable_sort(notes.begin(), notes.end(), [](const MidiNote& a, const MidiNote& b) {
        return std::tie(a.onset, a.track, a.channel, a.pitch, a.port, a.offset) <
               std::tie(b.onset, b.track, b.channel, b.pitch, b.port, b.offset);
    });
    std::vector<std::vector<PlacedNote>> placed(tracks.size());
    struct Sound {
        int program = 0;
        bool switches_part = false;
    };
    std::array<Sound, all_channel_count> in_force{};
    std::vector<std::bitset<all_channel_count>> begun(tracks.size());  // the channels that a track uses
    for (const MidiNote& note : notes) {
        const auto position = std::lower_bound(tracks.begin(), tracks.end(), note.track) - tracks.begin();
        const auto track = static_cast<std::size_t>(position);
        Sound& sound = in_force[channel_of(note)];
        const bool sets_program = sound.program != note.program || !begun[track].test(channel_of(note));
        const bool sets_part = sound.switches_part != note.switches_part;
        sound = {note.program, note.switches_part};
        begun[track].set(channel_of(note));
        placed[track].push_back({note, sets_program, sets_part, true});
    }
    return placed;
}

/// Makes the notes of a track expressible: one note-off ends every sounding note of a pitch, so overlapping notes must
/// end together or be cut. Goes from the last note to the first, so that a note that was cut cuts the ones before it.
/// `later_of` has room for a note's number per channel and pitch; it holds `none` before and after.
void separate_overlaps(std::vector<PlacedNote>& notes, std::vector<int>& later_of) {
    const auto place_of = [](const MidiNote& note) {
        return channel_of(note) * pitch_count + static_cast<std::size_t>(note.pitch);
    };
    for (int i = static_cast<int>(notes.size()) - 1; i >= 0; --i) {
        PlacedNote& placed = notes[static_cast<std::size_t>(i)];
        MidiNote& note = placed.note;
        int& later = later_of[place_of(note)];
        if (later != none) {
            const MidiNote& next = notes[static_cast<std::size_t>(later)].note;
            const bool has_length = note.offset > note.onset;
            if (next.onset == note.onset && has_length) note.offset = next.offset;
            if (next.onset != note.onset && note.offset > next.onset && note.offset != next.offset)
                note.offset = next.onset;
            placed.has_off = !has_length || note.offset <= next.onset;
        }
        later = i;
    }
    for (const PlacedNote& placed : notes) later_of[place_of(placed.note)] = none;
}

/// GS: address 40 1n 15, "use for rhythm part"; the address and the value sum with the checksum to a multiple of 128.
Event part_message(const MidiNote& note) {
    const int block = note.channel == 9 ? 0 : note.channel < 9 ? note.channel + 1 : note.channel;
    const int middle = 0x10 | block, value = note.is_drum() ? 1 : 0;
    const int checksum = -(0x40 + middle + 0x15 + value) & 0x7F;
    return {note.onset, 1, note.port, {0xF0, 10, 0x41, 0x10, 0x42, 0x12, 0x40, middle, 0x15, value, checksum, 0xF7}};
}

std::vector<Event> note_events(const std::vector<PlacedNote>& notes) {
    std::vector<Event> events;
    events.reserve(2 * notes.size() + channel_count);
    for (const auto& [note, sets_program, sets_part, has_off] : notes) {
        if (sets_part) events.push_back(part_message(note));
        if (sets_program) events.push_back({note.onset, 1, note.port, {0xC0 | note.channel, note.program}});
        events.push_back({note.onset, 1, note.port, {0x90 | note.channel, note.pitch, note.velocity}});
        const int rank = note.offset > note.onset ? 0 : 1;  // a note of length 0 ends right after its onset
        if (has_off) events.push_back({note.offset, rank, note.port, {0x80 | note.channel, note.pitch, off_velocity}});
    }
    return events;
}

}  // namespace

std::vector<std::uint8_t> serialize_midi(const MidiFile& midi) {
    check(midi);
    const std::vector<int> tracks = distinct_tracks(midi);
    if (tracks.size() >= max_tracks)
        tensor::fail(where, "{} tracks, expected fewer than {}", tracks.size(), max_tracks);
    const auto name_of = [&](int track) {
        const auto index = static_cast<std::size_t>(track);
        return index < midi.track_names.size() ? midi.track_names[index] : std::string();
    };

    std::vector<std::uint8_t> file{'M', 'T', 'h', 'd', 0, 0, 0, 6, 0, 1};
    append_big_endian(file, static_cast<std::uint32_t>(1 + tracks.size()), 2);
    append_big_endian(file, static_cast<std::uint32_t>(midi.ticks_per_quarter), 2);
    // Where no note is on track 0, its name is that of the song.
    const bool names_song = tracks.empty() || tracks.front() != 0;
    append_track(file, names_song ? name_of(0) : std::string(), conductor_events(midi), midi.last_tick);
    std::vector<std::vector<PlacedNote>> placed = place_notes(midi, tracks);
    int ports = 1;
    for (const MidiNote& note : midi.notes) ports = std::max(ports, note.port + 1);
    std::vector<int> later_of(static_cast<std::size_t>(ports * channel_count * pitch_count), none);
    for (std::size_t track = 0; track < tracks.size(); ++track) {
        separate_overlaps(placed[track], later_of);
        append_track(file, name_of(tracks[track]), note_events(placed[track]), 0);
    }
    return file;
}

void write_midi(const std::filesystem::path& path, const MidiFile& midi) {
    write_file_atomically(path, serialize_midi(midi));
}

}  // namespace io
