#include "musegan/evaluation/comparison.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <limits>

#include "tensor/error.hpp"
#include "tests/musegan/phrase/rolls.hpp"
#include "tests/support/lines.hpp"

using namespace musegan;
using support::lines_of;

namespace {

constexpr std::size_t bass = 0, drums = 1, guitar = 2, piano = 3;

/// What a band is like whose bass is low and of one voice.
Metrics typical() {
    Metrics metrics;
    metrics.phrases = 10;
    for (std::size_t track = 0; track < n_tracks; ++track) {
        metrics.tracks[track].empty_bars = {20.0, 1};
        metrics.tracks[track].pitch_classes = {3.0, 1};
        metrics.tracks[track].notes_per_bar = {2.9, 1};
        metrics.tracks[track].polyphony = {50.0, 1};
        metrics.tracks[track].pitch = {60.0 + 2 * static_cast<double>(track), 1};
    }
    metrics.tracks[bass].pitch = {36.0, 1};
    metrics.tracks[bass].polyphony = {1.0, 1};
    for (Mean& distance : metrics.tonal_distance) distance = {1.0, 1};
    metrics.drums_on_eighths = {75.0, 1};
    metrics.distance = {200.0, 1};
    return metrics;
}

/// missed_line of a band that differs from the typical one by `change`.
std::string missed_after(const std::function<void(Metrics&)>& change) {
    Metrics made = typical();
    change(made);
    return missed_line(compare(made, typical()));
}

const Fact& fact(const Comparison& comparison, const std::string& name) {
    const auto found = std::ranges::find(comparison.facts, name, &Fact::name);
    REQUIRE(found != comparison.facts.end());
    return *found;
}

}  // namespace

TEST_CASE("comparison: figures that agree miss none of 16 marks") {
    const Comparison same = compare(typical(), typical());
    CHECK(same.missed() == 0);
    CHECK(missed_line(same) == "0 of 16 marks missed");
    std::vector<std::string> names;
    for (const Mark& mark : same.marks) names.push_back(mark.name);
    CHECK(names == std::vector<std::string>{"bass EB", "bass UPC", "bass notes", "bass poly", "drums EB", "drums notes",
                                            "guitar EB", "guitar UPC", "guitar notes", "piano EB", "piano UPC",
                                            "piano notes", "strings EB", "strings UPC", "strings notes", "distance"});
    CHECK(same.marks[0].got == 20.0);
    CHECK(same.marks[0].wanted.least == 15.0);
    CHECK(same.marks[0].wanted.most == 25.0);
    CHECK(same.marks[3].wanted.most == 10.0);
    CHECK(same.marks[15].wanted.least == 160.0);
    for (const Fact& each : same.facts) CHECK_MESSAGE(each.holds, each.name);
}

TEST_CASE("comparison: a figure at its tolerance meets its mark, one beyond misses it, and no other is touched") {
    const auto set = [](std::size_t track, Mean TrackMetrics::*mean, double value) {
        return missed_after([=](Metrics& made) { made.tracks[track].*mean = {value, 1}; });
    };
    for (const double near : {15.0, 25.0}) CHECK(set(drums, &TrackMetrics::empty_bars, near) == "0 of 16 marks missed");
    for (const double far : {14.9, 25.1})
        CHECK(set(drums, &TrackMetrics::empty_bars, far) == "1 of 16 marks missed: drums EB");
    for (const double near : {2.0, 4.0})
        CHECK(set(guitar, &TrackMetrics::pitch_classes, near) == "0 of 16 marks missed");
    for (const double far : {1.9, 4.1})
        CHECK(set(guitar, &TrackMetrics::pitch_classes, far) == "1 of 16 marks missed: guitar UPC");
    CHECK(set(drums, &TrackMetrics::pitch_classes, 12.0) == "0 of 16 marks missed");
    // 2.9 + 0.1 = 3 notes: from 2 - 0.1 to 4.5 - 0.1.
    for (const double near : {1.91, 4.39})
        CHECK(set(piano, &TrackMetrics::notes_per_bar, near) == "0 of 16 marks missed");
    for (const double far : {1.89, 4.41})
        CHECK(set(piano, &TrackMetrics::notes_per_bar, far) == "1 of 16 marks missed: piano notes");
    CHECK(set(bass, &TrackMetrics::polyphony, 10.0) == "0 of 16 marks missed");
    CHECK(set(bass, &TrackMetrics::polyphony, 10.1) == "1 of 16 marks missed: bass poly");
    CHECK(set(piano, &TrackMetrics::polyphony, 100.0) == "0 of 16 marks missed");
    CHECK(missed_after([](Metrics& made) { made.distance = {160.0, 1}; }) == "0 of 16 marks missed");
    CHECK(missed_after([](Metrics& made) { made.distance = {159.0, 1}; }) == "1 of 16 marks missed: distance");
    CHECK(missed_after([](Metrics& made) { made.distance = {900.0, 1}; }) == "0 of 16 marks missed");
    CHECK(missed_after([](Metrics& made) {
              made.distance = {0.0, 1};
              made.tracks[bass].empty_bars = {100.0, 1};
          }) == "2 of 16 marks missed: bass EB, distance");
}

TEST_CASE("comparison: tolerances are data") {
    Metrics made = typical();
    made.tracks[bass].empty_bars = {30.0, 1};
    CHECK(compare(made, typical()).misses("bass EB"));
    CHECK_FALSE(compare(made, typical(), {.empty_bars = 10.0}).misses("bass EB"));
    CHECK_FALSE(compare(made, typical()).misses("no such mark"));
}

TEST_CASE("comparison: where there is nothing to measure, a mark is missed unless the data has nothing either") {
    Metrics made = typical(), data = typical();
    made.tracks[piano].pitch_classes = {};
    CHECK(missed_line(compare(made, data)) == "1 of 16 marks missed: piano UPC");
    data.tracks[piano].pitch_classes = {};
    CHECK(missed_line(compare(made, data)) == "0 of 16 marks missed");
    CHECK(missed_line(compare(typical(), data)) == "1 of 16 marks missed: piano UPC");
    const std::string table = comparison_table(compare(Metrics{}, Metrics{}));
    CHECK(table.find("nan") == std::string::npos);
    CHECK(table.find("0 of 16 marks missed") != std::string::npos);
    CHECK(table.find("bass lowest: no (it has no notes)") != std::string::npos);
}

TEST_CASE("comparison: facts say which figures decide") {
    Metrics made = typical();
    made.tracks[guitar].pitch = {52.0, 1};
    const Comparison low = compare(made, typical());
    CHECK(fact(low, "bass lowest").holds);
    CHECK(fact(low, "bass lowest").figures == "36.0; the lowest of the others is guitar with 52.0");
    made.tracks[drums].pitch = {20.0, 1};  // drums have no pitch that counts
    CHECK(fact(compare(made, typical()), "bass lowest").holds);
    made.tracks[guitar].pitch = {36.0, 1};
    CHECK_FALSE(fact(compare(made, typical()), "bass lowest").holds);

    made.tracks[bass].polyphony = {10.0, 1};
    CHECK(fact(compare(made, typical()), "bass mostly of one voice").holds);
    made.tracks[bass].polyphony = {10.5, 1};
    const Comparison thick = compare(made, typical());
    CHECK_FALSE(fact(thick, "bass mostly of one voice").holds);
    CHECK(fact(thick, "bass mostly of one voice").figures ==
          "two pitches or more at 10.5 % of the steps at which it sounds");

    made.tonal_distance[2] = {1.09, 1};
    const Comparison near = compare(made, typical());
    CHECK(fact(near, "chords that share pitches").holds);
    CHECK(fact(near, "chords that share pitches").figures ==
          "the farthest pair is B-P with a TD of 1.09, the data's 1.00");
    made.tonal_distance[5] = {1.11, 1};
    const Comparison far = compare(made, typical());
    CHECK_FALSE(fact(far, "chords that share pitches").holds);
    CHECK(fact(far, "chords that share pitches").figures ==
          "the farthest pair is S-P with a TD of 1.11, the data's 1.00");
    made.tonal_distance[5] = {};
    CHECK(fact(compare(made, typical()), "chords that share pitches").figures ==
          "the tracks of S-P never sound together");
}

TEST_CASE("comparison: the table shows both, stars what is missed, and fits into 100 columns") {
    Metrics made = typical();
    made.tracks[bass].empty_bars = {31.25, 1};
    made.tracks[piano].notes_per_bar = {1.0, 3};
    made.distance = {12.5, 1};
    const std::string table = comparison_table(compare(made, typical()));
    const std::vector<std::string> lines = lines_of(table);
    REQUIRE(lines.size() > 12);
    CHECK(lines[2] ==
          "bass        20.0     31.2*    3.00     3.00     2.90     2.90     36.0     36.0      1.0      1.0");
    CHECK(lines[3] ==
          "drums       20.0     20.0        -        -     2.90     2.90     62.0     62.0        -        -");
    CHECK(lines[5] ==
          "piano       20.0     20.0     3.00     3.00     2.90     0.33*    66.0     66.0     50.0     50.0");
    CHECK(lines[9] ==
          "data        1.00     1.00     1.00     1.00     1.00     1.00              75.0             200.0");
    CHECK(lines[10] ==
          "new         1.00     1.00     1.00     1.00     1.00     1.00              75.0              12.5*");
    CHECK(std::ranges::count(lines, "3 of 16 marks missed: bass EB, piano notes, distance") == 1);
    CHECK(std::ranges::count(lines, "bass lowest: yes (36.0; the lowest of the others is guitar with 64.0)") == 1);
    for (const std::string& line : lines) {
        CHECK_MESSAGE(line.size() <= 100, line);
        CHECK_FALSE(line.ends_with(' '));
    }
    // Figures of the widest kind.
    made.tracks[drums].notes_per_bar = {16.0 * 84, 1};
    made.tracks[guitar].empty_bars = {100.0, 1};
    made.distance = {161280.0, 1};
    for (const std::string& line : lines_of(comparison_table(compare(made, typical()))))
        CHECK_MESSAGE(line.size() <= 100, line);
}

TEST_CASE("comparison: of phrases is that of their metrics") {
    const PhraseShape shape = paper_shape.on_grid(4);
    const auto phrases = [&](std::uint64_t seed) {
        PackedPhrases packed{shape};
        for (std::uint64_t k = 0; k < 3; ++k) packed.append(support::random_roll(10 * seed + k, 4, 20, shape).bits());
        return packed;
    };
    const PackedPhrases made = phrases(1), data = phrases(2);
    CHECK(comparison_table(compare(made, data)) == comparison_table(compare(measure(made), measure(data))));
    CHECK(compare(made, data).made.distance.value() != compare(made, data).data.distance.value());
    CHECK_THROWS_WITH_AS(compare(made, PackedPhrases{shape}),
                         "[compare] 3 phrases and 0 of the data, expected some of both", tensor::Error);
    CHECK_THROWS_AS(compare(PackedPhrases{shape}, data), tensor::Error);
    CHECK_THROWS_AS(compare(made, support::random_phrases(1, 1)), tensor::Error);
}
