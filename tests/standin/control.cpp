#include "control.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "capture.hpp"
#include "hooks.hpp"
#include "memory.hpp"
#include "nvtx3/nvToolsExt.h"

namespace standin {

namespace {

constexpr std::size_t most_faults = 200;

struct Log {
    std::vector<std::string> faults;
    std::size_t more = 0;
    std::vector<std::string> open_ranges, ranges;
    bool record_ranges = false;
};

Log& log() {
    static Log log;
    return log;
}

/// "update > layer > kernel": the open ranges from the outermost to the innermost.
std::string open_range_path() {
    std::string path;
    for (const std::string& range : log().open_ranges) path += (path.empty() ? "" : " > ") + range;
    return path;
}

[[noreturn]] void refuse(std::string_view word, std::string_view expected) {
    throw std::invalid_argument(fmt::format("[MUSEGAN_STANDIN] \"{}\", expected {}", word, expected));
}

template <typename Number>
Number number(std::string_view word, std::string_view digits) {
    Number value{};
    const char* const end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, value);
    if (error != std::errc() || stop != end || value < Number{}) refuse(word, "a whole number from 0");
    return value;
}

void set_capability(Device& device, std::string_view word, std::string_view value) {
    const std::size_t dot = value.find('.');
    if (dot == std::string_view::npos) refuse(word, "a capability such as 8.6");
    device.major = number<int>(word, value.substr(0, dot));
    device.minor = number<int>(word, value.substr(dot + 1));
}

void set_word(Device& device, std::string_view word) {
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos) refuse(word, "key=value");
    const std::string_view key = word.substr(0, equals), value = word.substr(equals + 1);
    if (key == "devices") device.count = number<int>(word, value);
    else if (key == "name") device.name = value;
    else if (key == "capability") set_capability(device, word, value);
    else if (key == "memory") device.total_memory = number<std::size_t>(word, value);
    else if (key == "free") {
        const auto free = number<std::size_t>(word, value);
        if (free > device.total_memory) refuse(word, "no more than the memory, which must be named before");
        device.memory_of_others = device.total_memory - free;
    } else if (key == "driver") device.driver = number<int>(word, value);
    else if (key == "runtime") device.runtime = number<int>(word, value);
    else if (key == "multiprocessors") device.multiprocessors = number<int>(word, value);
    else if (key == "shared_memory") device.shared_per_block_optin = number<std::size_t>(word, value);
    else if (key == "fail_kernel") device.fail_kernel = number<std::uint64_t>(word, value);
    else if (key == "fail_malloc") device.fail_malloc = number<std::uint64_t>(word, value);
    else
        refuse(word,
               "devices, name, capability, memory, free, driver, runtime, multiprocessors, shared_memory, "
               "fail_kernel or fail_malloc");
}

Device device_of_environment() {
    const char* const text = std::getenv("MUSEGAN_STANDIN");
    return parse_device(text == nullptr ? "" : text);
}

}  // namespace

Device parse_device(std::string_view text) {
    Device device;
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        const std::string_view word = text.substr(0, comma);
        if (!word.empty()) set_word(device, word);
        text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    }
    if (device.shared_per_block_optin > max_shared_bytes) refuse(text, "at most 512 KiB of shared memory");
    return device;
}

Device& device() {
    static Device device = device_of_environment();
    return device;
}

State& state() {
    static State state;
    return state;
}

void reset() {
    device() = device_of_environment();
    State& s = state();
    s.pending = s.sticky = s.last = cudaSuccess;
    s.launches = s.mallocs = 0;
    s.shared_limits.clear();
    s.late_copies.clear();
    drop_captures();
    take_faults();
    log() = Log();
    reset_counters();
}

Counters counters() {
    Counters result = state().counters;
    result.live_allocations = live_allocations();
    result.live_bytes = live_bytes();
    return result;
}

void reset_counters() {
    Counters& c = state().counters;
    Counters fresh;
    fresh.streams = c.streams;
    fresh.events = c.events;
    fresh.graphs = c.graphs;
    fresh.graph_executables = c.graph_executables;
    fresh.live_host_allocations = c.live_host_allocations;
    fresh.peak_bytes = live_bytes();
    c = fresh;
    state().launches_by_kernel.clear();
}

std::uint64_t launches_of(const void* kernel) {
    const auto found = state().launches_by_kernel.find(kernel);
    return found == state().launches_by_kernel.end() ? 0 : found->second;
}

const std::vector<std::string>& faults() { return log().faults; }

std::vector<std::string> take_faults() {
    std::vector<std::string> result;
    result.swap(log().faults);
    log().more = 0;
    if (race_hooks != nullptr) race_hooks->faults_taken();
    return result;
}

void add_fault(std::string text) {
    Log& l = log();
    if (l.faults.size() < most_faults) {
        l.faults.push_back(std::move(text));
        return;
    }
    if (l.more++ == 0) l.faults.emplace_back();
    l.faults.back() = fmt::format("and {} more", l.more);
}

bool race_check_present() { return race_hooks != nullptr; }

void record_ranges(bool on) { log().record_ranges = on; }

std::vector<std::string> take_ranges() {
    std::vector<std::string> result;
    result.swap(log().ranges);
    return result;
}

std::string current_range() { return state().node_range.empty() ? open_range_path() : state().node_range; }
std::size_t open_ranges() { return log().open_ranges.size(); }

}  // namespace standin

int nvtxRangePushA(const char* message) {
    standin::Log& l = standin::log();
    l.open_ranges.emplace_back(message);
    if (l.record_ranges) l.ranges.push_back(standin::open_range_path());
    return static_cast<int>(l.open_ranges.size()) - 1;
}

int nvtxRangePop() {
    standin::Log& l = standin::log();
    if (l.open_ranges.empty()) {
        standin::add_fault("nvtxRangePop without an open range");
        return -1;
    }
    l.open_ranges.pop_back();
    return static_cast<int>(l.open_ranges.size());
}
