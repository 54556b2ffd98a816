// Whole updates of the two networks of each preset, as training does them.
#include <fmt/format.h>

#include "bench/registry.hpp"
#include "bench/updates.hpp"
#include "tensor/arena.hpp"

namespace bench {

namespace {

using Update = void (musegan::Training::*)();

void add(const char* name, const std::string& preset, const Options& options, const Place& place,
         tensor::Precision precision, Update update) {
    musegan::TrainingSettings settings = settings_for(preset, options, place);
    settings.execution.precision = precision;
    add_case(fmt::format("{} {}/{}/width {}, batch {}/{}", place.name, preset, name, options.width, options.batch,
                         name_of(precision)),
             [=, roofs = place.roofs](benchmark::State& state) {
                 musegan::Training training = random_training(settings);
                 const tensor::Backend& backend = tensor::backend(settings.device);
                 (training.*update)();
                 backend.synchronize();
                 backend.arena().reset_peak();
                 for (auto _ : state) {
                     (training.*update)();
                     backend.synchronize();
                 }
                 if (update == &musegan::Training::update_critic && settings.device != tensor::Device::dry()) {
                     const UpdateWork work = critic_update_work(training);
                     count_work(state, roofs, precision, work.flops, work.bytes);
                 }
                 state.counters["phrases/s"] = benchmark::Counter(static_cast<double>(options.batch),
                                                                  benchmark::Counter::kIsIterationInvariantRate);
                 state.counters["tensors MB"] = static_cast<double>(backend.arena().statistics().peak) * 1e-6;
                 state.counters["VmHWM MB"] = static_cast<double>(peak_resident_bytes()) * 1e-6;
             });
}

}  // namespace

Place host_place() { return {.device = tensor::Device::dry(), .name = "host", .roofs = {}}; }

void register_updates(const Options& options, const Place& place) {
    for (const std::string& preset : options.presets)
        for (const tensor::Precision precision : place.precisions) {
            add("critic update", preset, options, place, precision, &musegan::Training::update_critic);
            add("generator update", preset, options, place, precision, &musegan::Training::update_generator);
        }
}

}  // namespace bench
