// A strict reader of the Chrome trace event format: it checks every rule that Perfetto and speedscope rely on, and
// knows nothing of the writer.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace support {

struct ReadSpan {
    std::string name, category;
    int process = 0, thread = 0;
    std::int64_t start = 0, end = 0;        ///< nanoseconds, cut off as Perfetto does; the end is start + length
    double exact_start = 0, exact_end = 0;  ///< microseconds as speedscope has them
    int depth = 0;                          ///< how many spans of its thread it lies in
    std::map<std::string, nlohmann::json> arguments;
    std::string parent;  ///< the name of the innermost of these; "" for none
};

struct ReadTrace {
    std::map<std::string, std::string> metadata;
    std::map<int, std::string> process_names, thread_names;
    std::map<int, int> process_order, thread_order;
    std::vector<ReadSpan> spans;  ///< in the order of the file
};

namespace chrome_trace_detail {

using Json = nlohmann::json;

[[noreturn]] inline void refuse(const std::string& fact, const Json& event) {
    throw std::runtime_error(fact + " in " + event.dump());
}

/// The value of an event that must be there.
inline const Json& need(const Json& event, const char* name) {
    const auto found = event.find(name);
    if (found == event.end()) refuse(fmt::format("no '{}'", name), event);
    return *found;
}

inline int need_id(const Json& event, const char* name) {
    const Json& value = need(event, name);
    if (!value.is_number_integer() || value < 1) refuse(fmt::format("'{}' is no id", name), event);
    return value.get<int>();
}

/// Microseconds.
inline double need_time(const Json& event, const char* name) {
    const Json& value = need(event, name);
    if (!value.is_number_float() || value.get<double>() < 0) refuse(fmt::format("'{}' is no time", name), event);
    return value.get<double>();
}

inline void only(const Json& event, const std::set<std::string>& names) {
    for (const auto& item : event.items())
        if (!names.contains(item.key())) refuse(fmt::format("unknown '{}'", item.key()), event);
}

inline void read_name(const Json& event, ReadTrace& trace) {
    const std::string name = need(event, "name").get<std::string>();
    const Json& args = need(event, "args");
    const bool of_process = name.starts_with("process");
    only(event, of_process ? std::set<std::string>{"ph", "name", "pid", "args"}
                           : std::set<std::string>{"ph", "name", "pid", "tid", "args"});
    const int process = need_id(event, "pid"), id = of_process ? process : need_id(event, "tid");
    bool first = false;
    if (name == "process_name") first = trace.process_names.emplace(id, need(args, "name")).second;
    else if (name == "thread_name") first = trace.thread_names.emplace(id, need(args, "name")).second;
    else if (name == "process_sort_index") first = trace.process_order.emplace(id, need(args, "sort_index")).second;
    else if (name == "thread_sort_index") first = trace.thread_order.emplace(id, need(args, "sort_index")).second;
    else refuse("unknown metadata", event);
    if (!first) refuse("named twice", event);
    if (args.size() != 1) refuse("more than one argument", event);
}

inline ReadSpan read_span(const Json& event) {
    only(event, {"ph", "name", "cat", "pid", "tid", "ts", "dur", "args"});
    ReadSpan span;
    span.name = need(event, "name").get<std::string>();
    span.category = event.value("cat", "");
    span.process = need_id(event, "pid");
    span.thread = need_id(event, "tid");
    const double start = need_time(event, "ts"), length = need_time(event, "dur");
    span.start = static_cast<std::int64_t>(start * 1000.0);
    span.end = span.start + static_cast<std::int64_t>(length * 1000.0);
    span.exact_start = start;
    span.exact_end = start + length;
    if (event.contains("args")) span.arguments = event["args"].get<std::map<std::string, Json>>();
    for (const auto& [name, value] : span.arguments)
        if (!value.is_number() && !value.is_string()) refuse(fmt::format("argument '{}' is no fact", name), event);
    return span;
}

/// Sets the depth of every span from ends of one kind. Throws where two of a thread overlap, or where what is contained
/// comes first.
template <auto start, auto end>
void nest(std::vector<ReadSpan>& spans) {
    std::map<int, std::vector<const ReadSpan*>> open;
    for (ReadSpan& span : spans) {
        auto& stack = open[span.thread];
        while (!stack.empty() && stack.back()->*end <= span.*start && stack.back()->*end < span.*end) stack.pop_back();
        if (!stack.empty() && stack.back()->*end < span.*end)
            throw std::runtime_error("'" + span.name + "' overlaps '" + stack.back()->name + "'");
        span.depth = static_cast<int>(stack.size());
        span.parent = stack.empty() ? "" : stack.back()->name;
        stack.push_back(&span);
    }
}

/// Throws where a reader that cuts off nanoseconds and one that adds doubles see another order or another nest.
inline void nest_both_ways(std::vector<ReadSpan>& spans) {
    for (std::size_t k = 1; k < spans.size(); ++k)
        if (spans[k].thread == spans[k - 1].thread && spans[k].start < spans[k - 1].start)
            throw std::runtime_error("'" + spans[k].name + "' stands too late in the file");
    nest<&ReadSpan::exact_start, &ReadSpan::exact_end>(spans);
    std::vector<std::string> parents;
    for (const ReadSpan& span : spans) parents.push_back(span.parent);
    nest<&ReadSpan::start, &ReadSpan::end>(spans);
    for (std::size_t k = 0; k < spans.size(); ++k)
        if (spans[k].end > spans[k].start && spans[k].parent != parents[k])
            throw std::runtime_error("'" + spans[k].name + "' lies in '" + parents[k] + "' or '" + spans[k].parent +
                                     "'");
}

}  // namespace chrome_trace_detail

/// Throws std::exception for anything that breaks a rule.
inline ReadTrace read_chrome_trace(const std::string& text) {
    using namespace chrome_trace_detail;
    const Json file = Json::parse(text);
    only(file, {"displayTimeUnit", "metadata", "traceEvents"});
    if (need(file, "displayTimeUnit") != "ms") refuse("another unit than ms", file);
    ReadTrace trace;
    trace.metadata = need(file, "metadata").get<std::map<std::string, std::string>>();
    for (const Json& event : need(file, "traceEvents")) {
        const std::string phase = need(event, "ph").get<std::string>();
        if (phase == "M") read_name(event, trace);
        else if (phase == "X") trace.spans.push_back(read_span(event));
        else refuse("unknown phase", event);
    }
    std::map<int, int> process_of;
    for (const ReadSpan& span : trace.spans) {
        if (!trace.process_names.contains(span.process) || !trace.thread_names.contains(span.thread))
            throw std::runtime_error("'" + span.name + "' is of an unnamed process or thread");
        if (process_of.emplace(span.thread, span.process).first->second != span.process)
            throw std::runtime_error("'" + span.name + "' is of a thread of two processes");
    }
    nest_both_ways(trace.spans);
    return trace;
}

}  // namespace support
