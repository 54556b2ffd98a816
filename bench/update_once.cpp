// Times critic and generator updates and prints one line of JSON, with the floors of this machine. `compare` runs this
// program and a PyTorch one in turn.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "bench/program.hpp"
#include "bench/statistics.hpp"
#include "bench/updates.hpp"
#include "musegan/study/update_clock.hpp"
#include "tensor/arena.hpp"
#include "tensor/backend.hpp"
#include "tensor/cpu/gemm.hpp"
#include "tensor/parallel.hpp"
#include "tensor/roofs.hpp"
#include "tools/update_options.hpp"

namespace {

/// How long updates of a kind are measured.
struct Timing {
    int warm_up = 3;
    int iterations = 5;
    int queue = 10;
    double seconds = 1;
};

/// What comes before measuring: modules load, memory is reserved, graphs are built, clocks rise.
void warm_up(const tensor::Backend& backend, const Timing& timing, const std::function<void()>& update) {
    musegan::repeat_until({.count = timing.warm_up, .seconds = 0.5 * timing.seconds}, [&] {
        update();
        backend.synchronize();
    });
}

/// Measures updates of a kind until at least so many have run and so much time has passed.
musegan::UpdateTimes time_updates(musegan::UpdateClock& clock, const Timing& timing,
                                  const std::function<void()>& update) {
    musegan::UpdateTimes times;
    musegan::repeat_until({.count = timing.iterations, .seconds = timing.seconds},
                          [&] { clock.measure(update, times); });
    return times;
}

/// The times of one kind of update under the names that its prefix makes: "critic_ms" is what a training pays.
void add_times(nlohmann::ordered_json& json, const std::string& prefix, const musegan::UpdateTimes& times) {
    const bench::Samples queued = bench::summarize(times.queued);
    json[prefix + "_ms"] = queued.median;
    json[prefix + "_ms_minmax"] = {queued.least, queued.most};
    json[prefix + "_latency_ms"] = musegan::median(times.alone.latency);
    json[prefix + "_host_ms"] = musegan::median(times.alone.host);
    json[prefix + "_device_ms"] = musegan::median(times.alone.device);
    json[prefix + "_measured"] = queued.count;
}

/// The path of the update: "plain", or the critic's passes, with what else is not as the device prefers.
std::string path_of(const musegan::TrainingSettings& settings) {
    musegan::TrainingSettings plain = settings;
    plain.make_plain();
    if (plain.execution == settings.execution && plain.passes == settings.passes) return "plain";
    std::string path = tensor::name_of(settings.passes);
    if (settings.execution.fusion != tensor::Fusion::automatic)
        path += fmt::format(", fusion {}", tensor::name_of(settings.execution.fusion));
    if (!settings.execution.gathers_launches) path += ", launches one by one";
    return path;
}

double megabytes(std::int64_t bytes) { return static_cast<double>(bytes) * 1e-6; }

/// What is computed, how and where.
nlohmann::ordered_json describe(const musegan::TrainingSettings& settings) {
    const bool on_cpu = settings.device.kind == tensor::DeviceKind::cpu;
    return {{"gemm", on_cpu ? tensor::cpu::gemm_library() : "cuBLAS"},
            {"device", on_cpu ? "cpu" : settings.device.to_string()},
            {"machine", tensor::backend(settings.device).facts().description},
            {"precision", name_of(settings.execution.precision)},
            {"path", path_of(settings)},
            {"model", settings.model.name()},
            {"threads", tensor::thread_count()},
            {"batch", settings.batch},
            {"width", settings.model.width}};
}

/// How often an update was replayed as a graph, and what stood in the way, both kinds together.
nlohmann::ordered_json graphs_of(const musegan::Training& training) {
    const tensor::RepetitionCounts &critic = training.critic_update_counts(),
                                   &generator = training.generator_update_counts();
    return {{"captured", critic.captured + generator.captured},
            {"replayed", critic.replayed + generator.replayed},
            {"rebuilt", critic.rebuilt + generator.rebuilt},
            {"eager", critic.eager + generator.eager},
            {"refused", critic.refused.empty() ? generator.refused : critic.refused}};
}

/// Times, then measures the roofs of the device, and how far an update is from its floors.
nlohmann::ordered_json measure(const musegan::TrainingSettings& settings, const Timing& timing,
                               const tensor::RoofSizes& sizes) {
    const tensor::Backend& backend = tensor::backend(settings.device);
    musegan::Training training = bench::random_training(settings);
    const std::function<void()> update_critic = [&] { training.update_critic(); },
                                update_generator = [&] { training.update_generator(); };
    warm_up(backend, timing, update_critic);
    warm_up(backend, timing, update_generator);
    const tensor::ArenaStatistics memory = backend.arena().statistics();  // before the clock's own buffer
    musegan::UpdateClock clock(settings.device, timing.queue);
    const musegan::UpdateTimes critic = time_updates(clock, timing, update_critic);
    const musegan::UpdateTimes generator = time_updates(clock, timing, update_generator);
    const std::int64_t resident = bench::peak_resident_bytes();
    const tensor::Roofs roofs = tensor::measure_roofs(settings.device, sizes);  // last: its copies need memory
    const bench::UpdateFloors floors = bench::critic_update_floors(training, roofs);
    const double critic_ms = musegan::median(critic.queued);
    const double gflops = bench::critic_update_work(training).flops / critic_ms * 1e-6;
    nlohmann::ordered_json json = describe(settings);
    json["queue"] = clock.queues() ? timing.queue : 1;
    add_times(json, "critic", critic);
    add_times(json, "gen", generator);
    json["graphs"] = graphs_of(training);
    json.update({{"gflops", gflops},
                 {"f32_gflops", roofs.f32_gflops},
                 {"tf32_gflops", roofs.tf32_gflops},
                 {"bf16_gflops", roofs.bf16_gflops},
                 {"copy_gb_s", roofs.copy_gb_s},
                 {"share_of_roof", gflops / roofs.gflops(settings.execution.precision)},
                 {"arithmetic_floor_ms", floors.arithmetic},
                 {"memory_floor_ms", floors.memory},
                 {"fused_memory_floor_ms", floors.fused_memory},
                 {"critic_over_floor", floors.over(critic_ms)},
                 {"critic_over_fused_floor", floors.over_fused(critic_ms)},
                 {"peak_tensor_mb", megabytes(memory.peak)},
                 {"reserved_mb", megabytes(memory.reserved)},
                 {"peak_rss_mb", megabytes(resident)}});
    return json;
}

}  // namespace

int main(int argument_count, char** arguments) {
    CLI::App app{"Times one critic and one generator update; prints a line of JSON.", "update_once"};
    app.footer(
        "Example: update_once --batch 8 --width 1.0 --iters 10 --threads 2\n"
        "         update_once --precision bf16 --batch 8 --threads 2\n"
        "         update_once --device cuda --precision tf32 --batch 64");
    musegan::TrainingSettings defaults;
    defaults.batch = 8;
    std::string device = "cpu";
    tensor::RoofSizes sizes;
    Timing timing;
    int threads = 0;
    const tools::UpdateOptions options(app, defaults, "paper");
    app.add_option("--device", device, "cpu, or cuda")->capture_default_str();
    bench::add_number(app, "--iters", timing.iterations, 1, 100000, "Least number of times that each kind is measured");
    app.add_option("--seconds", timing.seconds, "Least time for which each kind is measured; half of it to warm up")
        ->check(CLI::Range(0.0, 3600.0))
        ->capture_default_str();
    bench::add_number(app, "--warm-up", timing.warm_up, 1, 1000, "Least number of updates of each kind before that");
    bench::add_number(app, "--queue", timing.queue, 1, 1000, "Updates between two waits on a device");
    bench::add_roof_sizes(app, sizes);
    app.add_option("--threads", threads, "Threads; 0 takes the machine's processors")->check(CLI::Range(0, 1024));
    return bench::run_program(app, argument_count, arguments, [&] {
        if (threads > 0) tensor::set_thread_count(threads);
        const musegan::TrainingSettings settings = options.settings(tensor::Device::parse(device));
        fmt::print("{}\n", measure(settings, timing, sizes).dump());
        return 0;
    });
}
