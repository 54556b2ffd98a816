// Any bytes give a MIDI file or a tensor::Error; a file that was read is sorted, and written and read again it is the
// same.
#include <algorithm>
#include <tuple>

#include "io/midi.hpp"
#include "tensor/error.hpp"
#include "tests/fuzz/fuzz_target.hpp"
#include "tests/support/renumbered.hpp"

namespace {

constexpr io::MidiLimits limits{.file_bytes = 1 << 20, .ticks = 100'000'000, .notes = 20'000, .tracks = 1000};

void require_order(const io::MidiFile& midi) {
    const auto position = [](const io::MidiNote& n) { return std::tuple(n.onset, n.track, n.channel, n.pitch); };
    std::int64_t latest = 0;
    for (std::size_t i = 0; i < midi.notes.size(); ++i) {
        const io::MidiNote& note = midi.notes[i];
        fuzz::require(i == 0 || position(midi.notes[i - 1]) <= position(note), "notes are sorted");
        fuzz::require(note.onset >= 0 && note.offset >= note.onset, "a note ends at or after its onset");
        fuzz::require(note.track >= 0 && note.track < static_cast<int>(midi.track_names.size()), "tracks have names");
        latest = std::max(latest, note.offset);
    }
    fuzz::require(latest <= midi.last_tick && midi.last_tick <= limits.ticks, "last_tick is the last");
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

std::vector<std::vector<std::uint8_t>> fuzz::seeds() {
    io::MidiFile song;
    song.tempos = {{0, 500000}, {480, 400000}};
    song.meters = {{0, 4, 4}, {960, 6, 8}};
    song.keys = {{0, -3, true}};
    song.track_names = {"song", "bass", "drums", "piano"};
    for (int i = 0; i < 24; ++i)
        song.notes.push_back({120 * i, 120 * i + 240, 1 + i % 3, i % 3 == 1 ? 9 : i % 3, 8 * (i % 5), 40 + i % 7, 90});
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
    return {io::serialize_midi(song), io::serialize_midi(io::MidiFile{}), by_hand};
}
