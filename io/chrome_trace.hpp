// Timelines in the Chrome trace event format, the JSON that Perfetto (ui.perfetto.dev), chrome://tracing and speedscope
// open. Written only.
//
//     {"displayTimeUnit":"ms","metadata":{...},"traceEvents":[
//     {"ph":"M","name":"process_name","pid":1,"args":{"name":"..."}},   the name of a process, or of a thread
//     {"ph":"X","name":"...","cat":"...","pid":1,"tid":1,"ts":0.25020,"dur":3.12440,"args":{...}}]}
//
// An event of phase X is a span: its beginning and its length in microseconds. A reader draws what nests as a stack,
// and has no place for two spans of one thread that overlap by a part of each: Perfetto leaves the second out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace io {

/// A fact about a span, shown when it is selected.
struct TraceArgument {
    std::string name;
    std::variant<std::int64_t, double, std::string> value;
};

/// Something that took time. Its ends are rounded to nanoseconds, both alike, so what nests or touches here does so in
/// the file; there it is one nanosecond shorter (README.md says why).
struct TraceSpan {
    std::string name;
    std::string category;  ///< by which readers filter; may be ""
    int thread = 0;        ///< of TraceThread::id
    double start = 0;      ///< microseconds, from 0 on
    double end = 0;        ///< microseconds
    std::vector<TraceArgument> arguments{};
};

struct TraceProcess {
    int id = 1;  ///< at least 1; readers show them in the order in which they are given
    std::string name;
};

struct TraceThread {
    int id = 1;  ///< at least 1, and not the same in two processes
    int process = 1;
    std::string name;
};

struct ChromeTrace {
    std::vector<std::pair<std::string, std::string>> metadata;  ///< about the whole file
    std::vector<TraceProcess> processes;
    std::vector<TraceThread> threads;
    std::vector<TraceSpan> spans;  ///< in any order; of spans with the same ends the earlier one contains the later
};

/// The text of the file: the spans of each thread by their beginning, what contains before what is contained. Bytes
/// that are no UTF-8 become U+FFFD, numbers that are not finite become text ("nan"). Throws Error for ids that are
/// below 1, taken or unknown, for names of metadata or of a span's arguments that occur twice, for a span that ends
/// before it begins or lies outside 0 to 100 days, and for spans of one thread that overlap without one containing the
/// other.
std::string serialize_chrome_trace(const ChromeTrace& trace);

/// Writes it atomically (file.hpp). Throws Error also where the file cannot be written.
void write_chrome_trace(const std::filesystem::path& path, const ChromeTrace& trace);

}  // namespace io
