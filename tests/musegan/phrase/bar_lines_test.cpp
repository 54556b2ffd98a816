#include "musegan/phrase/bar_lines.hpp"

#include <doctest/doctest.h>

using namespace musegan;

namespace {

constexpr std::int64_t quarter = 480, bar = 4 * quarter;

/// A song of 480 ticks per quarter note with these meters, whose first and last notes begin at these ticks.
BarLines lines(std::vector<io::MidiMeter> meters, std::int64_t first = 0, std::int64_t last = 100 * bar) {
    io::MidiFile midi;
    midi.ticks_per_quarter = quarter;
    midi.meters = std::move(meters);
    midi.notes = {{first, first + 10, 1, 0, 0, 60, 80}, {last, last + 9 * bar, 1, 0, 0, 60, 80}};
    return bar_lines_of(midi);
}

void check(const BarLines& found, const std::vector<Stretch>& stretches, std::int64_t foreign_bars,
           const std::string& foreign) {
    CHECK(found.stretches == stretches);
    CHECK(found.foreign_bars == foreign_bars);
    CHECK(found.foreign == foreign);
}

}  // namespace

TEST_CASE("bar lines: bars of four quarters, however they are written, go on to the end") {
    check(lines({}), {{0, max_bars}}, 0, "");
    for (const int number : {1, 2, 4, 8, 16, 64}) check(lines({{0, number, number}}), {{0, max_bars}}, 0, "");
    check(lines({{0, 4, 4}, {8 * bar, 2, 2}, {9 * bar, 8, 8}}), {{0, max_bars}}, 0, "");
    check(lines({{0, 3, 4}}, 0, 5 * 3 * quarter), {}, 6, "3/4 at tick 0");
    check(bar_lines_of(io::MidiFile{}), {{0, max_bars}}, 0, "");
}

TEST_CASE("bar lines: a foreign bar ends a stretch, and bars count anew after it") {
    check(lines({{0, 4, 4}, {8 * bar, 2, 4}, {8 * bar + 2 * quarter, 4, 4}}),
          {{0, 8}, {8 * bar + 2 * quarter, max_bars}}, 1, "2/4 at tick 15360");
    // Three bars of 6/8, then one of 7/8, each in bars of their own.
    check(lines({{0, 4, 4}, {bar, 6, 8}, {bar + 9 * quarter, 7, 8}, {bar + 9 * quarter + 1680, 4, 4}}),
          {{0, 1}, {bar + 9 * quarter + 1680, max_bars}}, 4, "6/8 at tick 1920");
    // To the end: the last note begins in the third bar of 3/4.
    check(lines({{0, 4, 4}, {4 * bar, 3, 4}}, 0, 4 * bar + 6 * quarter), {{0, 4}}, 3, "3/4 at tick 7680");
    check(lines({{0, 3, 4}, {3 * quarter, 4, 4}, {7 * quarter, 3, 4}}, 0, 7 * quarter), {{3 * quarter, 1}}, 2,
          "3/4 at tick 3360");
}

TEST_CASE("bar lines: a meter on a bar line changes nothing, one within a bar begins a new one") {
    check(lines({{0, 4, 4}, {3 * bar, 4, 4}}), {{0, max_bars}}, 0, "");
    check(lines({{0, 4, 4}, {3 * bar + 2 * quarter, 4, 4}}), {{0, 3}, {3 * bar + 2 * quarter, max_bars}}, 1,
          "a bar cut short at tick 6720");
    // Within half a step of the finest grid, 10 ticks, it stands on the bar line.
    check(lines({{0, 4, 4}, {3 * bar + 10, 4, 4}}), {{0, max_bars}}, 0, "");
    check(lines({{0, 4, 4}, {3 * bar - 10, 4, 4}}), {{0, max_bars}}, 0, "");
    check(lines({{0, 4, 4}, {3 * bar + 11, 4, 4}}), {{0, 3}, {3 * bar + 11, max_bars}}, 1,
          "a bar cut short at tick 5771");
    check(lines({{0, 4, 4}, {3 * bar - 11, 4, 4}}), {{0, 2}, {3 * bar - 11, max_bars}}, 1,
          "a bar cut short at tick 5749");
    // A foreign meter cuts short, too, and so does every restatement.
    check(lines({{0, 4, 4}, {bar + 5, 3, 4}, {bar + 5 + 3 * quarter, 4, 4}}),
          {{0, 1}, {bar + 5 + 3 * quarter, max_bars}}, 1, "3/4 at tick 1925");
    check(lines({{0, 4, 4}, {quarter, 3, 4}, {4 * quarter, 4, 4}}), {{bar, max_bars}}, 2,
          "a bar cut short at tick 480");
    check(lines({{0, 4, 4}, {480, 4, 4}, {960, 4, 4}, {1440, 4, 4}}, 0, 2000), {{1440, max_bars}}, 3, "");
}

TEST_CASE("bar lines: meters within bars are ignored where they would leave no four bars in a row") {
    std::vector<io::MidiMeter> every_beat;
    for (int beat = 0; beat < 40; ++beat) every_beat.push_back({beat * quarter, 4, 4});
    check(lines(every_beat, 0, 10 * bar), {{0, max_bars}}, 0, "");
    check(lines(every_beat, 0, 13 * bar), {{39 * quarter, max_bars}}, 39,
          "a bar cut short at tick 480");  // four bars are left at the end
    every_beat.push_back({40 * quarter, 3, 4});
    check(lines(every_beat, 0, 11 * bar), {{0, 10}}, 2, "3/4 at tick 19200");
    std::vector<io::MidiMeter> every_half;
    for (int half = 0; half < 20; ++half) every_half.push_back({half * 2 * quarter, 2, 2});
    check(lines(every_half, 0, 10 * bar), {{0, max_bars}}, 0, "");
    // Every three beats, or after three bars and a half, the meter says something else than four quarters.
    for (const std::int64_t beats : {3, 5, 6, 7, 14}) {
        CAPTURE(beats);
        std::vector<io::MidiMeter> meters;
        for (std::int64_t beat = 0; beat < 70; beat += beats) meters.push_back({beat * quarter, 4, 4});
        const BarLines found = lines(meters, 0, 70 * quarter);
        for (const Stretch& stretch : found.stretches) CHECK((stretch.bars < 4 || stretch.bars == max_bars));
        CHECK(found.foreign_bars > 3);
        CHECK_FALSE(found.foreign.empty());
    }
}

TEST_CASE("bar lines: the first stretch begins with the bar of the first note") {
    check(lines({}, 7 * bar + 1), {{7 * bar, max_bars}}, 0, "");
    check(lines({{0, 4, 4}, {9 * bar, 3, 4}}, 7 * bar, 9 * bar), {{7 * bar, 2}}, 1, "3/4 at tick 17280");
    check(lines({{quarter, 4, 4}}, 7 * bar), {{6 * bar + quarter, max_bars}}, 0, "");
    check(lines({{quarter, 4, 4}, {9 * bar, 4, 4}}, 8 * bar), {{7 * bar + quarter, 1}, {9 * bar, max_bars}}, 1,
          "a bar cut short at tick 17280");
}

TEST_CASE("bar lines: what sounds for less than a bar before the first stretch is an upbeat") {
    check(lines({{0, 1, 4}, {quarter, 4, 4}}), {{quarter, max_bars}}, 1, "");
    check(lines({{0, 4, 4}, {2 * quarter, 4, 4}}), {{2 * quarter, max_bars}}, 1, "");
    check(lines({{0, 3, 4}, {6 * quarter, 4, 4}}, 3 * quarter), {{6 * quarter, max_bars}}, 1, "");
    check(lines({{0, 3, 4}, {6 * quarter, 4, 4}}, 2 * quarter), {{6 * quarter, max_bars}}, 2, "3/4 at tick 0");
    check(lines({{0, 2, 4}, {bar, 4, 4}}, 1), {{bar, max_bars}}, 2, "");
    check(lines({{0, 2, 4}, {bar, 4, 4}}, 0), {{bar, max_bars}}, 2, "2/4 at tick 0");
    // An upbeat does not hide what comes later.
    check(lines({{0, 1, 4}, {quarter, 4, 4}, {quarter + bar, 2, 4}}, 0, quarter + bar), {{quarter, 1}}, 2,
          "2/4 at tick 2400");
}

TEST_CASE("bar lines: only meters in force while notes begin count") {
    check(lines({{0, 3, 4}, {3 * quarter, 4, 4}}, 3 * quarter), {{3 * quarter, max_bars}}, 0, "");
    check(lines({{0, 4, 4}, {8 * bar, 3, 4}}, 0, 8 * bar - 1), {{0, max_bars}}, 0, "");
    check(lines({{0, 4, 4}, {8 * bar, 3, 4}}, 0, 8 * bar), {{0, 8}}, 1, "3/4 at tick 15360");
    // Before the first meter 4/4 holds; its bars are counted back from a meter of four quarters, else from tick 0.
    check(lines({{5 * quarter, 4, 4}}), {{quarter - bar, max_bars}}, 0, "");
    check(lines({{5 * quarter, 3, 4}}, 0, 5 * quarter), {{0, 1}}, 2, "a bar cut short at tick 2400");
    check(lines({{2 * bar, 3, 4}}, 0, bar), {{0, max_bars}}, 0, "");
}

TEST_CASE("bar lines: the numbers of hostile meters do not overflow, and stretches stay few") {
    check(lines({{0, 255, 1024}}, 0, 32'768 * quarter), {}, 32897, "255/1024 at tick 0");
    std::vector<io::MidiMeter> meters;
    for (std::int64_t tick = 0; tick < 100'000; ++tick) meters.push_back({tick, tick % 2 ? 1 : 4, 4});
    const BarLines found = lines(meters, 0, 100'000);
    CHECK(found.stretches.empty());
    CHECK(found.foreign_bars == 50'000);
}
