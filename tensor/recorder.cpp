#include "tensor/recorder.hpp"

#include <algorithm>
#include <atomic>
#include <span>

#include "tensor/backend.hpp"
#include "tensor/error.hpp"

namespace tensor {

namespace {

/// Of an event: different from those of all events before, of every recorder, so that a trace may be shared.
std::uint64_t next_id() {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
}

double milliseconds_of(const Activity& activity) {
    return activity.end_ns > activity.start_ns ? static_cast<double>(activity.end_ns - activity.start_ns) * 1e-6 : 0;
}

std::vector<Activity> by_id(std::vector<Activity> activities) {
    std::stable_sort(activities.begin(), activities.end(),
                     [](const Activity& a, const Activity& b) { return a.id < b.id; });
    return activities;
}

/// Of activities sorted by id, those of one event.
std::span<const Activity> those_of(const std::vector<Activity>& sorted, std::uint64_t id) {
    const auto begin =
        std::partition_point(sorted.begin(), sorted.end(), [id](const Activity& a) { return a.id < id; });
    const auto end = std::partition_point(begin, sorted.end(), [id](const Activity& a) { return a.id == id; });
    return {begin, end};
}

/// The longest one; null of none.
const Activity* longest_of(std::span<const Activity> activities) {
    const Activity* longest = nullptr;
    for (const Activity& each : activities)
        if (!longest || milliseconds_of(each) > milliseconds_of(*longest)) longest = &each;
    return longest;
}

/// sum += values, number by number; an empty sum is all zeros.
void add(const std::vector<double>& values, std::vector<double>& sum) {
    sum.resize(std::max(sum.size(), values.size()));
    for (std::size_t k = 0; k < values.size(); ++k) sum[k] += values[k];
}

/// values - others, none less than 0.
std::vector<double> less(std::vector<double> values, const std::vector<double>& others) {
    for (std::size_t k = 0; k < values.size(); ++k)
        values[k] = std::max(0.0, values[k] - (k < others.size() ? others[k] : 0.0));
    return values;
}

}  // namespace

Recorder::Recorder(Device device, ActivityTrace* trace, bool per_thread)
    : device_(device), backend_(backend(device)), trace_(trace), per_thread_(per_thread) {}
Recorder::~Recorder() = default;

void Recorder::begin(const Event& event) {
    const std::size_t index = entries_.size();
    entries_.push_back({.record = {.scope = event.scope}, .id = next_id(), .outer = open_});
    try {
        mark_begin(index);
    } catch (...) {
        entries_.pop_back();  // an event whose beginning fails has no end
        throw;
    }
    if (event.is_launch() && open_ > 0) entries_[open_ - 1].launches = true;
    open_ = index + 1;
}

void Recorder::mark_begin(std::size_t index) {
    if (trace_) return trace_->begin(entries_[index].id);
    const auto make = [&] { return per_thread_ ? backend_.make_thread_mark() : backend_.make_mark(); };
    if (index == marks_.size()) marks_.push_back({make(), make()});
    marks_[index].start->record();
}

void Recorder::end(const Event& event) {
    const std::size_t index = open_ - 1;
    Entry& entry = entries_[index];
    open_ = entry.outer;
    entry.on_device = event.device == device_;
    entry.record.flops = event.flops;
    entry.record.bytes = event.bytes;
    entry.record.launch = event.launch;
    entry.chosen_by_library = event.chosen_by_library;
    if (trace_) trace_->end();
    else marks_[index].stop->record();
}

std::vector<Record> Recorder::take() {
    if (open_ > 0)
        fail("recorder", "records taken inside {}, expected every operator to have ended",
             to_string(entries_[open_ - 1].record.scope));
    std::vector<Entry> entries;
    entries.swap(entries_);  // gone, also where the device or its trace fails
    return trace_ ? from_trace(entries) : from_marks(entries);
}

/// The entries' records without the FLOPs and bytes of the entries in them. An operator comes before those in it.
std::vector<Record> Recorder::own_work(const std::vector<Entry>& entries) {
    std::vector<Record> own(entries.size()), inside(entries.size());
    for (std::size_t i = entries.size(); i-- > 0;) {
        const Entry& entry = entries[i];
        if (entry.outer > 0) {
            Record& outer = inside[entry.outer - 1];
            outer.flops += std::max(entry.record.flops, inside[i].flops);
            outer.bytes += std::max(entry.record.bytes, inside[i].bytes);
        }
        own[i] = entry.record;
        own[i].flops = std::max(0.0, own[i].flops - inside[i].flops);
        own[i].bytes = std::max(0.0, own[i].bytes - inside[i].bytes);
    }
    return own;
}

/// Whether an entry with so much work of its own is a record. What an operator has beside its launches is theirs.
bool Recorder::is_recorded(const Entry& entry, const Record& own) {
    return entry.on_device && !entry.launches && (own.flops > 0 || own.bytes > 0);
}

std::vector<Record> Recorder::from_marks(const std::vector<Entry>& entries) const {
    std::vector<Record> own = own_work(entries), taken;
    std::vector<double> inside(entries.size());
    std::vector<std::vector<double>> threads_inside(entries.size());
    for (std::size_t i = entries.size(); i-- > 0;) {
        const Mark &start = *marks_[i].start, &stop = *marks_[i].stop;
        const double milliseconds = stop.milliseconds_since(start);
        const std::vector<double> threads = stop.thread_milliseconds_since(start);
        if (entries[i].outer > 0) {
            inside[entries[i].outer - 1] += milliseconds;
            add(threads, threads_inside[entries[i].outer - 1]);
        }
        own[i].milliseconds = std::max(0.0, milliseconds - inside[i]);
        own[i].threads = less(threads, threads_inside[i]);
    }
    const Mark* first = nullptr;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (!is_recorded(entries[i], own[i])) continue;
        if (!first) first = marks_[i].start.get();
        own[i].start = marks_[i].start->milliseconds_since(*first);
        taken.push_back(own[i]);
    }
    return taken;
}

std::vector<Record> Recorder::from_trace(const std::vector<Entry>& entries) const {
    backend_.synchronize();
    const std::vector<Activity> activities = by_id(trace_->take());
    const std::vector<Record> own = own_work(entries);
    const std::uint64_t origin = activities.empty() ? 0 : activities.front().start_ns;
    std::vector<Record> taken;
    double reached = 0;  // where work is placed of which the device says nothing: after what came before
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (!entries[i].on_device) continue;
        const bool recorded = is_recorded(entries[i], own[i]);
        const std::span<const Activity> ran = those_of(activities, entries[i].id);
        if (ran.empty() && recorded) {
            taken.push_back(own[i]);
            taken.back().start = reached;
        }
        const Activity* const longest = longest_of(ran);
        const bool has_name = *own[i].scope.kernel && !entries[i].chosen_by_library;
        for (const Activity& activity : ran) {
            const bool has_work = &activity == longest && recorded;
            Record record = has_work ? own[i] : Record{.scope = own[i].scope};
            if (!has_name || &activity != longest) record.scope.kernel = intern(activity.name);
            record.launch = &activity == longest && own[i].launch ? own[i].launch : activity.launch;
            // A later activity of an outer event may have started before: the difference may be negative.
            record.start = static_cast<double>(static_cast<std::int64_t>(activity.start_ns - origin)) * 1e-6;
            record.milliseconds = milliseconds_of(activity);
            reached = std::max(reached, record.start + record.milliseconds);
            taken.push_back(record);
        }
    }
    std::stable_sort(taken.begin(), taken.end(), [](const Record& a, const Record& b) { return a.start < b.start; });
    const double first = taken.empty() ? 0 : taken.front().start;
    for (Record& record : taken) record.start -= first;
    return taken;
}

}  // namespace tensor
