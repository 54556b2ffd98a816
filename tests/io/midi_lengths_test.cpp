// MIDI files whose chunks have lengths that are not true, and files wrapped into RIFF: what a player that goes by the
// events hears is read.
#include <doctest/doctest.h>

#include "io/midi.hpp"
#include "tests/io/midi_bytes.hpp"

using io::MidiFile;
using io::MidiNote;
using support::Bytes;
using support::chunk;
using support::end_of_track;
using support::little_endian;
using support::midi_header;
using support::midi_track;
using support::one_track;
using support::text_bytes;
using support::operator+;
using support::parse;

namespace {

/// One note of a pitch, from tick 0 to 4.
Bytes note(std::uint8_t pitch) { return {0, 0x90, pitch, 1, 4, 0x80, pitch, 0}; }

/// A track with that note and its end, 12 bytes, of which the header claims another number.
Bytes track(std::uint8_t pitch, std::int64_t claimed) { return chunk("MTrk", note(pitch) + end_of_track(), claimed); }

/// The pitches of the notes in the order of the tracks.
std::vector<int> pitches(const MidiFile& midi) {
    std::vector<int> list;
    for (const MidiNote& each : midi.notes) {
        CHECK(each.offset == 4);
        CHECK(each.track == static_cast<int>(list.size()));
        list.push_back(each.pitch);
    }
    return list;
}

/// RIFF with the form RMID around chunks.
Bytes riff(const Bytes& chunks) {
    return text_bytes("RIFF") + little_endian(4 + chunks.size(), 4) + text_bytes("RMID") + chunks;
}

Bytes riff_chunk(std::string_view type, const Bytes& content) {
    return text_bytes(type) + little_endian(content.size(), 4) + content + Bytes(content.size() % 2, 0);
}

}  // namespace

TEST_CASE("the length of a track, too long or too short, costs no note") {
    // 20 bytes more lead just behind the next track, into the third.
    for (const std::int64_t claimed : {0, 1, 4, 8, 9, 11, 13, 15, 16, 20, 24, 31, 33, 40, 1000, 0x7FFF'FFFF}) {
        CAPTURE(claimed);
        const MidiFile midi = parse(midi_header(1, 3, 96) + track(60, claimed) + track(62, 12) + track(64, 12));
        CHECK(pitches(midi) == std::vector<int>{60, 62, 64});
        CHECK(midi.anomalies.total() == 1);
        CHECK(midi.anomalies.wrong_lengths + midi.anomalies.truncated_chunks == 1);
        CHECK(midi.anomalies.truncated_chunks == (claimed > 12 + 20 + 20 ? 1 : 0));
    }
}

TEST_CASE("all lengths of a file are wrong") {
    for (const std::int64_t claimed : {0, 8, 15, 0x7FFF'FFFF}) {
        CAPTURE(claimed);
        const MidiFile midi = parse(midi_header(1, 2, 96) + track(60, claimed) + track(62, claimed));
        CHECK(pitches(midi) == std::vector<int>{60, 62});
        CHECK(midi.anomalies.total() == 2);
    }
}

TEST_CASE("a length that leads to the next chunk is believed, whatever the events say") {
    // Without its end, the note-on of the first track would take the next header for data.
    const MidiFile midi = parse(midi_header(1, 2, 96) + chunk("MTrk", {0, 0x90, 60, 1, 4}) + midi_track(note(62)));
    CHECK(midi.notes == std::vector<MidiNote>{{0, 0, 0, 0, 0, 60, 1}, {0, 4, 1, 0, 0, 62, 1}});
    CHECK(midi.anomalies.missing_end_of_track == 1);
    CHECK(midi.anomalies.wrong_lengths == 0);
}

TEST_CASE("a wrong length and no end of the track: the next track is read all the same") {
    const MidiFile midi = parse(midi_header(1, 2, 96) + chunk("MTrk", note(60), 1000) + midi_track(note(62)));
    CHECK(pitches(midi) == std::vector<int>{60, 62});
    CHECK(midi.anomalies.missing_end_of_track == 1);
    CHECK(midi.anomalies.truncated_chunks == 1);
}

TEST_CASE("a length that leads to what only looks like a chunk is not believed") {
    // At byte 9 stand "ibed" and 00 00 00 05, a note's delta and its first bytes: the chunk would end in the note.
    const Bytes text{0, 0xFF, 1, 9, 'd', 'e', 's', 'c', 'r', 'i', 'b', 'e', 'd'};
    const Bytes track_events = text + Bytes{0x80, 0x80, 0x00, 0xFF, 1, 0} + note(60) + end_of_track();
    for (std::int64_t claimed = 1; claimed < static_cast<std::int64_t>(track_events.size()); ++claimed) {
        CAPTURE(claimed);
        const MidiFile midi = parse(midi_header(1, 2, 96) + chunk("MTrk", track_events, claimed) + track(62, 12));
        CHECK(pitches(midi) == std::vector<int>{60, 62});
        CHECK(midi.anomalies.wrong_lengths == 1);
        CHECK(midi.anomalies.total() == 1);
    }
}

TEST_CASE("a wrong length and no end of the track: the track goes on to the next") {
    for (const std::int64_t claimed : {0, 3, 7, 9, 1000}) {
        CAPTURE(claimed);
        const MidiFile midi =
            parse(midi_header(1, 2, 96) + chunk("MTrk", note(60), claimed) + chunk("MTrk", note(62), claimed));
        CHECK(pitches(midi) == std::vector<int>{60, 62});
        CHECK(midi.anomalies.missing_end_of_track == 2);
    }
}

TEST_CASE("the last claimed track without its end does not read the remains behind it") {
    const Bytes old = track(72, 12);
    for (const std::size_t garbage : {5, 7, 8})
        for (const std::int64_t claimed : {8, 9}) {
            CAPTURE(garbage);
            CAPTURE(claimed);
            const Bytes file = midi_header(1, 2, 96) + track(60, 12) + chunk("MTrk", note(62), claimed);
            CHECK(pitches(parse(file + Bytes(garbage, 0) + old)) == std::vector<int>{60, 62});
        }
    // Nothing but pad bytes between: more tracks than the header claims.
    for (const int claimed_tracks : {0, 1, 2})
        CHECK(pitches(parse(midi_header(1, claimed_tracks, 96) + track(60, 12) + Bytes{0} + track(62, 12) + Bytes{0} +
                            track(64, 12))) == std::vector<int>{60, 62, 64});
}

TEST_CASE("a length over the next track, and pad bytes between: no track is lost while the header claims more") {
    for (const std::size_t pad : {1, 2, 4, 8}) {
        CAPTURE(pad);
        const Bytes padded = note(60) + end_of_track() + Bytes(pad, 0);
        const auto over_all = static_cast<std::int64_t>(12 + pad + 20 + 20);
        for (const std::int64_t claimed : {over_all, over_all - 20, over_all - 5}) {
            CAPTURE(claimed);
            const MidiFile midi =
                parse(midi_header(1, 3, 96) + chunk("MTrk", padded, claimed) + track(62, 12) + track(64, 12));
            CHECK(pitches(midi) == std::vector<int>{60, 62, 64});
            CHECK(midi.anomalies.wrong_lengths == 1);
        }
        // Junk that claims more than it has.
        const MidiFile junk =
            parse(midi_header(1, 2, 96) + chunk("JUNK", Bytes(pad, 0), over_all) + track(60, 12) + track(62, 12));
        CHECK(pitches(junk) == std::vector<int>{60, 62});
    }
}

TEST_CASE("another file behind the last claimed track is not of this song") {
    const Bytes first = midi_header(1, 1, 96) + track(60, 12), second = midi_header(1, 1, 96) + track(62, 12);
    CHECK(pitches(parse(first + second)) == std::vector<int>{60});
    CHECK(parse(first + second).anomalies.unknown_chunks == 1);
    CHECK(parse(first + second).anomalies.total() == 1);
    // The name of the header in front of it is no header.
    CHECK(pitches(parse(text_bytes("MThd is a header: ") + first)) == std::vector<int>{60});
    // A header twice is no other file.
    CHECK(pitches(parse(midi_header(1, 1, 96) + first)) == std::vector<int>{60});
}

TEST_CASE("the length of the header is wrong") {
    for (const std::int64_t claimed : {0, 4, 5, 7, 0x600, 0x7FFF'FFFF}) {
        CAPTURE(claimed);
        const MidiFile midi = parse(chunk("MThd", {0, 1, 0, 2, 0, 96}, claimed) + track(60, 12) + track(62, 12));
        CHECK(pitches(midi) == std::vector<int>{60, 62});
        CHECK(midi.anomalies.wrong_lengths == 1);
        CHECK(midi.anomalies.total() == 1);
    }
    // Over the first track, to the second.
    const Bytes over = chunk("MThd", {0, 1, 0, 2, 0, 96}, 26) + track(60, 12) + track(62, 12);
    CHECK(pitches(parse(over)) == std::vector<int>{60, 62});
}

TEST_CASE("RIFF: the chunks before the data may have any length, and those behind it are no tracks") {
    const Bytes song = midi_header(1, 2, 96) + track(60, 12) + track(62, 12);
    const Bytes data = riff_chunk("data", song);
    for (const std::size_t length : {0, 1, 2, 1001, 2001, 70'000}) {
        CAPTURE(length);
        const Bytes list = riff_chunk("LIST", Bytes(length, 'M'));
        CHECK(pitches(parse(riff(list + data))) == std::vector<int>{60, 62});
        CHECK(parse(riff(list + list + data)).anomalies.total() == 0);
        CHECK(pitches(parse(riff(data + list))) == std::vector<int>{60, 62});
        CHECK(parse(riff(data + list + list)).anomalies.total() == 0);
    }
}

TEST_CASE("RIFF: whatever length its data claims, no note is lost") {
    const Bytes text{0, 0xFF, 1, 12, 'L', 'I', 'S', 'T', 'L', 'I', 'S', 'T', 'L', 'I', 'S', 'T'};
    const Bytes song = midi_header(1, 2, 96) + midi_track(text + note(60)) + track(62, 12);
    for (std::size_t claimed = 0; claimed <= song.size() + 1; ++claimed) {
        CAPTURE(claimed);
        const Bytes data = text_bytes("data") + little_endian(claimed, 4) + song;
        CHECK(pitches(parse(riff(data))) == std::vector<int>{60, 62});
        CHECK(pitches(parse(riff(data + riff_chunk("LIST", Bytes(10, 'x'))))) == std::vector<int>{60, 62});
    }
}

TEST_CASE("RIFF with wrong lengths, or without a pad byte, is read where its header stands") {
    const Bytes song = midi_header(1, 2, 96) + track(60, 12) + track(62, 12);
    const auto claiming = [](std::string_view type, std::uint64_t length, const Bytes& content) {
        return text_bytes(type) + little_endian(length, 4) + content;
    };
    const Bytes list(2001, 'x');
    for (const Bytes& chunks : {claiming("LIST", 2001, list) + riff_chunk("data", song),  // without the pad byte
                                claiming("LIST", 5, list) + riff_chunk("data", song),
                                claiming("LIST", 0xFFFF'FFFF, list) + riff_chunk("data", song),
                                claiming("data", 3, song), claiming("data", 0xFFFF'FFFF, song)}) {
        const MidiFile midi = parse(riff(chunks));
        CHECK(pitches(midi) == std::vector<int>{60, 62});
        CHECK(midi.anomalies.total() == 0);
    }
}

TEST_CASE("bytes behind a number that cannot be are not searched for tracks where the length is believed") {
    const Bytes broken = note(60) + Bytes{0xFF, 0xFF, 0xFF, 0xFF, 0x7F} + track(64, 12);
    const MidiFile midi = parse(midi_header(1, 2, 96) + chunk("MTrk", broken) + track(62, 12));
    CHECK(pitches(midi) == std::vector<int>{60, 62});
}
