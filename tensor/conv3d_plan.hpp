// A convolution written as matrix products on memory as it lies: no im2col.
//
// In channels-last order the taps of an axis lie next to each other in x whenever the axes inside it are covered whole,
// so they merge with the channels into one contiguous inner extent; output positions lie at a constant step in x
// whenever the axes nest evenly. What remains is a short list of products
//
// clang-format off
//     F: y[rows, K]     += x[rows, inner] w[inner, K]
//     A: x[rows, inner] += g[rows, K]     w[inner, K]^T
//     B: w[inner, K]    += x[rows, inner]^T g[rows, K]
// clang-format on
//
// over one list of runs: (where in x, where in y, where in w, how many rows, at which steps).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "tensor/conv3d_geometry.hpp"

namespace tensor {

/// Offsets and steps in elements.
struct GemmRun {
    std::int64_t x_offset = 0, y_offset = 0, w_offset = 0;
    std::int64_t rows = 0;
    std::int64_t x_step = 0, y_step = 0;
    std::int64_t inner = 0;  ///< contiguous elements of x that one row multiplies: merged taps x channels
    std::size_t slice = 0;   ///< which of the plan's slices of w it multiplies
};

/// Rows [first, first + rows) of w, seen as [taps C, K]: those of one kind of run.
struct WeightSlice {
    std::int64_t first = 0, rows = 0;
    auto operator<=>(const WeightSlice&) const = default;
};

struct Conv3dPlan {
    /// Sorted so that runs with the same rows of y stand together: [group_begin[i], group_begin[i+1]) is group i.
    std::vector<GemmRun> runs;
    std::vector<std::size_t> group_begin;
    std::vector<WeightSlice> slices;
    /// The groups' rows of y are disjoint and cover y: the first run of a group may overwrite, groups are independent.
    bool groups_partition_output = false;
    /// Every element of x is touched by exactly one run: A may overwrite, and its runs are independent.
    bool runs_partition_input = false;

    std::size_t groups() const { return group_begin.empty() ? 0 : group_begin.size() - 1; }
    std::span<const GemmRun> group(std::size_t i) const {
        return {runs.data() + group_begin[i], runs.data() + group_begin[i + 1]};
    }
};

/// What the rows of a product are, where positions of one phrase do not make up all of them.
enum class PlanRows {
    most,       ///< the phrases where they are more than the positions that nest evenly: the fewest products
    neighbours  ///< positions of one phrase, if there are some: rows side by side in memory. Phrases are far apart,
                ///< often by a multiple of 4 KB, and then a few of them are all that a first-level cache holds
};

Conv3dPlan plan_conv3d(const Conv3dGeometry& geometry, std::int64_t phrases, PlanRows rows = PlanRows::most);
/// The same, kept, with the rows that suit a CPU: a network asks for a few plans again and again, and making one costs
/// as much as a small convolution. May be called from several threads.
std::shared_ptr<const Conv3dPlan> kept_conv3d_plan(const Conv3dGeometry& geometry, std::int64_t phrases);

}  // namespace tensor
