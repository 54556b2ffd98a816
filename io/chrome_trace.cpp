#include "io/chrome_trace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "io/atomic_file.hpp"
#include "tensor/error.hpp"

namespace io {
namespace {

constexpr const char* where = "chrome trace";
constexpr double most_microseconds = 3600e6;  // up to here a double tells thousandths of a nanosecond

/// A span by its ends in whole nanoseconds.
struct Placed {
    const TraceSpan* span;
    std::int64_t start, end;
    int depth = 0;  ///< how many spans contain it
};

std::string json_string(const std::string& text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string json_value(const std::variant<std::int64_t, double, std::string>& value) {
    if (const auto* whole = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *whole);
    if (const auto* text = std::get_if<std::string>(&value)) return json_string(*text);
    const double number = std::get<double>(value);
    return std::isfinite(number) ? nlohmann::json(number).dump() : fmt::format("\"{}\"", number);
}

/// Microseconds, from hundredths of a nanosecond.
std::string microseconds(std::int64_t hundredths) {
    return fmt::format("{}.{:05}", hundredths / 100'000, hundredths % 100'000);
}

/// Readers see a time as a double. Some cut it to nanoseconds, and would see 1234.567 one short; some add beginning and
/// length, and would see an end before or after another one that is the same. So a span is written to begin 0.2 ns late
/// and to end 0.4 ns early, and 0.02 ns earlier than what contains it: however a reader computes, what contained still
/// contains, and what touched does not overlap.
std::string written_start(const Placed& placed) { return microseconds(placed.start * 100 + 20); }
std::string written_length(const Placed& placed) {
    constexpr int deepest = 15;
    const std::int64_t length = (placed.end - placed.start) * 100 - 60 - 2 * std::min(placed.depth, deepest);
    return microseconds(std::max<std::int64_t>(length, 0));
}

/// "{"name":value,...}". Readers keep one value for each name.
template <typename Pairs, typename Write>
std::string json_object(const Pairs& pairs, std::string_view what, Write write) {
    std::string text = "{";
    std::set<std::string_view> names;
    for (const auto& [name, value] : pairs) {
        if (!names.insert(name).second) tensor::fail(where, "{} has '{}' twice, expected each name once", what, name);
        text += fmt::format("{}{}:{}", names.size() > 1 ? "," : "", json_string(name), write(value));
    }
    return text += '}';
}

/// The process of each thread. Throws Error for ids that readers could not tell apart.
std::map<int, int> processes_of(const ChromeTrace& trace) {
    std::set<int> processes;
    for (const TraceProcess& process : trace.processes) {
        if (process.id < 1 || !processes.insert(process.id).second)
            tensor::fail(where, "process '{}' has the id {}, expected one from 1 on that no other process has",
                         process.name, process.id);
    }
    std::map<int, int> result;
    for (const TraceThread& thread : trace.threads) {
        if (thread.id < 1 || !result.emplace(thread.id, thread.process).second)
            tensor::fail(where, "thread '{}' has the id {}, expected one from 1 on that no other thread has",
                         thread.name, thread.id);
        if (!processes.contains(thread.process))
            tensor::fail(where, "thread '{}' is of process {}, expected one that is listed", thread.name,
                         thread.process);
    }
    return result;
}

Placed place(const TraceSpan& span) {
    if (!(span.start >= 0 && span.end >= span.start && span.end <= most_microseconds))
        tensor::fail(where, "'{}' lasts from {} to {} microseconds, expected an end after its start, both in 0 to {}",
                     span.name, span.start, span.end, most_microseconds);
    return {&span, std::llround(span.start * 1000), std::llround(span.end * 1000)};
}

/// Sets the depths. Throws Error where a span of `sorted` overlaps one before it and does not lie within.
void nest(std::vector<Placed>& sorted) {
    std::vector<const Placed*> open;
    for (Placed& next : sorted) {
        while (!open.empty() && open.back()->end <= next.start && open.back()->end < next.end) open.pop_back();
        if (!open.empty() && next.end > open.back()->end)
            tensor::fail(where, "'{}' of {} to {} ns overlaps '{}' of {} to {} ns, expected one within the other",
                         next.span->name, next.start, next.end, open.back()->span->name, open.back()->start,
                         open.back()->end);
        next.depth = static_cast<int>(open.size());
        open.push_back(&next);
    }
}

/// The spans of each thread, checked and sorted.
std::map<int, std::vector<Placed>> spans_of_threads(const ChromeTrace& trace, const std::map<int, int>& threads) {
    std::map<int, std::vector<Placed>> result;
    for (const TraceSpan& span : trace.spans) {
        if (!threads.contains(span.thread))
            tensor::fail(where, "'{}' is of thread {}, expected one that is listed", span.name, span.thread);
        result[span.thread].push_back(place(span));
    }
    for (auto& [thread, spans] : result) {
        std::stable_sort(spans.begin(), spans.end(), [](const Placed& a, const Placed& b) {
            return a.start != b.start ? a.start < b.start : a.end > b.end;
        });
        nest(spans);
    }
    return result;
}

std::string span_event(const Placed& placed, int process) {
    const TraceSpan& span = *placed.span;
    std::string text = fmt::format(R"({{"ph":"X","name":{})", json_string(span.name));
    if (!span.category.empty()) text += fmt::format(R"(,"cat":{})", json_string(span.category));
    text += fmt::format(R"(,"pid":{},"tid":{},"ts":{},"dur":{})", process, span.thread, written_start(placed),
                        written_length(placed));
    if (!span.arguments.empty())
        text += fmt::format(R"(,"args":{})", json_object(span.arguments, span.name, json_value));
    return text += '}';
}

}  // namespace

std::string serialize_chrome_trace(const ChromeTrace& trace) {
    const std::map<int, int> threads = processes_of(trace);
    const std::map<int, std::vector<Placed>> spans = spans_of_threads(trace, threads);

    // "ns" would be right for what is shown, but some readers take the times themselves to be in it.
    std::string text = fmt::format(R"({{"displayTimeUnit":"ms","metadata":{},"traceEvents":[)",
                                   json_object(trace.metadata, "the metadata", json_string));
    const char* separator = "\n";
    const auto add = [&](const std::string& event) {
        text += separator + event;
        separator = ",\n";
    };
    for (std::size_t k = 0; k < trace.processes.size(); ++k) {
        const TraceProcess& process = trace.processes[k];
        add(fmt::format(R"({{"ph":"M","name":"process_name","pid":{},"args":{{"name":{}}}}})", process.id,
                        json_string(process.name)));
        add(fmt::format(R"({{"ph":"M","name":"process_sort_index","pid":{},"args":{{"sort_index":{}}}}})", process.id,
                        k));
    }
    for (std::size_t k = 0; k < trace.threads.size(); ++k) {
        const TraceThread& thread = trace.threads[k];
        add(fmt::format(R"({{"ph":"M","name":"thread_name","pid":{},"tid":{},"args":{{"name":{}}}}})", thread.process,
                        thread.id, json_string(thread.name)));
        add(fmt::format(R"({{"ph":"M","name":"thread_sort_index","pid":{},"tid":{},"args":{{"sort_index":{}}}}})",
                        thread.process, thread.id, k));
    }
    for (const auto& [thread, placed] : spans)
        for (const Placed& span : placed) add(span_event(span, threads.at(thread)));
    return text += "\n]}\n";
}

void write_chrome_trace(const std::filesystem::path& path, const ChromeTrace& trace) {
    write_file_atomically(path, as_bytes(serialize_chrome_trace(trace)));
}

}  // namespace io
