// The benchmark program: measures the roofs, then runs the cases that a filter chooses and prints the median of each.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <vector>

#include "bench/program.hpp"
#include "bench/registry.hpp"
#include "tensor/backend.hpp"
#include "tensor/cpu/gemm.hpp"
#include "tensor/parallel.hpp"
#include "tests/support/update_cases.hpp"

namespace {

constexpr const char* footer =
    "Options of Google Benchmark follow as they are: --benchmark_filter=REGEX, --benchmark_list_tests,\n"
    "--benchmark_repetitions=N (default 5), --benchmark_min_time=SECONDS (default 0.1), "
    "--benchmark_out=FILE.json\n"
    "(which holds the statistics of the repetitions).\n\n"
    "Example: musegan_bench --threads 2 --preset paper --benchmark_filter='critic.conv./conv3d|critic update'\n"
    "         musegan_bench --device cuda --batch 64 --benchmark_filter='update'";

/// Prints one line per case: the median of its repetitions. The counters already are rates, so no "/s" is printed
/// behind them.
class MedianReporter : public benchmark::ConsoleReporter {
  public:
    MedianReporter() : ConsoleReporter(OO_Tabular) {}
    void ReportRuns(const std::vector<Run>& runs) override {
        std::vector<Run> shown;
        for (Run run : runs) {
            if (!run.error_occurred && runs.size() > 1 && run.aggregate_name != "median") continue;
            run.run_type = Run::RT_Iteration;
            run.run_name.time_type.clear();
            for (auto& [name, counter] : run.counters) counter.flags = benchmark::Counter::kDefaults;
            shown.push_back(run);
        }
        ConsoleReporter::ReportRuns(shown);
    }
};

/// True if the user gave that option of Google Benchmark.
bool given(const std::vector<std::string>& arguments, const std::string& option) {
    return std::any_of(arguments.begin(), arguments.end(),
                       [&](const std::string& argument) { return argument.starts_with(option); });
}

/// Google Benchmark's arguments with our defaults in front of them.
std::vector<std::string> with_defaults(const char* program, const std::vector<std::string>& arguments) {
    std::vector<std::string> all{program, "--benchmark_min_warmup_time=0.05", "--benchmark_min_time=0.1"};
    if (!given(arguments, "--benchmark_repetitions")) all.push_back("--benchmark_repetitions=5");
    all.insert(all.end(), arguments.begin(), arguments.end());
    return all;
}

/// In the header: the device and its roofs.
void describe(const bench::Place& place) {
    benchmark::AddCustomContext(place.name, tensor::backend(place.device).facts().description);
    const tensor::Roofs& roofs = place.roofs;
    std::string products;
    for (const tensor::Precision each : place.precisions)
        products += fmt::format("{} {:.1f} GFLOP/s, ", name_of(each), roofs.measured_gflops(each));
    benchmark::AddCustomContext(place.name + " roofs", fmt::format("{}copy {:.1f} GB/s, start {:.2f} us", products,
                                                                   roofs.copy_gb_s, 1e3 * roofs.start_ms));
}

int run(const char* program, const std::vector<std::string>& extra, bench::Options& options,
        const std::string& device) {
    std::vector<std::string> arguments = with_defaults(program, extra);
    std::vector<char*> pointers;
    for (std::string& argument : arguments) pointers.push_back(argument.data());
    int count = static_cast<int>(pointers.size());
    benchmark::Initialize(&count, pointers.data());
    if (benchmark::ReportUnrecognizedArguments(count, pointers.data())) return 2;

    options.measures_roofs = !given(extra, "--benchmark_list_tests");
    benchmark::AddCustomContext("threads", fmt::format("{}", tensor::thread_count()));
    benchmark::AddCustomContext("matrix products", tensor::cpu::gemm_library());
    if (device != "cuda") {
        const bench::Place cpu = bench::cpu_place(options);
        describe(cpu);
        bench::register_gemm(cpu);
        bench::register_operators(options, cpu);
        bench::register_updates(options, cpu);
        bench::register_updates(options, bench::host_place());
        bench::register_prepare(options);
        bench::register_structure(cpu);
        bench::register_copying(cpu);
        bench::register_metrics(cpu);
        bench::register_scope();
    }
    if (device != "cpu")
        if (const std::optional<bench::Place> cuda = bench::cuda_place(options)) {
            describe(*cuda);
            bench::register_operators(options, *cuda);
            bench::register_updates(options, *cuda);
        }
    MedianReporter reporter;
    return benchmark::RunSpecifiedBenchmarks(&reporter) > 0 ? 0 : 1;
}

}  // namespace

namespace bench {

Place cpu_place(const Options& options) {
    Place place{.device = tensor::Device::cpu(), .name = "cpu", .roofs = {}};
    place.precisions = tensor::cpu_backend().facts().precisions;
    if (options.measures_roofs) place.roofs = tensor::measure_roofs(place.device);
    return place;
}

musegan::TrainingSettings settings_for(const std::string& preset, const Options& options, const Place& place) {
    musegan::TrainingSettings settings = support::settings_of_preset(preset);
    settings.batch = options.batch;
    settings.model.width = options.width;
    settings.device = place.device;
    return settings;
}

}  // namespace bench

int main(int argument_count, char** arguments) {
    CLI::App app{"Times every operator of training, whole updates and data preparation.", "musegan_bench"};
    app.footer(footer);
    app.allow_extras();
    bench::Options options;
    std::string device = "auto";
    int threads = 0;
    app.add_option("--threads", threads, "Threads; 0 takes the machine's processors")->check(CLI::Range(0, 1024));
    app.add_option("--batch", options.batch, "Phrases in a batch")->check(CLI::Range(2, 4096))->capture_default_str();
    app.add_option("--width", options.width, "Width of the networks")->capture_default_str();
    app.add_option("--preset", options.presets, "Networks and settings: one or more presets (all of the program)")
        ->check(CLI::IsMember(musegan::preset_names()));
    app.add_option("--device", device, "cpu, cuda, or auto: both, if a GPU answers")
        ->check(CLI::IsMember({"auto", "cpu", "cuda"}))
        ->capture_default_str();
    app.add_option("--midi", options.midi, "A folder of MIDI files for `prepare`, instead of songs of `musegan synth`")
        ->check(CLI::ExistingDirectory);
    return bench::run_program(app, argument_count, arguments, [&] {
        if (threads > 0) tensor::set_thread_count(threads);
        if (options.presets.empty()) options.presets = musegan::preset_names();
        if (device == "cuda") tensor::backend(tensor::Device::cuda());  // throws where none answers
        return run(arguments[0], app.remaining(), options, device);
    });
}
