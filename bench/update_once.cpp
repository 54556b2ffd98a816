// Times critic and generator updates and prints one line of JSON: what compare_with_pytorch runs beside its
// peer.
#include <fmt/format.h>
#include <omp.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <nlohmann/json.hpp>
#include <vector>

#include "bench/roof.hpp"
#include "bench/updates.hpp"
#include "tensor/arena.hpp"

namespace {

struct Times {
    double median = 0, least = 0, most = 0;  ///< milliseconds
};

/// Two runs to warm up, then `iterations` that count.
template <typename Update>
Times time_updates(int iterations, Update update) {
    for (int i = 0; i < 2; ++i) update();
    std::vector<double> milliseconds;
    for (int i = 0; i < iterations; ++i) {
        const auto start = std::chrono::steady_clock::now();
        update();
        milliseconds.push_back(
            std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
    }
    std::sort(milliseconds.begin(), milliseconds.end());
    const std::size_t half = milliseconds.size() / 2;
    const double median =
        milliseconds.size() % 2 ? milliseconds[half] : (milliseconds[half - 1] + milliseconds[half]) / 2;
    return {median, milliseconds.front(), milliseconds.back()};
}

double megabytes(std::int64_t bytes) { return static_cast<double>(bytes) * 1e-6; }

nlohmann::ordered_json measure(double width, std::int64_t batch, int iterations) {
    const bench::Roof roof = bench::measure_roof();
    bench::Updates updates(width, batch);
    tensor::Arena& arena = tensor::arena(tensor::Device::cpu());
    const Times critic = time_updates(iterations, [&] { updates.critic(); });
    const Times generator = time_updates(iterations, [&] { updates.generator(); });
    const double gflops = updates.critic_flops() / critic.median * 1e-6;
    return {{"gemm", tensor::cpu::gemm_library()},
            {"device", "cpu"},
            {"threads", omp_get_max_threads()},
            {"batch", batch},
            {"width", width},
            {"critic_ms", critic.median},
            {"critic_ms_minmax", {critic.least, critic.most}},
            {"gen_ms", generator.median},
            {"gen_ms_minmax", {generator.least, generator.most}},
            {"gflops", gflops},
            {"roof_gflops", roof.gflops},
            {"share_of_roof", gflops / roof.gflops},
            {"peak_tensor_mb", megabytes(arena.statistics().peak)},
            {"peak_rss_mb", megabytes(bench::peak_resident_bytes())}};
}

}  // namespace

int main(int argument_count, char** arguments) {
    CLI::App app{"Times one critic and one generator update; prints a line of JSON.", "update_once"};
    app.footer("Example: update_once --batch 8 --width 1.0 --iters 10 --threads 2");
    double width = 1.0;
    std::int64_t batch = 8;
    int iterations = 5, threads = 0;
    app.add_option("--width", width, "Factor on all channel counts")->capture_default_str();
    app.add_option("--batch", batch, "Phrases an update")->check(CLI::Range(2, 4096))->capture_default_str();
    app.add_option("--iters", iterations, "Timed updates of each kind")
        ->check(CLI::Range(1, 100000))
        ->capture_default_str();
    app.add_option("--threads", threads,
                   "OpenMP threads; 0 takes OMP_NUM_THREADS or the machine's processors")
        ->check(CLI::Range(0, 1024));
    try {
        app.parse(argument_count, arguments);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    if (threads > 0) omp_set_num_threads(threads);
    try {
        fmt::print("{}\n", measure(width, batch, iterations).dump());
        return 0;
    } catch (const std::exception& error) {
        fmt::print(stderr, "update_once: {}\n", error.what());
        return 1;
    }
}
