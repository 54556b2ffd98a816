#include "musegan/data/synth.hpp"

#include <doctest/doctest.h>

#include <set>

#include "musegan/data/song.hpp"
#include "musegan/evaluation/metrics.hpp"
#include "musegan/sources/midi_source.hpp"
#include "tensor/error.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace musegan;

TEST_CASE("synth: a song is a pure function of seed and index") {
    const auto bytes = [](std::uint64_t seed, std::uint64_t index) {
        const std::vector<std::uint8_t> file = io::serialize_midi(synthesize_song(seed, index));
        return std::string(file.begin(), file.end());
    };
    CHECK(bytes(1, 0) == bytes(1, 0));
    std::set<std::string> songs;
    for (std::uint64_t index = 0; index < 20; ++index) songs.insert(bytes(1, index));
    for (std::uint64_t index = 0; index < 20; ++index) songs.insert(bytes(2, index));
    CHECK(songs.size() == 40);
}

TEST_CASE("synth: notes are the same on every machine") {
    // A checksum (FNV-1a) of onset, offset, pitch and track of all notes of one song.
    std::uint64_t hash = 1469598103934665603ULL;
    for (const io::MidiNote& note : synthesize_song(42, 3).notes) {
        for (const std::int64_t value : {note.onset, note.offset, std::int64_t{note.pitch}, std::int64_t{note.track}}) {
            hash = (hash ^ static_cast<std::uint64_t>(value)) * 1099511628211ULL;
        }
    }
    CHECK(hash == 14274214888750508542ULL);
}

TEST_CASE("synth: songs are 4/4 with five families, all in C, and go through the filter whole") {
    PackedPhrases phrases;
    for (std::uint64_t index = 0; index < 25; ++index) {
        CAPTURE(index);
        const io::MidiFile midi = io::parse_midi(io::serialize_midi(synthesize_song(7, index)), "synth");
        CHECK(midi.anomalies.total() == 0);
        CHECK(midi.ticks_per_quarter == 480);
        CHECK(midi.meters == std::vector<io::MidiMeter>{{0, 4, 4}});
        CHECK(midi.tempos.size() == 1);
        const Song song = cut_song(MidiSource(midi));
        CHECK(song.outcome == Outcome::kept);
        CHECK(song.phrases.count() >= 4);
        CHECK(song.counts.kept == song.counts.notes);
        for (const bool there : song.has_track) CHECK(there);
        phrases.append(song.phrases.bits);
    }
    const Metrics metrics = measure(phrases);
    const TrackMetrics& bass = metrics.tracks[index_of(Family::bass)];
    CHECK(bass.polyphony.value() == 0.0);
    CHECK(bass.pitch.value() < 40.0);
    CHECK(bass.empty_bars.value() == 0.0);
    CHECK(metrics.drum_pattern.value() == 100.0);
    for (const int track : {0, 2, 3, 4}) {
        CHECK(metrics.tracks[static_cast<std::size_t>(track)].in_scale.value() == 100.0);
        if (track != 0) CHECK(metrics.tracks[static_cast<std::size_t>(track)].pitch.value() > bass.pitch.value() + 12);
    }
    CHECK(metrics.tracks[index_of(Family::drums)].empty_bars.value() < 20.0);
}

TEST_CASE("synth: sections return, so that a song repeats itself") {
    std::int64_t repeats = 0;
    for (std::uint64_t index = 0; index < 20; ++index) {
        const PianoRoll roll = roll_from_midi(synthesize_song(3, index)).roll;
        std::set<std::string> bars;  // bars without drums, whose fills differ
        std::int64_t count = 0;
        for (std::int64_t bar = 0; bar < roll.steps() / paper_shape.steps_per_bar(); ++bar, ++count) {
            PianoRoll copy(paper_shape, paper_shape.steps_per_bar());
            for_each_cell(paper_shape,
                          roll.bits().subspan(static_cast<std::size_t>(bar * paper_shape.bytes_per_bar()),
                                              static_cast<std::size_t>(paper_shape.bytes_per_bar())),
                          [&](std::int64_t step, int pitch, int track) {
                              if (!is_drums(track)) copy.set(step, pitch, track);
                          });
            bars.emplace(copy.bits().begin(), copy.bits().end());
        }
        repeats += count - static_cast<std::int64_t>(bars.size()) > count / 4;
    }
    CHECK(repeats >= 18);
}

TEST_CASE("synth: files are named in order, counts are checked") {
    support::TemporaryFolder folder;
    std::int64_t calls = 0;
    const auto paths = write_songs(folder / "a/b", 3, 5, [&](std::int64_t done, std::int64_t total) {
        CHECK(done == ++calls);
        CHECK(total == 3);
    });
    REQUIRE(paths.size() == 3);
    CHECK(calls == 3);
    CHECK(paths[0] == folder / "a/b/song_0001.mid");
    CHECK(io::read_midi(paths[2]).notes == io::parse_midi(io::serialize_midi(synthesize_song(5, 2)), "x").notes);
    CHECK_THROWS_AS(write_songs(folder.path(), 0, 1), tensor::Error);
    CHECK_THROWS_AS(write_songs(folder.path(), 2'000'000, 1), tensor::Error);
    support::write_text(folder / "file", "x");
    CHECK_THROWS_AS(write_songs(folder / "file", 1, 1), tensor::Error);
}
