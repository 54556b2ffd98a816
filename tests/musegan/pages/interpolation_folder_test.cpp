// The phrases of an interpolation read back from its folder.
#include "musegan/pages/interpolation_folder.hpp"

#include <doctest/doctest.h>

#include "io/midi.hpp"
#include "musegan/music/interpolate.hpp"
#include "musegan/phrase/midi_roll.hpp"
#include "tensor/error.hpp"
#include "tests/musegan/pages/made_run.hpp"

using namespace musegan;

namespace {

constexpr PhraseShape shape = paper_shape.on_grid(4);

/// Phrases with few notes, each another one.
PackedPhrases some_phrases(std::int64_t count) {
    PackedPhrases phrases{shape, {}};
    for (std::int64_t k = 0; k < count; ++k) {
        PianoRoll roll(shape, shape.steps());
        roll.set_run(k % 8, k % 8 + 3, static_cast<int>(k % 84), static_cast<int>(k % 5));
        phrases.append(roll.bits());
    }
    return phrases;
}

/// What `musegan interpolate` writes of its MIDI files.
void write_points(const std::filesystem::path& folder, const InterpolateOptions& options,
                  const PackedPhrases& phrases) {
    std::filesystem::create_directories(folder);
    const PhraseSheet sheet = sheet_of(options);
    for (std::int64_t k = 0; k < phrases.count(); ++k)
        io::write_midi(folder / (sheet.names[static_cast<std::size_t>(k)] + ".mid"),
                       midi_from_roll(phrases.view().roll(k)));
}

}  // namespace

TEST_CASE("interpolation folder: a grid and a line come back cell for cell, with their captions") {
    const support::TemporaryFolder folder;
    for (const InterpolateOptions& options :
         {InterpolateOptions{.steps = 3, .grid = true}, InterpolateOptions{.steps = 7}}) {
        const std::filesystem::path points = folder / (options.grid ? "grid" : "line");
        const PackedPhrases phrases = some_phrases(options.phrases());
        write_points(points, options, phrases);
        support::write_text(points / "all.mid", "x");
        support::write_text(points / "point_1_1.png", "x");
        const InterpolationFolder read = read_interpolation(points, shape);
        CHECK(read.rows == (options.grid ? 3 : 1));
        CHECK(read.columns == (options.grid ? 3 : 7));
        CHECK(read.phrases == phrases);
        CHECK(read.captions == sheet_of(options).captions);
        CHECK(read.faults.empty());
        CHECK(read.left_out == 0);
    }
}

TEST_CASE("interpolation folder: what is damaged or missing is silent and said") {
    const support::TemporaryFolder folder;
    PackedPhrases phrases = some_phrases(4);
    write_points(folder.path(), {.steps = 2, .grid = true}, phrases);
    support::write_text(folder / "point_1_2.mid", "x");
    std::filesystem::remove(folder / "point_2_1.mid");
    const InterpolationFolder read = read_interpolation(folder.path(), shape);
    CHECK(read.faults.size() == 2);
    CHECK(read.captions[1] == "s = 1, t = 0 (damaged or missing: left out)");
    const auto bytes = static_cast<std::ptrdiff_t>(shape.bytes());
    std::fill(phrases.bits.begin() + bytes, phrases.bits.begin() + 3 * bytes, std::uint8_t{0});
    CHECK(read.phrases == phrases);
}

TEST_CASE("interpolation folder: of a long line the first 64, and no folder without points") {
    const support::TemporaryFolder folder;
    write_points(folder.path(), {.steps = 70}, some_phrases(70));
    const InterpolationFolder read = read_interpolation(folder.path(), shape);
    CHECK(read.columns == 64);
    CHECK(read.phrases == some_phrases(64));
    CHECK(read.captions[1] == sheet_of({.steps = 70}).captions[1]);
    CHECK(read.left_out == 6);
    const support::TemporaryFolder empty;
    for (const char* const name : {"point_9_1.mid", "point_0_1.mid", "point_x.mid", "point_.mid", "point_1_1_1.mid"})
        support::write_text(empty / name, "x");
    CHECK_THROWS_WITH_AS(read_interpolation(empty.path(), shape), doctest::Contains("has no point_1_1.mid"),
                         tensor::Error);
    CHECK_THROWS_AS(read_interpolation(empty / "none", shape), tensor::Error);
}
