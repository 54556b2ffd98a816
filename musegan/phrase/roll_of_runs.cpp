#include "musegan/phrase/roll_of_runs.hpp"

#include <algorithm>
#include <utility>

namespace musegan {

std::vector<PlacedStretch> place(const std::vector<Stretch>& stretches) {
    constexpr std::int64_t steps_per_bar = PhraseShape::finest * PhraseShape::beats_per_bar;
    std::vector<PlacedStretch> placed;
    std::int64_t bar = 0;
    for (const Stretch& stretch : stretches) {
        const std::int64_t bars = std::min(stretch.bars, max_bars - bar);
        placed.push_back({stretch.tick, bar * steps_per_bar, bars * steps_per_bar, bar + bars == max_bars});
        bar += bars;
    }
    return placed;
}

CountedRoll roll_of_runs(const std::vector<Run>& runs, const std::vector<PlacedStretch>& stretches,
                         const PhraseShape& shape) {
    CountedRoll result;
    std::int64_t steps = 0;
    for (const Run& run : runs) steps = std::max(steps, run.end);
    const PhraseShape finest = shape.on_grid(PhraseShape::finest);
    const std::int64_t bars = (steps + finest.steps_per_bar() - 1) / finest.steps_per_bar();
    PianoRoll roll(finest, bars * finest.steps_per_bar());
    // Every cell is turned on once, however many notes of a hostile file lie over each other.
    std::vector<std::int64_t> filled(static_cast<std::size_t>(finest.cells_per_step()));
    for (const Run& run : runs) {
        std::int64_t& until = filled[static_cast<std::size_t>(run.pitch * finest.tracks + run.track)];
        roll.set_run(std::max(run.begin, until), run.end, run.pitch, run.track);
        until = std::max(until, run.end);
    }
    result.roll = reduce(std::move(roll), shape.steps_per_beat, &result.reduction);
    result.first_bars.clear();
    for (const PlacedStretch& stretch : stretches) {
        const std::int64_t bar = stretch.first / finest.steps_per_bar();
        if (bar < bars && stretch.length > 0) result.first_bars.push_back(bar);
    }
    return result;
}

}  // namespace musegan
