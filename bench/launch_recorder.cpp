#include "bench/launch_recorder.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace bench {

using tensor::cuda::check;

void LaunchRecorder::before(const tensor::cuda::Context& context, const tensor::cuda::Work& work) {
    if (launches_.size() == events_.size())
        events_.push_back({tensor::cuda::make_event(true), tensor::cuda::make_event(true)});
    tensor::Scope scope = tensor::current_scope();
    scope.operation = work.operation;
    launches_.push_back({scope, work.flops, work.bytes, 0});
    check("bench", cudaEventRecord(events_[launches_.size() - 1].start.get(), context.stream));
}

// Called by a destructor, which must not throw. A failed event is reported when the times are read.
void LaunchRecorder::after(const tensor::cuda::Context& context, const tensor::cuda::Work&) {
    cudaEventRecord(events_[launches_.size() - 1].stop.get(), context.stream);
}

std::vector<Launch> LaunchRecorder::take() {
    std::vector<Launch> taken;
    taken.swap(launches_);
    for (std::size_t i = 0; i < taken.size(); ++i) {
        check("bench", cudaEventSynchronize(events_[i].stop.get()));
        float milliseconds = 0;
        check("bench", cudaEventElapsedTime(&milliseconds, events_[i].start.get(), events_[i].stop.get()));
        taken[i].milliseconds = milliseconds;
    }
    return taken;
}

std::vector<LaunchGroup> group_launches(const std::vector<Launch>& launches, GroupBy by) {
    std::map<std::tuple<std::string, std::string, std::string>, LaunchGroup> groups;
    for (const Launch& launch : launches) {
        const std::string operation = by == GroupBy::phase ? "" : launch.scope.operation;
        const std::string phase = by == GroupBy::operation ? "" : launch.scope.phase;
        const std::string layer = by == GroupBy::everything ? launch.scope.layer : "";
        LaunchGroup& group = groups[{operation, layer, phase}];
        group.operation = operation;
        group.layer = layer;
        group.phase = phase;
        ++group.calls;
        group.milliseconds += launch.milliseconds;
        group.flops += launch.flops;
        group.bytes += launch.bytes;
    }
    std::vector<LaunchGroup> sorted;
    for (auto& [key, group] : groups) sorted.push_back(std::move(group));
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const LaunchGroup& a, const LaunchGroup& b) { return a.milliseconds > b.milliseconds; });
    return sorted;
}

}  // namespace bench
