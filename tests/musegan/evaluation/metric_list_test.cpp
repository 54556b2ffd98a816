#include "musegan/evaluation/metric_list.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>

#include "tensor/error.hpp"

using namespace musegan;

namespace {

/// Every mean has a value of its own: 1, 2, ... for the whole, and 10, 20, 30, 40, 50 more for the tracks.
Metrics numbered() {
    Metrics metrics;
    for (std::size_t track = 0; track < n_tracks; ++track) {
        TrackMetrics& means = metrics.tracks[track];
        const double first = 10.0 * static_cast<double>(track + 1);
        means.empty_bars = {first, 1};
        means.pitch_classes = {first + 1, 1};
        means.pitches = {first + 2, 1};
        means.qualified_notes = {first + 3, 1};
        means.polyphony = {first + 4, 1};
        means.monophony = {first + 5, 1};
        means.in_scale = {first + 6, 1};
        means.pitch = {first + 7, 1};
        means.notes_per_bar = {first + 8, 1};
    }
    metrics.drum_pattern = {1, 1};
    metrics.drums_on_eighths = {2, 1};
    metrics.distance = {3, 1};
    for (std::size_t pair = 0; pair < 6; ++pair) metrics.tonal_distance[pair] = {4.0 + static_cast<double>(pair), 1};
    return metrics;
}

struct Expected {
    const char *key, *column;
    double value;
};
// In order, with numbered()'s values.
constexpr std::array expected{Expected{"tracks.bass.EB", "B", 10},
                              Expected{"tracks.drums.EB", "D", 20},
                              Expected{"tracks.guitar.EB", "G", 30},
                              Expected{"tracks.piano.EB", "P", 40},
                              Expected{"tracks.strings.EB", "S", 50},
                              Expected{"tracks.bass.UPC", "B", 11},
                              Expected{"tracks.guitar.UPC", "G", 31},
                              Expected{"tracks.piano.UPC", "P", 41},
                              Expected{"tracks.strings.UPC", "S", 51},
                              Expected{"tracks.bass.QN", "B", 13},
                              Expected{"tracks.guitar.QN", "G", 33},
                              Expected{"tracks.piano.QN", "P", 43},
                              Expected{"tracks.strings.QN", "S", 53},
                              Expected{"DP", "D", 1},
                              Expected{"TD.B-G", "B-G", 4},
                              Expected{"TD.B-S", "B-S", 5},
                              Expected{"TD.B-P", "B-P", 6},
                              Expected{"TD.G-S", "G-S", 7},
                              Expected{"TD.G-P", "G-P", 8},
                              Expected{"TD.S-P", "S-P", 9},
                              Expected{"tracks.bass.pitches", "B", 12},
                              Expected{"tracks.guitar.pitches", "G", 32},
                              Expected{"tracks.piano.pitches", "P", 42},
                              Expected{"tracks.strings.pitches", "S", 52},
                              Expected{"tracks.bass.polyphony", "B", 14},
                              Expected{"tracks.guitar.polyphony", "G", 34},
                              Expected{"tracks.piano.polyphony", "P", 44},
                              Expected{"tracks.strings.polyphony", "S", 54},
                              Expected{"tracks.bass.monophony", "B", 15},
                              Expected{"tracks.bass.in_scale", "B", 16},
                              Expected{"tracks.guitar.in_scale", "G", 36},
                              Expected{"tracks.piano.in_scale", "P", 46},
                              Expected{"tracks.strings.in_scale", "S", 56},
                              Expected{"tracks.bass.pitch", "B", 17},
                              Expected{"tracks.guitar.pitch", "G", 37},
                              Expected{"tracks.piano.pitch", "P", 47},
                              Expected{"tracks.strings.pitch", "S", 57},
                              Expected{"tracks.bass.notes_per_bar", "B", 18},
                              Expected{"tracks.drums.notes_per_bar", "D", 28},
                              Expected{"tracks.guitar.notes_per_bar", "G", 38},
                              Expected{"tracks.piano.notes_per_bar", "P", 48},
                              Expected{"tracks.strings.notes_per_bar", "S", 58},
                              Expected{"drums_on_8ths", "D", 2},
                              Expected{"distance", "", 3}};

}  // namespace

TEST_CASE("metric list: every key, its column and the field that it takes, as written out by hand") {
    const Metrics metrics = numbered();
    REQUIRE(metric_list().size() == expected.size());
    for (std::size_t k = 0; k < expected.size(); ++k) {
        const Metric& metric = metric_list()[k];
        CHECK(metric.key == expected[k].key);
        CAPTURE(metric.key);
        CHECK(metric.column == expected[k].column);
        CHECK(metric.mean(metrics).value() == expected[k].value);
        CHECK(&metric_named(expected[k].key) == &metric);
    }
}

TEST_CASE("metric list: tables and groups stay together, and a group is of one table and one unit") {
    std::map<std::string, const Metric*> groups;
    std::set<MetricTable> tables;
    const Metric* before = nullptr;
    for (const Metric& metric : metric_list()) {
        CAPTURE(metric.key);
        CHECK((metric.unit == "%" || metric.unit.empty()));
        if (before == nullptr || metric.table != before->table) CHECK(tables.insert(metric.table).second);
        if (before == nullptr || metric.group != before->group) CHECK(groups.emplace(metric.group, &metric).second);
        const Metric& first = *groups.at(metric.group);
        CHECK(metric.table == first.table);
        CHECK(metric.unit == first.unit);
        CHECK(metric.decimals == first.decimals);
        before = &metric;
    }
    CHECK(tables.size() == 4);
}

TEST_CASE("metric list: an unknown key is refused with an example") {
    CHECK_THROWS_WITH_AS(metric_named("tracks.drums.UPC"),
                         "[metric] 'tracks.drums.UPC', expected one as tracks.bass.EB or DP", tensor::Error);
    CHECK_THROWS_AS(metric_named(""), tensor::Error);
}
