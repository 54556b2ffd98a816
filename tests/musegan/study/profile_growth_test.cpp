// How cost grows: fitted exponents, and real updates of two sizes.
#include "musegan/study/profile_growth.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "tests/support/compare.hpp"

using musegan::fit_power_law;
using musegan::Growth;
using musegan::GrowthReport;
using support::contains_all;
using support::message_of;

namespace {

musegan::TrainingSettings small_settings() {
    musegan::TrainingSettings settings;
    settings.model.width = 1.0 / 32;
    settings.model.shape.steps_per_beat = 4;
    settings.batch = 2;
    return settings;
}

musegan::ProfileOptions short_options() {
    return {
        .rounds = 1, .warm_up = 1, .known_roofs = tensor::Roofs{.f32_gflops = 10, .copy_gb_s = 10, .start_ms = 1e-3}};
}

GrowthReport grow(Growth growth, std::vector<double> sizes) {
    return measure_growth(small_settings(), growth, std::move(sizes), short_options());
}

}  // namespace

TEST_CASE("a power law is found again, and its exponent alone where the points lie beside it") {
    const musegan::PowerLaw exact = fit_power_law({1, 2, 4, 8}, {3, 12, 48, 192});
    CHECK(exact.exponent == doctest::Approx(2));
    CHECK(exact.factor == doctest::Approx(3));
    // log2 y - x: 0, 1, 0 around 1/3 leaves the slope.
    CHECK(fit_power_law({1, 2, 4}, {1, 4, 4}).exponent == doctest::Approx(1));
    CHECK(contains_all(message_of([] { fit_power_law({1}, {1}); }), {"at least two"}));
    CHECK(contains_all(message_of([] { fit_power_law({1, 2}, {1, 0}); }), {"0 at size 2", "positive"}));
    CHECK(contains_all(message_of([] { fit_power_law({2, 2}, {1, 2}); }), {"differ"}));
}

TEST_CASE("the arithmetic of an update grows with the batch, its memory and time are measured") {
    const GrowthReport report = grow(Growth::batch, {4, 2});
    REQUIRE(report.points.size() == 2);
    CHECK(report.points[0].size == 2);  // the smallest first
    // All but Adam, which does not depend on the batch: some 2 % of so narrow a network.
    CHECK(report.arithmetic.exponent == doctest::Approx(1).epsilon(0.05));
    CHECK(report.points[1].bytes > report.points[0].bytes);
    for (const musegan::GrowthPoint& point : report.points) CHECK(point.milliseconds > 0);
    CHECK(contains_all(growth_text(report), {"batch", "Time grows with batch to the power of"}));
}

TEST_CASE("a critic can see more bars, and fewer tracks than five") {
    const GrowthReport bars = grow(Growth::bars, {4, 8});
    // F of the first layer is proportional to bars - 1, of the second to bars - 3: between linear and 3 times that.
    CHECK(bars.points[1].flops > 2 * bars.points[0].flops);
    CHECK(bars.points[1].flops < 6 * bars.points[0].flops);
    const GrowthReport tracks = grow(Growth::track_count, {1, 5});
    CHECK(tracks.points[1].flops > tracks.points[0].flops);
}

TEST_CASE("sizes that no network has are refused") {
    CHECK(contains_all(message_of([] { grow(Growth::batch, {2}); }), {"at least two"}));
    CHECK(contains_all(message_of([] { grow(Growth::batch, {2, 2}); }), {"at least two"}));
    CHECK(contains_all(message_of([] { grow(Growth::batch, {1, 2}); }), {"batch 1, expected a whole number from 2"}));
    CHECK(contains_all(message_of([] { grow(Growth::batch, {2.5, 4}); }), {"batch 2.5"}));
    CHECK(contains_all(message_of([] { grow(Growth::width, {0, 1}); }), {"width"}));
    CHECK(contains_all(message_of([] { grow(Growth::track_count, {1, 6}); }), {"tracks 6, expected", "1 to 5"}));
    CHECK(contains_all(message_of([] { grow(Growth::bars, {3, 4}); }), {"bars 3"}));
}
