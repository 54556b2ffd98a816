// The nearest phrase in any key (musegan/evaluation/copying.hpp): of 100 phrases among 5000, on the coarsest and the
// finest grid.
#include <fmt/format.h>

#include "bench/random_phrases.hpp"
#include "bench/registry.hpp"
#include "musegan/evaluation/copying.hpp"

namespace bench {

namespace {

constexpr std::int64_t looked_for = 100, among = 5000;

}  // namespace

void register_copying(const Place& cpu) {
    for (const int steps_per_beat : {4, 24}) {
        add_case(fmt::format("copying/{} of {}/{} steps per beat", looked_for, among, steps_per_beat),
                 [=](benchmark::State& state) {
                     const musegan::PackedPhrases phrases = random_phrases(1, looked_for, steps_per_beat),
                                                  data = random_phrases(2, among, steps_per_beat);
                     for (auto _ : state) benchmark::DoNotOptimize(musegan::nearest_phrases(phrases, data));
                     // The least: the data is read once. How many pairs are left to compare, no bound says before.
                     count_work(state, cpu.roofs, tensor::Precision::f32, 0, static_cast<double>(data.bits.size()));
                     state.counters["pairs/s"] = {static_cast<double>(looked_for * among),
                                                  benchmark::Counter::kIsIterationInvariantRate};
                 });
    }
}

}  // namespace bench
