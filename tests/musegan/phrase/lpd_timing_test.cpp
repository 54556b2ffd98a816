#include "musegan/phrase/lpd_timing.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <string>
#include <tuple>

#include "io/file.hpp"
#include "io/npy_reader.hpp"
#include "io/zip.hpp"
#include "tests/support/skip.hpp"

using namespace musegan;

namespace {

constexpr int piano = index_of(Family::piano);
constexpr int drums = index_of(Family::drums);

struct Note {
    std::int64_t onset, offset;
    int pitch;
    int channel = 0;
};

io::MidiFile song(const std::vector<Note>& notes, int ticks_per_quarter = 480) {
    io::MidiFile midi;
    midi.ticks_per_quarter = ticks_per_quarter;
    midi.meters = {{0, 4, 4}};
    for (const Note& note : notes) midi.notes.push_back({note.onset, note.offset, 1, note.channel, 0, note.pitch, 80});
    std::ranges::stable_sort(midi.notes, {}, &io::MidiNote::onset);
    return midi;
}

/// With MIDI pitches.
std::vector<Run> runs_of(const PianoRoll& roll) {
    std::vector<Run> runs = note_runs(roll);
    for (Run& run : runs) run.pitch += roll.shape().lowest_pitch;
    std::ranges::sort(runs, {}, [](const Run& run) { return std::tuple(run.begin, run.track == piano, run.pitch); });
    return runs;
}
std::vector<Run> runs_of(const io::MidiFile& midi) { return runs_of(roll_by_lpd_timing(midi).roll); }

}  // namespace

TEST_CASE("LPD timing: notes are a step too long, and give way to the next one of their pitch") {
    const std::vector<Run> expected{{0, 23, 60, piano}, {24, 49, 60, piano}, {48, 61, 62, piano}, {96, 192, 64, piano}};
    CHECK(runs_of(song({{0, 480, 60}, {480, 960, 60}, {960, 1200, 62}, {1920, 3840, 64}})) == expected);
    CHECK(runs_of(song({{7, 480, 60}, {480, 960, 60}, {960, 1200, 62}, {1920, 3840, 64}})) == expected);
    // Two notes that overlap, as the reader of MIDI files ends them.
    CHECK(runs_of(song({{0, 480, 60}, {240, 480, 60}, {1920, 1930, 70}})) ==
          std::vector<Run>{{0, 11, 60, piano}, {12, 25, 60, piano}, {96, 97, 70, piano}});
    CHECK(runs_of(song({{0, 240, 40, 9}, {480, 720, 40, 9}, {960, 970, 40, 9}, {1920, 2400, 40, 9}})) ==
          std::vector<Run>{{0, 1, 40, drums}, {24, 25, 40, drums}, {48, 49, 40, drums}, {96, 97, 40, drums}});
    // Another instrument leaves no gap.
    io::MidiFile midi = song({{0, 480, 60}, {480, 960, 60}});
    midi.notes[1].track = 2;
    CHECK(runs_of(midi) == std::vector<Run>{{0, 48, 60, piano}});
}

// What pypianoroll 0.3.0 on pretty_midi 0.2.11 made of these songs.

TEST_CASE("LPD timing: seconds are rounded, and notes written on a step fall into the one before") {
    std::vector<Note> notes;
    for (int k = 0; k < 12; ++k) {
        notes.push_back({k * 384, k * 384 + 96, 60 + k});
        notes.push_back({k * 384 + 24, k * 384 + 40, 36, 9});
    }
    io::MidiFile midi = song(notes, 96);
    midi.tempos = {{0, 576923}};
    std::vector<Run> expected;
    for (const int begin : {0, 96, 192, 288, 383, 479, 575, 671, 767, 863, 959, 1055}) {
        expected.push_back({begin, begin + 25, 60 + static_cast<int>(expected.size() / 2), piano});
        expected.push_back({begin + 6, begin + 7, 36, drums});
    }
    CHECK(runs_of(midi) == expected);
}

TEST_CASE("LPD timing: changes of tempo within beats") {
    std::vector<Note> notes;
    for (int k = 0; k < 24; ++k) notes.push_back({k * 130, k * 130 + 90, 50 + k % 3});
    for (int k = 0; k < 15; ++k) notes.push_back({k * 200, k * 200 + 20, 40, 9});
    io::MidiFile midi = song(notes, 120);
    midi.tempos = {{0, 500000}, {300, 447761}, {1111, 600001}, {2000, 352941}};
    std::vector<Run> expected;
    for (const int begin : {0, 40, 80, 120, 160, 200, 240, 280, 320, 360, 402, 440, 480, 520, 560})
        expected.push_back({begin, begin + 1, 40, drums});
    for (int k = 0; k < 24; ++k) expected.push_back({k * 26, k * 26 + 19, 50 + k % 3, piano});
    expected[15 + 8].end = 226;
    expected[15 + 9] = {233, 253, 50, piano};
    std::ranges::sort(expected, {}, [](const Run& run) { return std::tuple(run.begin, run.track == piano); });
    CHECK(runs_of(midi) == expected);
}

TEST_CASE("LPD timing: meters place beats, and stretches are cut out of its steps") {
    std::vector<Note> notes;
    for (int k = 0; k < 20; ++k) notes.push_back({k * 480, k * 480 + 480, 60 + k % 4});
    io::MidiFile midi = song(notes);
    midi.tempos = {{0, 461538}};
    midi.meters = {{0, 4, 4}, {1920, 3, 4}, {3360, 6, 8}, {4800, 4, 4}, {6720, 4, 4}};
    std::vector<Run> expected;
    for (const int begin :
         {0, 24, 48, 72, 96, 120, 144, 168, 184, 199, 216, 240, 264, 288, 312, 336, 360, 384, 408, 432})
        expected.push_back({begin, begin + 25, 60 + static_cast<int>(expected.size() % 4), piano});
    // Within 6/8 a step is a 24th of three eighths.
    expected[7].end = 185;
    expected[8].end = 200;
    expected[9].end = 217;
    CHECK(runs_of(midi) == expected);

    const std::vector<Stretch> stretches = bar_lines_of(midi).stretches;
    REQUIRE(stretches == std::vector<Stretch>{{0, 1}, {4800, max_bars}});
    const CountedRoll cut = roll_by_lpd_timing(midi, {.stretches = stretches});
    std::vector<Run> expected_cut{{0, 25, 60, piano}, {24, 49, 61, piano}, {48, 73, 62, piano}, {72, 96, 63, piano}};
    // The fourth note lasts on into the foreign bar, the tenth into the second stretch, which begins at step 216.
    expected_cut.push_back({96, 97, 61, piano});
    for (std::size_t k = 10; k < 20; ++k)
        expected_cut.push_back({expected[k].begin - 120, expected[k].end - 120, expected[k].pitch, piano});
    std::ranges::sort(expected_cut, {}, [](const Run& run) { return std::tuple(run.begin, run.pitch); });
    CHECK(runs_of(cut.roll) == expected_cut);
    CHECK(cut.first_bars == std::vector<std::int64_t>{0, 1});
    CHECK(cut.counts.notes == 20);
    CHECK(cut.counts.kept == 15);
    CHECK(cut.counts.in_foreign_bars == 5);
}

TEST_CASE("LPD timing: what sounds before the first time signature is lost or late") {
    io::MidiFile midi = song({{0, 240, 60}, {240, 1000, 61}, {470, 500, 36, 9}, {480, 960, 62}, {960, 1920, 60}});
    midi.meters = {{480, 4, 4}};
    CHECK(runs_of(roll_by_lpd_timing(midi, {.stretches = {{480}}}).roll) ==
          std::vector<Run>{{0, 1, 36, drums}, {0, 25, 62, piano}, {6, 27, 61, piano}, {24, 72, 60, piano}});
    CHECK(roll_by_lpd_timing(midi, {.stretches = {{480}}}).counts.in_foreign_bars == 1);
    // Bars that are counted back from it are silent.
    const std::vector<Stretch> stretches = bar_lines_of(midi).stretches;
    REQUIRE(stretches.front().tick == 480 - 1920);
    const CountedRoll whole = roll_by_lpd_timing(midi, {.stretches = stretches});
    CHECK(runs_of(whole.roll) ==
          std::vector<Run>{{96, 97, 36, drums}, {96, 121, 62, piano}, {102, 123, 61, piano}, {120, 168, 60, piano}});
}

TEST_CASE("LPD timing: the end of a song") {
    const io::MidiFile zero = song({{0, 480, 60}, {480, 480, 62}, {480, 960, 64}});
    CHECK(runs_of(zero) == std::vector<Run>{{0, 25, 60, piano}, {24, 48, 64, piano}});
    CHECK(roll_by_lpd_timing(zero).counts.too_short == 1);
    io::MidiFile slow = song({{0, 480, 60}, {1880, 1915, 60}, {1890, 1910, 36, 9}});
    CHECK(runs_of(slow) == std::vector<Run>{{0, 25, 60, piano}, {94, 95, 36, drums}, {94, 96, 60, piano}});
    // The last beat gets longer than the converter believes: it threw IndexError for the drums.
    slow.tempos = {{0, 500000}, {1700, 1500000}};
    const CountedRoll cut = roll_by_lpd_timing(slow);
    CHECK(runs_of(cut.roll) == std::vector<Run>{{0, 25, 60, piano}});
    CHECK(cut.counts.kept == 1);
    CHECK(cut.counts.in_foreign_bars == 2);
    // A song of one beat has no cells, since the converter wants two.
    CHECK(roll_by_lpd_timing(song({{0, 480, 60}})).roll.steps() == 0);
    CHECK(roll_by_lpd_timing(song({})).roll.steps() == 0);
}

TEST_CASE("LPD timing: meters that set beats back behind a change to a great tempo cost no more than a long song") {
    io::MidiFile midi = song({{0, 480, 60}, {2000 * 64, 2000 * 65, 62}});
    midi.tempos = {{0, 0xFF'FFFF}};
    for (int k = 1; k <= 64; ++k) {
        // A beat before the meter would end behind the change, to beats of a microsecond, 35,000 of them up to there.
        midi.meters.push_back({k * 2000, 4, 4});
        midi.tempos.push_back({k * 2000 + 1, 1});
        midi.tempos.push_back({k * 2000 + 481, 0xFF'FFFF});
    }
    const NoteCounts counts = roll_by_lpd_timing(midi).counts;
    CHECK(counts.notes == 2);
    CHECK(counts.in_foreign_bars == 1);  // the last one
}

TEST_CASE("LPD timing: families, pitches and transposition are as elsewhere, drums are channel 9") {
    io::MidiFile midi = song({{0, 480, 60, 1}, {0, 480, 23, 2}, {0, 480, 60, 3}, {0, 480, 60, 9}, {0, 960, 60, 4}});
    midi.notes[0].program = 99;
    midi.notes[3].program = 120;
    midi.notes[4].switches_part = true;  // a drum part by a GS message
    const CountedRoll paper = roll_by_lpd_timing(midi, {.transpose = -2});
    CHECK(runs_of(paper.roll) ==
          std::vector<Run>{{0, 25, 58, index_of(Family::strings)}, {0, 1, 60, drums}, {0, 48, 58, piano}});
    CHECK(paper.counts.out_of_range == 1);
    CHECK(paper.counts.kept == 4);
    const CountedRoll lpd5 = roll_by_lpd_timing(midi, {.families = FamilyRule::lpd5});
    CHECK(runs_of(lpd5.roll) == std::vector<Run>{{0, 1, 60, drums}, {0, 48, 60, piano}});
    CHECK(lpd5.counts.no_family == 1);
    const PhraseShape coarse = paper_shape.on_grid(12);
    CHECK(roll_by_lpd_timing(midi, {.shape = coarse}).roll.shape() == coarse);
}

TEST_CASE("LPD timing: 2/2 has bars of 96 steps, and bars beyond the most are left out") {
    io::MidiFile midi = song({{0, 480, 60}, {480, 960, 62}, {1920, 3840, 64}});
    const std::vector<Run> expected = runs_of(midi);
    for (const int number : {2, 8}) {
        midi.meters = {{0, number, number}};
        CHECK(runs_of(midi) == expected);
    }
    constexpr std::int64_t most = max_bars * 1920;
    io::MidiFile late = song({{0, 480, 60}, {960, most + 1, 62}, {most, most + 480, 64}});
    const CountedRoll cut = roll_by_lpd_timing(late);
    CHECK(cut.roll.steps() == max_bars * 96);
    CHECK(cut.counts.kept == 2);
    CHECK(cut.counts.too_late == 1);
}

namespace {

/// The cells of a five-track file of pypianoroll in the pitches and the track order of ours.
PianoRoll read_five_tracks(const std::filesystem::path& path) {
    const std::vector<std::uint8_t> bytes = io::read_file(path, 1 << 24);
    std::map<std::string, std::vector<std::int64_t>> arrays;
    for (const io::ZipEntry& entry : io::read_zip_directory(bytes, "npz")) {
        if (!entry.name.starts_with("pianoroll_")) continue;
        const std::vector<std::uint8_t> npy = io::unpack_zip_entry(bytes, entry, 1 << 26, "npz");
        arrays[entry.name] = io::npy_integers(io::parse_npy(npy, "npz"), "npz");
    }
    constexpr std::array order{Family::drums, Family::piano, Family::guitar, Family::bass, Family::strings};
    PianoRoll roll(paper_shape, max_bars * 96);
    for (std::size_t k = 0; k < order.size(); ++k) {
        const auto array = [&](const char* part) { return arrays.at(fmt::format("pianoroll_{}_csc_{}.npy", k, part)); };
        const auto data = array("data"), steps = array("indices"), columns = array("indptr");
        for (std::size_t pitch = 24; pitch < 108; ++pitch) {
            for (auto at = static_cast<std::size_t>(columns[pitch]); at < static_cast<std::size_t>(columns[pitch + 1]);
                 ++at)
                if (data[at] > 0) roll.set(steps[at], static_cast<int>(pitch) - 24, index_of(order[k]));
        }
    }
    return roll;
}

/// Cells that are on in one of two rolls of one length alone.
std::int64_t differences(const PianoRoll& a, const PianoRoll& b) {
    std::int64_t count = 0;
    for (std::size_t k = 0; k < a.bits().size(); ++k) count += std::popcount<std::uint8_t>(a.bits()[k] ^ b.bits()[k]);
    return count;
}

}  // namespace

TEST_CASE("LPD timing: whole songs, cell by cell as pypianoroll 0.3.0 wrote them") {
    const std::filesystem::path songs = support::shared_data("midi"), rolls = support::shared_data("lpd");
    if (songs.empty() || rolls.empty()) SKIP_TEST("no songs and piano-rolls in the shared data");
    const auto compare = [&](const std::string& name) {
        const io::MidiFile midi = io::read_midi(songs / (name + ".mid"));
        const PianoRoll expected = read_five_tracks(rolls / (name + "_lpd5_v030.npz"));
        const PianoRoll roll = roll_by_lpd_timing(midi, {.families = FamilyRule::lpd5}).roll;
        PianoRoll padded(paper_shape, expected.steps());
        for_each_cell(roll.shape(), roll.bits(),
                      [&](std::int64_t step, int pitch, int track) { padded.set(step, pitch, track); });
        return differences(padded, expected);
    };
    for (const char* const name : {"song_0033", "song_0048", "song_0050", "song_0052", "song_1121"}) {
        CAPTURE(name);
        CHECK(compare(name) == 0);
    }
    // A tempo in the second MIDI track, which pretty_midi does not read: other seconds, other roundings. 48,109 cells.
    CHECK(compare("song_0566") == 993);
    // Programs in another track than the notes: everything is piano there.
    CHECK(compare("song_0039") == 45011);
    // A time signature in the second track, so that the first beat is guessed there.
    CHECK(compare("song_0293") == 19970);
}
