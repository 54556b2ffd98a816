#include "tensor/recorder.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "tensor/backend.hpp"
#include "tensor/error.hpp"

namespace tensor {

Recorder::Recorder(Device device) : device_(device), backend_(backend(device)) {}
Recorder::~Recorder() = default;

void Recorder::begin(const Event& event) {
    const std::size_t index = entries_.size();
    if (index == marks_.size()) marks_.push_back({backend_.make_mark(), backend_.make_mark()});
    marks_[index].start->record();  // first, since an event whose beginning fails has no end
    entries_.push_back({.record = {.scope = event.scope}, .outer = open_});
    if (event.is_launch() && open_ > 0) entries_[open_ - 1].launches = true;
    open_ = index + 1;
}

void Recorder::end(const Event& event) {
    const std::size_t index = open_ - 1;
    Entry& entry = entries_[index];
    open_ = entry.outer;
    entry.on_device = event.device == device_;
    entry.record.flops = event.flops;
    entry.record.bytes = event.bytes;
    marks_[index].stop->record();
}

std::vector<Record> Recorder::take() {
    if (open_ > 0)
        fail("recorder", "records taken inside {}, expected every operator to have ended",
             to_string(entries_[open_ - 1].record.scope));
    std::vector<Record> inside(entries_.size()), taken;
    for (std::size_t i = entries_.size(); i-- > 0;) {  // an operator comes before those in it
        const Entry& entry = entries_[i];
        const double milliseconds = marks_[i].stop->milliseconds_since(*marks_[i].start);
        if (entry.outer > 0) {
            Record& outer = inside[entry.outer - 1];
            outer.milliseconds += milliseconds;
            outer.flops += std::max(entry.record.flops, inside[i].flops);
            outer.bytes += std::max(entry.record.bytes, inside[i].bytes);
        }
        Record own = entry.record;
        own.milliseconds = std::max(0.0, milliseconds - inside[i].milliseconds);
        own.flops = std::max(0.0, own.flops - inside[i].flops);
        own.bytes = std::max(0.0, own.bytes - inside[i].bytes);
        if (entry.on_device && !entry.launches && (own.flops > 0 || own.bytes > 0)) taken.push_back(own);
    }
    std::reverse(taken.begin(), taken.end());
    entries_.clear();
    return taken;
}

std::vector<RecordGroup> group_records(const std::vector<Record>& records, GroupBy by) {
    const auto word = [&](GroupBy column, const char* text) {
        return by == column || by == GroupBy::everything ? std::string(text) : std::string();
    };
    std::map<std::tuple<std::string, std::string, std::string, std::string>, RecordGroup> groups;
    for (const Record& record : records) {
        const Scope& scope = record.scope;
        const std::string kernel = word(GroupBy::kernel, *scope.kernel ? scope.kernel : scope.operation);
        const std::string operation = word(GroupBy::operation, scope.operation);
        const std::string layer = word(GroupBy::layer, scope.layer), phase = word(GroupBy::phase, scope.phase);
        RecordGroup& group = groups[{kernel, operation, layer, phase}];
        group.kernel = kernel;
        group.operation = operation;
        group.layer = layer;
        group.phase = phase;
        ++group.calls;
        group.milliseconds += record.milliseconds;
        group.flops += record.flops;
        group.bytes += record.bytes;
    }
    std::vector<RecordGroup> sorted;
    for (auto& [key, group] : groups) sorted.push_back(std::move(group));
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const RecordGroup& a, const RecordGroup& b) { return a.milliseconds > b.milliseconds; });
    return sorted;
}

}  // namespace tensor
