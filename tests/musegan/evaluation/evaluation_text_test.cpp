#include "musegan/evaluation/evaluation_text.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "musegan/evaluation/data_distance.hpp"
#include "musegan/evaluation/plain_text.hpp"
#include "tests/musegan/evaluation/evaluated_sets.hpp"
#include "tests/musegan/phrase/rolls.hpp"
#include "tests/support/lines.hpp"

using namespace musegan;
using evaluation_tests::counting;
using evaluation_tests::example;
using evaluation_tests::made_set;
using evaluation_tests::mean_in;
using evaluation_tests::mean_of;
using evaluation_tests::whole_set;
using support::lines_of;
using Lines = std::vector<std::string>;

namespace {

/// `count` lines from the one that begins with `start` on.
Lines lines_from(const std::string& text, const std::string& start, std::size_t count) {
    const Lines lines = lines_of(text);
    const auto first = std::ranges::find_if(lines, [&](const std::string& line) { return line.starts_with(start); });
    REQUIRE_MESSAGE(lines.end() - first >= static_cast<std::ptrdiff_t>(count), start);
    return {first, first + static_cast<std::ptrdiff_t>(count)};
}
/// The same up to the next empty line.
Lines part_from(const std::string& text, const std::string& start) {
    Lines lines = lines_of(text);
    lines.erase(lines.begin(), std::ranges::find_if(lines, [&](const auto& line) { return line.starts_with(start); }));
    lines.erase(std::ranges::find(lines, ""), lines.end());
    REQUIRE_MESSAGE(!lines.empty(), start);
    return lines;
}

bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// The text without line breaks, to find sentences in.
std::string unwrapped(std::string text) {
    std::ranges::replace(text, '\n', ' ');
    return text;
}

/// No line is too wide or ends in a blank, and nothing is no number.
void check_form(const std::string& text) {
    CHECK(text.ends_with('\n'));
    CHECK_FALSE(says(text, "nan"));
    CHECK_FALSE(says(text, "inf"));
    for (const std::string& line : lines_of(text)) {
        CHECK_MESSAGE(characters(line) <= 118, line);
        CHECK_FALSE_MESSAGE(line.ends_with(' '), line);
    }
}

/// The figures that take the most room.
Metrics extreme(double value_of_percent) {
    Metrics metrics = counting(0, 0);
    for (const Metric& metric : metric_list()) {
        Mean& mean = mean_in(metrics, metric.key);
        if (metric.unit == "%") mean = mean_of(value_of_percent);
        else if (metric.group == "TD") mean = mean_of(value_of_percent * 2.8284 / 100);
        else if (metric.group == "notes per bar") mean = mean_of(value_of_percent * 80.64);  // 96 steps, 84 pitches
        else if (metric.group == "distance") mean = mean_of(value_of_percent * 1612.8);
        else mean = mean_of(value_of_percent / 100 * (metric.group == "pitch" ? 107 : 12));
    }
    return metrics;
}

}  // namespace

TEST_CASE("evaluation text: the papers' tables, differences to the data and standard errors, line by line") {
    const std::string text = evaluation_text(example());
    const Lines lines = lines_of(text);
    REQUIRE(lines.size() > 40);
    CHECK(Lines(lines.begin(), lines.begin() + 16) ==
          Lines{"data            all of it (8 bars)", "held-out        all of it (8 bars)",
                "data, shuffled  all of it (8 bars)", "run             made (8 bars)", "All on 24 steps per beat.", "",
                "                   EB %                       UPC                     QN %              DP %",
                "                   B    D    G    P    S      B     G     P     S     B    G    P    S     D",
                "data            10.0 10.5 11.0 11.5 12.0  12.50 13.00 13.50 14.00  14.5 15.0 15.5 16.0  16.5",
                "held-out        12.0 12.5 13.0 13.5 14.0  14.50 15.00 15.50 16.00  16.5 17.0 17.5 18.0  18.5",
                "  - data        +2.0 +2.0 +2.0 +2.0 +2.0  +2.00 +2.00 +2.00 +2.00  +2.0 +2.0 +2.0 +2.0  +2.0",
                "run             13.0 13.5 14.0 14.5 15.0  15.50 16.00 16.50 17.00  17.5 18.0 18.5 19.0  19.5",
                "  +-             1.0  1.0  1.0  1.0  1.0   1.00  1.00  1.00  1.00   1.0  1.0  1.0  1.0   1.0",
                "  - data        +3.0 +3.0 +3.0 +3.0 +3.0  +3.00 +3.00 +3.00 +3.00  +3.0 +3.0 +3.0 +3.0  +3.0", "",
                "EB: empty bars, in which the track is silent, % of all bars."});
    CHECK(part_from(text, "                  TD") == Lines{"                  TD",
                                                           "                  B-G   B-S   B-P   G-S   G-P   S-P",
                                                           "data            17.00 17.50 18.00 18.50 19.00 19.50",
                                                           "data, shuffled  13.00 13.50 14.00 14.50 15.00 15.50",
                                                           "  - data        -4.00 -4.00 -4.00 -4.00 -4.00 -4.00",
                                                           "held-out        19.00 19.50 20.00 20.50 21.00 21.50",
                                                           "  - data        +2.00 +2.00 +2.00 +2.00 +2.00 +2.00",
                                                           "run             20.00 20.50 21.00 21.50 22.00 22.50",
                                                           "  +-             1.00  1.00  1.00  1.00  1.00  1.00",
                                                           "  - data        +3.00 +3.00 +3.00 +3.00 +3.00 +3.00"});
    check_form(text);
}

TEST_CASE("evaluation text: further figures have errors and no differences") {
    Evaluation evaluation = example();
    evaluation.data->available = 8;  // 2 of 8: errors of 1 times the root of 3 / 4
    evaluation.held_out.reset();
    const std::string text = evaluation_text(evaluation);
    CHECK(part_from(text, "                    pitches") ==
          Lines{"                    pitches                 polyphony %       one voice %     in scale %",
                "                    B     G     P     S     B    G    P    S            B     B    G    P    S",
                "data            20.00 20.50 21.00 21.50  22.0 22.5 23.0 23.5         24.0  24.5 25.0 25.5 26.0",
                "  +-             0.87  0.87  0.87  0.87   0.9  0.9  0.9  0.9          0.9   0.9  0.9  0.9  0.9",
                "run             23.00 23.50 24.00 24.50  25.0 25.5 26.0 26.5         27.0  27.5 28.0 28.5 29.0",
                "  +-             1.00  1.00  1.00  1.00   1.0  1.0  1.0  1.0          1.0   1.0  1.0  1.0  1.0"});
    CHECK(part_from(text, "                   pitch  ") ==
          Lines{"                   pitch                 notes per bar              on 8ths %  distance",
                "                   B    G    P    S      B     D     G     P     S          D",
                "data            26.5 27.0 27.5 28.0  28.50 29.00 29.50 30.00 30.50       31.0      31.5",
                "  +-             0.9  0.9  0.9  0.9   0.87  0.87  0.87  0.87  0.87        0.9       0.9",
                "run             29.5 30.0 30.5 31.0  31.50 32.00 32.50 33.00 33.50       34.0      34.5",
                "  +-             1.0  1.0  1.0  1.0   1.00  1.00  1.00  1.00  1.00        1.0       1.0"});
}

TEST_CASE("evaluation text: the distance to the data, and how many times the floor it is") {
    Evaluation evaluation = example();
    mean_in(evaluation.held_out->metrics, "DP") = mean_in(evaluation.data->metrics, "DP");  // a floor of 0
    for (const char* track : {"bass", "guitar", "piano", "strings"})
        mean_in(evaluation.sets[0].metrics, fmt::format("tracks.{}.QN", track)) = {};
    const std::string text = evaluation_text(evaluation);
    const Lines part = part_from(text, "Distance to the data");
    REQUIRE(part.size() == 9);
    CHECK(unwrapped(text).find("Below about 1 it is no farther from the data than such songs are.") !=
          std::string::npos);
    CHECK(Lines(part.begin() + 3, part.end()) ==
          Lines{"                EB %   UPC  QN %  DP %    TD", "held-out        2.00  2.00  2.00  0.00  2.00",
                "data, shuffled  4.00  4.00  4.00  4.00  4.00", "  x floor       2.00  2.00  2.00     -  2.00",
                "run             3.00  3.00     -  3.00  3.00", "  x floor       1.50  1.50     -     -  1.50"});
    evaluation.held_out.reset();
    const std::string without = evaluation_text(evaluation);
    CHECK(says(unwrapped(without), "How far is near, held-out songs would tell (musegan prepare --held-out)."));
    CHECK_FALSE(says(without, "x floor"));
    CHECK(says(without, "\nrun             3.00  3.00     -  3.00  3.00\n"));
}

TEST_CASE("evaluation text: shares of histograms stand below their kind and track") {
    Evaluation evaluation = example();
    evaluation.held_out.reset();
    for (EvaluatedSet* set : {&*evaluation.data, &evaluation.sets[0]})
        for (std::size_t track = 0; track < n_tracks; ++track)
            for (const HistogramKind& kind : histogram_kinds)
                set->metrics.tracks[track].*kind.histogram = {0, {50, 50}};
    evaluation.sets[0].metrics.tracks[0].lengths = {0, {40, 60}};           // bass: 90 %
    evaluation.sets[0].metrics.tracks[1].pitches_of_notes = {0, {30, 70}};  // drums: 80 %
    evaluation.sets[0].metrics.tracks[4].densities = {0, {0, 0, 100}};      // strings: none
    CHECK(part_from(evaluation_text(evaluation), "What histograms share") ==
          Lines{"What histograms share with the data's: their common area, %; 100 for the same.",
                "                   note length %        pitch %                   notes per bar %",
                "                   B    G    P    S     B    D    G    P    S     B    D    G    P    S",
                "run               90  100  100  100   100   80  100  100  100   100  100  100  100    0"});
}

TEST_CASE("evaluation text: copies of the data stand beside those of held-out songs") {
    Evaluation evaluation = example();
    CHECK_FALSE(says(evaluation_text(evaluation), "Copying"));
    evaluation.held_out->copying = Copying{{1, 2}, {{3, 1, 0.5}, {9, 0, 0.75}}, 0.125};
    evaluation.sets[0].copying = Copying{{0, 7, 8}, {{3, -2, 0.0625}, {9, 0, 0.25}, {9, 0, 0.5}}, 0.125};
    const Lines part = part_from(evaluation_text(evaluation), "Copying");
    REQUIRE(part.size() == 5);
    CHECK(part[1].ends_with("below 0.125 two phrases are almost the same."));
    CHECK(Lines(part.begin() + 2, part.end()) ==
          Lines{"                phrases  almost the same %  median distance  least distance",
                "held-out              2                0.0             0.62            0.50",
                "run                   3               33.3             0.25            0.06"});
    evaluation.held_out->copying = Copying{};
    CHECK(says(evaluation_text(evaluation),
               "\nheld-out              0                  -                -               -\n"));
    // One that was not looked at has no row, and leaves the others theirs.
    evaluation.held_out->copying.reset();
    const Lines alone = part_from(evaluation_text(evaluation), "Copying");
    CHECK(Lines(alone.begin() + 2, alone.end()) ==
          Lines{"                phrases  almost the same %  median distance  least distance",
                "run                   3               33.3             0.25            0.06"});
}

TEST_CASE("evaluation text: marks and facts of every set, long ones in several lines") {
    const Lines part = part_from(evaluation_text(example()), "Marks");
    REQUIRE(part.size() == 9);
    CHECK(part[5] == "run             5 of 16 marks missed: bass UPC, bass poly, guitar UPC, piano UPC, strings UPC");
    CHECK(part[6] == "                bass lowest: yes (29.5; the lowest of the others is guitar with 30.0)");
    CHECK(
        part[7] ==
        "                bass mostly of one voice: no (two pitches or more at 25.0 % of the steps at which it sounds)");
    CHECK(part[8] ==
          "                chords that share pitches: no (the farthest pair is B-G with a TD of 20.00, the data's "
          "17.00)");
    Evaluation evaluation = example();
    evaluation.sets = {made_set("far", extreme(100))};
    const Lines far = part_from(evaluation_text(evaluation), "Marks");
    REQUIRE(far.size() > 7);
    CHECK(far[5].starts_with("far             1"));
    CHECK(far[6].starts_with("                "));
    CHECK(far[6][16] != ' ');
}

TEST_CASE("evaluation text: the paper's rows are there where they are asked for, without differences") {
    Evaluation evaluation = example();
    CHECK_FALSE(says(evaluation_text(evaluation), "paper"));
    const std::string text = evaluation_text(evaluation, true);
    CHECK(lines_from(text, "paper: data", 2) ==
          Lines{"paper: data            8.1   8.1 19.4 24.8 10.1   1.71  3.08  3.28  3.38  90.0 81.9 88.4 89.6  88.6",
                "paper: jamming         6.6   2.3 18.3 22.6  6.1   1.53  3.69  4.13  4.09  71.5 56.6 62.2 63.1  93.2"});
    CHECK(lines_from(text, "paper: hybrid|P", 2) ==
          Lines{"paper: hybrid|P        2.1   4.5 10.3    -  4.0   2.86  4.43     -  4.32  43.3 55.6    - 67.1  71.8",
                "run                   13.0  13.5 14.0 14.5 15.0  15.50 16.00 16.50 17.00  17.5 18.0 18.5 19.0  19.5"});
    CHECK(lines_from(text, "paper: shuffled", 1) == Lines{"paper: shuffled        1.59  1.59  1.56  1.14  1.12  1.13"});
    CHECK(says(unwrapped(text), "20,000 bars per model"));
    CHECK(says(unwrapped(text), "|P: of models that are given the piano."));
    check_form(text);
    // Alone, without any phrases measured.
    check_form(evaluation_text({}, true));
}

TEST_CASE("evaluation text: without data nothing is compared, and data alone are told") {
    Evaluation evaluation = example();
    evaluation.data.reset();
    evaluation.held_out.reset();
    evaluation.sets.push_back(made_set("second", counting(20, 0.5)));
    const std::string text = evaluation_text(evaluation);
    for (const char* part : {"- data", "Distance to the data", "histograms", "Marks"}) CHECK_FALSE(says(text, part));
    CHECK(part_from(text, "                  TD") == Lines{"                  TD",
                                                           "                  B-G   B-S   B-P   G-S   G-P   S-P",
                                                           "data, shuffled  13.00 13.50 14.00 14.50 15.00 15.50",
                                                           "run             20.00 20.50 21.00 21.50 22.00 22.50",
                                                           "  +-             1.00  1.00  1.00  1.00  1.00  1.00",
                                                           "second          27.00 27.50 28.00 28.50 29.00 29.50",
                                                           "  +-             1.00  1.00  1.00  1.00  1.00  1.00"});
    Evaluation alone;
    alone.data = whole_set("data", counting(10, 0.5));
    const std::string of_data = evaluation_text(alone);
    CHECK(lines_of(of_data)[0] == "data       all of it (8 bars)");
    CHECK_FALSE(says(of_data, "Distance to the data"));
    CHECK_FALSE(says(of_data, "Marks"));
    CHECK_FALSE(says(of_data, "+-"));  // no sample
    check_form(of_data);
    check_form(evaluation_text({}));
}

TEST_CASE("evaluation text: data beside nothing but their shuffled bars have a distance and no marks") {
    Evaluation evaluation = example();
    evaluation.held_out.reset();
    evaluation.sets.clear();
    const std::string text = evaluation_text(evaluation);
    const Lines part = part_from(text, "Distance to the data");
    REQUIRE(part.size() == 4);
    CHECK(part[2] == "                EB %   UPC  QN %  DP %    TD");
    CHECK(part[3] == "data, shuffled  4.00  4.00  4.00  4.00  4.00");
    for (const char* other : {"histograms", "Copying", "Marks", "x floor"}) CHECK_FALSE(says(text, other));
    CHECK(says(text, "\n  - data        -4.00 -4.00 -4.00 -4.00 -4.00 -4.00\n"));
    check_form(text);
}

TEST_CASE("evaluation text: held-out songs without data are a row like any other") {
    Evaluation evaluation = example();
    evaluation.data.reset();
    const std::string text = evaluation_text(evaluation);
    CHECK(lines_of(text)[0] == "held-out        all of it (8 bars)");
    CHECK(says(text, "\nheld-out        12.0 12.5 13.0 13.5 14.0  14.50 "));
    for (const char* other : {"- data", "Distance to the data", "x floor", "Marks"}) CHECK_FALSE(says(text, other));
    check_form(text);
}

TEST_CASE("evaluation text: nothing to measure is a dash everywhere") {
    Evaluation evaluation;
    evaluation.data = whole_set("data", {});
    evaluation.shuffled = whole_set("data, shuffled", {});
    evaluation.held_out = whole_set("held-out", {});
    evaluation.held_out->available = 7;
    Metrics silent;
    silent.phrases = 1;
    evaluation.sets = {made_set("silent", silent), whole_set("empty", {})};
    evaluation.sets[0].copying = Copying{};
    const std::string text = evaluation_text(evaluation, true);
    check_form(text);
    CHECK(lines_from(text, "silent", 3)[0] == "silent                made (4 bars)");
    const Lines rows = lines_from(text, "paper: hybrid|P", 4);
    CHECK(rows[1] == "silent                   -     -    -    -    -     -    -    -    -     -    -    -    -     -");
    CHECK(rows[2] == "  +-                     -     -    -    -    -     -    -    -    -     -    -    -    -     -");
    CHECK(rows[3] == "  - data                 -     -    -    -    -     -    -    -    -     -    -    -    -     -");
}

TEST_CASE("evaluation text: a track that a model is given is a dash, and it is said why") {
    Evaluation evaluation = example();
    CHECK_FALSE(says(evaluation_text(evaluation), "given"));
    evaluation.sets[0].given = 3;
    const std::string text = evaluation_text(evaluation);
    CHECK(
        says(text, "\nrun             13.0 13.5 14.0    - 15.0  15.50 16.00     - 17.00  17.5 18.0    - 19.0  19.5\n"));
    CHECK(
        says(text, "\n  - data        +3.0 +3.0 +3.0    - +3.0  +3.00 +3.00     - +3.00  +3.0 +3.0    - +3.0  +3.0\n"));
    CHECK(says(unwrapped(text), "A track that a model is given is not its work"));
}

TEST_CASE("evaluation text: widest figures and longest names keep to 118 columns") {
    for (const double value : {0.0, 100.0}) {
        Evaluation evaluation;
        evaluation.data = whole_set("data", extreme(100 - value));
        evaluation.shuffled = whole_set("data, shuffled", extreme(value));
        evaluation.held_out = whole_set("held-out", extreme(value));
        evaluation.sets = {made_set("a-name-that-is-longer-than-twenty-characters", extreme(value)),
                           made_set("çàéîôüçàéîôüçàéîôüçàéîôü", extreme(value)), made_set("𝄞𝄞", extreme(value))};
        evaluation.sets[0].about =
            "many words of what it is, so many that they do not fit into a line of one hundred "
            "and eighteen characters and go on below";
        for (EvaluatedSet& set : evaluation.sets) set.copying = Copying{{0}, {{0, 0, 1.0}}, 0.1};
        for (const bool published : {false, true}) check_form(evaluation_text(evaluation, published));
        const std::string text = evaluation_text(evaluation);
        CHECK(says(text, "\n...twenty-characters  many words of what it is"));
        CHECK(says(text, "\n...àéîôüçàéîôüçàéîôü  made (8 bars)\n"));
        CHECK(says(text, "\n𝄞𝄞                    made (8 bars)\n"));
        if (value == 100) {
            CHECK(says(text, "\n𝄞𝄞                     2.83  2.83  2.83  2.83  2.83  2.83\n"));
            CHECK(says(text, "\n  - data              +2.83 +2.83 +2.83 +2.83 +2.83 +2.83\n"));
            CHECK(says(text, "\n  - data               +100  +100  +100  +100  +100  +12.0 +12.0 +12.0 +12.0 "));
        }
        CHECK(says(text, "  161280\n"));
    }
}

TEST_CASE("evaluation text: names from outside move no cursor and break no line") {
    Evaluation evaluation = example();
    evaluation.sets[0].name = "a\nb\x1B[2J\xFF";
    evaluation.sets[0].about = "c\rd\te";
    CHECK(lines_from(evaluation_text(evaluation), "a?b?[2J?", 2)[0] == "a?b?[2J?        c?d?e (8 bars)");
}
