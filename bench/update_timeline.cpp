// Traces whole updates on a CUDA device, as training replays them, with the toolkit's own library: what ran, and how
// long nothing ran.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "bench/activity_trace.hpp"
#include "bench/device_clock.hpp"
#include "bench/program.hpp"
#include "bench/statistics.hpp"
#include "tensor/error.hpp"

namespace {

using bench::Activity;
using bench::Timeline;

struct Arguments {
    musegan::TrainingSettings settings;
    std::string json;
    int updates = 20, lines = 30;
};

/// The timelines of the updates, and the activities of the last one. The first few updates, which build the graph, do
/// not count.
template <typename Update>
std::vector<Timeline> trace_updates(bench::ActivityTrace& trace, int updates, std::vector<Activity>& last,
                                    Update update) {
    constexpr int warm_up = 4;
    const tensor::Backend& backend = bench::cuda_device();
    std::vector<Timeline> timelines;
    for (int i = -warm_up; i < updates; ++i) {
        backend.synchronize();
        trace.take();
        update();
        backend.synchronize();
        last = trace.take();
        if (last.empty()) tensor::fail("bench", "the trace holds nothing of an update, expected its kernels");
        if (i >= 0) timelines.push_back(bench::timeline_of(last));
    }
    return timelines;
}

void report(const char* name, const std::vector<Timeline>& timelines, const std::vector<Activity>& last, int lines,
            nlohmann::ordered_json& json) {
    std::vector<double> spans, gaps;
    for (const Timeline& each : timelines) {
        spans.push_back(each.span_ms);
        gaps.push_back(each.gap_share());
    }
    const bench::Samples span = bench::summarize(spans), gap = bench::summarize(gaps);
    fmt::print("{} update: {:.3f} ms on the device, {} activities, gaps {:.2f} % of it ({:.2f} to {:.2f})\n", name,
               span.median, last.size(), 100 * gap.median, 100 * gap.least, 100 * gap.most);
    const auto groups = bench::group_activities(last);
    for (std::size_t i = 0; i < groups.size() && i < static_cast<std::size_t>(lines); ++i)
        fmt::print("  {:>6} {:>9.4f} ms {:>5.1f}%  {}\n", groups[i].calls, groups[i].milliseconds,
                   100 * groups[i].milliseconds / timelines.back().busy_ms, groups[i].name.substr(0, 150));
    const std::string prefix(name);
    json[prefix + "_span_ms"] = span.median;
    json[prefix + "_gap_share"] = gap.median;
    json[prefix + "_activities"] = last.size();
    for (const bench::ActivityGroup& group : groups)
        json[prefix + "_kernels"].push_back({{"name", group.name}, {"calls", group.calls}, {"ms", group.milliseconds}});
}

int run(const Arguments& arguments) {
    if (const tensor::CudaStatus status = tensor::cuda_status(); status.devices == 0)
        tensor::fail("cuda", "{}", status.explanation);
    bench::ActivityTrace trace;
    musegan::Training training = bench::random_training(arguments.settings);
    nlohmann::ordered_json json{{"device", bench::cuda_device().facts().description},
                                {"batch", arguments.settings.batch},
                                {"width", arguments.settings.model.width},
                                {"precision", name_of(arguments.settings.execution.precision)},
                                {"fusion", name_of(arguments.settings.execution.fusion)}};
    fmt::print("{}\nbatch {}, width {}, {}; tracing adds its own cost to every launch\n",
               bench::cuda_device().facts().description, arguments.settings.batch, arguments.settings.model.width,
               name_of(arguments.settings.execution.precision));
    std::vector<Activity> last;
    const auto critic = trace_updates(trace, arguments.updates, last, [&] { training.update_critic(); });
    report("critic", critic, last, arguments.lines, json);
    const auto generator = trace_updates(trace, arguments.updates, last, [&] { training.update_generator(); });
    report("generator", generator, last, arguments.lines, json);
    fmt::print("graphs built anew: {}\n", bench::cuda_device().graphs().rebuilt());
    if (!arguments.json.empty()) std::ofstream(arguments.json) << json.dump(1) << '\n';
    return 0;
}

}  // namespace

int main(int argument_count, char** argument_values) {
    CLI::App app{"Traces critic and generator updates on a CUDA device: kernels, and the gaps between them.",
                 "update_timeline"};
    app.footer("Example: update_timeline --batch 64 --precision tf32 --json timeline.json");
    Arguments arguments;
    arguments.settings.execution.precision = tensor::Precision::tf32;
    bench::UpdateOptions options(app, arguments.settings);
    bench::add_number(app, "--updates", arguments.updates, 1, 10000, "Traced updates of each kind");
    bench::add_number(app, "--lines", arguments.lines, 1, 100000, "Most lines of a table");
    app.add_option("--json", arguments.json, "Write everything");
    return bench::run_program(app, argument_count, argument_values, [&] {
        arguments.settings = options.settings();
        arguments.settings.device = tensor::Device::cuda();
        return run(arguments);
    });
}
