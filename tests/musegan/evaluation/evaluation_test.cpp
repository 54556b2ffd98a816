#include "musegan/evaluation/evaluation.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "tests/musegan/evaluation/evaluated_sets.hpp"

using namespace musegan;
using evaluation_tests::counting;
using evaluation_tests::made_set;
using evaluation_tests::mean_in;
using evaluation_tests::whole_set;
using Keys = std::set<std::string>;

namespace {

/// Metrics that have no value where a track is given; all others have to have their own.
Keys empty_where_given(std::optional<int> given) {
    EvaluatedSet set = made_set("run", counting(10, 0.5));
    set.given = given;
    Keys keys;
    for (const Metric& metric : metric_list()) {
        CAPTURE(metric.key);
        const Mean mean = set.mean(metric), &own = metric.mean(set.metrics);
        if (mean.count == 0) {
            keys.insert(metric.key);
            CHECK(std::isnan(mean.value()));
            CHECK(std::isnan(set.error(mean)));
        } else {
            CHECK(mean.value() == own.value());
            CHECK(mean.count == own.count);
            CHECK(set.error(mean) == 1.0);
        }
    }
    return keys;
}

/// A set of so many phrases of so many that there are, the first mean of which has an error of 1 by itself.
EvaluatedSet sample_of(std::int64_t phrases, std::int64_t available) {
    EvaluatedSet set = whole_set("sample", counting(10, 0));
    set.metrics.phrases = phrases;
    set.available = available;
    return set;
}

double error_of(const EvaluatedSet& set) { return set.error(set.mean(metric_list().front())); }

}  // namespace

TEST_CASE("evaluated set: a track that was given has no values, whatever says something of it alone") {
    CHECK(empty_where_given({}).empty());
    CHECK(empty_where_given(0) == Keys{"tracks.bass.EB", "tracks.bass.UPC", "tracks.bass.QN", "tracks.bass.pitches",
                                       "tracks.bass.polyphony", "tracks.bass.monophony", "tracks.bass.in_scale",
                                       "tracks.bass.pitch", "tracks.bass.notes_per_bar"});
    CHECK(empty_where_given(1) == Keys{"tracks.drums.EB", "tracks.drums.notes_per_bar", "DP", "drums_on_8ths"});
    CHECK(empty_where_given(3) == Keys{"tracks.piano.EB", "tracks.piano.UPC", "tracks.piano.QN", "tracks.piano.pitches",
                                       "tracks.piano.polyphony", "tracks.piano.in_scale", "tracks.piano.pitch",
                                       "tracks.piano.notes_per_bar"});
}

TEST_CASE("evaluated set: it is a sample unless all phrases that there are were measured") {
    CHECK_FALSE(sample_of(5, 5).is_sample());
    CHECK(sample_of(4, 5).is_sample());
    CHECK(sample_of(0, 5).is_sample());
    CHECK(sample_of(5, 0).is_sample());  // of a model, which has no end of them
}

TEST_CASE("evaluated set: errors of a sample shrink with its share, to none of all, and are whole of a model") {
    CHECK(error_of(sample_of(3, 4)) == 0.5);    // the root of 1 - 3/4
    CHECK(error_of(sample_of(7, 16)) == 0.75);  // of 1 - 7/16
    CHECK(error_of(sample_of(16, 16)) == 0.0);
    CHECK(error_of(sample_of(16, 0)) == 1.0);
    for (const EvaluatedSet& many : {sample_of(3, 4000000000000), sample_of(3, 0)}) {
        CHECK(error_of(many) <= 1.0);
        CHECK(error_of(many) > 0.999999);
    }
}

TEST_CASE("evaluated set: fewer than two phrases with a value have no error, unless there are no others") {
    for (const bool is_measured : {false, true}) {
        Mean mean;
        if (is_measured) mean.add_group({30, 3});
        CHECK(std::isnan(sample_of(1, 4).error(mean)));
        CHECK(std::isnan(sample_of(1, 0).error(mean)));
        CHECK(sample_of(1, 1).error(mean) == 0.0);
        mean.add_group({50, 5});
        CHECK(std::isnan(sample_of(2, 4).error(mean)) == !is_measured);
    }
}
