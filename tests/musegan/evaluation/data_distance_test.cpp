#include "musegan/evaluation/data_distance.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "tests/musegan/evaluation/evaluated_sets.hpp"

using namespace musegan;
using evaluation_tests::mean_in;
using evaluation_tests::mean_of;
using evaluation_tests::whole_set;

namespace {

constexpr std::size_t EB = 0, UPC = 1, QN = 2, DP = 3, TD = 4;
constexpr std::size_t bass = 0, drums = 1, guitar = 2;

EvaluatedSet set_of(std::initializer_list<std::pair<const char*, double>> values) {
    Metrics metrics;
    for (const auto& [key, value] : values) mean_in(metrics, key) = mean_of(value);
    return whole_set("set", metrics);
}

}  // namespace

TEST_CASE("distance to the data: the mean difference over the columns in which both have a value") {
    const EvaluatedSet data =
        set_of({{"tracks.bass.EB", 10}, {"tracks.drums.EB", 20}, {"tracks.bass.UPC", 2}, {"TD.B-G", 1}, {"DP", 80}});
    const EvaluatedSet set = set_of({{"tracks.bass.EB", 13},
                                     {"tracks.drums.EB", 15},
                                     {"tracks.guitar.EB", 99},  // the data has none
                                     {"tracks.guitar.UPC", 3},
                                     {"TD.B-G", 0.5},
                                     {"DP", 80},
                                     {"tracks.bass.pitches", 7}});  // of no group of the papers
    const GroupNumbers far = distances(set, data);
    CHECK(far[EB] == 4.0);
    CHECK(std::isnan(far[UPC]));
    CHECK(std::isnan(far[QN]));
    CHECK(far[DP] == 0.0);
    CHECK(far[TD] == 0.5);
    CHECK(distances(data, set)[EB] == 4.0);
    for (const double value : distances(set_of({}), data)) CHECK(std::isnan(value));
}

TEST_CASE("distance to the data: times the floor is against held-out songs, over the same columns") {
    const EvaluatedSet data = set_of({{"tracks.bass.EB", 10}, {"tracks.drums.EB", 20}, {"DP", 80}, {"TD.B-G", 1}});
    const EvaluatedSet held_out = set_of({{"tracks.bass.EB", 12}, {"tracks.drums.EB", 26}, {"DP", 80}});
    const EvaluatedSet set = set_of({{"tracks.bass.EB", 16}, {"tracks.drums.EB", 14}, {"DP", 70}, {"TD.B-G", 2}});
    const GroupNumbers times = times_floor(set, data, held_out);
    CHECK(times[EB] == 1.5);        // 6 by 4
    CHECK(std::isnan(times[DP]));   // a floor of 0
    CHECK(std::isnan(times[TD]));   // none
    CHECK(std::isnan(times[UPC]));  // nothing at all
    CHECK(times_floor(held_out, data, held_out)[EB] == 1.0);
    // A column that the data have not counts on neither side.
    const EvaluatedSet more = set_of({{"tracks.bass.EB", 16}, {"tracks.drums.EB", 14}, {"tracks.guitar.EB", 50}});
    EvaluatedSet more_held_out = held_out;
    mean_in(more_held_out.metrics, "tracks.guitar.EB") = mean_of(3);
    CHECK(times_floor(more, data, more_held_out)[EB] == 1.5);
    CHECK(times_floor(data, data, held_out)[EB] == 0.0);
    // Without its drums it is compared with what held-out songs are without theirs: 6 by 2.
    EvaluatedSet of_bass = set;
    of_bass.given = static_cast<int>(drums);
    CHECK(times_floor(of_bass, data, held_out)[EB] == 3.0);
    CHECK(distances(of_bass, data)[EB] == 6.0);
    CHECK(std::isnan(distances(of_bass, data)[DP]));
}

TEST_CASE("distance to the data: shares of histograms in percent, of tracks that have them") {
    EvaluatedSet data = set_of({}), set = data;
    data.metrics.tracks[bass].lengths = {0, {0, 1, 3}};
    set.metrics.tracks[bass].lengths = {0, {0, 2, 1, 1}};
    set.metrics.tracks[guitar].lengths = {0, {5}};
    data.metrics.tracks[drums].densities = set.metrics.tracks[drums].densities = {0, {2, 2}};
    data.metrics.tracks[drums].pitches_of_notes = {0, {2}};
    set.metrics.tracks[drums].pitches_of_notes = {0, {0, 2}};
    data.metrics.tracks[drums].lengths = set.metrics.tracks[drums].lengths = {0, {2, 2}};
    const auto& [length, pitch, density] = histogram_kinds;
    CHECK(shared_area(set, data, length, bass) == 50.0);  // min(1/4, 2/4) + min(3/4, 1/4)
    CHECK(shared_area(data, set, length, bass) == 50.0);
    CHECK(std::isnan(shared_area(set, data, length, guitar)));
    CHECK(std::isnan(shared_area(set, data, length, drums)));  // hits have no length
    CHECK(shared_area(set, data, density, drums) == 100.0);
    CHECK(shared_area(set, data, pitch, drums) == 0.0);
    set.given = static_cast<int>(drums);
    CHECK(std::isnan(shared_area(set, data, density, drums)));
    CHECK(shared_area(set, data, length, bass) == 50.0);
}
