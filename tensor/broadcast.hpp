// Broadcast shapes reduced to as few axes as possible, shared by the loops that need them.
#pragma once

#include <array>
#include <cstdint>

#include "tensor/shape.hpp"

namespace tensor {

/// Axes of a result with two operands' strides (0 where the operand is repeated). Neighbouring axes are merged where
/// one stride walks over both in each operand. The innermost axis is the last.
struct BroadcastPlan {
    int rank = 0;
    std::array<std::int64_t, Shape::max_rank> extents{}, a_stride{}, b_stride{};
};

inline BroadcastPlan broadcast_plan(const Shape& result, const Shape& a, const Shape& b) {
    BroadcastPlan plan;
    std::int64_t a_step = 1, b_step = 1;
    // From the last axis outward, so the plan is built in reverse and turned round at the end.
    for (int i = 1; i <= result.rank(); ++i) {
        const std::int64_t extent = result[-i];
        const std::int64_t of_a = i <= a.rank() ? a[-i] : 1, of_b = i <= b.rank() ? b[-i] : 1;
        const std::int64_t a_stride = of_a == 1 ? 0 : a_step, b_stride = of_b == 1 ? 0 : b_step;
        a_step *= of_a;
        b_step *= of_b;
        if (extent == 1) continue;
        const auto top = static_cast<std::size_t>(plan.rank - 1);
        if (plan.rank > 0 && a_stride == plan.a_stride[top] * plan.extents[top] &&
            b_stride == plan.b_stride[top] * plan.extents[top]) {
            plan.extents[top] *= extent;
        } else {
            plan.extents[top + 1] = extent;
            plan.a_stride[top + 1] = a_stride;
            plan.b_stride[top + 1] = b_stride;
            ++plan.rank;
        }
    }
    if (plan.rank == 0) {
        plan.rank = 1;
        plan.extents[0] = 1;
    }
    const auto reverse = [&](auto& values) {
        for (int i = 0; i < plan.rank / 2; ++i)
            std::swap(values[static_cast<std::size_t>(i)], values[static_cast<std::size_t>(plan.rank - 1 - i)]);
    };
    reverse(plan.extents);
    reverse(plan.a_stride);
    reverse(plan.b_stride);
    return plan;
}

/// Offsets of row `row` (an index over all axes but the last) in both operands.
struct RowOffsets {
    std::int64_t a = 0, b = 0;
};
inline RowOffsets row_offsets(const BroadcastPlan& plan, std::int64_t row) {
    RowOffsets offsets;
    for (int i = plan.rank - 2; i >= 0; --i) {
        const auto k = static_cast<std::size_t>(i);
        const std::int64_t index = row % plan.extents[k];
        row /= plan.extents[k];
        offsets.a += index * plan.a_stride[k];
        offsets.b += index * plan.b_stride[k];
    }
    return offsets;
}

}  // namespace tensor
