#include "tensor/cuda/conv3d_lowering.hpp"

#include <algorithm>
#include <cstdlib>
#include <tuple>

namespace tensor::cuda {

namespace {

/// Runs of one kind: equal but for where they begin.
auto kind(const GemmRun& run) { return std::tuple(run.w_offset, run.rows, run.inner, run.x_step, run.y_step); }

/// A run with its turn: a batch holds runs of one turn, and turns are issued in order.
struct Turn {
    std::int64_t turn;
    GemmRun run;
};

/// Cuts the runs of each turn and kind into arithmetic progressions.
std::vector<RunBatch> batches(std::vector<Turn> turns, bool first_turn_overwrites) {
    std::stable_sort(turns.begin(), turns.end(), [](const Turn& a, const Turn& b) {
        return std::tuple(a.turn, kind(a.run)) < std::tuple(b.turn, kind(b.run));
    });
    std::vector<RunBatch> result;
    std::int64_t turn_of_last = -1;
    for (const Turn& next : turns) {
        if (!result.empty() && turn_of_last == next.turn && kind(result.back().run) == kind(next.run)) {
            RunBatch& batch = result.back();
            const std::int64_t x = next.run.x_offset - batch.run.x_offset, y = next.run.y_offset - batch.run.y_offset;
            if (batch.count == 1) {
                batch.x_distance = x;
                batch.y_distance = y;
            }
            if (x == batch.count * batch.x_distance && y == batch.count * batch.y_distance) {
                ++batch.count;
                continue;
            }
        }
        result.push_back({.run = next.run, .accumulate = !first_turn_overwrites || next.turn > 0});
        turn_of_last = next.turn;
    }
    return result;
}

/// True if the batch's windows [rows x inner] of x have no element in common, as far as their steps show: they lie one
/// behind the other, or interleaved between two rows.
bool windows_are_disjoint(const RunBatch& batch) {
    const std::int64_t distance = std::abs(batch.x_distance),
                       window = (batch.run.rows - 1) * batch.run.x_step + batch.run.inner;
    if (batch.count == 1 || distance >= window) return true;
    return distance >= batch.run.inner && distance * (batch.count - 1) + batch.run.inner <= batch.run.x_step;
}

}  // namespace

std::vector<RunBatch> forward_batches(const Conv3dPlan& plan, bool& clears) {
    clears = !plan.groups_partition_output;
    std::vector<Turn> turns;
    if (clears) {
        // A tap reaches each of its outputs once, so the runs of one tap are independent; taps go in order.
        for (const GemmRun& run : plan.runs) turns.push_back({run.w_offset, run});
        return batches(std::move(turns), false);
    }
    for (std::size_t group = 0; group + 1 < plan.group_begin.size(); ++group)
        for (std::size_t i = plan.group_begin[group]; i < plan.group_begin[group + 1]; ++i)
            turns.push_back({static_cast<std::int64_t>(i - plan.group_begin[group]), plan.runs[i]});
    return batches(std::move(turns), true);
}

std::vector<RunBatch> input_gradient_batches(const Conv3dPlan& plan, bool& clears) {
    clears = !plan.runs_partition_input;
    std::vector<Turn> turns;
    for (const GemmRun& run : plan.runs) turns.push_back({clears ? run.w_offset : 0, run});
    std::vector<RunBatch> result;
    for (RunBatch& batch : batches(std::move(turns), !clears)) {
        if (!clears || windows_are_disjoint(batch)) {
            result.push_back(batch);
            continue;
        }
        for (std::int64_t i = 0; i < batch.count; ++i) {
            RunBatch one{.run = batch.run, .accumulate = batch.accumulate};
            one.run.x_offset += i * batch.x_distance;
            one.run.y_offset += i * batch.y_distance;
            result.push_back(one);
        }
    }
    return result;
}

std::vector<RunBatch> weight_gradient_batches(const Conv3dPlan& plan) {
    std::vector<Turn> turns;
    for (const GemmRun& run : plan.runs) turns.push_back({run.w_offset, run});
    return batches(std::move(turns), false);
}

}  // namespace tensor::cuda
