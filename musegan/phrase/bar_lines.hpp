// Where the bars of a song lie: those of four quarter notes, which phrases are made of, and those of other lengths.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "io/midi.hpp"
#include "musegan/phrase/pianoroll.hpp"

namespace musegan {

/// Bars of four quarter notes that follow one another without a gap.
struct Stretch {
    std::int64_t tick = 0;         ///< where the first begins; may be negative
    std::int64_t bars = max_bars;  ///< how many, max_bars for all that come
    bool operator==(const Stretch&) const = default;
};

struct BarLines {
    std::vector<Stretch> stretches;  ///< in time, each of at least one bar
    /// Bars of another length while the song sounds: of a meter like 3/4, or cut short by a meter.
    std::int64_t foreign_bars = 0;
    /// The first foreign bar that is no upbeat, in words: "3/4 at tick 0", "a bar cut short at tick 960"; empty if
    /// there is none. An upbeat is what sounds, for less than four quarters, before the first stretch.
    std::string foreign;
};

/// The bars of a song, by its meters.
///
///     A meter begins a bar where it stands, and holds until the next one.
///     n/d with n = d (4/4, 2/2, 8/8) has bars of four quarters; all others are foreign.
///     Such a meter that stands on a bar line, within half a step of the finest grid, lets the bars go on. In the
///     middle of a bar it begins a new one, also if it repeats the meter in force, and the bar that it cuts short is
///     foreign. Only where this would leave no four bars in a row, those that follow another meter by an equal part of
///     a bar (at every beat, say) are ignored.
///     Before the first meter 4/4 holds, the standard's default. If the first meter has four quarters, too, the bars
///     before it are counted back from it, so that the first may begin before tick 0.
///
/// The first stretch begins with the bar of the first note. Meters that are over before that note begins do not count,
/// nor do those after the last one began. A song without notes has one stretch.
BarLines bar_lines_of(const io::MidiFile& midi);

/// n/d as text: "4/4".
std::string meter_text(const io::MidiMeter& meter);

}  // namespace musegan
