#include "musegan/phrase/tempo_map.hpp"

#include <algorithm>

#include "musegan/phrase/midi_roll.hpp"

namespace musegan {

namespace {

constexpr double slowest = 4.0, fastest = 1000.0;  // beats per minute
constexpr double microseconds_per_minute = 60e6;

std::int64_t ticks_per_step(const PianoRoll& roll) { return roll_ticks_per_quarter / roll.shape().steps_per_beat; }

}  // namespace

std::vector<io::MidiTempo> tempo_map_of(const io::MidiFile& midi, std::int64_t origin_tick, const PianoRoll& roll) {
    const std::int64_t end = roll.steps() * ticks_per_step(roll);
    const std::int64_t begin = std::max<std::int64_t>(origin_tick, 0);
    std::vector<io::MidiTempo> map{{}};
    for (const io::MidiTempo& tempo : midi.tempos) {
        if (tempo.tick <= begin) {
            map.front().microseconds_per_quarter = tempo.microseconds_per_quarter;
            continue;
        }
        const std::int64_t twice = 2 * (tempo.tick - origin_tick) * roll_ticks_per_quarter;
        const std::int64_t tick = (twice + midi.ticks_per_quarter) / (2 * std::int64_t{midi.ticks_per_quarter});
        if (tick >= end) break;
        if (map.back().tick != tick) map.push_back({tick, 0});
        map.back().microseconds_per_quarter = tempo.microseconds_per_quarter;
    }
    return map;
}

std::vector<double> tempos_of_steps(const std::vector<io::MidiTempo>& tempos, const PianoRoll& roll) {
    std::vector<double> steps(static_cast<std::size_t>(roll.steps()));
    std::size_t next = 0;
    double tempo = microseconds_per_minute / io::MidiTempo{}.microseconds_per_quarter;
    for (std::size_t step = 0; step < steps.size(); ++step) {
        const std::int64_t tick = static_cast<std::int64_t>(step) * ticks_per_step(roll);
        for (; next < tempos.size() && tempos[next].tick <= tick; ++next)
            tempo = microseconds_per_minute / tempos[next].microseconds_per_quarter;
        steps[step] = std::clamp(tempo, slowest, fastest);
    }
    return steps;
}

}  // namespace musegan
