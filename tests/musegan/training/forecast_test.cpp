// What is said of a run's cost, from times that are given.
#include "musegan/training/forecast.hpp"

#include <doctest/doctest.h>

#include "tests/musegan/training/small_run.hpp"

using namespace musegan;
using doctest::Approx;

namespace {

/// One FLOP per critic update and three per generator update.
constexpr Rehearsal unit{.peak_bytes = 0, .critic_update_flops = 1, .generator_update_flops = 3};

/// A step of five FLOPs.
TrainingSettings settings_of_two_updates() { return support::small_settings(); }

std::tm moment(int year, int month, int day, int day_of_year, int hour, int minute) {
    std::tm result{};
    result.tm_year = year - 1900;
    result.tm_mon = month - 1;
    result.tm_mday = day;
    result.tm_yday = day_of_year;
    result.tm_hour = hour;
    result.tm_min = minute;
    return result;
}

}  // namespace

TEST_CASE("a forecast is the median of ten steps without the first, said once") {
    Forecast forecast(settings_of_two_updates(), unit, 0, 2000);
    CHECK_FALSE(forecast.step(50.0));  // the first one: not even counted as ten seconds
    for (int k = 0; k < 9; ++k) CHECK_FALSE(forecast.step(k % 3 == 0 ? 0.5 : 0.07));
    const auto cost = forecast.step(0.05);
    REQUIRE(cost);
    CHECK(cost->steps == 2000);
    CHECK(cost->seconds_per_step() == Approx(0.07));
    CHECK(cost->seconds == Approx(140));
    CHECK(cost->seconds_left == Approx(0.07 * (2000 - 11)));
    for (int k = 0; k < 20; ++k) CHECK_FALSE(forecast.step(1.0));
}

TEST_CASE("slow steps need not be ten: ten seconds of them will do") {
    Forecast slow(settings_of_two_updates(), unit, 0, 100);
    CHECK_FALSE(slow.step(30));
    const auto cost = slow.step(26);
    REQUIRE(cost);
    CHECK(cost->seconds == Approx(2600));
    Forecast middling(settings_of_two_updates(), unit, 0, 100);
    for (const double seconds : {9.0, 4.0, 4.0}) CHECK_FALSE(middling.step(seconds));
    const auto even = middling.step(3.0);
    REQUIRE(even);
    CHECK(even->seconds_per_step() == Approx(4));
}

TEST_CASE("a resumed run foresees the steps that are left, and one at its end nothing") {
    Forecast resumed(settings_of_two_updates(), unit, 1500, 2000);
    CHECK_FALSE(resumed.step(20));
    const auto cost = resumed.step(20);
    REQUIRE(cost);
    CHECK(cost->steps == 500);
    CHECK(cost->seconds == Approx(10000));
    CHECK(cost->seconds_left == Approx(20 * 498));
    Forecast ending(settings_of_two_updates(), unit, 1998, 2000);
    CHECK_FALSE(ending.step(20));
    CHECK_FALSE(ending.step(20));
}

TEST_CASE("steps with more critic updates than others are foreseen to take longer") {
    TrainingSettings settings = settings_of_two_updates();
    settings.schedule = CriticSchedule::published_2017;
    CHECK(step_flops(settings, unit, 0) == 103);
    CHECK(step_flops(settings, unit, 25) == 5);
    Forecast forecast(settings, unit, 0, 100);
    CHECK_FALSE(forecast.step(10.3));
    const auto cost = forecast.step(10.3);  // 0.1 seconds per FLOP
    REQUIRE(cost);
    CHECK(cost->seconds == Approx(25 * 10.3 + 75 * 0.5));
    CHECK(cost->seconds_left == Approx(23 * 10.3 + 75 * 0.5));
}

TEST_CASE("a cost in words has the time of day, and the date where it is another day") {
    const std::tm now = moment(2026, 11, 26, 329, 13, 58);
    CHECK(moment_text(moment(2026, 11, 26, 329, 14, 5), now) == "14:05");
    CHECK(moment_text(moment(2026, 11, 27, 330, 0, 7), now) == "00:07 on 2026-11-27");
    CHECK(moment_text(moment(2027, 11, 26, 329, 14, 5), now) == "14:05 on 2027-11-26");
    CHECK(cost_text({.steps = 2000, .seconds = 140, .seconds_left = 139}, "14:05") ==
          "about 0.07 s per step: 2,000 steps take 2 min 20 s, done at about 14:05");
}

TEST_CASE("what shortens a run on a CPU is the compact networks, then half the width, by rehearsed arithmetic") {
    TrainingSettings papers = support::small_settings();
    papers.model.width = 0.25;
    papers.model.latents.shared = 64;
    papers.model.latents.temporal = 64;
    const auto compact = shortcut(papers, rehearse(papers, papers.batch));
    REQUIRE(compact);
    CHECK(compact->options == "--preset compact --steps-per-beat 4");
    TrainingSettings other = papers;
    other.model.preset = preset_named("compact");
    other.model.shape.steps_per_beat = 4;
    other.model.latents = {};
    CHECK(compact->factor ==
          Approx(step_flops(papers, rehearse(papers, 2), 0) / step_flops(other, rehearse(other, 2), 0)));
    CHECK(compact->factor > 50);

    const auto half = shortcut(other, rehearse(other, 2));
    REQUIRE(half);
    CHECK(half->options == "--width 0.125");
    CHECK(half->factor > 1.5);
    CHECK(half->factor < 4.5);
    // A run with next to no arithmetic has nothing to save.
    CHECK_FALSE(shortcut(other, {.critic_update_flops = 1, .generator_update_flops = 1}));
    CHECK(Shortcut{"--width 0.5", 3.44}.text() ==
          "a new run with --width 0.5 has about 3.4 times less arithmetic per step");
    CHECK(Shortcut{"--preset compact", 131.4}.text() ==
          "a new run with --preset compact has about 131 times less arithmetic per step");
}
