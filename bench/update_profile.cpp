// Times one critic update and one generator update on the CPU, operator by operator, or on a CUDA device, launch by
// launch, and prints the device's floors for them.
#include <fmt/format.h>
#include <omp.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "bench/layers.hpp"
#include "bench/measured_device.hpp"
#include "bench/program.hpp"
#include "bench/statistics.hpp"
#include "io/csv.hpp"
#include "tensor/arena.hpp"
#include "tensor/backend.hpp"
#include "tensor/error.hpp"
#include "tensor/recorder.hpp"

namespace {

using tensor::GroupBy;
using tensor::Record;
using tensor::RecordGroup;
using Clock = std::chrono::steady_clock;

struct Arguments {
    musegan::TrainingSettings settings;
    std::string device = "auto", csv, json;
    int iterations = 20, recorded = 5, lines = 40;
    tensor::RoofSizes roofs;
};

double milliseconds_since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// Times of updates without an observer: of the whole update, and until all of it was issued.
struct UpdateTimes {
    bench::Samples whole, issued;
};
template <typename Update>
UpdateTimes time_updates(int iterations, const tensor::Backend& backend, Update update) {
    std::vector<double> whole, issued;
    for (int i = -3; i < iterations; ++i) {
        backend.synchronize();
        const auto start = Clock::now();
        update();
        const double until_issued = milliseconds_since(start);
        backend.synchronize();
        if (i < 0) continue;  // warm-up
        issued.push_back(until_issued);
        whole.push_back(milliseconds_since(start));
    }
    return {bench::summarize(whole), bench::summarize(issued)};
}

/// What one update does, each part with the median of its times in `times` updates. The device is kept busy until all
/// is issued, so that no time includes waiting for the processor.
template <typename Update>
std::vector<Record> record(bench::MeasuredDevice& measured, tensor::Device device, int times,
                           double milliseconds_to_issue, Update update) {
    tensor::Recorder recorder(device);
    std::vector<std::vector<Record>> all;
    for (int i = 0; i <= times; ++i) {
        measured.occupy(3.0 * milliseconds_to_issue + 10.0);  // issuing with marks takes longer
        {
            const tensor::ObserverScope observed(&recorder);
            update();
        }
        std::vector<Record> records = recorder.take();
        if (i > 0) all.push_back(std::move(records));  // the first update created the marks
    }
    std::vector<Record> result = all.front();
    for (std::size_t k = 0; k < result.size(); ++k) {
        std::vector<double> values;
        for (const std::vector<Record>& records : all) {
            if (records.size() != result.size())
                tensor::fail("bench", "{} records of one update, {} of another", result.size(), records.size());
            values.push_back(records[k].milliseconds);
        }
        result[k].milliseconds = bench::summarize(values).median;
    }
    return result;
}

std::string cell(const std::string& text) { return text.empty() ? "-" : text; }

void print_groups(const std::vector<RecordGroup>& groups, std::size_t lines, double total) {
    fmt::print("  {:26} {:26} {:26} {:24} {:>6} {:>9} {:>6} {:>9} {:>9} {:>7} {:>9}\n", "kernel", "operation", "layer",
               "phase", "calls", "ms", "share", "GFLOP", "MB", "GB/s", "GFLOP/s");
    for (std::size_t i = 0; i < groups.size() && i < lines; ++i) {
        const RecordGroup& g = groups[i];
        fmt::print("  {:26} {:26} {:26} {:24} {:>6} {:>9.4f} {:>5.1f}% {:>9.2f} {:>9.1f} {:>7.0f} {:>9.0f}\n",
                   cell(g.kernel), cell(g.operation), cell(g.layer), cell(g.phase), g.calls, g.milliseconds,
                   100 * g.milliseconds / total, g.flops * 1e-9, g.bytes * 1e-6, g.gb_s(), g.gflops());
    }
    if (groups.size() > lines) fmt::print("  ... and {} more in the CSV\n", groups.size() - lines);
}

nlohmann::ordered_json groups_json(const std::vector<RecordGroup>& groups) {
    auto json = nlohmann::ordered_json::array();
    for (const RecordGroup& g : groups)
        json.push_back({{"kernel", g.kernel},
                        {"operation", g.operation},
                        {"layer", g.layer},
                        {"phase", g.phase},
                        {"calls", g.calls},
                        {"ms", g.milliseconds},
                        {"flops", g.flops},
                        {"bytes", g.bytes}});
    return json;
}

/// Prints the records of one update and adds them to the CSV and JSON files.
void report(const char* name, const std::vector<Record>& records, const UpdateTimes& times, const Arguments& arguments,
            std::optional<io::CsvWriter>& csv, nlohmann::ordered_json& json) {
    double total = 0, flops = 0, bytes = 0;
    bool has_launches = false;
    for (const Record& each : records) {
        total += each.milliseconds;
        flops += each.flops;
        bytes += each.bytes;
        has_launches = has_launches || *each.scope.kernel != '\0';
    }
    fmt::print(
        "\n{} update: {:.3f} ms ({:.3f} to {:.3f}); issued within {:.3f} ms; {} {}, {:.3f} ms in sum, {:.1f} GFLOP, "
        "{:.2f} GB\n",
        name, times.whole.median, times.whole.least, times.whole.most, times.issued.median, records.size(),
        has_launches ? "launches" : "operators", total, flops * 1e-9, bytes * 1e-9);
    const auto lines = static_cast<std::size_t>(arguments.lines);
    for (const GroupBy by : {GroupBy::phase, GroupBy::layer, GroupBy::operation, GroupBy::kernel, GroupBy::everything})
        if (by != GroupBy::kernel || has_launches) print_groups(group_records(records, by), lines, total);
    const std::vector<RecordGroup> groups = group_records(records, GroupBy::everything);
    if (csv)
        for (const RecordGroup& g : groups)
            csv->row({name, g.kernel, g.operation, g.layer, g.phase, fmt::format("{}", g.calls),
                      io::csv_number(g.milliseconds), fmt::format("{:.4f}", g.milliseconds / total),
                      io::csv_number(g.flops), io::csv_number(g.bytes), fmt::format("{:.1f}", g.gb_s()),
                      fmt::format("{:.1f}", g.gflops())});
    json[std::string(name) + "_records"] = records.size();
    json[std::string(name) + "_records_ms"] = total;
    json[std::string(name) + "_groups"] = groups_json(groups);
}

int run(const Arguments& arguments) {
    const musegan::TrainingSettings& settings = arguments.settings;
    const tensor::Backend& backend = tensor::backend(settings.device);
    const std::unique_ptr<bench::MeasuredDevice> measured = bench::measured_device(settings.device);
    const tensor::Roofs roofs = tensor::measure_roofs(settings.device, arguments.roofs);
    tensor::Arena& arena = backend.arena();
    arena.reset_peak();
    musegan::Training training = bench::random_training(settings);
    const auto update_critic = [&] { training.update_critic(); };
    const auto update_generator = [&] { training.update_generator(); };
    const UpdateTimes critic = time_updates(arguments.iterations, backend, update_critic);
    const double critic_peak = static_cast<double>(arena.statistics().peak);
    const UpdateTimes generator = time_updates(arguments.iterations, backend, update_generator);
    const tensor::ArenaStatistics memory = arena.statistics();

    const bench::UpdateFloors floors = bench::critic_update_floors(training, roofs);
    nlohmann::ordered_json json{{"device", backend.facts().description},
                                {"batch", settings.batch},
                                {"width", settings.model.width},
                                {"precision", name_of(settings.execution.precision)},
                                {"f32_gflops", roofs.f32_gflops},
                                {"tf32_gflops", roofs.tf32_gflops},
                                {"copy_gb_s", roofs.copy_gb_s},
                                {"critic_ms", critic.whole.median},
                                {"critic_ms_least", critic.whole.least},
                                {"critic_ms_most", critic.whole.most},
                                {"critic_issued_ms", critic.issued.median},
                                {"gen_ms", generator.whole.median},
                                {"gen_issued_ms", generator.issued.median},
                                {"arithmetic_floor_ms", floors.arithmetic},
                                {"memory_floor_ms", floors.memory},
                                {"fused_memory_floor_ms", floors.fused_memory},
                                {"critic_over_floor", floors.over(critic.whole.median)},
                                {"critic_over_fused_floor", floors.over_fused(critic.whole.median)},
                                {"critic_peak_tensor_mb", critic_peak * 1e-6},
                                {"peak_tensor_mb", static_cast<double>(memory.peak) * 1e-6},
                                {"reserved_mb", static_cast<double>(memory.reserved) * 1e-6},
                                {"graphs_rebuilt", measured->graphs_rebuilt()}};
    fmt::print("{}\nbatch {}, width {}, {}; roofs: f32 {:.0f} GFLOP/s, tf32 {:.0f} GFLOP/s, copy {:.1f} GB/s\n",
               backend.facts().description, settings.batch, settings.model.width, name_of(settings.execution.precision),
               roofs.f32_gflops, roofs.tf32_gflops, roofs.copy_gb_s);
    fmt::print(
        "critic update {:.3f} ms; floors: arithmetic {:.3f} ms, memory {:.3f} ms layer by layer and {:.3f} ms with the "
        "first two as one; it takes {:.2f} and {:.2f} x the larger floor\n"
        "generator update {:.3f} ms; tensors at their peak {:.1f} MB\n",
        critic.whole.median, floors.arithmetic, floors.memory, floors.fused_memory, floors.over(critic.whole.median),
        floors.over_fused(critic.whole.median), generator.whole.median, static_cast<double>(memory.peak) * 1e-6);
    // Every update after the second should fit the graph of the one before. Building a new graph costs milliseconds.
    fmt::print("graphs built anew: {}\n", measured->graphs_rebuilt());

    std::optional<io::CsvWriter> csv;
    if (!arguments.csv.empty())
        csv.emplace(arguments.csv, std::vector<std::string>{"update", "kernel", "operation", "layer", "phase", "calls",
                                                            "ms", "share", "flops", "bytes", "GB/s", "GFLOP/s"});
    const auto recorded = [&](const UpdateTimes& times, const auto& update) {
        return record(*measured, settings.device, arguments.recorded, times.issued.median, update);
    };
    report("critic", recorded(critic, update_critic), critic, arguments, csv, json);
    report("generator", recorded(generator, update_generator), generator, arguments, csv, json);
    if (!arguments.json.empty()) std::ofstream(arguments.json) << json.dump(1) << '\n';
    return 0;
}

/// Takes what was parsed, and fills in what the options leave to the device.
void complete(const bench::UpdateOptions& options, Arguments& arguments) {
    arguments.settings = options.settings();
    if (arguments.device == "auto") arguments.device = tensor::cuda_status().devices > 0 ? "cuda" : "cpu";
    arguments.settings.device = tensor::Device::parse(arguments.device);
    if (!options.states("precision") && tensor::backend(arguments.settings.device).facts().has_tensor_cores)
        arguments.settings.execution.precision = tensor::Precision::tf32;
}

}  // namespace

int main(int argument_count, char** argument_values) {
    CLI::App app{"Times every launch or operator of a critic and a generator update.", "update_profile"};
    app.footer(
        "Example: update_profile --batch 64 --precision tf32 --csv launches.csv --json profile.json\n"
        "         update_profile --device cpu --batch 8 --iters 5 --threads 2");
    Arguments arguments;
    int threads = 0;
    bench::UpdateOptions options(app, arguments.settings);
    app.add_option("--device", arguments.device, "cpu, cuda, or auto: a GPU if one answers")->capture_default_str();
    app.add_option("--threads", threads, "OpenMP threads; 0 takes OMP_NUM_THREADS or the machine's processors")
        ->check(CLI::Range(0, 1024));
    bench::add_number(app, "--iters", arguments.iterations, 1, 100000, "Timed updates of each kind");
    bench::add_number(app, "--recorded", arguments.recorded, 1, 1000, "Updates recorded part by part");
    bench::add_number(app, "--lines", arguments.lines, 1, 100000, "Most lines of a table");
    bench::add_roof_sizes(app, arguments.roofs);
    app.add_option("--csv", arguments.csv, "Write one line per kernel, operator, layer and phase");
    app.add_option("--json", arguments.json, "Write everything");
    return bench::run_program(app, argument_count, argument_values, [&] {
        if (threads > 0) omp_set_num_threads(threads);
        complete(options, arguments);
        return run(arguments);
    });
}
