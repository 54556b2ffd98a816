#include "musegan/evaluation/evaluation_legend.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/musegan/evaluation/evaluated_sets.hpp"
#include "tests/musegan/phrase/rolls.hpp"

using namespace musegan;

namespace {

/// Without line breaks, to find sentences in.
std::string unwrapped(std::string text) {
    std::ranges::replace(text, '\n', ' ');
    return text;
}

bool says(const std::string& text, const std::string& part) { return unwrapped(text).find(part) != std::string::npos; }

std::string options_of(int steps_per_beat, const MetricOptions& options = {}) {
    Evaluation evaluation;
    evaluation.shape = paper_shape.on_grid(steps_per_beat);
    evaluation.options = options;
    return options_text(evaluation);
}

}  // namespace

TEST_CASE("evaluation legend: options that differ from their defaults are said as a command takes them") {
    CHECK(options_of(24) == "All on 24 steps per beat.\n");
    CHECK(options_of(12, {2, 0.1, 1, ChromaFold::as_released}) ==
          "All on 12 steps per beat; measured with --fold as-released, --qn-threshold 2, --drum-tolerance 0.1, "
          "--drum-shifts 1.\n");
    CHECK(options_of(8, {3, 0.25, 6, ChromaFold::pitch_class}) ==
          "All on 8 steps per beat; measured with --drum-tolerance 0.25.\n");
    CHECK(options_of(4, {3, 0.3, 2, ChromaFold::pitch_class}) ==
          "All on 4 steps per beat, on which QN and DP would be 100 % of anything and say nothing; measured with "
          "--drum-shifts 2.\n");
}

TEST_CASE("evaluation legend: QN and DP say nothing where measure() has no value for them, and nowhere else") {
    for (const int grid : PhraseShape::grids) {
        const PianoRoll roll = support::random_roll(3, 4, 40, paper_shape.on_grid(grid));
        for (const int threshold : {1, 2, 3, 5, 6, 24}) {
            CAPTURE(grid);
            CAPTURE(threshold);
            const MetricOptions options{threshold, 0.3, 6, ChromaFold::pitch_class};
            const Metrics metrics = measure(PhraseView(roll.shape(), roll.bits()), options);
            const std::string text = options_of(grid, options);
            CHECK((text.find("QN") == std::string::npos) == (metrics.tracks[0].qualified_notes.count > 0));
            CHECK((text.find("DP") == std::string::npos) == (metrics.drum_pattern.count > 0));
        }
    }
}

TEST_CASE("evaluation legend: what the tables mean follows the options") {
    const std::string plain = table_legend(MetricTable::per_track, {});
    CHECK(says(plain, "EB: empty bars"));
    CHECK(says(plain, "UPC: used pitch classes (C, C sharp, ..., B, in whatever octave)"));
    CHECK(says(plain, "at least 3/24 of a beat (a 32nd note), % of all notes"));
    CHECK(says(plain, "one 1/24 of a beat off counts 0.3; of 6 shifts of the pattern the best counts."));
    CHECK(says(plain, "B bass, D drums, G guitar, P piano, S strings."));
    const std::string other = table_legend(MetricTable::per_track, {2, 0.1, 1, ChromaFold::as_released});
    CHECK(says(other, "UPC: used pitch classes (folded as by the authors' published code)"));
    CHECK(says(other, "at least 2/24 of a beat, % of all notes"));
    CHECK(says(other, "one 1/24 of a beat off counts 0.1."));
    CHECK_FALSE(says(other, "shifts"));
}

TEST_CASE("evaluation legend: every group of metrics is explained below its table") {
    for (const Metric& metric : metric_list()) {
        CAPTURE(metric.key);
        CHECK(says(table_legend(metric.table, {}), metric.group + ":"));
    }
    CHECK(heading_of(metric_named("tracks.bass.EB")) == "EB %");
    CHECK(heading_of(metric_named("TD.B-G")) == "TD");
}

TEST_CASE("evaluation legend: signs are explained where they are used") {
    Evaluation evaluation;
    CHECK(common_legend(evaluation, false) == "\"-\": nothing to measure.\n");
    evaluation.data = evaluation_tests::whole_set("data", evaluation_tests::counting(1, 1));
    CHECK(common_legend(evaluation, false) == "\"-\": nothing to measure.\n");  // nothing differs from it
    for (const auto set : {&Evaluation::held_out, &Evaluation::shuffled}) {
        Evaluation compared = evaluation;
        compared.*set = evaluation.data;
        CHECK(common_legend(compared, false) ==
              "\"-\": nothing to measure. \"- data\": the difference to the data's value.\n");
        compared.data.reset();
        CHECK_FALSE(says(common_legend(compared, false), "- data"));
    }
    Evaluation beside = evaluation;
    beside.sets = {*evaluation.data};
    CHECK(says(common_legend(beside, false), "\"- data\""));
    for (const auto set : {&Evaluation::data, &Evaluation::held_out, &Evaluation::shuffled}) {
        Evaluation sampled = evaluation;
        sampled.*set = evaluation.data;
        (sampled.*set)->available = 3;
        CHECK(says(common_legend(sampled, false), "\"+-\": the standard error of a sample."));
    }
    CHECK(says(common_legend(evaluation_tests::example(), false), "\"+-\": the standard error of a sample."));
}
