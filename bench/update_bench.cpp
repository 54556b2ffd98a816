// Whole updates of the two networks, as training does them.
#include <fmt/format.h>

#include "bench/registry.hpp"
#include "bench/updates.hpp"
#include "tensor/arena.hpp"

namespace bench {

namespace {

void add(const char* name, const Options& options, void (musegan::Training::*update)(), bool counts_flops) {
    add_case(fmt::format("{}/width {}/batch {}", name, options.width, options.batch), [=](benchmark::State& state) {
        musegan::TrainingSettings settings;
        settings.batch = options.batch;
        settings.model.width = options.width;
        musegan::Training training = random_training(settings);
        (training.*update)();
        tensor::Arena& arena = tensor::arena(tensor::Device::cpu());
        arena.reset_peak();
        for (auto _ : state) (training.*update)();
        if (counts_flops) count_work(state, options.roof, critic_update_flops(training));
        state.counters["phrases/s"] =
            benchmark::Counter(static_cast<double>(options.batch), benchmark::Counter::kIsIterationInvariantRate);
        state.counters["tensors MB"] = static_cast<double>(arena.statistics().peak) * 1e-6;
        state.counters["VmHWM MB"] = static_cast<double>(peak_resident_bytes()) * 1e-6;
    });
}

}  // namespace

void register_updates(const Options& options) {
    add("critic update", options, &musegan::Training::update_critic, true);
    add("generator update", options, &musegan::Training::update_generator, false);
}

}  // namespace bench
