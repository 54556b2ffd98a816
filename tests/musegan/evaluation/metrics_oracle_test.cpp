// All metrics of random and of real phrases, by us and by a plain program with an array element per cell:
// tests/fixtures/metrics.py, where a Python has NumPy.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "io/midi.hpp"
#include "musegan/data/dataset.hpp"
#include "musegan/data/song.hpp"
#include "musegan/evaluation/metric_list.hpp"
#include "musegan/sources/midi_source.hpp"
#include "tests/musegan/phrase/rolls.hpp"
#include "tests/support/command.hpp"
#include "tests/support/python.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/temporary_folder.hpp"

namespace fs = std::filesystem;
using namespace musegan;

namespace {

const std::vector<MetricOptions>& several_options() {
    static const std::vector<MetricOptions> options{
        {}, {2, 0.1, 1, ChromaFold::as_released}, {7, 0.75, 3, ChromaFold::pitch_class}};
    return options;
}

/// What the program says of a file. `shape` is its arguments for that of the phrases.
nlohmann::json said_by_program(const std::string& python, const fs::path& file, const std::string& shape,
                               const MetricOptions& options) {
    const auto result = support::shell(
        fmt::format("{} {} {} {} --fold {} --qn_threshold {} --drum_tolerance {} --drum_shifts {} 2>&1", python,
                    support::quoted(MUSEGAN_SOURCE_DIR "/tests/fixtures/metrics.py"), support::quoted(file), shape,
                    enum_names(options.fold)[static_cast<std::size_t>(options.fold)], options.qualified_steps,
                    options.drum_tolerance, options.drum_shifts));
    REQUIRE_MESSAGE(result.exit_code == 0, result.output);
    return nlohmann::json::parse(result.output);
}

/// Sums here have at most 1000 terms that are not whole numbers (TD of 256 beats of a phrase, 64 phrases of a group,
/// fewer groups), all of one sign: their relative error is below 1000 x 2^-53 = 1.1e-13. `tolerance` leaves room for
/// what the terms themselves are rounded by. The square of the standard error is a factor times a sum of squares that
/// cancel, with an error of that part of the sum of their sizes.
void check_mean(const Mean& ours, const nlohmann::json& theirs) {
    constexpr double tolerance = 1e-12;
    REQUIRE(ours.count == theirs["count"].get<std::int64_t>());
    if (ours.count == 0) {
        CHECK(theirs["value"].is_null());
        CHECK(std::isnan(ours.value()));
        return;
    }
    const double value = theirs["value"].get<double>(), r = std::abs(value);
    CHECK(std::abs(ours.value() - value) <= tolerance * std::max(1.0, r));
    if (theirs["error"].is_null()) {
        CHECK(std::isnan(ours.error()));
        return;
    }
    const double error = theirs["error"].get<double>(), count = static_cast<double>(ours.count);
    const double sizes = ours.sum_squares + 2 * r * std::abs(ours.sum_products) + r * r * ours.count_squares;
    CHECK(std::abs(ours.error() * ours.error() - error * error) <= tolerance * 2 * sizes / (count * count));
}

void check_histogram(const Histogram& ours, const nlohmann::json& theirs) {
    CHECK(ours.first == 0);
    CHECK(ours.counts == theirs.get<std::vector<std::int64_t>>());
}

void check(const Metrics& ours, const nlohmann::json& theirs) {
    CHECK(ours.phrases == theirs["phrases"].get<std::int64_t>());
    CHECK(theirs["metrics"].size() == metric_list().size());
    for (const Metric& metric : metric_list()) {
        CAPTURE(metric.key);
        REQUIRE(theirs["metrics"].contains(metric.key));
        check_mean(metric.mean(ours), theirs["metrics"][metric.key]);
    }
    for (std::size_t track = 0; track < n_tracks; ++track) {
        CAPTURE(tracks[track].name);
        const nlohmann::json& histograms = theirs["histograms"][std::string(tracks[track].name)];
        check_histogram(ours.tracks[track].lengths, histograms["lengths"]);
        check_histogram(ours.tracks[track].pitches_of_notes, histograms["pitches"]);
        check_histogram(ours.tracks[track].densities, histograms["densities"]);
    }
}

/// Packed phrases as the program reads them, without a header.
void check_packed(const std::string& python, const PackedPhrases& phrases, const MetricOptions& options) {
    const support::TemporaryFolder folder;
    support::write_text(folder / "phrases", {phrases.bits.begin(), phrases.bits.end()});
    const PhraseShape& shape = phrases.shape;
    check(measure(phrases, options),
          said_by_program(python, folder / "phrases",
                          fmt::format("--bars {} --resolution {} --lowest_pitch {} --pitches {}", shape.bars,
                                      shape.steps_per_beat, shape.lowest_pitch, shape.pitches),
                          options));
}

}  // namespace

TEST_CASE("metrics: sparse, dense and silent phrases have the figures of the program in NumPy on every grid") {
    const std::string python = support::python_with("numpy");
    if (python.empty()) SKIP_TEST(support::no_numpy);
    for (const int steps_per_beat : PhraseShape::grids) {
        const PackedPhrases phrases = support::phrases_of_densities(9, paper_shape.on_grid(steps_per_beat),
                                                                    {20, 1, 0, 300, 5, 0, 1000, 2, 0, 3, 100, 1});
        for (const MetricOptions& options : several_options()) {
            CAPTURE(steps_per_beat);
            CAPTURE(options.qualified_steps);
            check_packed(python, phrases, options);
        }
    }
}

TEST_CASE("metrics: so do one phrase, silence alone, and phrases of other lengths and pitches") {
    const std::string python = support::python_with("numpy");
    if (python.empty()) SKIP_TEST(support::no_numpy);
    check_packed(python, support::phrases_of_densities(9, paper_shape, {20}), {});
    check_packed(python, support::phrases_of_densities(9, paper_shape.on_grid(8), {0, 0, 0}), {});
    for (const MetricOptions& options : several_options()) {
        check_packed(
            python,
            support::phrases_of_densities(9, {.bars = 1, .steps_per_beat = 12, .lowest_pitch = 36, .pitches = 24},
                                          {50, 2, 10, 10, 0, 200, 1, 1}),
            options);
        check_packed(python,
                     support::phrases_of_densities(9, {.bars = 9, .lowest_pitch = 0, .pitches = 120}, {4, 1, 30}),
                     options);
    }
}

TEST_CASE("metrics: so do more phrases than a group of 64 and more than are compared for distance") {
    const std::string python = support::python_with("numpy");
    if (python.empty()) SKIP_TEST(support::no_numpy);
    std::vector<std::uint64_t> densities;
    for (std::uint64_t k = 0; k < 170; ++k) densities.push_back(k * k % 23);
    check_packed(python, support::phrases_of_densities(9, paper_shape.on_grid(4), densities), {});
    check_packed(python, support::phrases_of_densities(9, {.bars = 2, .lowest_pitch = 48, .pitches = 36}, densities),
                 {});
}

TEST_CASE("metrics: so do real songs, read from a dataset and reduced by either on every grid") {
    const fs::path songs = support::shared_data("midi");
    if (songs.empty()) SKIP_TEST("no shared/data/midi beside the checkout");
    const std::string python = support::python_with("numpy");
    if (python.empty()) SKIP_TEST(support::no_numpy);
    PackedPhrases phrases;
    std::vector<std::int64_t> song_of;
    for (int song = 0; song < 10; ++song) {
        const io::MidiFile midi = io::read_midi(songs / fmt::format("song_{:04}.mid", 62 + 119 * song));
        phrases.append(cut_song(MidiSource(midi)).phrases.bits);
        song_of.resize(static_cast<std::size_t>(phrases.count()), song);
    }
    REQUIRE(phrases.count() > 64);
    const support::TemporaryFolder folder;
    write_dataset(folder / "phrases.safetensors", phrases, song_of);
    for (const int steps_per_beat : PhraseShape::grids) {
        for (const MetricOptions& options : several_options()) {
            CAPTURE(steps_per_beat);
            CAPTURE(options.qualified_steps);
            check(measure(on_grid(phrases, steps_per_beat), options),
                  said_by_program(python, folder / "phrases.safetensors", fmt::format("--grid {}", steps_per_beat),
                                  options));
        }
    }
}
