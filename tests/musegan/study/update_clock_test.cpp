// What is run and how often when an update is timed: no time itself is asserted.
#include "musegan/study/update_clock.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <thread>

#include "tests/support/compare.hpp"

using musegan::UpdateClock;
using musegan::UpdateTimes;
using tensor::Device;

TEST_CASE("where nothing queues, one run is the time in a queue, alone, of the host and of the device") {
    UpdateClock clock(Device::cpu(), 7);
    UpdateTimes times;
    int runs = 0;
    for (int k = 0; k < 3; ++k) clock.measure([&] { ++runs; }, times);
    CHECK(runs == 3);
    CHECK_FALSE(clock.queues());
    CHECK(times.queued.size() == 3);
    CHECK(times.alone.latency == times.queued);
    CHECK(times.alone.host == times.queued);
    CHECK(times.alone.device == times.queued);
}

TEST_CASE("a device that queues runs an update alone, behind other work, and so many times between two waits") {
    UpdateClock clock(Device::dry(), 7);
    UpdateTimes times;
    int runs = 0;
    const auto update = [&] { ++runs; };
    clock.measure(update, times);
    CHECK(runs == 9);
    CHECK(clock.queues());
    clock.measure_queued(update, times);
    CHECK(runs == 16);
    CHECK(times.queued.size() == 2);
    CHECK(times.alone.latency.size() == 1);
    CHECK(times.alone.host.front() <= times.alone.latency.front());
    CHECK(times.alone.device == std::vector<double>{0});  // the dry device does no work
}

TEST_CASE("what is queued is counted per update, and a queue holds at least one") {
    using Clock = std::chrono::steady_clock;
    UpdateClock clock(Device::dry(), 4);
    UpdateTimes times;
    const Clock::time_point start = Clock::now();
    clock.measure_queued([] { std::this_thread::sleep_for(std::chrono::milliseconds(1)); }, times);
    const std::chrono::duration<double, std::milli> all = Clock::now() - start;
    CHECK(times.queued.front() >= 1);
    CHECK(times.queued.front() <= all.count() / 4);
    CHECK(support::contains_all(support::message_of([] { UpdateClock(Device::cpu(), 0); }),
                                {"[update clock]", "a queue of 0 updates", "at least 1"}));
}

TEST_CASE("enough is so many times and so long") {
    int runs = 0;
    CHECK(musegan::repeat_until({.count = 5}, [&] { ++runs; }) == 5);
    CHECK(runs == 5);
    const auto wait = [] { std::this_thread::sleep_for(std::chrono::milliseconds(2)); };
    CHECK(musegan::repeat_until({.count = 1, .seconds = 0.01}, wait) <= 5);
    CHECK(musegan::repeat_until({.count = 2, .seconds = 1e-6}, wait) == 2);
    CHECK(musegan::repeat_until({.count = 1, .seconds = 0.001}, [] {}) > 1);
}
