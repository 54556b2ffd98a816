// Any bytes give a MIDI file or a tensor::Error; a file that was read is sorted, and written and read again it is the
// same.
#include <algorithm>
#include <tuple>

#include "io/midi.hpp"
#include "tensor/error.hpp"
#include "tests/fuzz/fuzz_target.hpp"
#include "tests/io/midi_bytes.hpp"
#include "tests/support/renumbered.hpp"

namespace {

constexpr io::MidiLimits limits{.file_bytes = 1 << 20, .quarters = 4'096, .notes = 20'000, .tracks = 1000};

void require_order(const io::MidiFile& midi) {
    const auto position = [](const io::MidiNote& n) {
        return std::tuple(n.onset, n.track, n.channel, n.pitch, n.port);
    };
    std::int64_t latest = 0;
    for (std::size_t i = 0; i < midi.notes.size(); ++i) {
        const io::MidiNote& note = midi.notes[i];
        fuzz::require(i == 0 || position(midi.notes[i - 1]) <= position(note), "notes are sorted");
        fuzz::require(note.onset >= 0 && note.offset >= note.onset, "a note ends at or after its onset");
        fuzz::require(note.track >= 0 && note.track < static_cast<int>(midi.track_names.size()), "tracks have names");
        latest = std::max(latest, note.offset);
    }
    fuzz::require(latest <= midi.last_tick && midi.last_tick <= limits.quarters * midi.ticks_per_quarter,
                  "last_tick is the last");
    fuzz::require(midi.anomalies.total() >= 0, "anomalies are counted");
}

void require_round_trip(const io::MidiFile& midi) {
    const io::MidiFile again = io::parse_midi(io::serialize_midi(midi), "again");
    fuzz::require(again.anomalies.total() == 0, "what we write is clean");
    fuzz::require(again.notes == support::renumbered(midi.notes), "notes survive");
    fuzz::require(again.tempos == midi.tempos, "tempos survive");
    fuzz::require(again.meters == midi.meters, "meters survive");
    fuzz::require(again.keys == midi.keys, "keys survive");
    fuzz::require(again.last_tick == midi.last_tick, "the length survives");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        const io::MidiFile midi = io::parse_midi({data, size}, "fuzz.mid", limits);
        require_order(midi);
        require_round_trip(midi);
    } catch (const tensor::Error&) {
        // Refusing is allowed.
    }
    return 0;
}

/// Files of the kinds that players play and that once were lost here.
std::vector<std::vector<std::uint8_t>> strange_files() {
    using support::Bytes, support::chunk, support::end_of_track, support::little_endian, support::midi_header,
        support::midi_track, support::one_track, support::text_bytes, support::operator+;
    const Bytes note{0, 0x90, 60, 1, 4, 0x80, 60, 0}, track = midi_track(note);
    const Bytes song = midi_header(1, 2, 96) + track + track;
    const Bytes list = text_bytes("LIST") + little_endian(7, 4) + text_bytes("INFOabc") + Bytes{0};
    const Bytes data = text_bytes("data") + little_endian(song.size(), 4) + song;
    const Bytes gs_part{0, 0xF0, 10, 0x41, 0x10, 0x42, 0x12, 0x40, 0x1A, 0x15, 1, 0x10, 0xF7};
    const Bytes gs_reset{0, 0xF0, 10, 0x41, 0x10, 0x42, 0x12, 0x40, 0, 0x7F, 0, 0x41, 0xF7};
    const Bytes xg_reset{0, 0xF0, 8, 0x43, 0x10, 0x4C, 0, 0, 0x7E, 0, 0xF7};
    const Bytes xg_part{0, 0xF0, 8, 0x43, 0x10, 0x4C, 8, 0, 7, 1, 0xF7};
    const Bytes bank{0, 0xB0, 0, 127, 0, 0xC0, 25}, port{0, 0xFF, 0x21, 1, 1};
    const Bytes meters{0, 0xFF, 0x58, 4,    1, 2,    24,   8, 96, 0xFF, 0x58, 4, 2,
                       1, 24,   8,    0x83, 0, 0xFF, 0x58, 4, 8,  3,    24,   8};
    const Bytes absurd{0xFF, 0xFF, 0xFF, 0x7F, 0x90, 61, 1, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0x2F, 0};
    return {midi_header(1, 2, 96) + chunk("MTrk", note + end_of_track(), 15) + track,  // into the next header
            midi_header(1, 2, 96) + chunk("MTrk", note + end_of_track(), 5) + track,
            midi_header(1, 2, 96) + chunk("MTrk", note + end_of_track(), 0x7FFF'FFFF) + track,
            chunk("MThd", {0, 1, 0, 1, 0, 96}, 900) + track,
            text_bytes("RIFF") + little_endian(4 + list.size() + data.size(), 4) + text_bytes("RMID") + list + data,
            one_track(gs_reset + gs_part + Bytes{0, 0x9A, 60, 1, 4, 60, 0}),
            one_track(xg_reset + bank + xg_part + note),
            midi_header(1, 2, 96) + midi_track(bank + port + note) + track,
            midi_header(0, 1, 0x7FFF) + midi_track(meters + note),
            midi_header(1, 2, 96) + chunk("MTrk", note + absurd) + track};
}

std::vector<std::vector<std::uint8_t>> fuzz::seeds() {
    io::MidiFile song;
    song.tempos = {{0, 500000}, {480, 400000}};
    song.meters = {{0, 4, 4}, {960, 6, 8}};
    song.keys = {{0, -3, true}};
    song.track_names = {"song", "bass", "drums", "piano"};
    for (int i = 0; i < 24; ++i)
        song.notes.push_back({120 * i, 120 * i + 240, 1 + i % 3, i % 3 == 1 ? 9 : i % 3, 8 * (i % 5), 40 + i % 7, 90});
    song.notes.push_back({2000, 2100, 2, 10, 8, 40, 90, 3, true});  // a drum part on a port of its own
    // Running status, a sysex event between notes, an overlap, an orphan note-off, an open note, a late program change.
    // clang-format off
    const std::vector<std::uint8_t> by_hand{
        'M', 'T', 'h', 'd', 0, 0, 0, 6, 0, 0, 0, 1, 0, 96,
        'M', 'T', 'r', 'k', 0, 0, 0, 56,
        0, 0xFF, 0x51, 3, 7, 0xA1, 0x20,  // tempo
        0, 0x90, 60, 100,                 // note on, whose status keeps running
        4, 60, 90,                        // the same pitch again: an overlap
        4, 60, 0,                         // off
        4, 62, 1,
        0, 0xF0, 2, 0x7E, 0xF7,           // sysex
        4, 62, 0,                         // off, by a status that runs over the sysex event
        0, 64, 0,                         // off without a note
        0, 0xC0, 33,                      // program
        0, 0x90, 70, 1,                   // on, and never off
        0, 0xB0, 7, 100,                  // controller
        0, 0xE0, 0, 64,                   // pitch bend
        0, 0xFF, 3, 1, 'x',               // name
        4, 0x90, 71, 5,                   // on, and never off
        0, 0xFF, 0x2F, 0};
    // clang-format on
    std::vector<std::vector<std::uint8_t>> seeds = strange_files();
    seeds.insert(seeds.end(), {io::serialize_midi(song), io::serialize_midi(io::MidiFile{}), by_hand});
    return seeds;
}
