// Which sound a channel plays: programs by port and channel, and drum parts by GS, XG and GM2 messages.
#include <doctest/doctest.h>

#include "io/midi.hpp"
#include "tests/io/midi_bytes.hpp"

using io::MidiFile;
using io::MidiNote;
using support::Bytes;
using support::midi_header;
using support::midi_track;
using support::one_track;
using support::operator+;
using support::parse;

namespace {

/// A note of one tick on a channel.
Bytes note(int channel) {
    return {0, static_cast<std::uint8_t>(0x90 | channel), 40, 1, 1, static_cast<std::uint8_t>(0x80 | channel), 40, 0};
}

/// A note that begins at tick 9.
Bytes later(int channel) {
    Bytes bytes = note(channel);
    bytes.front() = 9;
    return bytes;
}

Bytes program(int channel, std::uint8_t value) { return {0, static_cast<std::uint8_t>(0xC0 | channel), value}; }
Bytes bank(int channel, std::uint8_t value) { return {0, static_cast<std::uint8_t>(0xB0 | channel), 0, value}; }
Bytes port(std::uint8_t value) { return {0, 0xFF, 0x21, 1, value}; }

/// F0, the length, the message and F7.
Bytes system_exclusive(const Bytes& message) {
    return Bytes{0, 0xF0, static_cast<std::uint8_t>(message.size() + 1)} + message + Bytes{0xF7};
}
Bytes gs_part(std::uint8_t block, std::uint8_t mode) {
    return system_exclusive({0x41, 0x10, 0x42, 0x12, 0x40, static_cast<std::uint8_t>(0x10 | block), 0x15, mode, 0});
}
Bytes xg_part(std::uint8_t number, std::uint8_t mode) {
    return system_exclusive({0x43, 0x10, 0x4C, 0x08, number, 0x07, mode});
}
Bytes gs_reset() { return system_exclusive({0x41, 0x10, 0x42, 0x12, 0x40, 0x00, 0x7F, 0x00, 0x41}); }
Bytes xg_reset() { return system_exclusive({0x43, 0x10, 0x4C, 0x00, 0x00, 0x7E, 0x00}); }
Bytes gm_reset() { return system_exclusive({0x7E, 0x7F, 0x09, 0x01}); }

/// Of each note in turn, whether it is one of a drum part: "d" or "p", for pitched.
std::string parts(const Bytes& events) {
    const MidiFile midi = parse(one_track(events));
    CHECK(midi.anomalies.total() == 0);
    std::string text;
    for (const MidiNote& each : midi.notes) text += each.is_drum() ? 'd' : 'p';
    return text;
}

/// The programs of the notes of a file with tracks.
std::vector<int> programs(const std::vector<Bytes>& tracks) {
    Bytes file = midi_header(1, static_cast<int>(tracks.size()), 96);
    for (const Bytes& track : tracks) file = file + midi_track(track);
    const MidiFile midi = parse(file);
    CHECK(midi.anomalies.total() == 0);
    std::vector<int> list;
    for (const MidiNote& each : midi.notes) list.push_back(each.program);
    return list;
}

}  // namespace

TEST_CASE("a program belongs to a port and a channel") {
    const Bytes bass = port(0) + program(0, 33) + note(0), strings = port(1) + program(0, 48) + note(0);
    CHECK(programs({bass, strings}) == std::vector<int>{33, 48});
    CHECK(programs({strings, bass}) == std::vector<int>{48, 33});
    CHECK(programs({strings, port(1) + note(0), note(0)}) == std::vector<int>{48, 48, 0});
    CHECK(programs({port(127) + program(3, 5) + note(3), note(3)}) == std::vector<int>{5, 0});
    const MidiFile midi = parse(midi_header(1, 2, 96) + midi_track(bass) + midi_track(strings));
    CHECK(midi.notes == std::vector<MidiNote>{{0, 1, 0, 0, 33, 40, 1, 0}, {0, 1, 1, 0, 48, 40, 1, 1}});
}

TEST_CASE("what stands in front of a track's first port, before any note, belongs to that port") {
    CHECK(programs({program(0, 33) + note(0), program(0, 48) + port(1) + note(0)}) == std::vector<int>{33, 48});
    // Behind a note it does not, nor where the track names several ports.
    CHECK(programs({note(1) + program(0, 33) + port(1) + program(0, 5) + note(0), later(0)}) ==
          std::vector<int>{0, 5, 33});
    CHECK(programs({port(1) + program(0, 33) + port(2) + note(0), port(1) + note(0)}) == std::vector<int>{0, 33});
    CHECK(programs({program(0, 33) + port(1) + program(0, 48) + port(0) + note(0) + port(1) + note(0)}) ==
          std::vector<int>{33, 48});
}

TEST_CASE("a channel of another port of which nothing is said plays what that of port 0 plays") {
    CHECK(programs({program(0, 33), port(3) + note(0) + note(1)}) == std::vector<int>{33, 0});
    CHECK(programs({program(0, 33) + program(0, 34), port(3) + note(0) + program(0, 5) + note(0)}) ==
          std::vector<int>{0, 5});  // something is said later
    const MidiFile midi = parse(midi_header(1, 2, 96) + midi_track(gs_part(1, 1)) + midi_track(port(1) + note(0)));
    CHECK(midi.notes.front().is_drum());
}

TEST_CASE("ports change within a track, and a note-off reaches its own port only") {
    const MidiFile midi = parse(
        one_track(Bytes{0, 0x90, 60, 1} + port(1) + Bytes{5, 0x90, 60, 2, 5, 60, 0} + port(0) + Bytes{5, 0x80, 60, 0}));
    CHECK(midi.notes == std::vector<MidiNote>{{0, 15, 0, 0, 0, 60, 1, 0}, {5, 10, 0, 0, 0, 60, 2, 1}});
    CHECK(midi.anomalies.total() == 0);
    const MidiFile bad = parse(one_track(Bytes{0, 0xFF, 0x21, 1, 200, 0, 0xFF, 0x21, 0} + note(0)));
    CHECK(bad.notes.front().port == 0);
    CHECK(bad.anomalies.bad_meta_events == 2);
}

TEST_CASE("GS: any channel may be a drum part, from the message on") {
    CHECK(parts(note(10) + gs_part(0xA, 1) + note(10) + gs_part(0xA, 0) + note(10)) == "pdp");
    CHECK(parts(gs_part(0xA, 2) + note(10)) == "d");
    CHECK(parts(gs_part(0xA, 3) + note(10)) == "p");  // no such mode
    CHECK(parts(gs_part(0, 0) + note(9)) == "p");     // the usual drums are pitched
    // Blocks 0 to F are channels 9, 0 to 8, 10 to 15.
    for (int block = 0; block < 16; ++block) {
        const int channel = block == 0 ? 9 : block < 10 ? block - 1 : block;
        for (int played = 0; played < 16; ++played) {
            CAPTURE(block);
            CAPTURE(played);
            CHECK(parts(gs_part(static_cast<std::uint8_t>(block), 1) + note(played)) ==
                  (played == channel || played == 9 ? "d" : "p"));
        }
    }
}

TEST_CASE("GS: the mode may come within longer data, and other messages say nothing") {
    const auto data_set = [](const Bytes& rest) {
        return system_exclusive(Bytes{0x41, 0x10, 0x42, 0x12} + rest) + note(1);
    };
    CHECK(parts(data_set({0x40, 0x12, 0x13, 5, 6, 1, 7, 0})) == "d");  // address 13, 14, 15, 16
    CHECK(parts(data_set({0x40, 0x12, 0x13, 1, 1, 0, 1, 0})) == "p");
    CHECK(parts(data_set({0x40, 0x12, 0x13, 1, 1, 0})) == "p");  // ends before address 15
    CHECK(parts(data_set({0x40, 0x12, 0x16, 1, 1, 0})) == "p");  // begins behind it
    CHECK(parts(data_set({0x40, 0x22, 0x15, 1, 0})) == "p");     // another block
    CHECK(parts(data_set({0x41, 0x12, 0x15, 1, 0})) == "p");
    CHECK(parts(data_set({0x40, 0x12, 0x15})) == "p");  // cut off
    CHECK(parts(data_set({})) == "p");
    CHECK(parts(system_exclusive({0x42, 0x10, 0x42, 0x12, 0x40, 0x12, 0x15, 1, 0}) + note(1)) == "p");  // no Roland
}

TEST_CASE("system-exclusive messages in packets, without their end, or several in one event") {
    const Bytes message{0x41, 0x10, 0x42, 0x12, 0x40, 0x12, 0x15, 1, 0x18, 0xF7};
    const auto event = [](std::uint8_t status, const Bytes& bytes) {
        return Bytes{0, status, static_cast<std::uint8_t>(bytes.size())} + bytes;
    };
    for (std::ptrdiff_t first = 0; first <= 10; ++first)
        for (std::ptrdiff_t second = first; second <= 10; ++second) {
            CAPTURE(first);
            CAPTURE(second);
            const Bytes packets = event(0xF0, Bytes(message.begin(), message.begin() + first)) + Bytes{0, 0xFF, 1, 0} +
                                  event(0xF7, Bytes(message.begin() + first, message.begin() + second)) +
                                  event(0xF7, Bytes(message.begin() + second, message.end()));
            CHECK(parts(packets + note(1)) == "d");
        }
    const Bytes without_end(message.begin(), message.end() - 1);
    CHECK(parts(event(0xF0, without_end) + note(1)) == "d");
    CHECK(parts(event(0xF7, Bytes{0xF0} + message) + note(1)) == "d");
    CHECK(parts(event(0xF7, message) + note(1)) == "p");  // any bytes, sent as they are
    CHECK(parts(event(0xF0, Bytes{0xF0} + message) + note(1)) == "d");
    CHECK(parts(event(0xF0, Bytes{0x7E, 0x7F, 9, 1, 0xF7, 0xF0} + message) + note(1)) == "d");
    // A message that is begun and never ended takes none with it.
    CHECK(parts(event(0xF0, {0x43, 0x10, 1}) + event(0xF7, Bytes{0xF0} + message) + note(1)) == "d");
    CHECK(parts(event(0xF0, Bytes{0x43, 0x10, 0xF0} + message) + note(1)) == "d");
    CHECK(parts(event(0xF0, {0x41, 0x10, 0x42}) + event(0xF0, {0x43}) +
                event(0xF7, {0x12, 0x40, 0x12, 0x15, 1, 0, 0xF7}) + note(1)) == "p");
    // One of more than 256 bytes is not gone on with: the packets behind it stand alone.
    const Bytes front{0x41, 0x10, 0x42, 0x12, 0x40, 0x11, 0x00}, back = Bytes(0x15, 0) + Bytes{1, 0, 0xF7};
    CHECK(parts(event(0xF0, front) + event(0xF7, back) + note(0)) == "d");
    const Bytes filler(126, 0);
    CHECK(parts(event(0xF0, Bytes{0x41}) + event(0xF7, filler) + event(0xF7, filler) + event(0xF7, Bytes{0, 0, 0}) +
                event(0xF7, {0xF0}) + event(0xF7, message) + note(1)) == "d");
    CHECK(parts(event(0xF0, Bytes{0x41}) + event(0xF7, filler) + event(0xF7, filler) + event(0xF7, Bytes{0, 0, 0, 0}) +
                event(0xF7, message) + note(1)) == "p");
}

TEST_CASE("XG: a part's mode, and kits from banks 126 and 127") {
    CHECK(parts(xg_part(10, 3) + note(10) + note(11)) == "dp");
    CHECK(parts(xg_part(10, 1) + xg_part(10, 0) + note(10)) == "p");
    CHECK(parts(xg_part(9, 0) + note(9)) == "p");
    CHECK(parts(xg_part(16, 1) + xg_part(10, 6) + note(0) + note(10)) == "pp");  // no such part, no such mode
    CHECK(parts(xg_reset() + bank(10, 127) + program(10, 77) + note(10)) == "d");
    CHECK(parts(xg_reset() + bank(10, 126) + program(10, 0) + note(10)) == "d");
    CHECK(parts(xg_reset() + bank(10, 120) + program(10, 0) + note(10)) == "p");
    // The bank counts from the next program on.
    CHECK(parts(xg_reset() + bank(10, 127) + note(10) + program(10, 0) + note(10)) == "pd");
    CHECK(parts(xg_reset() + bank(10, 127) + program(10, 0) + bank(10, 0) + note(10) + program(10, 0) + note(10)) ==
          "dp");
    CHECK(parts(bank(9, 0) + program(9, 0) + note(9)) == "d");  // the usual drums stay drums
}

TEST_CASE("bank 127 without a reset to XG: drums where the program is a kit, and never after a reset to GS") {
    CHECK(parts(bank(10, 127) + program(10, 0) + note(10)) == "d");
    CHECK(parts(bank(10, 127) + program(10, 25) + note(10)) == "d");
    CHECK(parts(bank(10, 127) + program(10, 50) + note(10)) == "p");  // a sound of the MT-32
    CHECK(parts(gs_reset() + bank(10, 127) + program(10, 0) + note(10)) == "p");
    CHECK(parts(bank(10, 127) + program(10, 0) + note(10) + gs_reset()) == "p");  // wherever the reset stands
    CHECK(parts(gs_reset() + xg_reset() + bank(10, 127) + program(10, 0) + note(10)) == "d");
    CHECK(parts(bank(10, 120) + program(10, 0) + note(10)) == "d");  // GM2
    CHECK(parts(bank(10, 121) + program(10, 0) + note(10)) == "p");
}

TEST_CASE("a reset makes parts usual again, those of its port alone") {
    for (const Bytes& reset : {gs_reset(), xg_reset(), gm_reset(), system_exclusive({0x7E, 0x7F, 0x09, 0x03})}) {
        CHECK(parts(gs_part(1, 1) + gs_part(0, 0) + note(0) + note(9) + reset + note(0) + note(9)) == "dppd");
        CHECK(parts(port(0) + gs_part(1, 1) + port(1) + reset + port(0) + note(0)) == "d");
    }
    CHECK(parts(gs_part(1, 1) + system_exclusive({0x7E, 0x7F, 0x09, 0x02}) + note(0)) == "d");  // GM off
    CHECK(parts(bank(0, 127) + program(0, 0) + gm_reset() + note(0) + program(0, 1) + note(0)) == "dd");
    CHECK(parts(bank(9, 121) + program(9, 0) + note(9)) == "d");  // nor does a bank make the drums pitched
}

TEST_CASE("drum parts belong to a port, and come from any track, in time") {
    const MidiFile midi = parse(midi_header(1, 3, 96) + midi_track(gs_part(1, 1)) + midi_track(note(0)) +
                                midi_track(port(1) + program(0, 5) + note(0)));
    CHECK(midi.notes[0].is_drum());
    CHECK_FALSE(midi.notes[1].is_drum());
    CHECK(midi.notes[0] == MidiNote{0, 1, 1, 0, 0, 40, 1, 0, true});
}
