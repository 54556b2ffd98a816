// Real songs, parted by us and by a plain program of matrices in full: structural_features.py, where a Python has
// NumPy.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "io/midi.hpp"
#include "musegan/sources/midi_source.hpp"
#include "musegan/structure/analysis.hpp"
#include "tests/musegan/phrase/rolls.hpp"
#include "tests/musegan/structure/letter_songs.hpp"
#include "tests/support/command.hpp"
#include "tests/support/lines.hpp"
#include "tests/support/python.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/temporary_folder.hpp"

namespace fs = std::filesystem;
using namespace musegan;

namespace {

std::int64_t bars_of(const PianoRoll& roll) { return roll.steps() / roll.shape().steps_per_bar(); }

/// As structural_features.py reads it.
std::string text_of(const PianoRoll& roll) {
    std::string text = fmt::format("bars {}\n", bars_of(roll));
    for (const Run& run : note_runs(roll))
        text += fmt::format("{} {} {} {}\n", run.begin, run.end, run.pitch + roll.shape().lowest_pitch,
                            is_drums(run.track) ? 1 : 0);
    return text;
}

template <typename Number>
std::vector<Number> numbers_of(const std::string& line) {
    std::istringstream stream(line);
    std::vector<Number> numbers;
    for (Number number; stream >> number;) numbers.push_back(number);
    return numbers;
}

/// Holds the analysis of each roll against the three lines that the program prints of it.
void compare(const std::string& python, const std::vector<PianoRoll>& rolls, Segmentation way) {
    const support::TemporaryFolder folder;
    std::string command = fmt::format(
        "{} {} {}", python, support::quoted(MUSEGAN_SOURCE_DIR "/tests/musegan/structure/structural_features.py"),
        enum_names(way)[static_cast<std::size_t>(way)]);
    for (std::size_t k = 0; k < rolls.size(); ++k) {
        const fs::path file = folder / fmt::format("{}.txt", k);
        support::write_text(file, text_of(rolls[k]));
        command += " " + support::quoted(file);
    }
    const auto result = support::shell(command + " 2>&1");
    const std::vector<std::string> lines = support::lines_of(result.output);
    REQUIRE_MESSAGE(result.exit_code == 0, result.output);
    REQUIRE(lines.size() == 3 * rolls.size());
    for (std::size_t k = 0; k < rolls.size(); ++k) {
        CAPTURE(k);
        const StructureAnalysis ours = analyze(rolls[k], {0, bars_of(rolls[k])}, way);
        const auto curve = numbers_of<double>(lines[3 * k]);
        REQUIRE(ours.novelty.size() == curve.size());
        double worst = 0.0;
        for (std::size_t i = 0; i < curve.size(); ++i) worst = std::max(worst, std::abs(ours.novelty[i] - curve[i]));
        CHECK(worst <= 1e-9);
        CHECK(ours.peaks == numbers_of<std::int64_t>(lines[3 * k + 1]));
        CHECK(ours.boundaries == numbers_of<std::int64_t>(lines[3 * k + 2]));
    }
}

constexpr const char* no_numpy = "no Python with numpy (pip install numpy; MUSEGAN_PYTHON names another than python3)";

}  // namespace

TEST_CASE("structure: ten real songs have the novelty, the peaks and the boundaries of the program in NumPy") {
    const fs::path folder = support::shared_data("midi");
    if (folder.empty()) SKIP_TEST("no shared/data/midi beside the checkout");
    const std::string python = support::python_with("numpy");
    if (python.empty()) SKIP_TEST(no_numpy);
    std::vector<PianoRoll> rolls;
    for (int number = 62; rolls.size() < 10; number += 119) {
        const io::MidiFile midi = io::read_midi(folder / fmt::format("song_{:04}.mid", number));
        rolls.push_back(MidiSource(midi).roll({}).roll);
    }
    compare(python, rolls, Segmentation::sf);
    compare(python, rolls, Segmentation::sf_authors);
}

TEST_CASE("structure: small, silent, random and made-up songs, too") {
    const std::string python = support::python_with("numpy");
    if (python.empty()) SKIP_TEST(no_numpy);
    std::vector<PianoRoll> rolls;
    for (int bars = 1; bars <= 12; ++bars) rolls.push_back(support::random_roll(static_cast<unsigned>(bars), bars, 20));
    rolls.push_back(support::random_roll(30, 40, 1));
    rolls.emplace_back(paper_shape, 96 * 30);
    for (const char* letters : {"AABB", "ABACA", "ABACABA", "AAAA", "ABBAC"})
        rolls.push_back(support::song(letters, 9));
    compare(python, rolls, Segmentation::sf);
    compare(python, rolls, Segmentation::sf_authors);
}
