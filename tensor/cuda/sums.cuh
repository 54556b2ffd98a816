// Sums in f64 over the middle of [outer, reduced, inner], behind sum_to, norm and normalisation:
//
//     result[outer, inner] = sum over r < reduced of term(outer, r, inner)
//
// A block takes `width` results beside each other and `lanes` rows at a time; a thread adds every lanes-th row of a
// piece of the rows, and the lanes are added as a tree in shared memory. Few results with many rows are cut into
// pieces, whose sums a second launch of the same kernel adds up. Widths, lanes and pieces depend on the extents alone,
// so the order of every sum, and its bits, are the same on every device.
//
// A Term says what is added: each thread computes `position(outer, inner)` once, and `add(position, row, totals)` adds
// one row's numbers to `count` totals. A Store says where totals go: `store(result, totals)`.
#pragma once

#include "tensor/cuda/instructions.cuh"
#include "tensor/cuda/kernels.hpp"
#include "tensor/cuda/launch.cuh"

namespace tensor::cuda {

/// How one launch walks over [outer, reduced, inner].
struct SumPlan {
    MiddleAxes axes;
    int width = 1,
        lanes = 1;  ///< results and rows that a block has in hand; powers of two, block_threads together
    std::int64_t rows_per_piece = 1, pieces = 1;

    /// At most `most_pieces`, and few enough for scratch to stay below some megabytes.
    static SumPlan of(const MiddleAxes& axes, std::int64_t most_pieces = 1024);
    TENSOR_HOST_DEVICE std::int64_t results() const { return axes.outer * axes.inner; }
};

inline SumPlan SumPlan::of(const MiddleAxes& axes, std::int64_t most_pieces) {
    constexpr std::int64_t rows_per_lane = 4;  // that make a lane worth its steps of the tree
    constexpr int least_width = 32;            // neighbours that a warp reads together
    SumPlan plan{.axes = axes};
    int width = 1;
    while (width < axes.inner && width < least_width) width *= 2;
    while (plan.lanes * width < block_threads && plan.lanes * 2 * rows_per_lane <= axes.reduced) plan.lanes *= 2;
    plan.width = block_threads / plan.lanes;

    constexpr std::int64_t enough_blocks = 1024;  // some 8 for each of the processors of the largest devices
    const std::int64_t blocks = divide_up(plan.results(), plan.width);
    const std::int64_t wanted = divide_up(enough_blocks, std::max<std::int64_t>(blocks, 1));
    const std::int64_t worthwhile = axes.reduced / (plan.lanes * 4 * rows_per_lane);
    plan.pieces = std::max<std::int64_t>(1, std::min({wanted, worthwhile, most_pieces}));
    plan.rows_per_piece = divide_up(axes.reduced, plan.pieces);
    if (plan.rows_per_piece > 0) plan.pieces = divide_up(axes.reduced, plan.rows_per_piece);
    return plan;
}

template <int count>
struct Totals {
    double values[count] = {};
};

// --- kernel ----------------------------------------------------------------------------------------------

template <int count, typename Term, typename Store>
__global__ void sum_kernel(const __grid_constant__ SumPlan plan, const __grid_constant__ Term term,
                           const __grid_constant__ Store store) {
    // Neighbouring threads read neighbouring elements: results where they are the inner axis, rows where there is none.
    const int thread = static_cast<int>(threadIdx.x);
    const bool rows_beside = plan.axes.inner == 1;
    const int lane = rows_beside ? thread % plan.lanes : thread / plan.width;
    const int column = rows_beside ? thread / plan.lanes : thread % plan.width;
    const std::int64_t result = static_cast<std::int64_t>(blockIdx.x) * plan.width + column;
    const std::int64_t piece = blockIdx.y, begin = piece * plan.rows_per_piece;
    const std::int64_t end = std::min(plan.axes.reduced, begin + plan.rows_per_piece);

    Totals<count> totals;
    if (result < plan.results()) {
        const auto position = term.position(result / plan.axes.inner, result % plan.axes.inner);
        for (std::int64_t row = begin + lane; row < end; row += plan.lanes) term.add(position, row, totals);
    }

    double* const shared = dynamic_shared<double>();
    double* const mine = shared + (lane * plan.width + column);
    if (plan.lanes > 1)
        for (int k = 0; k < count; ++k) mine[k * block_threads] = totals.values[k];
    for (int step = plan.lanes / 2; step > 0; step /= 2) {
        __syncthreads();
        if (lane < step)
            for (int k = 0; k < count; ++k) {
                totals.values[k] += mine[k * block_threads + step * plan.width];
                mine[k * block_threads] = totals.values[k];
            }
    }
    if (lane == 0 && result < plan.results()) store(piece * plan.results() + result, totals);
}

// --- the plain term, and how pieces are stored and added -------------------------------------------------

/// The values of x, [outer, reduced, inner], themselves.
template <typename T>
struct MiddleTerm {
    const T* x;
    MiddleAxes axes;
    __device__ std::int64_t position(std::int64_t outer, std::int64_t inner) const {
        return outer * axes.reduced * axes.inner + inner;
    }
    __device__ void add(std::int64_t base, std::int64_t row, Totals<1>& totals) const {
        totals.values[0] += static_cast<double>(x[base + row * axes.inner]);
    }
};

/// Sums of pieces, [count, pieces, results]: what the first launch stores and the second adds.
template <int count>
struct StorePartial {
    double* partial;
    std::int64_t size;  ///< of one of the `count` arrays: pieces x results
    __device__ void operator()(std::int64_t at, const Totals<count>& totals) const {
        for (int k = 0; k < count; ++k) partial[k * size + at] = totals.values[k];
    }
};
template <int count>
struct PartialTerm {
    const double* partial;
    std::int64_t size, results;
    __device__ std::int64_t position(std::int64_t, std::int64_t inner) const { return inner; }
    __device__ void add(std::int64_t result, std::int64_t piece, Totals<count>& totals) const {
        for (int k = 0; k < count; ++k) totals.values[k] += partial[k * size + piece * results + result];
    }
};

// --- launch functions ------------------------------------------------------------------------------------

/// Bytes of scratch for `count` sums over the axes.
inline std::size_t sum_scratch(const MiddleAxes& axes, int count) {
    const SumPlan plan = SumPlan::of(axes);
    return plan.pieces == 1 ? 0 : static_cast<std::size_t>(plan.pieces * plan.results() * count) * sizeof(double);
}

template <int count, typename Term, typename Store>
void launch_sum(const Context& context, const Work& work, const SumPlan& plan, const Term& term, const Store& store) {
    const std::int64_t blocks = divide_up(plan.results(), plan.width);
    const LaunchShape shape{.grid = dim3(static_cast<unsigned>(blocks), static_cast<unsigned>(plan.pieces)),
                            .block = dim3(block_threads),
                            .shared_bytes = plan.lanes > 1 ? block_threads * count * sizeof(double) : 0};
    launch(context, work, shape, sum_kernel<count, Term, Store>, plan, term, store);
}

/// Calls store(result, sums of the terms), through partial sums in `scratch` where one launch would leave processors
/// idle.
template <int count, typename Term, typename Store>
void sum_terms(const Context& context, const Work& work, const MiddleAxes& axes, const Term& term, const Store& store,
               void* scratch) {
    const SumPlan plan = SumPlan::of(axes);
    if (plan.pieces == 1) return launch_sum<count>(context, work, plan, term, store);
    const std::int64_t results = plan.results(), size = plan.pieces * results;
    auto* const partial = static_cast<double*>(scratch);
    launch_sum<count>(context, work, plan, term, StorePartial<count>{partial, size});
    const double bytes = static_cast<double>(size * count) * static_cast<double>(sizeof(double));
    launch_sum<count>(context, {.kernel = work.kernel, .flops = static_cast<double>(size), .bytes = bytes},
                      SumPlan::of({1, plan.pieces, results}, 1), PartialTerm<count>{partial, size, results}, store);
}

}  // namespace tensor::cuda
