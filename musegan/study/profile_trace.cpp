#include "musegan/study/profile_trace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace musegan {

namespace {

/// The words of a span from the outermost to the innermost; a kernel that is called as its operator is the operator.
std::array<std::string, 5> levels_of(const ProfileWords& words) {
    return {words.update.empty() ? "" : words.update + " update", words.phase, words.layer, words.operation,
            words.kernel == words.operation ? "" : words.kernel};
}
constexpr std::array categories{"update", "phase", "layer", "operator", "kernel"};

/// A number of FLOPs or bytes, whole where a reader would otherwise show 1e+06.
io::TraceArgument amount(const char* name, double value) {
    if (std::abs(value) < 9e15 && value == std::floor(value)) return {name, static_cast<std::int64_t>(value)};
    return {name, value};
}

std::string size_text(const std::array<unsigned, 3>& size) {
    return fmt::format("{} x {} x {}", size[0], size[1], size[2]);
}

std::vector<io::TraceArgument> arguments_of(double flops, double bytes, double milliseconds) {
    std::vector<io::TraceArgument> arguments{amount("FLOP", flops), amount("bytes", bytes)};
    if (milliseconds > 0) {
        arguments.push_back({"GFLOP/s", flops / milliseconds * 1e-6});
        arguments.push_back({"GB/s", bytes / milliseconds * 1e-6});
    }
    return arguments;
}

std::vector<io::TraceArgument> arguments_of(const ProfileSpan& span) {
    std::vector<io::TraceArgument> arguments = arguments_of(span.flops, span.bytes, span.milliseconds);
    if (!span.launch) return arguments;
    arguments.push_back({"grid", size_text(span.launch->grid)});
    arguments.push_back({"block", size_text(span.launch->block)});
    arguments.push_back({"registers", std::int64_t{span.launch->registers}});
    arguments.push_back({"shared bytes", span.launch->shared_bytes});
    if (span.launch->occupancy > 0) arguments.push_back({"occupancy", span.launch->occupancy});
    return arguments;
}

/// Joins runs of equal words into the spans around them.
class TraceBuilder {
  public:
    void add(const ProfileSpan& run) {
        const std::array<std::string, 5> names = levels_of(run.words);
        std::size_t same = 0;
        while (same < open_.size() && open_[same].name == names[same]) ++same;
        close_down_to(std::min(same, innermost_of(names)));
        end_ = std::max(end_, run.start);
        const double start = end_;
        end_ += std::max(run.milliseconds, 0.0);
        for (std::size_t level = open_.size(); level < innermost_of(names); ++level)
            open_.push_back({names[level], start, thread_of(run.words.update)});
        for (Enclosing& around : open_) {
            around.flops += run.flops;
            around.bytes += run.bytes;
            ++around.calls;
        }
        const std::size_t level = innermost_of(names);
        trace_.spans.push_back({names[level].empty() ? "(no name)" : names[level], categories[level],
                                thread_of(run.words.update), start * 1e3, end_ * 1e3, arguments_of(run)});
    }

    io::ChromeTrace finish() {
        close_down_to(0);
        // Of spans with the same ends the outer one comes first.
        std::reverse(around_.begin(), around_.end());
        trace_.spans.insert(trace_.spans.begin(), around_.begin(), around_.end());
        return std::move(trace_);
    }

  private:
    /// A span around runs that is not closed yet.
    struct Enclosing {
        std::string name;
        double start;  ///< milliseconds
        int thread;
        double flops = 0, bytes = 0;
        std::int64_t calls = 0;
    };

    /// The level of the run itself: its last word.
    static std::size_t innermost_of(const std::array<std::string, 5>& names) {
        std::size_t level = names.size() - 1;
        while (level > 0 && names[level].empty()) --level;
        return level;
    }

    void close_down_to(std::size_t depth) {
        for (; open_.size() > depth; open_.pop_back()) {
            const Enclosing& span = open_.back();
            if (span.name.empty()) continue;
            std::vector<io::TraceArgument> arguments = arguments_of(span.flops, span.bytes, end_ - span.start);
            arguments.push_back({"calls", span.calls});
            around_.push_back({span.name, categories[open_.size() - 1], span.thread, span.start * 1e3, end_ * 1e3,
                               std::move(arguments)});
        }
    }

    /// The thread of an update, which is made where it is new.
    int thread_of(const std::string& update) {
        const std::string name = update.empty() ? "other" : update + " update";
        for (std::size_t k = 0; k < trace_.processes.size(); ++k)
            if (trace_.processes[k].name == name) return trace_.threads[k].id;
        const int id = static_cast<int>(trace_.processes.size()) + 1;
        trace_.processes.push_back({id, name});
        trace_.threads.push_back({id, id, "phase > layer > operator > kernel"});
        return id;
    }

    io::ChromeTrace trace_;
    std::vector<Enclosing> open_;
    std::vector<io::TraceSpan> around_;
    double end_ = 0;
};

}  // namespace

io::ChromeTrace profile_trace(const Profile& profile) {
    TraceBuilder builder;
    for (const ProfileSpan& run : profile.timeline) builder.add(run);
    io::ChromeTrace trace = builder.finish();
    trace.metadata = {{"program", "musegan profile"},   {"machine", profile.machine}, {"device", profile.device},
                      {"precision", profile.precision}, {"clock", profile.clock},     {"note", profile.note}};
    for (const auto& [name, value] : profile.work) trace.metadata.emplace_back("work." + name, value);
    for (const auto& [name, value] : profile.how) trace.metadata.emplace_back("how." + name, value);
    return trace;
}

}  // namespace musegan
