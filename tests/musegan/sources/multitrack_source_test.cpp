// A pypianoroll file as a song: cells by value, grids, bars by downbeats, families, and what is counted.
#include "musegan/sources/multitrack_source.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "io/file.hpp"
#include "musegan/phrase/grid.hpp"
#include "musegan/phrase/pypianoroll.hpp"
#include "tensor/error.hpp"
#include "tests/musegan/phrase/rolls.hpp"
#include "tests/musegan/sources/multitrack_files.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/skip.hpp"

using namespace musegan;
using support::MultitrackFile;
using support::run;

namespace {

constexpr int bar = 96;

Multitrack parse(const std::vector<std::uint8_t>& bytes) {
    return parse_multitrack(bytes, io::read_zip_directory(bytes, "x.npz"), "x.npz");
}

MultitrackTrack track_of(int program, bool is_drum, const std::vector<std::pair<int, int>>& cells) {
    const std::string info = fmt::format(R"({{"program": {}, "is_drum": {}}})", program, is_drum ? "true" : "false");
    return parse(MultitrackFile({{info, 100'000, cells}}).bytes()).tracks.front();
}

std::vector<Run> runs_of(const Multitrack& song, const RollRequest& request = {}) {
    return note_runs(MultitrackSource(song, "x").roll(request).roll);
}

Multitrack song_of(std::vector<MultitrackTrack> tracks, std::vector<std::int64_t> downbeats = {}) {
    Multitrack song;
    song.tracks = std::move(tracks);
    song.has_downbeats = !downbeats.empty();
    song.downbeats = std::move(downbeats);
    return song;
}

}  // namespace

TEST_CASE("multitrack source: cells of the finest grid stay as they are") {
    const PianoRoll roll = support::random_roll(3, 5, 40);
    const Multitrack song = parse(pypianoroll_npz(roll));
    const MultitrackSource source(song, "x");
    CHECK(source.roll({}).roll == roll);
    CHECK(source.whole_roll().roll == roll);
    CHECK(source.roll({}).first_bars == std::vector<std::int64_t>{0});
    CHECK(source.note_count() == static_cast<std::int64_t>(note_runs(roll).size()));
    CHECK(source.roll({}).counts.kept == source.note_count());
}

TEST_CASE("multitrack source: coarser grids become what expand makes of them") {
    for (const int steps_per_beat : {4, 8, 12}) {
        CAPTURE(steps_per_beat);
        const PianoRoll roll = support::random_roll(4, 3, 60, paper_shape.on_grid(steps_per_beat));
        const Multitrack song = parse(pypianoroll_npz(roll));
        CHECK(MultitrackSource(song, "x").roll({}).roll == expand(roll));
    }
    // Those that no shape of ours has: a note [2, 4) of one step per beat, and two hits.
    Multitrack slow = song_of({track_of(0, false, run(2, 4, 60)), track_of(0, true, {{2, 36}, {3, 36}})});
    slow.steps_per_beat = 1;
    CHECK(runs_of(slow) == std::vector<Run>{{48, 49, 12, 1}, {48, 95, 36, 3}, {72, 73, 12, 1}});
    slow.steps_per_beat = 10;
    CHECK(support::message_of([&] { MultitrackSource(slow, "x.npz"); }) ==
          "[x.npz] 10 steps per beat, expected 1, 2, 3, 4, 6, 8, 12 or 24");
}

TEST_CASE("multitrack source: families by program, tracks of one family joined, pitches cropped and moved") {
    const Multitrack song = song_of({track_of(33, false, run(0, 10, 40)), track_of(39, false, run(5, 20, 40)),
                                     track_of(98, false, run(0, 4, 70)), track_of(120, false, run(0, 4, 70)),
                                     track_of(0, false, run(0, 4, 20)), track_of(5, true, {{0, 36}})});
    CHECK(runs_of(song) == std::vector<Run>{{0, 20, 16, 0}, {0, 1, 12, 1}, {0, 4, 46, 4}});
    CHECK(runs_of(song, {.transposition = 4}) ==
          std::vector<Run>{{0, 20, 20, 0}, {0, 1, 12, 1}, {0, 4, 0, 3}, {0, 4, 50, 4}});
    CHECK(runs_of(song, {.families = FamilyRule::lpd5}) == std::vector<Run>{{0, 20, 16, 0}, {0, 1, 12, 1}});
    const NoteCounts counts = MultitrackSource(song, "x").roll({}).counts;
    CHECK(counts.notes == 6);
    CHECK(counts.kept == 4);
    CHECK(counts.no_family == 1);
    CHECK(counts.out_of_range == 1);
    const Chroma chroma = MultitrackSource(song, "x").chroma(FamilyRule::paper);
    CHECK(chroma[4] == 25);
    CHECK(chroma[10] == 4);
    CHECK(chroma[8] == 4);
    CHECK(chroma[0] == 0);
}

TEST_CASE("multitrack source: one downbeat or none says nothing, several say where the bars lie") {
    const std::vector<MultitrackTrack> bass{track_of(33, false, run(0, 1000, 40))};
    Multitrack song = song_of(bass);
    CHECK(MultitrackSource(song, "x").meter().text == "none");
    CHECK(MultitrackSource(song, "x").meter().not_cleansed == "no downbeats");
    song = song_of(bass, {0});
    CHECK(MultitrackSource(song, "x").meter().text == "none");
    CHECK(MultitrackSource(song, "x").meter().not_cleansed == "");
    CHECK(MultitrackSource(song, "x").meter().foreign == "");
    song = song_of(bass, {0, bar, 3 * bar});
    CHECK(MultitrackSource(song, "x").meter().text == "4/4");
    CHECK(MultitrackSource(song, "x").meter().not_cleansed == "");
    song = song_of(bass, {24, 24 + bar});
    CHECK(MultitrackSource(song, "x").meter().not_cleansed == "the first downbeat at step 24");
    CHECK(runs_of(song) == std::vector<Run>{{72, 1072, 16, 0}});
    CHECK(note_runs(MultitrackSource(song, "x").whole_roll().roll) == std::vector<Run>{{72, 1072, 16, 0}});
}

TEST_CASE("multitrack source: bars of another length are left out, and bars count anew behind them") {
    const Multitrack song =
        song_of({track_of(33, false, run(0, 400, 40)), track_of(0, true, {{100, 36}, {170, 36}})}, {0, bar, 168, 264});
    const MultitrackSource source(song, "x");
    const Meter meter = source.meter();
    CHECK(meter.text == "3/4;4/4");
    CHECK(meter.foreign == "a bar of 3/4 at step 96");
    CHECK(meter.not_4_4 == meter.foreign);
    CHECK(meter.foreign_bars == 1);
    const CountedRoll roll = source.roll({});
    CHECK(roll.first_bars == std::vector<std::int64_t>{0, 1});
    // [0, 96) and [168, 400) follow each other.
    CHECK(note_runs(roll.roll) == std::vector<Run>{{0, 328, 16, 0}, {98, 99, 12, 1}});
    CHECK(roll.counts.in_foreign_bars == 1);
    CHECK(roll.counts.kept == 2);
    CHECK(meter.not_cleansed == meter.foreign);
    const Multitrack odd = song_of({track_of(33, false, run(0, 400, 40))}, {0, 100});
    CHECK(MultitrackSource(odd, "x").meter().text == "100 steps");
}

TEST_CASE("multitrack source: what lies beyond the most bars is left out and counted") {
    Multitrack song = song_of({track_of(33, false, {{10, 40}})});
    MultitrackTrack late;
    late.program = 33;
    late.steps = 4'000'000;
    late.cells = {max_bars * bar - 1, max_bars * bar, 3'999'999};
    for (std::size_t pitch = 41; pitch < late.begin.size(); ++pitch) late.begin[pitch] = 3;
    song.tracks.push_back(late);
    const CountedRoll roll = MultitrackSource(song, "x").roll({});
    CHECK(roll.counts.notes == 3);
    CHECK(roll.counts.kept == 2);  // one of them as far as the last bar
    CHECK(roll.counts.too_late == 1);
    CHECK(roll.roll.steps() == max_bars * bar);
}

TEST_CASE("multitrack source: behind the most bars notes are too late, in other bars they are foreign") {
    // 4,200 bars, one of 3/4, and 4/4 again.
    constexpr std::int64_t foreign = 4200 * bar;
    MultitrackTrack bass;
    bass.program = 33;
    bass.steps = 1 << 20;
    for (const std::int64_t step : {std::int64_t{0}, 4100 * std::int64_t{bar}, foreign + 3, foreign + 500})
        bass.cells.push_back(static_cast<std::int32_t>(step));
    for (std::size_t pitch = 41; pitch < bass.begin.size(); ++pitch) bass.begin[pitch] = 4;
    Multitrack song = song_of({bass}, {0, foreign, foreign + 72, foreign + 72 + bar});
    NoteCounts counts = MultitrackSource(song, "x").roll({}).counts;
    CHECK(counts.kept == 1);
    CHECK(counts.too_late == 3);
    CHECK(counts.in_foreign_bars == 0);
    // The same bar of 3/4 within the roll.
    song.downbeats = {0, 96, 168};
    song.tracks[0].cells = {0, 100, 4100 * bar, 4200 * bar};
    counts = MultitrackSource(song, "x").roll({}).counts;
    CHECK(counts.kept == 1);
    CHECK(counts.too_late == 2);
    CHECK(counts.in_foreign_bars == 1);
}

TEST_CASE("multitrack source: notes that lie over each other, of any order of the tracks, are all there") {
    std::vector<MultitrackTrack> basses{track_of(33, false, run(300, 310, 40)), track_of(34, false, run(90, 200, 40)),
                                        track_of(35, false, run(10, 50, 40)), track_of(36, false, run(20, 30, 40)),
                                        track_of(37, false, run(40, 95, 40))};
    for (int k = 0; k < 2; ++k) {
        const Multitrack song = song_of(basses, {0, bar, 168, 264});
        // [96, 168) is left out.
        CHECK(runs_of(song) == std::vector<Run>{{10, 128, 16, 0}, {228, 238, 16, 0}});
        CHECK(MultitrackSource(song, "x").roll({}).counts.kept == 5);
        std::ranges::reverse(basses);
    }
}

TEST_CASE("multitrack source: places are told in the file's own steps") {
    Multitrack song = song_of({track_of(33, false, run(0, 100, 40))}, {16, 32, 44, 60, 61});
    song.steps_per_beat = 4;
    const Meter meter = MultitrackSource(song, "x").meter();
    CHECK(meter.text == "1 steps;3/4;4/4");
    CHECK(meter.foreign == "a bar of 3/4 at step 32");
    CHECK(meter.foreign_bars == 2);
}

TEST_CASE("multitrack source: five tracks of the Lakh layout are the families, cell for cell") {
    const auto path = support::shared_data("lpd/song_0048_lpd5_v030.npz");
    if (path.empty()) SKIP_TEST("no shared data");
    const Multitrack song = parse(io::read_file(path, 1 << 24));
    const PianoRoll roll = MultitrackSource(song, "x").roll({}).roll;
    std::array<std::int64_t, n_tracks> cells{};
    for_each_cell(roll.shape(), roll.bits(),
                  [&](std::int64_t, int, int track) { ++cells[static_cast<std::size_t>(track)]; });
    // EXPECTED.json, in our order; all pitches of this song lie in the range.
    CHECK(cells == std::array<std::int64_t, n_tracks>{5243, 1268, 3489, 23523, 39663});
    std::int64_t same = 0;
    for (const MultitrackTrack& track : song.tracks) {
        const int family = index_of(*family_of(track.program, track.is_drum));
        for (int pitch = 24; pitch < 108; ++pitch)
            for (const std::int64_t step : track.of_pitch(pitch)) same += roll.at(step, pitch - 24, family);
    }
    CHECK(same == 5243 + 1268 + 3489 + 23523 + 39663);
}
