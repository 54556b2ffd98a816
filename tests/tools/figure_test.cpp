// musegan figure as a user calls it.
#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "io/file.hpp"
#include "io/midi.hpp"
#include "musegan/data/dataset.hpp"
#include "musegan/music/files.hpp"
#include "musegan/music/interpolate.hpp"
#include "musegan/phrase/midi_roll.hpp"
#include "tests/musegan/training/figure_runs.hpp"
#include "tests/support/png.hpp"
#include "tests/tools/shell.hpp"

using support::Outcome;
using support::Pixels;
using support::quoted;
using tools_tests::check_refused;
using tools_tests::check_usage_error;
using tools_tests::shell;

namespace fs = std::filesystem;

namespace {

/// Two runs, a dataset and a folder of phrases, and a place for pictures.
class Things {
  public:
    Things() {
        for (const char* name : {"composer", "hybrid"}) {
            const musegan::RunFolder run(folder_ / name);
            for (const int step : {0, 500, 900})
                support::write_samples(run, step, support::two_phrases(*name == 'c' ? 30 : 50));
            support::write_log(run, 5, *name == 'c' ? 10 : 500);
            support::write_metrics(run, *name == 'c' ? 10 : 80, 30);
        }
        const musegan::PackedPhrases phrases = support::two_phrases(40);
        musegan::write_dataset(folder_ / "data.safetensors", phrases, std::vector<std::int64_t>{7, 8});
        musegan::write_phrases(folder_ / "music", phrases);
    }
    fs::path path(const std::string& name) const { return folder_ / name; }
    std::string in(const std::string& name) const { return quoted(path(name)); }
    /// Draws with --out; returns what was printed.
    std::string draw(const std::string& arguments, const std::string& out = "out.png") const {
        const Outcome outcome = tools_tests::musegan("figure " + arguments + " --out " + in(out));
        CAPTURE(outcome.output);
        CHECK(outcome.exit_code == 0);
        CHECK(outcome.output.ends_with("look at " + path(out).string() + "\n"));
        return outcome.output;
    }
    Pixels pixels(const std::string& arguments) const {
        draw(arguments);
        return support::decode_png(io::read_file(path("out.png"), 1 << 30));
    }

  private:
    support::TemporaryFolder folder_;
};

musegan::Color color_of(int track) { return musegan::tracks[static_cast<std::size_t>(track)].color; }

}  // namespace

TEST_CASE("figure: phrase and tracks of every kind of source") {
    const Things of;
    constexpr int bar = 96, patch = 14 * 8;  // of the legend
    for (const char* source : {"composer", "composer/samples/step_000900.safetensors", "data.safetensors", "music",
                               "music/phrase_001.mid", "music/phrase_001.npz"}) {
        CAPTURE(source);
        const Pixels overlaid = of.pixels("phrase " + of.in(source) + " --cell 1x2");
        // From MIDI and pypianoroll the last of the finest steps is a rest.
        const std::int64_t cells = overlaid.count(color_of(0)) - patch;
        CHECK(cells >= (bar - 1) * 2);
        CHECK(cells <= bar * 2);
        const Pixels stacked = of.pixels("tracks " + of.in(source) + " --cell 1");
        CHECK(stacked.height > overlaid.height);
        CHECK(stacked.count(color_of(0)) > bar - 2);
    }
    CHECK(of.pixels("phrase " + of.in("composer") + " --phrase 1 --cell 1").count(color_of(3)) == patch + bar);
    CHECK(of.pixels("tracks " + of.in("data.safetensors") + " --phrase 1 --bars 2-3 --cell 1").width ==
          52 + 2 * bar + 2 + 10);
    // A long song is broken into lines.
    musegan::PianoRoll song(musegan::paper_shape, 20 * musegan::paper_shape.steps_per_bar());
    song.set(song.steps() - 10, 40, 0);
    io::write_midi(of.path("song.mid"), musegan::midi_from_roll(song));
    const Pixels lines = of.pixels("phrase " + of.in("song.mid") + " --cell 1");
    const Pixels line = of.pixels("phrase " + of.in("song.mid") + " --cell 1 --line 30");
    CHECK(lines.width < 900);
    CHECK(line.width > 1900);
    CHECK(lines.height > 2 * line.height);
    // A run of two sources: the left one first.
    const Pixels both = of.pixels("phrase " + of.in("composer") + " " + of.in("hybrid") + " --cell 1");
    const Pixels left = of.pixels("phrase " + of.in("composer") + " --cell 1");
    const Pixels right = of.pixels("phrase " + of.in("hybrid") + " --cell 1");
    CHECK(both.width == left.width + 24 + right.width);
    for (int y = 0; y < left.height; ++y)
        for (int x = 0; x < left.width; ++x) {
            REQUIRE(both.at(x, y) == left.at(x, y));
            REQUIRE(both.at(x + left.width + 24, y) == right.at(x, y));
        }
}

TEST_CASE("figure: PNG, SVG or PDF by the ending, and a name of its own by default") {
    const Things of;
    of.draw("tracks " + of.in("music/phrase_001.mid"), "out.svg");
    CHECK(support::read_text(of.path("out.svg")).starts_with("<?xml"));
    of.draw("losses " + of.in("composer"), "out.pdf");
    CHECK(support::read_text(of.path("out.pdf")).starts_with("%PDF"));
    const Outcome outcome =
        shell("cd " + quoted(of.path("")) + " && \"$musegan\" figure grid music --title 'Ours & theirs' 2>&1");
    CHECK(outcome.output == "look at grid.png\n");
    CHECK(fs::exists(of.path("grid.png")));
    // The same again gives the same bytes.
    of.draw("grid " + of.in("music") + " --title 'Ours & theirs'");
    CHECK(support::read_text(of.path("out.png")) == support::read_text(of.path("grid.png")));
}

TEST_CASE("figure: the step that is nearest is taken, and said") {
    const Things of;
    const std::string run = of.in("composer");
    CHECK(of.draw("phrase " + run + " --step 500").find("no samples") == std::string::npos);
    const std::string said = of.draw("grid " + run + " --step 650");
    CHECK(said.starts_with(of.path("composer").string() +
                           ": no samples of step 650, the nearest are of step 500\nlook at "));
}

TEST_CASE("figure: an evolution stands for each run at the steps that were asked for") {
    const Things of;
    const std::string runs = of.in("composer") + " " + of.in("hybrid");
    const std::string said = of.draw("evolution " + runs + " --steps 0,7900");
    CHECK(said.starts_with(of.path("composer").string() + ": step 0, step 900\n" + of.path("hybrid").string() +
                           ": step 0, step 900\n"));
    CHECK(of.draw("evolution " + runs).find("step 0, step 500, step 900") != std::string::npos);
    const Pixels one = of.pixels("evolution " + runs + " --steps 0,7900");
    const Pixels two = of.pixels("evolution " + runs + " --steps 0,7900 --phrases 2");
    CHECK(two.height > one.height + 400);
    CHECK(one.count(color_of(0)) >= 4 * 96);
    CHECK(of.pixels("evolution " + runs + " --phrase 1 --steps 0").count(color_of(3)) >= 2 * 96);
    CHECK(of.pixels("evolution " + runs + " --layout overlay").height < one.height);
    const Pixels titled = of.pixels("evolution " + runs + " --steps 0,7900 --title Both --titles A,B");
    CHECK(titled.height == one.height + 28);
    CHECK(titled.any_ink(12, 4, 40, 20));
    CHECK(titled.any_ink(12, 32, 10, 20));
}

TEST_CASE("figure: a grid of points stands in its rows and columns") {
    const Things of;
    const musegan::PhraseSheet sheet = musegan::sheet_of({.steps = 2, .grid = true});
    musegan::PackedPhrases four = support::two_phrases(40);
    four.append(support::two_phrases(50).bits);
    musegan::write_phrases(of.path("points"), four, {}, sheet);
    const Pixels square = of.pixels("grid " + of.in("points"));
    const Pixels row = of.pixels("grid " + of.in("points") + " --columns 4");
    CHECK(row.width > square.width + 700);
    CHECK(of.pixels("grid " + of.in("points") + " --phrases 2").height < square.height);
    CHECK(of.pixels("grid " + of.in("points") + " --layout stacked").height > square.height);
    fs::remove(of.path("points/point_1_2.mid"));
    CHECK(of.draw("grid " + of.in("points")).find(": left blank: 1 missing of 4\n") != std::string::npos);
    CHECK(of.draw("grid " + of.in("data.safetensors") + " --phrases 1").find(": 1 of 2 phrases, spread evenly\n") !=
          std::string::npos);
}

TEST_CASE("figure: curves of two runs have the same axes") {
    const Things of;
    for (const char* figure : {"losses", "metrics"}) {
        CAPTURE(figure);
        const std::string line = std::string(figure) + " ";
        const Pixels both = of.pixels(line + of.in("composer") + " " + of.in("hybrid") + " --titles left,right");
        CHECK(both.width == 1800);
        // The numbers left of the plots and below them are the same; the curves are not.
        int different = 0;
        for (int y = 28; y < both.height; ++y) {
            for (int x = 0; x < 50; ++x) REQUIRE(both.at(x, y) == both.at(x + 900, y));
            different += both.at(400, y) != both.at(1300, y);
        }
        CHECK(different > 4);
        const Pixels alone = of.pixels(line + of.in("composer"));
        CHECK(alone.width == 900);
        CHECK(alone.height == both.height);
    }
}

TEST_CASE("figure: what makes no sense is refused in one line") {
    const Things of;
    const std::string run = of.in("composer");
    check_usage_error("figure", {"[figure] no name, expected phrase, evolution, grid, tracks, losses or metrics"});
    check_usage_error("figure evolutoin " + run, {"[figure] 'evolutoin' is no figure, expected evolution?"});
    check_usage_error("figure xyzzyxyzzy", {"'xyzzyxyzzy' is no figure, expected phrase, evolution, grid"});
    check_usage_error("figure phrase", {"[figure] 0 sources, expected 1 to 4: what phrase is drawn of"});
    check_usage_error("figure losses " + run + " --columns 2",
                      {"[--columns] says nothing of losses, expected it with grid"});
    check_usage_error("figure grid " + run + " --steps 1",
                      {"[--steps] says nothing of grid, expected it with evolution"});
    check_usage_error("figure evolution " + run + " --step 1",
                      {"[--step] says nothing of evolution, expected it with"});
    check_usage_error("figure evolution " + run + " --steps 1,x", {"[--steps] ", "'1,x'", "0,700,2500"});
    check_usage_error("figure evolution " + run + " --steps -1", {"[--steps] "});
    for (const char* cell : {"0", "65", "2x", "x2", "2x3x4", "1.5", "2x99"})
        check_usage_error("figure phrase " + run + " --cell " + cell, {"[--cell] '", "1 to 64, as 2 or 2x4"});
    check_usage_error("figure phrase " + run + " --bars 3-2", {"[--bars] '3-2', expected bars from 1 on"});
    check_usage_error("figure phrase " + run + " --titles a,b", {"[--titles] 2 titles for 1 sources"});
    check_usage_error("figure phrase " + run + " --out x.gif", {"x.gif", ".png"});
    check_usage_error("figure phrase " + run + " --layout sideways", {"[--layout] ", "stacked or overlay"});
    CHECK_FALSE(fs::exists("phrase.png"));
}

TEST_CASE("figure: what is missing or damaged is said in one line") {
    const Things of;
    const std::string out = " --out " + of.in("x.png");
    check_refused("figure phrase " + of.in("none") + out,
                  {"none] nothing is there, expected a run, a dataset, a song"});
    check_refused("figure losses " + of.in("data.safetensors") + out, {"is no run, expected the folder of"});
    check_refused("figure evolution " + of.in("music") + out, {"music] is no run, expected the folder of"});
    support::write_log(of.path("young"), 0, 1);
    check_refused("figure metrics " + of.in("young") + out, {"young] no metrics.csv"});
    check_refused("figure grid " + of.in("young") + out, {"young] no samples, expected a run"});
    check_refused("figure evolution " + of.in("young") + out, {"young] no samples, expected a run"});
    check_refused("figure phrase " + of.in("composer") + " --out " + of.in("no/such/x.png"), {"x.png"});
    fs::copy_file(of.path("music/phrase_001.mid"), of.path("song.png"));
    check_refused("figure phrase " + of.in("song.png") + " --out " + of.in("song.png"),
                  {"song.png] is what is drawn, expected another path"});
    support::write_text(of.path("bad.mid"), "none at all");
    check_refused("figure phrase " + of.in("bad.mid") + out, {"bad.mid]"});
    CHECK_FALSE(fs::exists(of.path("x.png")));
    // A log without a row is a picture that says so.
    of.draw("losses " + of.in("young"));
    // What is whole of a damaged log is drawn.
    const fs::path log = of.path("hybrid/log.csv");
    support::write_text(log, support::read_text(log) + "what is this\n6,1,2");
    const std::string said = of.draw("losses " + of.in("hybrid"));
    CHECK(said.find("hybrid: log.csv has 1 damaged line, left out\n") != std::string::npos);
    CHECK(said.find("hybrid: log.csv ends in the middle of a line, which is left out\n") != std::string::npos);
}

TEST_CASE("figure: names of strange bytes become titles, as far as they are text") {
    const Things of;
    const std::string name = "a\xff<b>\n&";
    fs::copy_file(of.path("music/phrase_001.mid"), of.path(name));
    const std::string svg = [&] {
        const Outcome outcome =
            shell("\"$musegan\" figure phrase " + of.in(name) + " --out " + of.in("out.svg") + " 2>&1");
        CHECK(outcome.exit_code == 0);
        return support::read_text(of.path("out.svg"));
    }();
    CHECK(svg.starts_with("<?xml"));
    CHECK(svg.find("<b>") == std::string::npos);
    of.draw("phrase " + of.in("music/phrase_001.mid") + " --title '<b>\xff'");
}
