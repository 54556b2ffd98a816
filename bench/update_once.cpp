// Times critic and generator updates and prints one line of JSON, with the floors of this machine. `compare` runs this
// program and a PyTorch one in turn.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/program.hpp"
#include "bench/statistics.hpp"
#include "bench/updates.hpp"
#include "tensor/arena.hpp"
#include "tensor/backend.hpp"
#include "tensor/cpu/gemm.hpp"
#include "tensor/parallel.hpp"
#include "tensor/roofs.hpp"
#include "tools/update_options.hpp"

namespace {

/// Milliseconds of `iterations` runs, each until the device is done, after two runs that do not count.
template <typename Update>
bench::Samples time_updates(int iterations, const tensor::Backend& backend, Update update) {
    std::vector<double> milliseconds;
    for (int i = -2; i < iterations; ++i) {
        backend.synchronize();
        const auto start = std::chrono::steady_clock::now();
        update();
        backend.synchronize();
        const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - start;
        if (i >= 0) milliseconds.push_back(spent.count());
    }
    return bench::summarize(milliseconds);
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

/// Times, then measures the roofs of the device, and how far an update is from its floors.
nlohmann::ordered_json measure(const musegan::TrainingSettings& settings, int iterations,
                               const tensor::RoofSizes& sizes) {
    const bool on_cpu = settings.device.kind == tensor::DeviceKind::cpu;
    const tensor::Backend& backend = tensor::backend(settings.device);
    musegan::Training training = bench::random_training(settings);
    const bench::Samples critic = time_updates(iterations, backend, [&] { training.update_critic(); });
    const bench::Samples generator = time_updates(iterations, backend, [&] { training.update_generator(); });
    const tensor::ArenaStatistics memory = backend.arena().statistics();
    const std::int64_t resident = bench::peak_resident_bytes();
    const tensor::Roofs roofs = tensor::measure_roofs(settings.device, sizes);  // last: its copies need memory
    const bench::UpdateFloors floors = bench::critic_update_floors(training, roofs);
    const double gflops = bench::critic_update_work(training).flops / critic.median * 1e-6;
    return {{"gemm", on_cpu ? tensor::cpu::gemm_library() : "cuBLAS"},
            {"device", on_cpu ? "cpu" : settings.device.to_string()},
            {"machine", backend.facts().description},
            {"precision", name_of(settings.execution.precision)},
            {"path", path_of(settings)},
            {"model", settings.model.name()},
            {"threads", tensor::thread_count()},
            {"batch", settings.batch},
            {"width", settings.model.width},
            {"critic_ms", critic.median},
            {"critic_ms_minmax", {critic.least, critic.most}},
            {"gen_ms", generator.median},
            {"gen_ms_minmax", {generator.least, generator.most}},
            {"gflops", gflops},
            {"f32_gflops", roofs.f32_gflops},
            {"tf32_gflops", roofs.tf32_gflops},
            {"bf16_gflops", roofs.bf16_gflops},
            {"copy_gb_s", roofs.copy_gb_s},
            {"share_of_roof", gflops / roofs.gflops(settings.execution.precision)},
            {"arithmetic_floor_ms", floors.arithmetic},
            {"memory_floor_ms", floors.memory},
            {"fused_memory_floor_ms", floors.fused_memory},
            {"critic_over_floor", floors.over(critic.median)},
            {"critic_over_fused_floor", floors.over_fused(critic.median)},
            {"peak_tensor_mb", megabytes(memory.peak)},
            {"reserved_mb", megabytes(memory.reserved)},
            {"peak_rss_mb", megabytes(resident)}};
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
    int iterations = 5, threads = 0;
    const tools::UpdateOptions options(app, defaults, "paper");
    app.add_option("--device", device, "cpu, or cuda")->capture_default_str();
    bench::add_number(app, "--iters", iterations, 1, 100000, "Timed updates of each kind");
    bench::add_roof_sizes(app, sizes);
    app.add_option("--threads", threads, "Threads; 0 takes the machine's processors")->check(CLI::Range(0, 1024));
    return bench::run_program(app, argument_count, arguments, [&] {
        if (threads > 0) tensor::set_thread_count(threads);
        const musegan::TrainingSettings settings = options.settings(tensor::Device::parse(device));
        fmt::print("{}\n", measure(settings, iterations, sizes).dump());
        return 0;
    });
}
