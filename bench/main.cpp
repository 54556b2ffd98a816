// The benchmark program: measures the roof, then runs the cases that a filter chooses and prints the median of each.
#include <fmt/format.h>
#include <omp.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <vector>

#include "bench/program.hpp"
#include "bench/registry.hpp"
#include "tensor/backend.hpp"

namespace {

constexpr const char* footer =
    "Options of Google Benchmark follow as they are: --benchmark_filter=REGEX, --benchmark_list_tests,\n"
    "--benchmark_repetitions=N (default 5), --benchmark_min_time=SECONDS (default 0.1), "
    "--benchmark_out=FILE.json\n"
    "(which holds the statistics of the repetitions).\n\n"
    "Example: musegan_bench --threads 2 --batch 8 --benchmark_filter='conv3d ./critic|critic update'\n"
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

int run(const char* program, const std::vector<std::string>& extra, bench::Options& options) {
    std::vector<std::string> arguments = with_defaults(program, extra);
    std::vector<char*> pointers;
    for (std::string& argument : arguments) pointers.push_back(argument.data());
    int count = static_cast<int>(pointers.size());
    benchmark::Initialize(&count, pointers.data());
    if (benchmark::ReportUnrecognizedArguments(count, pointers.data())) return 2;

    if (!given(extra, "--benchmark_list_tests")) options.roof = tensor::cpu::measure_roof();
    const tensor::cpu::GemmShape& shape = options.roof.shape;
    benchmark::AddCustomContext("roof", fmt::format("{:.1f} GFLOP/s ({}x{}x{}, {})", options.roof.gflops, shape.rows,
                                                    shape.inner, shape.columns, tensor::cpu::gemm_library()));
    benchmark::AddCustomContext("threads", fmt::format("{}", omp_get_max_threads()));
    benchmark::AddCustomContext("batch", fmt::format("{}", options.batch));
    benchmark::AddCustomContext("width", fmt::format("{}", options.width));

    if (options.device != "cuda") {
        bench::register_gemm(options);
        bench::register_matmul(options);
        bench::register_conv3d(options);
        bench::register_updates(options);
        bench::register_prepare(options);
        bench::register_scope();
    }
    if (options.device != "cpu") bench::register_device(options);
    MedianReporter reporter;
    return benchmark::RunSpecifiedBenchmarks(&reporter) > 0 ? 0 : 1;
}

}  // namespace

int main(int argument_count, char** arguments) {
    CLI::App app{"Times MuseGAN's products, convolutions, updates and data preparation.", "musegan_bench"};
    app.footer(footer);
    app.allow_extras();
    bench::Options options;
    int threads = 0;
    app.add_option("--threads", threads, "OpenMP threads; 0 takes OMP_NUM_THREADS or the machine's processors")
        ->check(CLI::Range(0, 1024));
    app.add_option("--batch", options.batch, "Phrases in a batch")->check(CLI::Range(2, 4096))->capture_default_str();
    app.add_option("--width", options.width, "Width of the networks in the updates")->capture_default_str();
    app.add_option("--device", options.device, "cpu, cuda, or auto: both, if a GPU answers")
        ->check(CLI::IsMember({"auto", "cpu", "cuda"}))
        ->capture_default_str();
    app.add_option("--midi", options.midi, "A folder of MIDI files for `prepare`, instead of songs of `musegan synth`")
        ->check(CLI::ExistingDirectory);
    return bench::run_program(app, argument_count, arguments, [&] {
        if (threads > 0) omp_set_num_threads(threads);
        if (options.device == "cuda") tensor::backend(tensor::Device::cuda());  // throws where none answers
        return run(arguments[0], app.remaining(), options);
    });
}
