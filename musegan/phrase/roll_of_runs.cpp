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

RollBuilder::RollBuilder(std::int64_t steps, const PhraseShape& shape)
    : shape_(shape),
      finest_(shape.on_grid(PhraseShape::finest)),
      roll_(finest_, (steps + finest_.steps_per_bar() - 1) / finest_.steps_per_bar() * finest_.steps_per_bar()),
      filled_(static_cast<std::size_t>(finest_.cells_per_step())) {}

void RollBuilder::add(const Run& run) {
    std::int64_t& until = filled_[static_cast<std::size_t>(run.pitch * finest_.tracks + run.track)];
    roll_.set_run(std::max(run.begin, until), run.end, run.pitch, run.track);
    until = std::max(until, run.end);
}

CountedRoll RollBuilder::finish(const std::vector<PlacedStretch>& stretches) {
    CountedRoll result;
    const std::int64_t steps = roll_.steps();
    result.roll = reduce(std::move(roll_), shape_.steps_per_beat, &result.reduction);
    result.first_bars.clear();
    for (const PlacedStretch& stretch : stretches)
        if (stretch.first < steps && stretch.length > 0)
            result.first_bars.push_back(stretch.first / finest_.steps_per_bar());
    return result;
}

CountedRoll roll_of_runs(const std::vector<Run>& runs, const std::vector<PlacedStretch>& stretches,
                         const PhraseShape& shape) {
    std::int64_t steps = 0;
    for (const Run& run : runs) steps = std::max(steps, run.end);
    RollBuilder roll(steps, shape);
    for (const Run& run : runs) roll.add(run);
    return roll.finish(stretches);
}

}  // namespace musegan
