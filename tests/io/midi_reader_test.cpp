// The MIDI reader on files written by hand, byte by byte: what it reads, and what it refuses.
#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

#include "io/midi.hpp"
#include "tensor/error.hpp"
#include "tests/io/midi_bytes.hpp"
#include "tests/support/compare.hpp"

using io::MidiFile;
using io::MidiNote;
using support::Bytes;
using support::chunk;
using support::contains_all;
using support::end_of_track;
using support::message_of;
using support::midi_header;
using support::midi_track;
using support::one_track;
using support::operator+;
using support::parse;

namespace {

std::string refusal(const Bytes& bytes, const io::MidiLimits& limits = {}) {
    return message_of([&] { io::parse_midi(bytes, "hand.mid", limits); });
}

/// Notes written as {onset, offset, track, channel, program, pitch, velocity}, for expectations of one line each.
std::vector<MidiNote> notes(std::initializer_list<MidiNote> list) { return list; }

}  // namespace

TEST_CASE("a format-0 file with explicit statuses") {
    const MidiFile midi = parse(one_track({0x00, 0x90, 60, 100,               // tick 0: C4 on
                                           0x60, 0x80, 60, 64,                // tick 96: off
                                           0x81, 0x00, 0x9F, 72, 1,           // tick 224, a two-byte delta
                                           0x83, 0xFF, 0x7F, 0x8F, 72, 0}));  // 65535 ticks on, three bytes
    CHECK(midi.format == 0);
    CHECK(midi.ticks_per_quarter == 96);
    CHECK(midi.track_names == std::vector<std::string>{""});
    CHECK(midi.notes == notes({{0, 96, 0, 0, 0, 60, 100}, {224, 224 + 65535, 0, 15, 0, 72, 1}}));
    CHECK(midi.last_tick == 224 + 65535);
    CHECK(midi.anomalies.total() == 0);
}

TEST_CASE("running status, and a note-on of velocity 0 is a note-off") {
    const MidiFile midi = parse(one_track({0, 0x93, 60, 100, 10, 62, 90, 10, 60, 0, 10, 62, 0}));
    CHECK(midi.notes == notes({{0, 20, 0, 3, 0, 60, 100}, {10, 30, 0, 3, 0, 62, 90}}));
    CHECK(midi.anomalies.total() == 0);
}

TEST_CASE("events that carry no note are stepped over with their right lengths") {
    // clang-format off
    const MidiFile midi = parse(one_track({
        0, 0xA0, 60, 5,                    // pressure on a key: 2 bytes
        0, 0xB0, 7, 100,                   // controller: 2
        0, 0xD0, 9,                        // channel pressure: 1
        0, 0xE0, 0, 64,                    // pitch bend: 2
        0, 0xF0, 3, 0x90, 60, 0xF7,        // sysex of 3 bytes that look like a note
        0, 0xF7, 2, 0x90, 61,              // escape
        0, 0xFF, 0x7F, 4, 0x90, 62, 1, 1,  // sequencer-specific meta
        0, 0x90, 63, 1,                    // the one note
        1, 0x80, 63, 0}));
    // clang-format on
    CHECK(midi.notes == notes({{0, 1, 0, 0, 0, 63, 1}}));
    CHECK(midi.anomalies.total() == 0);
}

TEST_CASE("format 1: names, tempos, meters and keys come from whatever track has them") {
    const Bytes first{0,  0xFF, 3,    4, 'S',  'o',  'n',  'g',  // name
                      0,  0xFF, 0x51, 3, 0x07, 0xA1, 0x20,       // 500000 us
                      0,  0xFF, 0x58, 4, 3,    2,    24,   8,    // 3/4
                      96, 0xFF, 0x51, 3, 0x06, 0x1A, 0x80};      // 400000 us at 96
    const Bytes second{0,  0xFF, 3,    1, 0xE9,                  // one Latin-1 byte
                       0,  0xFF, 3,    1, 'x',                   // a second name is not the name
                       0,  0xFF, 0x59, 2, 0xFD, 1,               // three flats, minor
                       48, 0xFF, 0x51, 3, 0x03, 0x0D, 0x40,      // 200000 us at 48
                       48, 0xFF, 0x51, 3, 0x01, 0x86, 0xA0,      // 100000 us at 96: written last, it wins
                       0,  0xFF, 0x58, 4, 6,    3,    24,   8};  // 6/8 at 96
    const MidiFile midi = parse(midi_header(1, 2, 480) + midi_track(first) + midi_track(second));
    CHECK(midi.format == 1);
    CHECK(midi.track_names == std::vector<std::string>{"Song", "\xE9"});
    CHECK(midi.tempos == std::vector<io::MidiTempo>{{0, 500000}, {48, 200000}, {96, 100000}});
    CHECK(midi.meters == std::vector<io::MidiMeter>{{0, 3, 4}, {96, 6, 8}});
    CHECK(midi.keys == std::vector<io::MidiKey>{{0, -3, true}});
    CHECK(midi.last_tick == 96);
    CHECK(midi.anomalies.total() == 0);
}

TEST_CASE("notes come sorted by onset, track, channel and pitch") {
    const Bytes first{10, 0x91, 60, 1, 0, 0x90, 64, 2, 0, 62, 3, 5, 64, 0, 0, 62, 0, 0, 0x81, 60, 0};
    const Bytes second{0, 0x90, 70, 4, 10, 50, 5, 1, 50, 0, 0, 70, 0};
    const MidiFile midi = parse(midi_header(1, 2, 96) + midi_track(first) + midi_track(second));
    CHECK(midi.notes == notes({{0, 11, 1, 0, 0, 70, 4},
                               {10, 15, 0, 0, 0, 62, 3},
                               {10, 15, 0, 0, 0, 64, 2},
                               {10, 15, 0, 1, 0, 60, 1},
                               {10, 11, 1, 0, 0, 50, 5}}));
}

TEST_CASE("one note-off closes every sounding note of its channel and pitch") {
    const MidiFile midi = parse(one_track({0, 0x90, 60, 1, 10, 60, 2, 10, 60, 0, 10, 60, 0}));
    CHECK(midi.notes == notes({{0, 20, 0, 0, 0, 60, 1}, {10, 20, 0, 0, 0, 60, 2}}));
    CHECK(midi.anomalies.orphan_note_offs == 1);
}

TEST_CASE("all notes off and all sound off end what sounds on their channel and track, but what begins at that tick") {
    for (const std::uint8_t controller : {120, 123}) {
        const MidiFile midi =
            parse(midi_header(1, 2, 96) +
                  midi_track({0, 0x90, 60,         1, 0, 62,   1,  0, 0x91, 60,   1,  5, 0x90, 64, 1,  //
                              0, 0xB0, controller, 0, 3, 0x90, 64, 0, 0,    0x81, 60, 0}) +
                  midi_track({0, 0x90, 60, 1, 9, 60, 0}));
        CHECK(midi.notes == notes({{0, 5, 0, 0, 0, 60, 1},
                                   {0, 5, 0, 0, 0, 62, 1},
                                   {0, 8, 0, 1, 0, 60, 1},
                                   {0, 9, 1, 0, 0, 60, 1},
                                   {5, 8, 0, 0, 0, 64, 1}}));
        CHECK(midi.anomalies.total() == 0);
    }
    CHECK(parse(one_track({0, 0x90, 60, 1, 5, 0xB0, 121, 0, 4, 0x90, 60, 0})).notes.front().offset == 9);
}

TEST_CASE("many notes and many 'all notes off' at one tick cost no more than one of each") {
    Bytes events;
    for (int i = 0; i < 100'000; ++i) events.insert(events.end(), {0, 0x90, 60, 1});
    for (int i = 0; i < 100'000; ++i) events.insert(events.end(), {0, 0xB0, 123, 0});
    events.insert(events.end(), {5, 0xB0, 123, 0, 0, 0xB0, 123, 0});
    const MidiFile midi = parse(one_track(events));
    CHECK(midi.notes.size() == 100'000);
    CHECK(std::ranges::all_of(midi.notes, [](const MidiNote& note) { return note.offset == 5; }));
    CHECK(midi.anomalies.total() == 0);
}

TEST_CASE("a note that begins at the tick of the note-off goes on, unless it is the only one") {
    SUBCASE("off after on: the old note ends, the new one lives") {
        const MidiFile midi = parse(one_track({0, 0x90, 60, 1, 10, 60, 2, 0, 60, 0, 10, 60, 0}));
        CHECK(midi.notes == notes({{0, 10, 0, 0, 0, 60, 1}, {10, 20, 0, 0, 0, 60, 2}}));
        CHECK(midi.anomalies.total() == 0);
    }
    SUBCASE("nothing else sounds: the note has no length") {
        const MidiFile midi = parse(one_track({5, 0x90, 60, 1, 0, 60, 0}));
        CHECK(midi.notes == notes({{5, 5, 0, 0, 0, 60, 1}}));
        CHECK(midi.anomalies.total() == 0);
    }
}

TEST_CASE("a note-off reaches its own channel, pitch and track only") {
    const Bytes first{0, 0x90, 60, 1, 10, 0x80, 61, 0, 0, 0x81, 60, 0, 10, 0x80, 60, 0};
    const Bytes second{5, 0x80, 60, 0};
    const MidiFile midi = parse(midi_header(1, 2, 96) + midi_track(first) + midi_track(second));
    CHECK(midi.notes == notes({{0, 20, 0, 0, 0, 60, 1}}));
    CHECK(midi.anomalies.orphan_note_offs == 3);
}

TEST_CASE("a program change counts for its channel in every track, from its tick on") {
    const Bytes first{0, 0xC0, 33, 20, 0xC0, 40};
    const Bytes second{0, 0x90, 60, 1, 10, 60, 0, 10, 62, 1, 5, 62, 0, 0, 0x91, 60, 1, 1, 60, 0};
    const MidiFile midi = parse(midi_header(1, 2, 96) + midi_track(first) + midi_track(second));
    REQUIRE(midi.notes.size() == 3);
    CHECK(midi.notes[0].program == 33);
    CHECK(midi.notes[1].program == 40);
    CHECK(midi.notes[2].program == 0);  // channel 1 has none
}

TEST_CASE("within a tick, a program change counts for what follows it in track order") {
    const Bytes before{0, 0xC0, 10};
    const Bytes players{0, 0x90, 60, 1, 0, 0xC0, 20, 0, 0x90, 62, 1, 9, 60, 0, 0, 62, 0};
    const Bytes after{0, 0xC0, 30, 9, 0x90, 64, 1, 1, 64, 0};
    const MidiFile midi = parse(midi_header(1, 3, 96) + midi_track(before) + midi_track(players) + midi_track(after));
    REQUIRE(midi.notes.size() == 3);
    CHECK(midi.notes[0].program == 10);  // after track 0's change, before its own track's
    CHECK(midi.notes[1].program == 20);
    CHECK(midi.notes[2].program == 30);
}

TEST_CASE("channel 10 of the book is the drum channel, index 9") {
    const MidiFile midi = parse(one_track({0, 0x99, 36, 1, 0, 0x98, 36, 1, 1, 36, 0, 0, 0x99, 36, 0}));
    REQUIRE(midi.notes.size() == 2);
    CHECK_FALSE(midi.notes[0].is_drum());
    CHECK(midi.notes[1].is_drum());
}

TEST_CASE("the header may be longer than six bytes") {
    const Bytes header = chunk("MThd", {0, 0, 0, 1, 0, 96, 1, 2, 3});
    const MidiFile midi = parse(header + midi_track({0, 0x90, 60, 1, 4, 60, 0}));
    CHECK(midi.notes.size() == 1);
    CHECK(midi.anomalies.total() == 0);
}

TEST_CASE("a file without notes is a file") {
    const MidiFile midi = parse(one_track({}));
    CHECK(midi.notes.empty());
    CHECK(midi.last_tick == 0);
    CHECK(midi.anomalies.total() == 0);
}

TEST_CASE("what has no meaning is refused, with the file, the fact and a hint") {
    const Bytes track = midi_track({});
    CHECK(contains_all(refusal({}), {"[hand.mid]", "no MThd", "0 bytes"}));
    CHECK(contains_all(refusal(support::text_bytes("<html>404</html>")), {"[hand.mid]", "no MThd", "Standard MIDI"}));
    CHECK(contains_all(refusal(support::text_bytes("MThd") + Bytes{0, 0, 0, 6, 0}), {"cut off", "14"}));
    CHECK(contains_all(refusal(midi_header(2, 1, 96) + track), {"format 2", "0 or 1"}));
    CHECK(contains_all(refusal(midi_header(1, 1, 0xE728) + track), {"SMPTE", "0xe728", "ticks per quarter"}));
    CHECK(contains_all(refusal(midi_header(1, 1, 0) + track), {"division 0", "damaged"}));
    CHECK(contains_all(refusal(midi_header(1, 1, 96)), {"no MTrk", "cut off"}));
    CHECK(contains_all(refusal(midi_header(1, 1, 96) + chunk("XFIH", {1, 2})), {"no MTrk"}));
}

TEST_CASE("MThd is looked for in the first 1024 bytes only") {
    const Bytes file = one_track({0, 0x90, 60, 1, 4, 60, 0});
    CHECK(parse(Bytes(1020, ' ') + file).anomalies.leading_bytes == 1020);
    CHECK(contains_all(refusal(Bytes(1021, ' ') + file), {"no MThd", "1024"}));
}

TEST_CASE("bounds on notes, events, tracks and bytes are refusals") {
    io::MidiLimits limits;
    limits.notes = 2;
    limits.tracks = 1;
    limits.file_bytes = 100;
    const auto repeat = [](Bytes event, int times) {
        Bytes all;
        for (int i = 0; i < times; ++i) all = all + event;
        return all;
    };
    CHECK(refusal(one_track(repeat({0, 0x90, 60, 1}, 2)), limits) == "nothing was thrown");
    CHECK(contains_all(refusal(one_track(repeat({0, 0x90, 60, 1}, 3)), limits), {"more than 2 notes"}));
    CHECK(contains_all(refusal(one_track(repeat({0, 0xC0, 60}, 3)), limits), {"more than 2 events"}));
    CHECK(contains_all(refusal(one_track(repeat({0, 0xFF, 0x51, 3, 1, 1, 1}, 3)), limits), {"more than 2 events"}));
    CHECK(
        contains_all(refusal(midi_header(1, 2, 96) + midi_track({}) + midi_track({}), limits), {"more than 1 tracks"}));
    CHECK(contains_all(refusal(one_track({}) + Bytes(100, 0), limits), {"126 bytes", "at most 100"}));
}
