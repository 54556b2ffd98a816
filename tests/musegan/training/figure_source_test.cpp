// What figures of phrases are drawn of, whatever kind of thing it is.
#include "musegan/training/figure_source.hpp"

#include <doctest/doctest.h>

#include "io/midi.hpp"
#include "musegan/data/dataset.hpp"
#include "musegan/music/files.hpp"
#include "musegan/phrase/midi_roll.hpp"
#include "musegan/training/checkpoint.hpp"
#include "tensor/error.hpp"
#include "tests/musegan/sources/phrase_arrays.hpp"
#include "tests/musegan/training/figure_runs.hpp"
#include "tests/musegan/training/small_run.hpp"
#include "tests/support/compare.hpp"

using namespace musegan;
namespace fs = std::filesystem;
using Texts = std::vector<std::string>;

namespace {

constexpr std::int64_t most = 169;

/// A run, a dataset, an array, songs and a folder of them.
struct Sources {
    Sources() {
        for (const int step : {0, 100, 250}) support::write_samples(run, step, support::two_phrases(10 + step / 50));
        for (int k = 0; k < 3; ++k) phrases.append(support::two_phrases(20 + k).bits);
        write_dataset(data, phrases, std::vector<std::int64_t>{4, 4, 5, 5, 6, 6});
        write_phrases(music, phrases);
        PianoRoll whole(paper_shape, 10 * bar);
        for (int k = 0; k < 10; ++k) whole.set_run(k * bar, k * bar + 20, 30 + k, 0);
        io::write_midi(song, midi_from_roll(whole));
    }
    const support::TemporaryFolder folder{};
    const RunFolder run{folder / "run"};
    const fs::path data = folder / "data.safetensors", music = folder / "music", song = folder / "song.mid";
    PackedPhrases phrases{};
    static constexpr std::int64_t bar = paper_shape.steps_per_bar();
};

std::string fault_of(const fs::path& path, const FigureRequest& request = {}) {
    return support::message_of([&] { roll_to_draw(path, request, most); });
}

}  // namespace

TEST_CASE("figure source: what a thing is, is told from what it holds") {
    const Sources of;
    CHECK(figure_source_of(of.run.path()) == FigureSource::run);
    CHECK(figure_source_of(of.run.sample(100, ".safetensors")) == FigureSource::samples);
    CHECK(figure_source_of(of.data) == FigureSource::dataset);
    CHECK(figure_source_of(of.music) == FigureSource::folder);
    CHECK(figure_source_of(of.song) == FigureSource::song);
    CHECK(figure_source_of(of.music / "phrase_001.npz") == FigureSource::song);
    fs::copy_file(of.data, of.folder / "data.mid");
    CHECK(figure_source_of(of.folder / "data.mid") == FigureSource::dataset);
    support::write_log(of.folder / "logged", 2, 1);
    CHECK(figure_source_of(of.folder / "logged") == FigureSource::run);
    CHECK(support::contains_all(fault_of(of.folder / "none"), {"none] nothing is there, expected a run, a dataset"}));
    io::SafetensorsWriter other;
    other.metadata("format", "other");
    other.write(of.folder / "other.safetensors");
    CHECK(support::contains_all(fault_of(of.folder / "other.safetensors"), {"holds no phrases, expected a dataset"}));
    support::write_text(of.folder / "text.mid", "no song at all");
    CHECK_THROWS_AS(roll_to_draw(of.folder / "text.mid", {}, most), tensor::Error);
}

TEST_CASE("figure source: a run's phrase is of its last samples, or of the nearest to a step") {
    const Sources of;
    DrawnRoll drawn = roll_to_draw(of.run.path(), {}, most);
    CHECK(drawn.roll == support::two_phrases(15).view().roll(0));
    CHECK(drawn.caption == "step 250, phrase 0");
    CHECK(drawn.bars_before == 0);
    CHECK(drawn.notes.empty());
    drawn = roll_to_draw(of.run.path(), {.step = 100, .phrase = 1}, most);
    CHECK(drawn.roll == support::two_phrases(12).view().roll(1));
    CHECK(drawn.caption == "step 100, phrase 1");
    CHECK(drawn.notes.empty());
    drawn = roll_to_draw(of.run.path(), {.step = 6000}, most);
    CHECK(drawn.caption == "step 250, phrase 0");
    CHECK(drawn.notes == Texts{"no samples of step 6,000, the nearest are of step 250"});
    drawn = roll_to_draw(of.run.sample(100, ".safetensors"), {.phrase = 1}, most);
    CHECK(drawn.caption == "step 100, phrase 1");
    CHECK(support::contains_all(fault_of(of.run.path(), {.phrase = 2}), {"run] no phrase 2, expected 0 to 1"}));
    fs::remove_all(of.run.samples());
    support::write_log(of.run, 2, 1);
    CHECK(support::contains_all(fault_of(of.run.path()), {"run] no samples, expected a run of `musegan train`"}));
}

TEST_CASE("figure source: a phrase of a dataset, of an array, of a folder and of a song") {
    const Sources of;
    DrawnRoll drawn = roll_to_draw(of.data, {.phrase = 3}, most);
    CHECK(drawn.roll == of.phrases.view().roll(3));
    CHECK(drawn.caption == "phrase 3, song 5");
    CHECK(support::contains_all(fault_of(of.data, {.phrase = 6}), {"no phrase 6, expected 0 to 5"}));
    drawn = roll_to_draw(of.music, {.phrase = 2}, most);
    CHECK(drawn.caption == "phrase_003");
    CHECK(note_runs(drawn.roll).size() == 1);
    CHECK(note_runs(drawn.roll).front().pitch == 21);
    CHECK(support::contains_all(fault_of(of.music, {.phrase = 6}), {"no phrase 6, expected 0 to 5"}));
    drawn = roll_to_draw(of.song, {}, most);
    CHECK(drawn.roll.steps() == 10 * of.bar);
    CHECK(drawn.caption.empty());
    drawn = roll_to_draw(of.song, {.phrase = 2}, most);
    CHECK(drawn.roll.steps() == 2 * of.bar);
    CHECK(drawn.bars_before == 8);
    CHECK(note_runs(drawn.roll) == std::vector<Run>{{0, 20, 38, 0}, {of.bar, of.bar + 20, 39, 0}});
    CHECK(support::contains_all(fault_of(of.song, {.phrase = 3}), {"no phrase 3, expected 0 to 2"}));
    io::write_midi(of.folder / "silent.mid", midi_from_roll(PianoRoll(paper_shape, of.bar)));
    CHECK(support::contains_all(fault_of(of.folder / "silent.mid"), {"no note is in a bar of four quarters"}));
}

TEST_CASE("figure source: phrases of an array, the silent ones left out") {
    const support::TemporaryFolder folder;
    const support::Extents shape{4, 4, 48, 84, 5};  // phrase 1 is silent
    const support::Bytes npz = support::sparse_npz({{0, 0, 0, 10, 3}, {2, 0, 0, 20, 3}, {3, 0, 0, 30, 3}}, shape);
    support::write_text(folder / "x.npz", {npz.begin(), npz.end()});
    CHECK(figure_source_of(folder / "x.npz") == FigureSource::array);
    const DrawnRoll drawn = roll_to_draw(folder / "x.npz", {.phrase = 1}, most);
    REQUIRE(note_runs(drawn.roll).size() == 1);
    CHECK(note_runs(drawn.roll).front().pitch == 20);
    CHECK(drawn.caption == "phrase 1");
    const DrawnPhrases two = phrases_to_draw(folder / "x.npz", {.phrase = 1}, 9);
    CHECK(two.captions == Texts{"phrase 1", "phrase 2"});
    CHECK(support::contains_all(fault_of(folder / "x.npz", {.phrase = 3}), {"no phrase 3, expected 0 to 2"}));
    CHECK(support::contains_all(fault_of(folder / "x.npz", {.phrase = 9}), {"no phrase 9, expected 0 to 2"}));
}

TEST_CASE("figure source: bars are cut, and what does not fit into a picture is said") {
    const Sources of;
    DrawnRoll drawn = roll_to_draw(of.song, {.bars = ShownBars{5, 6}}, most);
    CHECK(drawn.bars_before == 4);
    CHECK(note_runs(drawn.roll) == std::vector<Run>{{0, 20, 34, 0}, {of.bar, of.bar + 20, 35, 0}});
    CHECK(drawn.notes.empty());
    drawn = roll_to_draw(of.song, {}, 3);
    CHECK(drawn.roll.steps() == 3 * of.bar);
    CHECK(drawn.notes == Texts{"bars 1 to 3 of 10: no more fit into a picture"});
    CHECK(support::contains_all(fault_of(of.song, {.bars = ShownBars{9, 11}}),
                                {"no bars 9 to 11, expected bars of 1 to 10"}));
    drawn = roll_to_draw(of.run.path(), {.bars = ShownBars{2, 3}}, most);
    CHECK(drawn.roll.steps() == 2 * of.bar);
    CHECK(note_runs(drawn.roll).empty());
    CHECK(support::contains_all(fault_of(of.song, {.phrase = 1, .bars = ShownBars{1, 2}}),
                                {"no bars 1 to 2, expected bars of 5 to 8"}));
    CHECK(parse_shown_bars("5-8")->first == 5);
    CHECK(parse_shown_bars("5-8")->last == 8);
    CHECK(parse_shown_bars("3")->last == 3);
    for (const char* text : {"", "-", "0-2", "3-2", "1-", "-2", "a-b", "1-2-3", "1-99999", "1 -2"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_shown_bars(text));
    }
}

TEST_CASE("figure source: grids of every kind of source") {
    const Sources of;
    DrawnPhrases drawn = phrases_to_draw(of.run.path(), {.step = 90}, 64);
    CHECK(drawn.phrases == support::two_phrases(12));
    CHECK(drawn.captions == Texts{"phrase 0", "phrase 1"});
    CHECK(drawn.caption == "step 100");
    CHECK(drawn.notes.size() == 1);
    drawn = phrases_to_draw(of.run.path(), {.phrase = 1}, 64);
    CHECK(drawn.captions == Texts{"phrase 1"});
    drawn = phrases_to_draw(of.data, {}, 3);
    CHECK(drawn.captions == Texts{"phrase 0, song 4", "phrase 2, song 5", "phrase 4, song 6"});
    CHECK(drawn.phrases.view().roll(1) == of.phrases.view().roll(2));
    CHECK(drawn.notes == Texts{"3 of 6 phrases, spread evenly"});
    drawn = phrases_to_draw(of.data, {.phrase = 3}, 2);
    CHECK(drawn.captions == Texts{"phrase 3, song 5", "phrase 4, song 6"});
    CHECK(drawn.notes.empty());
    drawn = phrases_to_draw(of.song, {.phrase = 1}, 64);
    CHECK(drawn.captions == Texts{"bars 5 to 8", "bars 9 to 10"});
    CHECK(drawn.phrases.count() == 2);
    drawn = phrases_to_draw(of.music, {.phrase = 4}, 64);
    CHECK(drawn.captions == Texts{"phrase_005", "phrase_006"});
    for (const fs::path& path : {of.run.path(), of.data, of.song, of.music})
        CHECK_THROWS_WITH_AS(phrases_to_draw(path, {.phrase = 99}, 3), doctest::Contains("no phrase 99, expected 0 to"),
                             tensor::Error);
}

TEST_CASE("figure source: the stages of a run, and one that is damaged costs itself") {
    const Sources of;
    DrawnStages drawn = stages_to_draw(of.run, {}, 0, 1);
    REQUIRE(drawn.stages.size() == 3);
    CHECK(drawn.stages[1].label == "step 100");
    CHECK(drawn.stages[1].phrases.view().roll(0) == support::two_phrases(12).view().roll(0));
    CHECK(drawn.stages[1].phrases.count() == 1);
    CHECK(drawn.notes.empty());
    drawn = stages_to_draw(of.run, {0, 240, 7900}, 1, 5);
    REQUIRE(drawn.stages.size() == 2);
    CHECK(drawn.stages[1].label == "step 250");
    CHECK(drawn.stages[1].phrases.view().roll(0) == support::two_phrases(15).view().roll(1));
    support::write_text(of.run.sample(100, ".safetensors"), "damaged");
    drawn = stages_to_draw(of.run, {}, 0, 2);
    REQUIRE(drawn.stages.size() == 2);
    CHECK(drawn.stages[1].label == "step 250");
    REQUIRE(drawn.notes.size() == 1);
    CHECK(support::contains_all(drawn.notes[0], {"left out: ", "step_000100.safetensors"}));
    CHECK_THROWS_WITH_AS(stages_to_draw(of.run, {100}, 0, 1), doctest::Contains("step_000100"), tensor::Error);
    CHECK_THROWS_WITH_AS(stages_to_draw(of.run, {}, 2, 1), doctest::Contains("no phrase 2, expected 0 to 1"),
                         tensor::Error);
    CHECK_THROWS_WITH_AS(stages_to_draw(of.music, {}, 0, 1), doctest::Contains("no samples"), tensor::Error);
}

TEST_CASE("figure source: a model is named by its run, and is no phrases") {
    const support::TemporaryFolder folder;
    const RunFolder run(folder / "run");
    CHECK(model_text(run).empty());
    fs::create_directories(run.path());
    TrainingSettings settings = support::small_settings_of(support::model_of(MultiTrackModel::hybrid, Condition::bass));
    save_checkpoint(run, Training(settings, support::small_phrases()), "data");
    CHECK(model_text(run) == "hybrid given bass");
    CHECK(support::contains_all(fault_of(run.model()), {"is a model, expected phrases: its run's folder"}));
    support::write_text(run.model(), "damaged");
    CHECK(model_text(run).empty() != (model_text(run) == "hybrid given bass"));
}
