// All metrics of 2,000 phrases (musegan/evaluation/metrics.hpp): on every grid, put on another as they are read, and
// with their bars shuffled.
#include <fmt/format.h>

#include "bench/random_phrases.hpp"
#include "bench/registry.hpp"
#include "musegan/evaluation/metrics.hpp"
#include "musegan/evaluation/shuffled_bars.hpp"

namespace bench {

namespace {

constexpr std::int64_t count = 2000;

/// Of random phrases of a grid what `measured` makes of them. The bound is their bytes, each read once.
template <typename Measured>
void add_measure(const Place& cpu, const std::string& name, int steps_per_beat, Measured measured) {
    add_case(fmt::format("metrics/{} phrases/{}", count, name), [=](benchmark::State& state) {
        const musegan::PackedPhrases phrases = random_phrases(1, count, steps_per_beat);
        const musegan::PhraseSequence sequence = measured(phrases);
        for (auto _ : state) benchmark::DoNotOptimize(musegan::measure(sequence));
        count_work(state, cpu.roofs, tensor::Precision::f32, 0, static_cast<double>(phrases.bits.size()));
        state.counters["phrases/s"] = {static_cast<double>(count), benchmark::Counter::kIsIterationInvariantRate};
    });
}

}  // namespace

void register_metrics(const Place& cpu) {
    using musegan::PackedPhrases, musegan::PhraseSequence;
    for (const int grid : musegan::PhraseShape::grids)
        add_measure(cpu, fmt::format("{} steps per beat", grid), grid,
                    [](const PackedPhrases& phrases) { return PhraseSequence(phrases); });
    add_measure(cpu, "24 read as 4 steps per beat", 24,
                [](const PackedPhrases& phrases) { return musegan::on_grid(phrases, 4); });
    add_measure(cpu, "24 steps per beat, bars shuffled", 24,
                [](const PackedPhrases& phrases) { return musegan::shuffled_bars(phrases, 1); });
}

}  // namespace bench
