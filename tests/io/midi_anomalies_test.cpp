// What the MIDI reader forgives: each fault alone, the notes that are read all the same, and the fault's count.
#include <doctest/doctest.h>

#include <set>

#include "io/midi.hpp"
#include "tests/io/midi_bytes.hpp"

using io::MidiFile;
using io::MidiNote;
using support::Bytes;
using support::chunk;
using support::end_of_track;
using support::midi_header;
using support::midi_track;
using support::one_track;
using support::operator+;
using support::parse;

namespace {

/// The note C4 from tick 0 to 4.
const Bytes note{0, 0x90, 60, 1, 4, 0x80, 60, 0};

bool has_the_note(const MidiFile& midi) { return midi.notes == std::vector<MidiNote>{{0, 4, 0, 0, 0, 60, 1}}; }

}  // namespace

TEST_CASE("the header's number of tracks is wrong, either way") {
    const MidiFile fewer = parse(midi_header(1, 3, 96) + midi_track(note));
    CHECK(has_the_note(fewer));
    CHECK(fewer.anomalies.wrong_track_count == 1);
    CHECK(fewer.anomalies.total() == 1);
    const MidiFile more = parse(midi_header(1, 1, 96) + midi_track({}) + midi_track(note));
    CHECK(more.notes.size() == 1);
    CHECK(more.track_names.size() == 2);
    CHECK(more.anomalies.wrong_track_count == 1);
}

TEST_CASE("a track chunk runs past the end of the file") {
    const MidiFile midi = parse(midi_header(0, 1, 96) + chunk("MTrk", note + end_of_track(), 1'000'000));
    CHECK(has_the_note(midi));
    CHECK(midi.anomalies.truncated_chunks == 1);
    CHECK(midi.anomalies.total() == 1);
}

TEST_CASE("a file cut at any byte of its track gives the notes up to there") {
    const Bytes whole = one_track({0, 0x90, 60, 1, 10, 62, 2, 10, 60, 0, 10, 62, 0});
    const std::size_t first_event = 14 + 8;
    for (std::size_t length = first_event; length < whole.size(); ++length) {
        CAPTURE(length);
        const MidiFile midi = parse(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)));
        CHECK(midi.anomalies.truncated_chunks == 1);
        CHECK(midi.notes.size() == (length >= first_event + 7 ? 2 : length >= first_event + 4 ? 1 : 0));
        for (const MidiNote& each : midi.notes) CHECK(each.offset >= each.onset);
    }
}

TEST_CASE("chunks of other types are skipped, before and between tracks") {
    const MidiFile midi =
        parse(midi_header(1, 1, 96) + chunk("Junk", {1, 2, 3}) + midi_track(note) + chunk("XFKM", note));
    CHECK(has_the_note(midi));
    CHECK(midi.anomalies.unknown_chunks == 2);
    CHECK(midi.anomalies.total() == 2);
}

TEST_CASE("bytes that are no chunk: the missing track is looked for behind them") {
    const Bytes garbage{0x00, 0xFF, 0x13, 0x99, 0x00, 0x00, 0x00, 0x02, 0x01};
    const MidiFile midi = parse(midi_header(1, 2, 96) + midi_track(note) + garbage + midi_track(note));
    CHECK(midi.notes.size() == 2);
    CHECK(midi.notes.back().track == 1);
    CHECK(midi.anomalies.unknown_chunks == 1);
    CHECK(midi.anomalies.total() == 1);
}

TEST_CASE("bytes that are no chunk after the last claimed track end the file: old versions lie there") {
    const Bytes garbage{0x00, 0xFF, 0x13, 0x99, 0x00, 0x00, 0x00, 0x02, 0x01};
    const MidiFile midi = parse(midi_header(1, 1, 96) + midi_track(note) + garbage + midi_track(note));
    CHECK(has_the_note(midi));
    CHECK(midi.anomalies.unknown_chunks == 1);
    CHECK(midi.anomalies.total() == 1);
}

TEST_CASE("up to seven stray bytes at the end are too short for a chunk") {
    CHECK(parse(one_track(note) + Bytes{0, 0, 0, 0, 0, 0, 0}).anomalies.total() == 0);
}

TEST_CASE("a track without its end") {
    const MidiFile midi = parse(midi_header(0, 1, 96) + chunk("MTrk", note));
    CHECK(has_the_note(midi));
    CHECK(midi.anomalies.missing_end_of_track == 1);
    CHECK(midi.anomalies.total() == 1);
}

TEST_CASE("nothing counts after the end of the track") {
    const MidiFile midi = parse(midi_header(0, 1, 96) + chunk("MTrk", note + end_of_track() + note));
    CHECK(has_the_note(midi));
    CHECK(midi.last_tick == 4);
    CHECK(midi.anomalies.total() == 0);
}

TEST_CASE("data above 127 drops its event and no other") {
    const MidiFile midi = parse(one_track(Bytes{0, 0x90, 0x85, 0x90,  // pitch 133
                                                0, 0x80, 0x85, 0,     //
                                                0, 0xC0, 0xFE,        // program 254
                                                0, 0xB0, 0, 0x80} +   // bank 128
                                          note));
    CHECK(has_the_note(midi));
    CHECK(midi.anomalies.bad_data_bytes == 4);
    CHECK(midi.anomalies.total() == 4);
}

TEST_CASE("a velocity above 127 is one of 127, and a note-off ends its note whatever its velocity") {
    const MidiFile midi = parse(one_track({0, 0x90, 60, 200, 4, 0x80, 60, 255}));
    CHECK(midi.notes == std::vector<MidiNote>{{0, 4, 0, 0, 0, 60, 127}});
    CHECK(midi.anomalies.bad_data_bytes == 2);
    CHECK(midi.anomalies.total() == 2);
}

TEST_CASE("statuses that no file may hold are stepped over with the data of a live stream") {
    const MidiFile midi = parse(one_track(
        Bytes{0, 0xF1, 1, 0, 0xF2, 1, 1, 0, 0xF3, 1, 0, 0xF4, 0, 0xF5, 0, 0xF6, 0, 0xF8, 0, 0xFA, 0, 0xFE} + note));
    CHECK(has_the_note(midi));
    CHECK(midi.anomalies.bad_status_bytes == 9);
    CHECK(midi.anomalies.total() == 9);
}

TEST_CASE("data without a status is passed over up to the next status") {
    const MidiFile midi = parse(one_track(Bytes{0, 60, 1} + note));
    CHECK(has_the_note(midi));
    CHECK(midi.anomalies.bad_status_bytes == 1);
    CHECK(midi.anomalies.total() == 1);
}

TEST_CASE("running status goes on over a meta or sysex event, once each") {
    const MidiFile midi = parse(one_track({0, 0x90, 60, 1, 0,    0xFF, 1,    0, 4,  60, 0,  // text between
                                           0, 62,   1,  0, 0xF0, 1,    0xF7, 4, 62, 0}));   // sysex between
    CHECK(midi.notes == std::vector<MidiNote>{{0, 4, 0, 0, 0, 60, 1}, {4, 8, 0, 0, 0, 62, 1}});
    CHECK(midi.anomalies.running_across_meta == 2);
    CHECK(midi.anomalies.total() == 2);
}

TEST_CASE("note-offs without a note") {
    const MidiFile midi = parse(one_track(Bytes{0, 0x80, 60, 0, 0, 0x90, 72, 0} + note));
    CHECK(has_the_note(midi));
    CHECK(midi.anomalies.orphan_note_offs == 2);
    CHECK(midi.anomalies.total() == 2);
}

TEST_CASE("notes left open end with their track") {
    const Bytes open{0, 0x90, 60, 1, 7, 62, 2, 3, 0xFF, 0x2F, 0};
    const MidiFile midi = parse(midi_header(1, 2, 96) + chunk("MTrk", open) + midi_track({99, 0x90, 60, 3, 1, 60, 0}));
    CHECK(midi.notes ==
          std::vector<MidiNote>{{0, 10, 0, 0, 0, 60, 1}, {7, 10, 0, 0, 0, 62, 2}, {99, 100, 1, 0, 0, 60, 3}});
    CHECK(midi.anomalies.unclosed_notes == 2);
    CHECK(midi.anomalies.total() == 2);
}

TEST_CASE("tempos, meters and keys without meaning are ignored") {
    const MidiFile midi = parse(one_track(Bytes{0, 0xFF, 0x51, 3, 0,    0,  0,      // tempo 0
                                                0, 0xFF, 0x51, 2, 1,    1,          // two bytes
                                                0, 0xFF, 0x58, 4, 0,    2,  24, 8,  // 0/4
                                                0, 0xFF, 0x58, 4, 4,    60, 24, 8,  // 4 over 2^60
                                                0, 0xFF, 0x58, 1, 4,                // one byte
                                                0, 0xFF, 0x59, 2, 9,    0,          // nine sharps
                                                0, 0xFF, 0x59, 2, 0xFD, 255} +      // mode 255
                                          note));
    CHECK(has_the_note(midi));
    CHECK(midi.tempos.empty());
    CHECK(midi.meters.empty());
    CHECK(midi.keys.empty());
    CHECK(midi.anomalies.bad_meta_events == 7);
    CHECK(midi.anomalies.total() == 7);
}

TEST_CASE("bytes before the header count as one fault however many they are") {
    const MidiFile midi = parse(support::text_bytes("HTTP/1.0 200 OK\n\n") + one_track(note));
    CHECK(has_the_note(midi));
    CHECK(midi.anomalies.leading_bytes == 17);
    CHECK(midi.anomalies.total() == 1);
}

TEST_CASE("events beyond the bound of quarter notes are left out one by one, and the song stays") {
    // The bound is 2 quarters of 96 ticks. Ticks 191 and 192 lie within, 193 and all that follows do not.
    const Bytes events = note + Bytes{0x81, 0x3B, 0x90, 62,   1,            // tick 191
                                      1,    62,   0,                        // 192
                                      1,    64,   1,                        // 193: late from here on
                                      0,    0xC0, 5,                        //
                                      0,    0xFF, 0x51, 3,    1,    1,  1,  //
                                      0,    0xFF, 3,    1,    'x',          // a name counts whenever it comes
                                      0xFF, 0xFF, 0xFF, 0x7F, 0x90, 60, 1};
    const Bytes other{0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0x2F, 0};
    io::MidiLimits limits;
    limits.quarters = 2;
    const MidiFile midi =
        io::parse_midi(midi_header(1, 2, 96) + midi_track(events) + chunk("MTrk", note + other), "hand.mid", limits);
    CHECK(midi.notes ==
          std::vector<MidiNote>{{0, 4, 0, 0, 0, 60, 1}, {0, 4, 1, 0, 0, 60, 1}, {191, 192, 0, 0, 0, 62, 1}});
    CHECK(midi.tempos.empty());
    CHECK(midi.track_names == std::vector<std::string>{"x", ""});
    CHECK(midi.last_tick == 192);
    CHECK(midi.anomalies.late_events == 7);
    CHECK(midi.anomalies.total() == 7);
}

TEST_CASE("a note that is open where late events begin ends with the last event before them") {
    const MidiFile midi = parse(one_track({0, 0x90, 60, 1, 7, 62, 1, 2, 62, 0, 0xFF, 0xFF, 0xFF, 0x7F, 60, 0}));
    CHECK(midi.notes == std::vector<MidiNote>{{0, 9, 0, 0, 0, 60, 1}, {7, 9, 0, 0, 0, 62, 1}});
    CHECK(midi.anomalies.late_events == 2);  // the note-off and the end of the track
    CHECK(midi.anomalies.unclosed_notes == 1);
    CHECK(midi.anomalies.total() == 3);
}

TEST_CASE("the largest deltas in a row do not overflow") {
    Bytes events;
    for (int i = 0; i < 1000; ++i) events = events + Bytes{0xFF, 0xFF, 0xFF, 0x7F, 0xC0, 0};
    const MidiFile midi = parse(one_track(note + events));
    CHECK(has_the_note(midi));
    CHECK(midi.anomalies.late_events == 1001);
    CHECK(midi.last_tick == 4);
}

TEST_CASE("every kind of anomaly has a name, a meaning, and a share of the total") {
    std::set<std::string_view> names;
    io::MidiAnomalies anomalies;
    int expected = 0;
    for (const io::MidiAnomalyKind& kind : io::midi_anomaly_kinds) {
        names.insert(kind.name);
        CHECK_FALSE(kind.meaning.empty());
        anomalies.*kind.count = 2;
        expected += kind.name == "leading_bytes" ? 1 : 2;
        CHECK(anomalies.total() == expected);
    }
    CHECK(names.size() == io::midi_anomaly_kinds.size());
    CHECK(sizeof(io::MidiAnomalies) == names.size() * sizeof(int));
}

TEST_CASE("numbers with zeros in front are read, however long") {
    const MidiFile midi = parse(one_track(Bytes{0x80, 0x80, 0x80, 0x80, 0x00} + Bytes(note.begin() + 1, note.end()) +
                                          Bytes{0, 0xFF, 1, 0x80, 0x80, 0x80, 0x80, 0x80, 1, 'x'}));
    CHECK(has_the_note(midi));
    CHECK(midi.anomalies.wrong_numbers == 2);
    CHECK(midi.anomalies.total() == 2);
    CHECK(parse(one_track(Bytes{0x80, 0x80, 0x80, 0x00} + Bytes(note.begin() + 1, note.end()))).anomalies.total() == 0);
}

TEST_CASE("a delta of 29 bits ends its track, not the file") {
    const Bytes broken = note + Bytes{0x81, 0x80, 0x80, 0x80, 0x00, 0x90, 64, 1};
    const MidiFile midi = parse(midi_header(1, 2, 96) + midi_track(broken) + midi_track(note));
    CHECK(midi.notes.size() == 2);
    CHECK(midi.anomalies.wrong_numbers == 1);
    CHECK(midi.anomalies.missing_end_of_track == 1);
    CHECK(midi.anomalies.total() == 2);
}

TEST_CASE("a sysex with an absurd length ends with its F7") {
    const MidiFile midi = parse(one_track(Bytes{0, 0xF0, 0xFF, 0xFF, 0xFF, 0x7F, 1, 2, 0xF7} + note));
    CHECK(has_the_note(midi));
    CHECK(midi.anomalies.wrong_numbers == 1);
    CHECK(midi.anomalies.total() == 1);
}

TEST_CASE("a meta event or sysex longer than its chunk ends the track") {
    for (const Bytes& broken : {Bytes{0, 0xFF, 1, 100, 'x'}, Bytes{0, 0xF0, 0xFF, 0xFF, 0xFF, 0x7F, 1}, Bytes{0, 0xFF},
                                Bytes{0, 0x90, 61}, Bytes{0, 0xF2, 1}}) {
        const MidiFile midi = parse(midi_header(1, 2, 96) + chunk("MTrk", note + broken) + midi_track(note));
        CHECK(midi.notes.size() == 2);
        CHECK(midi.anomalies.missing_end_of_track == 1);
    }
}
