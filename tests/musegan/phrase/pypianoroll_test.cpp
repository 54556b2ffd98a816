// pypianoroll files: their arrays, re-read by the tests' own reader, and what the library itself makes of them.
#include "musegan/phrase/pypianoroll.hpp"

#include <doctest/doctest.h>

#include "tensor/error.hpp"
#include "tests/musegan/phrase/rolls.hpp"
#include "tests/support/archive.hpp"
#include "tests/support/command.hpp"
#include "tests/support/python.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace musegan;
using support::ArchivedFile;
using support::content_of;
using support::parse_npy;
using support::random_roll;

namespace {

template <typename T>
std::vector<T> array_of(const std::vector<ArchivedFile>& files, const std::string& name, const std::string& descr) {
    const auto [header, values] = parse_npy<T>(content_of(files, name + ".npy"));
    CHECK(header.starts_with(
        fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({},), }}", descr, values.size())));
    return values;
}

std::string text_of(const std::vector<std::uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }

/// The roll that the sparse columns of a file are, on `shape`.
PianoRoll roll_of(const std::vector<ArchivedFile>& files, const PhraseShape& shape, std::int64_t steps) {
    PianoRoll roll(shape, steps);
    for (int track = 0; track < shape.tracks; ++track) {
        const std::string name = fmt::format("pianoroll_{}_csc_", track);
        const auto data = array_of<std::uint8_t>(files, name + "data", "|b1");
        const auto rows = array_of<std::int32_t>(files, name + "indices", "<i4");
        const auto begin = array_of<std::int32_t>(files, name + "indptr", "<i4");
        CHECK(array_of<std::int64_t>(files, name + "shape", "<i8") == std::vector<std::int64_t>{steps, 128});
        REQUIRE(begin.size() == 129);
        CHECK(begin.front() == 0);
        CHECK(static_cast<std::size_t>(begin.back()) == rows.size());
        CHECK(data == std::vector<std::uint8_t>(rows.size(), 1));
        for (int pitch = 0; pitch < 128; ++pitch) {
            const std::int32_t first = begin[static_cast<std::size_t>(pitch)];
            for (std::int32_t k = first; k < begin[static_cast<std::size_t>(pitch) + 1]; ++k) {
                const auto at = static_cast<std::size_t>(k);
                if (k > first && rows[at] <= rows[at - 1]) FAIL_CHECK("rows do not ascend");
                roll.set(rows[at], pitch - shape.lowest_pitch, track);
            }
        }
    }
    return roll;
}

/// What load_pypianoroll.py prints of a roll written with these options.
std::string expected_text(const PianoRoll& roll, const PypianorollOptions& options) {
    const PhraseShape& shape = roll.shape();
    std::string text = fmt::format("resolution {} name {}\ntempo float64", shape.steps_per_beat, options.name);
    for (std::int64_t step = 0; step < roll.steps(); ++step)
        text += fmt::format(" {:.1f}",
                            options.tempos.empty() ? options.tempo : options.tempos[static_cast<std::size_t>(step)]);
    text += "\ndownbeat bool";
    for (std::int64_t step = 0; step < roll.steps(); step += shape.steps_per_bar()) text += fmt::format(" {}", step);
    text += fmt::format(" of {}\n", roll.steps());
    for (int track = 0; track < shape.tracks; ++track) {
        const Track& about = tracks[static_cast<std::size_t>(track)];
        text += fmt::format("BinaryTrack {} {} {} bool {} 128\n", about.name, about.program,
                            is_drums(track) ? "True" : "False", roll.steps());
        for (std::int64_t step = 0; step < roll.steps(); ++step)
            for (int pitch = 0; pitch < shape.pitches; ++pitch)
                if (roll.at(step, pitch, track)) text += fmt::format("{} {}\n", step, shape.lowest_pitch + pitch);
    }
    return text;
}

}  // namespace

TEST_CASE("pypianoroll: a small roll, array by array") {
    const PhraseShape shape = PhraseShape{.bars = 1}.on_grid(4);
    PianoRoll roll(shape, 20);  // a bar and a beat
    roll.set_run(2, 5, 60 - shape.lowest_pitch, index_of(Family::piano));
    roll.set(19, 0, index_of(Family::piano));
    roll.set(0, 83, index_of(Family::drums));
    const auto files = support::unzip(pypianoroll_npz(roll, {.name = "a \"b\"\n\u00e4", .tempo = 90.5}));
    REQUIRE(files.size() == 2 + 5 * 4 + 1);
    CHECK(array_of<double>(files, "tempo", "<f8") == std::vector<double>(20, 90.5));
    std::vector<std::uint8_t> downbeat(20, 0);
    downbeat[0] = downbeat[16] = 1;
    CHECK(array_of<std::uint8_t>(files, "downbeat", "|b1") == downbeat);
    CHECK(array_of<std::int32_t>(files, "pianoroll_3_csc_indices", "<i4") == std::vector<std::int32_t>{19, 2, 3, 4});
    CHECK(array_of<std::int32_t>(files, "pianoroll_1_csc_indices", "<i4") == std::vector<std::int32_t>{0});
    CHECK(array_of<std::int32_t>(files, "pianoroll_0_csc_indices", "<i4").empty());
    CHECK(files.back().name == "info.json");
    CHECK(text_of(files.back().content) == R"({"resolution":4,"name":"a \"b\"\nä",)"
                                           R"("0":{"program":33,"is_drum":false,"name":"bass"},)"
                                           R"("1":{"program":0,"is_drum":true,"name":"drums"},)"
                                           R"("2":{"program":25,"is_drum":false,"name":"guitar"},)"
                                           R"("3":{"program":0,"is_drum":false,"name":"piano"},)"
                                           R"("4":{"program":48,"is_drum":false,"name":"strings"}})");
}

TEST_CASE("pypianoroll: the cells of every grid, length and range of pitches come back") {
    for (const int steps_per_beat : {4, 8, 12, 24}) {
        const PhraseShape shape = paper_shape.on_grid(steps_per_beat);
        for (const std::int64_t bars : {0, 1, 9}) {
            const PianoRoll roll = random_roll(7, bars, 60, shape);
            CHECK(roll_of(support::unzip(pypianoroll_npz(roll)), shape, roll.steps()) == roll);
        }
    }
    const PhraseShape wide{.bars = 2, .lowest_pitch = 0, .pitches = 120};
    const PianoRoll full = random_roll(8, 2, 1000, wide);
    CHECK(roll_of(support::unzip(pypianoroll_npz(full)), wide, full.steps()) == full);
}

TEST_CASE("pypianoroll: the longest song") {
    PianoRoll song(paper_shape, max_bars * paper_shape.steps_per_bar());
    for (std::int64_t bar = 0; bar < max_bars; ++bar)
        song.set_run(bar * 96 + 5, bar * 96 + 28, static_cast<int>(bar % 84), static_cast<int>(bar % 5));
    const auto bytes = pypianoroll_npz(song);
    CHECK(bytes.size() < 200'000);
    const auto files = support::unzip(bytes);
    CHECK(roll_of(files, paper_shape, song.steps()) == song);
    CHECK(array_of<std::uint8_t>(files, "downbeat", "|b1").size() == static_cast<std::size_t>(song.steps()));
}

TEST_CASE("pypianoroll: equal rolls give equal bytes, in memory and in a file") {
    support::TemporaryFolder folder;
    const PianoRoll roll = random_roll(3, 4, 30);
    write_pypianoroll(folder / "a.npz", roll, {.name = "a"});
    const std::string written = support::read_text(folder / "a.npz");
    CHECK(written == text_of(pypianoroll_npz(PianoRoll(roll), {.name = "a"})));
    CHECK(written != text_of(pypianoroll_npz(roll, {.name = "b"})));
    CHECK(written != text_of(pypianoroll_npz(roll, {.name = "a", .tempo = 121})));
}

TEST_CASE("pypianoroll: tempos that no player has, a tempo too few and a name of other bytes are refused") {
    const PianoRoll roll(paper_shape, 3);
    CHECK_THROWS_WITH_AS(pypianoroll_npz(roll, {.tempo = 3.9}),
                         "[pypianoroll] tempo 3.9 beats per minute, expected 4 to 1000", tensor::Error);
    CHECK_THROWS_WITH_AS(pypianoroll_npz(roll, {.tempos = {100, std::nan(""), 100}}),
                         "[pypianoroll] tempo nan beats per minute, expected 4 to 1000", tensor::Error);
    CHECK_THROWS_WITH_AS(pypianoroll_npz(roll, {.tempos = {100, 101}}),
                         "[pypianoroll] 2 tempos, expected one for each of 3 steps", tensor::Error);
    CHECK_THROWS_WITH_AS(pypianoroll_npz(roll, {.name = "\xE4"}),
                         "[pypianoroll] a name that is not UTF-8 (convert Latin-1 text first): 1 bytes", tensor::Error);
    const auto files = support::unzip(pypianoroll_npz(roll, {.tempos = {100, 101, 102.5}}));
    CHECK(array_of<double>(files, "tempo", "<f8") == std::vector<double>{100, 101, 102.5});
}

TEST_CASE("pypianoroll: the library itself loads the files, and has every cell") {
    const std::string python = support::python_with("pypianoroll");
    if (python.empty())
        SKIP_TEST("no Python with pypianoroll (pip install pypianoroll; MUSEGAN_PYTHON names another than python3)");
    support::TemporaryFolder folder;
    std::string files, expected;
    const auto add = [&](const PianoRoll& roll, const PypianorollOptions& options) {
        const std::filesystem::path file = folder / fmt::format("{}.npz", folder.files());
        write_pypianoroll(file, roll, options);
        files += " " + support::quoted(file);
        expected += expected_text(roll, options);
    };
    add(random_roll(5, 4, 30), {.name = "phrase_001", .tempo = 97.5});
    add(PianoRoll(paper_shape, 0), {.name = "nothing"});
    for (const int steps_per_beat : {4, 8, 12}) {
        const PianoRoll roll = random_roll(6, 3, 100, paper_shape.on_grid(steps_per_beat));
        PypianorollOptions options{.name = "two words"};
        for (std::int64_t step = 0; step < roll.steps(); ++step) options.tempos.push_back(60 + 0.5 * (step % 96));
        add(roll, options);
    }
    const auto loaded =
        support::shell(python + " " MUSEGAN_SOURCE_DIR "/tests/musegan/phrase/load_pypianoroll.py" + files + " 2>&1");
    CHECK(loaded.exit_code == 0);
    CHECK_MESSAGE(loaded.output == expected, loaded.output.substr(0, 2000));
}
