#include "tensor/cuda/activity_trace.hpp"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "tensor/cuda/cupti.hpp"
#include "tensor/error.hpp"

namespace tensor::cuda {

namespace {

using cupti::Functions;
using cupti::Kind;
using cupti::Result;

/// In the order in which they are enabled. Ids belong to calls of the runtime and the driver, so these are traced too,
/// after the ids: a call that is traced before them has none.
constexpr Kind kinds[] = {
    Kind::external_correlation, Kind::driver, Kind::runtime, Kind::kernel, Kind::copy, Kind::fill};

/// What records say, until they are taken.
struct Collected {
    struct Work {
        Activity activity;
        std::uint32_t correlation = 0;  ///< of the call that issued it
    };
    std::vector<Work> work;
    std::unordered_map<std::uint32_t, std::uint64_t> ids;  ///< of events, by the correlation of calls inside them
    std::size_t lost = 0;
};

// The library's callbacks are given no pointer of ours and run on threads of the library, hence these global variables.
std::mutex guard;  // of both
Collected collected;
const Functions* tracing = nullptr;  // while a trace lives

/// What the user can do about a result, if anything.
const char* hint(Result result) {
    switch (result) {
        case Result::max_limit_reached:
        case Result::multiple_subscribers_not_supported:
            return "no other tool that traces this process, such as nsys or ncu";
        case Result::hardware_busy: return "a device that no other program profiles";
        case Result::insufficient_privileges:
        case Result::virtualized_device_insufficient_privileges:
            return "permission to profile (the driver's NVreg_RestrictProfilingToAdminUsers=0, or root)";
        case Result::not_initialized: return "a device and a driver that can be traced";
        case Result::not_supported:
        case Result::virtualized_device_not_supported: return "a device that can be traced";
        default: return "a CUPTI that fits the driver";
    }
}

void check(const Functions& library, Result result) {
    if (result == Result::success) return;
    const char* text = nullptr;
    if (library.get_result_string(result, &text) != Result::success || !text) text = "an unknown error";
    fail("cupti", "CUPTI cannot trace: {} ({}), expected {}", text, static_cast<int>(result), hint(result));
}

LaunchFacts facts_of(const cupti::KernelRecord& kernel) {
    const auto whole = [](std::int32_t extent) { return static_cast<unsigned>(extent); };
    return {.grid = {whole(kernel.grid_x), whole(kernel.grid_y), whole(kernel.grid_z)},
            .block = {whole(kernel.block_x), whole(kernel.block_y), whole(kernel.block_z)},
            .registers = kernel.registers,
            .shared_bytes = std::int64_t{kernel.static_shared_bytes} + kernel.dynamic_shared_bytes};
}

const char* name_of(cupti::CopyKind kind) {
    switch (kind) {
        case cupti::CopyKind::to_device: return "copy to device";
        case cupti::CopyKind::to_host: return "copy to host";
        case cupti::CopyKind::on_device: return "copy on device";
    }
    return "copy";
}

template <typename AnyRecord>
void add_work(const char* name, const AnyRecord& record, std::optional<LaunchFacts> launch = {}) {
    if (record.start == 0 || record.end == 0) {  // it ran, and nobody knows when
        ++collected.lost;
        return;
    }
    collected.work.push_back({{name, record.start, record.end, 0, launch}, record.correlation});
}

void add(const cupti::Record& record) {
    switch (record.kind) {
        case Kind::kernel: {
            const auto& kernel = reinterpret_cast<const cupti::KernelRecord&>(record);
            return add_work(kernel.name ? kernel.name : "kernel", kernel, facts_of(kernel));
        }
        case Kind::copy: {
            const auto& copy = reinterpret_cast<const cupti::CopyRecord&>(record);
            return add_work(name_of(copy.copy_kind), copy);
        }
        case Kind::fill: return add_work("fill", reinterpret_cast<const cupti::FillRecord&>(record));
        case Kind::external_correlation: {
            const auto& pair = reinterpret_cast<const cupti::CorrelationRecord&>(record);
            if (pair.external_kind == cupti::custom_correlation) collected.ids[pair.correlation] = pair.external_id;
            return;
        }
        case Kind::driver:
        case Kind::runtime: return;  // calls of the host
    }
}

/// For callbacks of the library, which knows nothing of exceptions.
void add_or_lose(const cupti::Record& record) noexcept {
    try {
        add(record);
    } catch (...) {  // no memory
        ++collected.lost;
    }
}

void give_buffer(std::uint8_t** buffer, std::size_t* bytes, std::size_t* most_records) {
    constexpr std::size_t buffer_bytes = std::size_t{1} << 20, alignment = 8;
    *buffer = static_cast<std::uint8_t*>(std::aligned_alloc(alignment, buffer_bytes));
    *bytes = *buffer ? buffer_bytes : 0;  // without one the library drops records, and says so
    *most_records = 0;                    // as many as fit
}

void take_buffer(void* context, std::uint32_t stream, std::uint8_t* buffer, std::size_t, std::size_t valid_bytes) {
    const std::lock_guard lock(guard);
    const std::unique_ptr<std::uint8_t, decltype(&std::free)> owned(buffer, std::free);
    if (!tracing) return;
    cupti::Record* record = nullptr;
    while (valid_bytes > 0 && tracing->get_next_record(buffer, valid_bytes, &record) == Result::success)
        add_or_lose(*record);
    std::size_t lost = 0;
    if (tracing->get_dropped(context, stream, &lost) == Result::success) collected.lost += lost;
}

/// "conv3d_direct<float, 4>" of the mangled name of "void conv3d_direct<float, 4>(float const*, float*)".
std::string readable(const std::string& mangled) {
    if (!mangled.starts_with("_Z")) return mangled;
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> demangled(
        abi::__cxa_demangle(mangled.c_str(), nullptr, nullptr, &status), std::free);
    if (status != 0 || !demangled) return mangled;
    std::string text = demangled.get();
    if (text.starts_with("void ")) text.erase(0, 5);
    if (!text.ends_with(')')) return text;
    std::size_t begin = text.size();
    for (int open = 0; begin-- > 0;) {  // the parenthesis that the last one closes
        open += text[begin] == ')' ? 1 : text[begin] == '(' ? -1 : 0;
        if (open == 0) break;
    }
    if (begin > 0 && begin < text.size()) text.erase(begin);
    return text;
}

class CuptiTrace final : public ActivityTrace {
  public:
    CuptiTrace() : library_(cupti::load()) {
        {
            const std::lock_guard lock(guard);
            if (tracing) fail("cupti", "a second trace of this process, expected one at a time");
            tracing = &library_;
            collected = {};
        }
        try {
            start();
        } catch (...) {
            stop();
            throw;
        }
    }
    ~CuptiTrace() override { stop(); }
    CuptiTrace(const CuptiTrace&) = delete;
    CuptiTrace& operator=(const CuptiTrace&) = delete;

    void begin(std::uint64_t id) override { check(library_, library_.push_id(cupti::custom_correlation, id)); }
    void end() override {
        std::uint64_t id = 0;
        check(library_, library_.pop_id(cupti::custom_correlation, &id));
    }
    std::vector<Activity> take() override;

  private:
    void start();
    void stop() noexcept;

    Functions library_;
    void* subscriber_ = nullptr;  ///< tells us, and everybody else, whether somebody traces already
    std::size_t enabled_ = 0;     ///< of `kinds`
};

void CuptiTrace::start() {
    constexpr cupti::Callback ignore = [](void*, std::int32_t, std::uint32_t, const void*) {};
    void* subscriber = nullptr;
    check(library_, library_.subscribe(&subscriber, ignore, nullptr));
    subscriber_ = subscriber;
    check(library_, library_.register_callbacks(give_buffer, take_buffer));
    for (; enabled_ < std::size(kinds); ++enabled_) check(library_, library_.enable(kinds[enabled_]));
}

void CuptiTrace::stop() noexcept {
    while (enabled_ > 0) library_.disable(kinds[--enabled_]);
    if (subscriber_) {                            // else the library is in another tool's hands
        library_.flush_all(cupti::flush_forced);  // has our buffers given back; what is in them is nobody's
        library_.unsubscribe(subscriber_);
    }
    const std::lock_guard lock(guard);
    tracing = nullptr;
    collected = {};
}

std::vector<Activity> CuptiTrace::take() {
    check(library_, library_.flush_all(cupti::flush_forced));
    Collected taken;
    {
        const std::lock_guard lock(guard);
        std::swap(taken, collected);
    }
    if (taken.lost > 0) fail("cupti", "CUPTI lost {} records, expected all of them", taken.lost);
    std::vector<Activity> activities;
    std::unordered_map<std::string, std::string> names;  // of few kernels, each of which runs often
    for (auto& [activity, correlation] : taken.work) {
        if (const auto id = taken.ids.find(correlation); id != taken.ids.end()) activity.id = id->second;
        std::string& name = names[activity.name];
        if (name.empty()) name = readable(activity.name);
        activity.name = name;
        activities.push_back(std::move(activity));
    }
    std::stable_sort(activities.begin(), activities.end(),
                     [](const Activity& a, const Activity& b) { return a.start_ns < b.start_ns; });
    return activities;
}

}  // namespace

std::unique_ptr<ActivityTrace> make_activity_trace() { return std::make_unique<CuptiTrace>(); }

}  // namespace tensor::cuda
