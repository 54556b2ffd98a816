#include "musegan/sound/midi_clock.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace musegan {

MidiClock::MidiClock(const io::MidiFile& midi, int frames_per_second)
    : frames_per_microsecond_tick_(frames_per_second / (1e6 * midi.ticks_per_quarter)) {
    sections_.push_back({0, 0, io::MidiTempo{}.microseconds_per_quarter});
    for (const io::MidiTempo& tempo : midi.tempos) {
        const Section& last = sections_.back();
        const double before =
            last.microsecond_ticks + static_cast<double>(tempo.tick - last.tick) * last.microseconds_per_quarter;
        sections_.push_back({tempo.tick, before, tempo.microseconds_per_quarter});
    }
}

std::int64_t MidiClock::frame_of(std::int64_t tick) const {
    const auto next = std::ranges::upper_bound(sections_, tick, {}, &Section::tick);
    const Section& section = next == sections_.begin() ? sections_.front() : *std::prev(next);
    const double microsecond_ticks =
        section.microsecond_ticks + static_cast<double>(tick - section.tick) * section.microseconds_per_quarter;
    return std::llround(microsecond_ticks * frames_per_microsecond_tick_);
}

}  // namespace musegan
