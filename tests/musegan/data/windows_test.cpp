// Which windows of a roll become phrases, by the ways to part a song.
#include "musegan/data/windows.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "musegan/structure/sections.hpp"
#include "tensor/philox.hpp"
#include "tests/musegan/structure/letter_songs.hpp"

using namespace musegan;

namespace {

using Bars = std::vector<std::int64_t>;

/// A guitar note that tells the bars apart, so that no window repeats another.
void tell_bars(PianoRoll& roll) {
    for (std::int64_t bar = 0; bar < roll.steps() / 96; ++bar) {
        for (int bit = 0; bit < 10; ++bit) {
            if ((bar >> bit) & 1) roll.set(bar * 96 + 90 + bit % 5, 20 + bit, index_of(Family::guitar));
        }
    }
}

CountedRoll counted(PianoRoll roll, Bars first_bars = {0}) { return {std::move(roll), {}, {}, std::move(first_bars)}; }

Windows choose(const CountedRoll& song, Segmentation way) {
    SongFilter filter;
    filter.segment = way;
    return choose_windows(song, activity_of_bars(song.roll), filter);
}

}  // namespace

TEST_CASE("windows: fixed counts four bars from the first bar of each stretch that sounds on") {
    PianoRoll roll(paper_shape, 30 * 96);
    support::write_section(roll, 3, 13, 'A');
    support::write_section(roll, 16, 30, 'B');
    tell_bars(roll);
    for (std::int64_t bar : {0, 1, 2, 13, 14, 15}) {
        for (std::int64_t step = bar * 96; step < bar * 96 + 96; ++step) {
            for (int bit = 0; bit < 10; ++bit) roll.set(step, 20 + bit, index_of(Family::guitar), false);
        }
    }
    const CountedRoll song = counted(roll, {0, 14});
    CHECK(sounding_stretches(song, activity_of_bars(song.roll)) == std::vector<BarRange>{{3, 14}, {16, 30}});
    const Windows windows = choose(song, Segmentation::fixed);
    CHECK(windows.first_bars == Bars{3, 7, 16, 20, 24});
    CHECK(windows.count == 5);
    CHECK(windows.sections == 2);
    // A stretch in which nothing sounds has no windows, and no section.
    const CountedRoll silent = counted(PianoRoll(paper_shape, 20 * 96), {0, 9});
    CHECK(sounding_stretches(silent, activity_of_bars(silent.roll)).empty());
    for (const Segmentation way : {Segmentation::fixed, Segmentation::sf, Segmentation::sf_authors}) {
        CHECK(choose(silent, way).count == 0);
        CHECK(choose(silent, way).sections == 0);
    }
}

TEST_CASE("windows: each section is cut from where its range begins") {
    PianoRoll roll = support::song("ABAC", 9);
    tell_bars(roll);
    const CountedRoll song = counted(roll);
    for (const Segmentation way : {Segmentation::sf, Segmentation::sf_authors}) {
        const std::vector<BarRange> sections = sections_of(song.roll, {0, 36}, way);
        REQUIRE(sections.size() >= 3);
        Bars expected;
        for (const BarRange& range : ranges_to_cut(sections, way)) {
            for (std::int64_t bar = range.begin; bar + 4 <= range.end; bar += 4) expected.push_back(bar);
        }
        const Windows windows = choose(song, way);
        CHECK(windows.first_bars == expected);
        CHECK(windows.count == static_cast<std::int64_t>(expected.size()));
        CHECK(windows.sections == static_cast<std::int64_t>(sections.size()));
        CHECK(windows.first_bars != choose(song, Segmentation::fixed).first_bars);
    }
}

TEST_CASE("windows: each stretch has sections of its own, and repeats across them are dropped") {
    PianoRoll roll = support::song("ABABAB", 8);  // the second half is not in step with the first
    const CountedRoll once = counted(support::song("ABA", 8)), twice = counted(roll, {0, 24});
    for (const Segmentation way : {Segmentation::sf, Segmentation::sf_authors}) {
        const Windows first = choose(once, way), all = choose(twice, way);
        const auto in_first = std::ranges::count_if(all.first_bars, [](std::int64_t bar) { return bar < 24; });
        CHECK(in_first == static_cast<std::int64_t>(first.first_bars.size()));
        CHECK(all.sections > first.sections);
        CHECK(all.duplicates + static_cast<std::int64_t>(all.first_bars.size()) == all.count);
        CHECK(std::ranges::is_sorted(all.first_bars));
    }
}
