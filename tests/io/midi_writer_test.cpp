// The MIDI writer: its bytes, and that the reader gives back what was written.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <set>
#include <tuple>

#include "io/file.hpp"
#include "io/midi.hpp"
#include "tests/io/midi_bytes.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/temporary_folder.hpp"

using io::MidiFile;
using io::MidiNote;
using support::Bytes;
using support::chunk;
using support::contains_all;
using support::message_of;
using support::midi_header;
using support::midi_track;
using support::operator+;

namespace {

MidiFile again(const MidiFile& midi) { return io::parse_midi(io::serialize_midi(midi), "again.mid"); }

MidiFile with_notes(std::vector<MidiNote> notes) {
    MidiFile midi;
    midi.notes = std::move(notes);
    return midi;
}

std::string refusal(const MidiFile& midi) {
    return message_of([&] { io::serialize_midi(midi); });
}

/// Random notes of four tracks, tracks numbered from 1, none overlapping another of its track, port, channel and pitch.
/// Some channels are drum parts for a while.
MidiFile random_song(std::uint32_t seed, int count) {
    std::mt19937 generator(seed);
    const auto below = [&](int bound) { return static_cast<int>(generator() % static_cast<unsigned>(bound)); };
    MidiFile midi;
    midi.ticks_per_quarter = 1000 + below(0x7FFF - 999);
    std::map<std::array<int, 4>, std::int64_t> free_from;
    struct Sound {
        int program = 0;
        bool switches_part = false;
    };
    std::map<std::array<int, 2>, Sound> sounds;
    std::int64_t onset = 0;
    for (int i = 0; i < count; ++i) {
        onset += below(3) ? 0 : below(40'000);
        const int track = 1 + below(4), channel = below(16), pitch = below(128), port = below(3) * 60;
        Sound& sound = sounds[{port, channel}];
        if (!below(5)) sound.program = below(128);
        if (!below(9)) sound.switches_part = !sound.switches_part;
        std::int64_t& free = free_from[{track, channel, pitch, port}];
        if (onset < free) continue;
        free = onset + 1 + below(20'000);
        midi.notes.push_back({onset, free, track, channel, sound.program, pitch, 1 + below(127),
                              static_cast<std::uint8_t>(port), sound.switches_part});
    }
    std::set<int> used;
    for (const MidiNote& note : midi.notes) used.insert(note.track);
    REQUIRE(used.size() == 4);  // otherwise the reader's track numbers would differ
    std::sort(midi.notes.begin(), midi.notes.end(), [](const MidiNote& a, const MidiNote& b) {
        return std::tie(a.onset, a.track, a.channel, a.pitch, a.port) <
               std::tie(b.onset, b.track, b.channel, b.pitch, b.port);
    });
    return midi;
}

}  // namespace

TEST_CASE("the bytes of a small file") {
    MidiFile midi = with_notes({{0, 480, 1, 0, 33, 60, 100}, {480, 600, 1, 0, 33, 62, 90}});
    midi.track_names = {"Song", "Bass"};
    midi.tempos = {{0, 500000}};
    midi.meters = {{0, 6, 8}};
    midi.keys = {{0, -3, true}};
    midi.last_tick = 960;
    // clang-format off
    const Bytes conductor{
        0,          0xFF, 0x03, 4, 'S', 'o', 'n', 'g',  // name
        0,          0xFF, 0x51, 3, 0x07, 0xA1, 0x20,    // 500000 us per quarter note
        0,          0xFF, 0x58, 4, 6, 3, 24, 8,         // 6/8
        0,          0xFF, 0x59, 2, 0xFD, 1,             // three flats, minor
        0x87, 0x40, 0xFF, 0x2F, 0};                     // the end, at 960
    const Bytes bass{
        0,          0xFF, 0x03, 4, 'B', 'a', 's', 's',  // name
        0,          0xC0, 33,                           // program
        0,          0x90, 60, 100,                      // note on
        0x83, 0x60, 0x80, 60, 64,                       // off, 480 ticks later
        0,          0x90, 62, 90,
        0x78,       0x80, 62, 64};                      // 120 ticks later
    // clang-format on
    CHECK(io::serialize_midi(midi) == midi_header(1, 2, 480) + chunk("MTrk", conductor) + midi_track(bass));
}

TEST_CASE("the bytes of ports, drum parts and long rests") {
    MidiFile midi = with_notes({{0, 1, 1, 9, 0, 60, 1, 2, true}, {0x1FFF'FFFF, 0x2000'0000, 1, 10, 0, 40, 1, 0, true}});
    midi.ticks_per_quarter = 0x7FFF;
    // clang-format off
    const Bytes notes{
        0,                      0xFF, 0x21, 1, 2,                                    // port 2
        0,                      0xF0, 10, 0x41, 0x10, 0x42, 0x12, 0x40, 0x10, 0x15, 0, 0x1B, 0xF7,  // pitched
        0,                      0xC9, 0,
        0,                      0x99, 60, 1,
        1,                      0x89, 60, 64,
        0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0x01, 0,                                       // an empty text on the way
        0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0x21, 1, 0,                                    // 2^29 - 1: port 0
        0,                      0xF0, 10, 0x41, 0x10, 0x42, 0x12, 0x40, 0x1A, 0x15, 1, 0x10, 0xF7,  // drums
        0,                      0xCA, 0,
        0,                      0x9A, 40, 1,
        1,                      0x8A, 40, 64};
    // clang-format on
    CHECK(io::serialize_midi(midi) == midi_header(1, 2, 0x7FFF) + midi_track({}) + midi_track(notes));
    CHECK(again(midi).notes == midi.notes);
}

TEST_CASE("what was written is read back: notes, tempos, meters, keys, names, length") {
    for (std::uint32_t seed = 1; seed <= 20; ++seed) {
        CAPTURE(seed);
        MidiFile midi = random_song(seed, 400);
        midi.track_names = {"song", "one", "", "three \xE9", "four"};
        midi.tempos = {{0, 1}, {10, 0xFF'FFFF}, {90'000, 500000}};
        midi.meters = {{0, 255, 1024}, {96, 4, 4}};
        midi.keys = {{0, 7, false}, {1, -7, true}};
        midi.last_tick = io::MidiLimits{}.quarters * midi.ticks_per_quarter;  // mostly more than one delta can say
        const MidiFile read = again(midi);
        CHECK(read.format == 1);
        CHECK(read.ticks_per_quarter == midi.ticks_per_quarter);
        CHECK(read.notes == midi.notes);
        CHECK(read.tempos == midi.tempos);
        CHECK(read.meters == midi.meters);
        CHECK(read.keys == midi.keys);
        CHECK(read.track_names == midi.track_names);
        CHECK(read.last_tick == midi.last_tick);
        CHECK(read.anomalies.total() == 0);
    }
}

TEST_CASE("the order in which notes are given does not matter") {
    const MidiFile midi = random_song(7, 300);
    MidiFile shuffled = midi;
    std::shuffle(shuffled.notes.begin(), shuffled.notes.end(), std::mt19937(1));
    CHECK(io::serialize_midi(shuffled) == io::serialize_midi(midi));
}

TEST_CASE("track numbers become 1, 2, ... in their order, and names follow") {
    MidiFile midi = with_notes({{0, 1, 7, 0, 0, 60, 1}, {0, 1, 0, 0, 0, 61, 1}});
    midi.track_names = {"zero", "", "", "", "", "", "", "seven"};
    const MidiFile read = again(midi);
    CHECK(read.track_names == std::vector<std::string>{"", "zero", "seven"});
    CHECK(read.notes == std::vector<MidiNote>{{0, 1, 1, 0, 0, 61, 1}, {0, 1, 2, 0, 0, 60, 1}});
}

TEST_CASE("tracks that share a channel keep their own programs, note by note") {
    const std::vector<MidiNote> notes{{0, 9, 1, 3, 10, 60, 1},
                                      {0, 9, 1, 3, 11, 61, 1},
                                      {0, 9, 2, 3, 20, 62, 1},
                                      {10, 19, 1, 3, 10, 60, 1},
                                      {10, 19, 2, 3, 20, 62, 1}};
    CHECK(again(with_notes(notes)).notes == notes);
}

TEST_CASE("notes of one pitch on several ports keep their order and their ends") {
    const std::vector<MidiNote> notes{{0, 90, 1, 0, 25, 60, 1, 0, true},
                                      {0, 4, 1, 0, 25, 60, 1, 1, true},
                                      {0, 40, 1, 0, 25, 60, 1, 127},
                                      {20, 50, 1, 0, 25, 60, 1, 1}};
    CHECK(again(with_notes(notes)).notes == notes);
}

TEST_CASE("a repeated note ends before it begins again") {
    const std::vector<MidiNote> notes{{0, 10, 1, 0, 0, 60, 1},
                                      {10, 20, 1, 0, 0, 60, 2},
                                      {20, 20, 1, 0, 0, 60, 3},
                                      {20, 20, 1, 0, 0, 60, 4},
                                      {20, 30, 1, 0, 0, 60, 5}};
    CHECK(again(with_notes(notes)).notes == notes);
}

TEST_CASE("notes that overlap and end together are kept, and those that end apart are cut at the next onset") {
    const std::vector<MidiNote> together{{0, 20, 1, 0, 0, 60, 1}, {5, 20, 1, 0, 0, 60, 2}, {5, 20, 1, 0, 0, 60, 3}};
    CHECK(again(with_notes(together)).notes == together);
    const MidiFile apart =
        again(with_notes({{0, 100, 1, 0, 0, 60, 1}, {50, 100, 1, 0, 0, 60, 2}, {60, 80, 1, 0, 0, 60, 3}}));
    CHECK(apart.notes ==
          std::vector<MidiNote>{{0, 50, 1, 0, 0, 60, 1}, {50, 60, 1, 0, 0, 60, 2}, {60, 80, 1, 0, 0, 60, 3}});
    CHECK(apart.anomalies.total() == 0);
    const MidiFile same_onset = again(with_notes({{0, 30, 1, 0, 0, 60, 1}, {0, 10, 1, 0, 0, 60, 2}}));
    CHECK(same_onset.notes == std::vector<MidiNote>{{0, 30, 1, 0, 0, 60, 2}, {0, 30, 1, 0, 0, 60, 1}});
}

TEST_CASE("a song without notes has one track") {
    const MidiFile read = again(MidiFile{});
    CHECK(read.notes.empty());
    CHECK(read.track_names.size() == 1);
    CHECK(read.anomalies.total() == 0);
}

TEST_CASE("values that MIDI cannot say are refused by name") {
    CHECK(contains_all(refusal(with_notes({{0, 1, 0, 0, 0, 128, 1}})), {"pitch 128", "0 to 127"}));
    CHECK(contains_all(refusal(with_notes({{0, 1, 0, 0, 0, -1, 1}})), {"pitch -1"}));
    CHECK(contains_all(refusal(with_notes({{0, 1, 0, 0, 0, 60, 0}})), {"velocity 0", "1 to 127"}));
    CHECK(contains_all(refusal(with_notes({{0, 1, 0, 16, 0, 60, 1}})), {"channel 16"}));
    CHECK(contains_all(refusal(with_notes({{0, 1, 0, 0, 128, 60, 1}})), {"program 128"}));
    CHECK(contains_all(refusal(with_notes({{0, 1, -1, 0, 0, 60, 1}})), {"track -1"}));
    CHECK(contains_all(refusal(with_notes({{-1, 1, 0, 0, 0, 60, 1}})), {"onset -1"}));
    CHECK(contains_all(refusal(with_notes({{5, 4, 0, 0, 0, 60, 1}})), {"offset 4", "5 to"}));
    CHECK(contains_all(refusal(with_notes({{0, 32'768 * 480 + 1, 0, 0, 0, 60, 1}})), {"offset 15728641", "15728640"}));
    CHECK(contains_all(refusal(with_notes({{0, 1, 0, 0, 0, 60, 1, 128}})), {"port 128", "0 to 127"}));
    MidiFile midi;
    midi.ticks_per_quarter = 0;
    CHECK(contains_all(refusal(midi), {"ticks per quarter 0", "1 to 32767"}));
    midi = MidiFile{};
    midi.tempos = {{0, 0x100'0000}};
    CHECK(contains_all(refusal(midi), {"microseconds per quarter 16777216"}));
    midi = MidiFile{};
    midi.meters = {{0, 4, 6}};
    CHECK(contains_all(refusal(midi), {"denominator 6", "power of two"}));
    midi = MidiFile{};
    midi.keys = {{0, 8, false}};
    CHECK(contains_all(refusal(midi), {"sharps 8", "-7 to 7"}));
}

TEST_CASE("write_midi and read_midi go through a file") {
    const support::TemporaryFolder folder;
    const MidiFile midi = random_song(3, 100);
    io::write_midi(folder.path() / "song.mid", midi);
    CHECK(io::read_midi(folder.path() / "song.mid").notes == midi.notes);
    CHECK(folder.files() == 1);
    CHECK(contains_all(message_of([&] { io::read_midi(folder.path()); }), {folder.path().string(), "folder"}));
    CHECK(contains_all(message_of([&] { io::read_midi(folder.path() / "no.mid"); }), {"no.mid", "No such file"}));
}
