// Songs that every player plays although their files or their music depart from the plain: each of sixteen bars of
// bass, drums and piano, made strange in one way, and what must become of it.
#include <doctest/doctest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "musegan/data/song.hpp"
#include "musegan/sources/midi_source.hpp"
#include "tests/io/midi_bytes.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace musegan;
using support::Bytes;
using support::chunk;
using support::end_of_track;
using support::little_endian;
using support::text_bytes;
using support::operator+;

namespace {

constexpr std::int64_t quarter = 480, bar = 4 * quarter;
constexpr int bass_notes = 64, drum_notes = 128, piano_notes = 48;

/// Bars of bass, drums and piano, no two of four bars alike; 15 notes in each.
io::MidiFile plain(int bars = 16) {
    io::MidiFile midi;
    midi.ticks_per_quarter = quarter;
    midi.meters = {{0, 4, 4}};
    for (int k = 0; k < bars; ++k) {
        const std::int64_t begin = k * bar;
        for (int beat = 0; beat < 4; ++beat) {
            const std::int64_t tick = begin + beat * quarter;
            midi.notes.push_back({tick, tick + quarter, 1, 0, 33, 36 + (k + beat) % 12, 90});
            midi.notes.push_back({tick, tick + 60, 2, 9, 0, 36, 90});
            midi.notes.push_back({tick + 240, tick + 300, 2, 9, 0, 42, 90});
            if (beat < 3) midi.notes.push_back({tick, tick + 400, 3, 1, 0, 60 + (k * 5 + beat * 4) % 24, 90});
        }
    }
    midi.last_tick = bars * bar;
    return midi;
}

/// A file as its chunks' contents: of tracks without their end.
struct Chunks {
    Bytes header;
    std::vector<Bytes> tracks;
};

Chunks chunks_of(const io::MidiFile& midi) {
    const Bytes bytes = io::serialize_midi(midi);
    Chunks chunks{Bytes(bytes.begin() + 8, bytes.begin() + 14), {}};
    for (std::size_t at = 14; at < bytes.size();) {
        std::size_t length = 0;
        for (std::size_t k = 4; k < 8; ++k) length = length << 8 | bytes[at + k];
        const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(at + 8);
        chunks.tracks.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(length));
        at += 8 + length;
    }
    return chunks;
}

/// The file, each track with its true length.
Bytes file_of(const Chunks& chunks) {
    Bytes bytes = chunk("MThd", chunks.header);
    for (const Bytes& track : chunks.tracks) bytes = bytes + chunk("MTrk", track);
    return bytes;
}

/// Without the last event, 00 FF 2F 00.
Bytes without_end(Bytes track) {
    track.resize(track.size() - 4);
    return track;
}

struct Outcomes {
    io::MidiFile midi;
    Song song;
    std::array<std::int64_t, n_tracks> notes{};  ///< of each track, as its family says
};

Outcomes take(const Bytes& bytes, const SongFilter& filter = {}) {
    Outcomes result;
    result.midi = io::parse_midi(bytes, "strange.mid");
    result.song = cut_song(MidiSource(result.midi), filter);
    for (const io::MidiNote& note : result.midi.notes)
        if (const auto family = family_of(note.program, note.is_drum()))
            ++result.notes[static_cast<std::size_t>(index_of(*family))];
    return result;
}

/// Takes a file that must give the phrases of the plain song, bit for bit, though `anomalies` faults were forgiven.
Outcomes same_as_plain(const Bytes& bytes, int anomalies) {
    const Outcomes result = take(bytes);
    CHECK(result.song.outcome == Outcome::kept);
    CHECK(result.song.phrases.count() == 4);
    CHECK(result.song.phrases.bits == take(io::serialize_midi(plain())).song.phrases.bits);
    CHECK(result.midi.anomalies.total() == anomalies);
    CHECK(result.song.counts.kept == bass_notes + drum_notes + piano_notes);
    return result;
}

/// The plain song later by `ticks`.
io::MidiFile shifted(std::int64_t ticks, std::int64_t from = 0, int bars = 16) {
    io::MidiFile midi = plain(bars);
    for (io::MidiNote& note : midi.notes) {
        if (note.onset < from) continue;
        note.onset += ticks;
        note.offset += ticks;
    }
    midi.last_tick += ticks;
    return midi;
}

}  // namespace

TEST_CASE("strange songs: the plain one, by value") {
    const Outcomes result = same_as_plain(io::serialize_midi(plain()), 0);
    CHECK(result.notes == std::array<std::int64_t, n_tracks>{bass_notes, drum_notes, 0, piano_notes, 0});
    CHECK(result.song.windows == 4);
    CHECK(result.song.foreign_bars == 0);
    CHECK(result.song.meter == "4/4");
}

TEST_CASE("strange songs: track lengths that are not true") {
    const Chunks chunks = chunks_of(plain());
    for (const std::int64_t more : {-9, -4, -1, 3, 4, 8, 20, 100'000}) {
        CAPTURE(more);
        Bytes bytes = chunk("MThd", chunks.header);
        for (std::size_t k = 0; k < chunks.tracks.size(); ++k) {
            const auto length = static_cast<std::int64_t>(chunks.tracks[k].size());
            bytes = bytes + chunk("MTrk", chunks.tracks[k], k == 1 || k == 2 ? length + more : length);
        }
        const Outcomes result = same_as_plain(bytes, 2);
        CHECK(result.midi.anomalies.wrong_lengths + result.midi.anomalies.truncated_chunks == 2);
    }
}

TEST_CASE("strange songs: absurd deltas before the end, and stray notes hours away") {
    const Bytes absurd{0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0x2F, 0};
    Chunks chunks = chunks_of(plain());
    chunks.tracks[2] = without_end(chunks.tracks[2]) + absurd;
    CHECK(same_as_plain(file_of(chunks), 1).midi.anomalies.late_events == 1);
    for (Bytes& track : chunks.tracks)
        track = without_end(track).size() < absurd.size() ? track : without_end(track) + absurd;
    CHECK(take(file_of(chunks)).song.outcome == Outcome::kept);
    // A note at tick 20,000,000 (bar 10,416), without an end.
    chunks = chunks_of(plain());
    const Bytes stray{0x89, 0xC4, 0xDA, 0x00, 0x92, 60, 100};
    chunks.tracks[3] = without_end(chunks.tracks[3]) + stray + end_of_track();
    CHECK(same_as_plain(file_of(chunks), 2).midi.anomalies.late_events == 2);
    // One at bar 5000, within what is read and beyond what a roll holds.
    io::MidiFile late = plain();
    late.notes.push_back({5000 * bar, 5000 * bar + 10, 3, 1, 0, 60, 90});
    CHECK(same_as_plain(io::serialize_midi(late), 0).song.counts.too_late == 1);
    // One at bar 3000: it stands in a window of its own, which is not kept.
    late.notes.back() = {3000 * bar, 3000 * bar + 480, 3, 1, 0, 60, 90};
    const Song song = take(io::serialize_midi(late)).song;
    CHECK(song.phrases.bits == take(io::serialize_midi(plain())).song.phrases.bits);
    CHECK(song.windows == 750);
}

TEST_CASE("strange songs: one channel on two ports") {
    io::MidiFile midi = plain();
    std::erase_if(midi.notes, [](const io::MidiNote& note) { return note.track == 3; });
    for (int k = 0; k < 16; ++k) midi.notes.push_back({k * bar, k * bar + bar, 3, 0, 48, 60 + k, 90, 1});
    const Outcomes result = take(io::serialize_midi(midi));
    CHECK(result.song.outcome == Outcome::kept);
    CHECK(result.song.phrases.count() == 4);
    CHECK(result.song.counts.notes == 208);
    CHECK(result.notes == std::array<std::int64_t, n_tracks>{bass_notes, drum_notes, 0, 0, 16});
}

TEST_CASE("strange songs: wrapped into RIFF behind a long list") {
    const Bytes song = io::serialize_midi(plain());
    const Bytes list = text_bytes("LIST") + little_endian(2001, 4) + text_bytes("INFO") + Bytes(1997, 'x') + Bytes{0};
    const Bytes data = text_bytes("data") + little_endian(song.size(), 4) + song;
    same_as_plain(
        text_bytes("RIFF") + little_endian(4 + list.size() + data.size(), 4) + text_bytes("RMID") + list + data, 0);
}

TEST_CASE("strange songs: drum parts on another channel than the tenth") {
    io::MidiFile midi = plain();
    for (io::MidiNote& note : midi.notes)
        if (note.track == 2) note.channel = 10, note.switches_part = true;
    CHECK(same_as_plain(io::serialize_midi(midi), 0).notes[index_of(Family::drums)] == drum_notes);
    // By hand: the same notes without the message of the writer (the first event, a delta and twelve bytes), and the
    // ways to say it.
    Chunks chunks = chunks_of(midi);
    REQUIRE(chunks.tracks[2][1] == 0xF0);
    const Bytes notes(chunks.tracks[2].begin() + 13, chunks.tracks[2].end());
    REQUIRE(notes[1] == 0xCA);
    const Bytes xg_reset{0, 0xF0, 8, 0x43, 0x10, 0x4C, 0, 0, 0x7E, 0, 0xF7};
    for (const Bytes& message : {Bytes{0, 0xF0, 10, 0x41, 0x10, 0x42, 0x12, 0x40, 0x1A, 0x15, 2, 0x0F, 0xF7},
                                 Bytes{0, 0xF0, 8, 0x43, 0x10, 0x4C, 8, 10, 7, 2, 0xF7}, Bytes{0, 0xBA, 0, 127},
                                 xg_reset + Bytes{0, 0xBA, 0, 127}, Bytes{0, 0xBA, 0, 120}}) {
        chunks.tracks[2] = message + notes;
        CHECK(same_as_plain(file_of(chunks), 0).notes[index_of(Family::drums)] == drum_notes);
    }
    chunks.tracks[2] = notes;
    CHECK(take(file_of(chunks)).song.outcome == Outcome::missing_track);
}

TEST_CASE("strange songs: huge divisions count bars, not ticks") {
    io::MidiFile midi = plain(804);
    midi.ticks_per_quarter = 32767;
    for (io::MidiNote& note : midi.notes) {
        note.onset = note.onset * 32767 / quarter;
        note.offset = note.offset * 32767 / quarter;
    }
    midi.last_tick = 804 * 4 * 32767;
    const Outcomes result = take(io::serialize_midi(midi));
    CHECK(result.midi.last_tick == 105'378'672);
    CHECK(result.song.outcome == Outcome::kept);
    CHECK(result.song.windows == 201);
    CHECK(result.song.phrases.bits == take(io::serialize_midi(plain(804))).song.phrases.bits);
}

TEST_CASE("strange songs: one foreign bar costs the windows that hold it") {
    // Eight bars, one of 2/4, sixteen bars.
    io::MidiFile midi = shifted(2 * quarter, 8 * bar, 24);
    midi.meters = {{0, 4, 4}, {8 * bar, 2, 4}, {8 * bar + 2 * quarter, 4, 4}};
    const Outcomes result = take(io::serialize_midi(midi));
    CHECK(result.song.outcome == Outcome::kept);
    CHECK(result.song.windows == 6);
    CHECK(result.song.phrases.count() == 6);
    CHECK(result.song.foreign_bars == 1);
    CHECK(result.song.phrases.bits == take(io::serialize_midi(plain(24))).song.phrases.bits);
    CHECK(take(io::serialize_midi(midi), {.strict_meter = true}).song.detail ==
          "2/4 at tick 15360, expected 4/4 throughout");
    // The same, said by a meter that is restated in the middle of a bar.
    midi.meters = {{0, 4, 4}, {8 * bar + 2 * quarter, 4, 4}};
    const Outcomes restated = take(io::serialize_midi(midi), {.strict_meter = true});
    CHECK(restated.song.phrases.bits == result.song.phrases.bits);
    CHECK(restated.song.foreign_bars == 1);
}

TEST_CASE("strange songs: an upbeat, and other ways to write four quarters") {
    io::MidiFile midi = shifted(quarter);
    midi.meters = {{0, 1, 4}, {quarter, 4, 4}};
    midi.notes.push_back({0, quarter, 1, 0, 33, 40, 90});
    const Song song = same_as_plain(io::serialize_midi(midi), 0).song;
    CHECK(song.foreign_bars == 1);
    CHECK(song.counts.in_foreign_bars == 1);
    for (const int number : {2, 8, 16}) {
        midi = plain();
        midi.meters = {{0, number, number}};
        same_as_plain(io::serialize_midi(midi), 0);
        midi.meters = {{0, 4, 4}, {5 * bar, number, number}};
        same_as_plain(io::serialize_midi(midi), 0);
    }
}

TEST_CASE("strange songs: the shared cases, each as expected") {
    const std::filesystem::path folder = support::shared("cases");
    if (folder.empty()) SKIP_TEST("no shared/cases beside the checkout");
    const auto expected = nlohmann::json::parse(support::read_text(folder / "EXPECTED.json")).at("files");
    CHECK(expected.size() == 13);
    for (const auto& item : expected.items()) {
        const std::string name = item.key();
        const auto& facts = item.value();
        CAPTURE(name);
        const io::MidiFile midi = io::read_midi(folder / name);
        const Song song = cut_song(MidiSource(midi));
        CHECK(facts.at("outcome") == tensor::name_of(song.outcome));
        if (facts.contains("as")) {
            const io::MidiFile same = io::read_midi(folder / "plain.mid");
            CHECK(song.phrases.bits == cut_song(MidiSource(same)).phrases.bits);
        }
        CHECK(facts.value("phrases", song.phrases.count()) == song.phrases.count());
        CHECK(facts.value("windows", song.windows) == song.windows);
        CHECK(facts.value("notes", song.counts.notes) == song.counts.notes);
        std::map<std::string, std::int64_t> notes;
        for (const io::MidiNote& note : midi.notes)
            if (const auto family = family_of(note.program, note.is_drum()))
                ++notes[std::string(tracks[static_cast<std::size_t>(index_of(*family))].name)];
        CHECK(facts.value("notes_of", notes) == notes);
        std::vector<std::string> names;
        for (std::size_t track = 0; track < n_tracks; ++track)
            if (song.has_track[track]) names.emplace_back(tracks[track].name);
        CHECK(facts.value("tracks", names) == names);
    }
}
