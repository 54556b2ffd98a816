// Sums in f64 over the middle of [outer, reduced, inner], behind sum_to, norm and normalisation:
//
//     result[outer, inner] = sum over r < reduced of term(outer, r, inner)
//
// A thread takes neighbours together, as many as 16 bytes hold: results where the inner axis falls into such vectors,
// rows where there is no inner axis. A block has `columns` threads for neighbouring results and `lanes` for rows; a
// thread adds every lanes-th row (or vector of rows) of a piece of the rows, in order, and the lanes are added as a
// tree in shared memory. Few results with many rows are cut into pieces, whose sums a second launch of the same kernel
// adds up. All of this depends on the extents alone, and so the order of every sum, and its bits, are the same on every
// device. Where a vector cannot be loaded by one instruction, since addresses or extents do not allow it, the values
// are loaded one by one and added in the same order.
//
// A Term says what is added. `position<results>(outer, inner)` is computed once by each thread for `results` neighbours
// from there on; `at<width>(position, row)` are the numbers of `width` neighbouring rows of one result, or of one row
// of `width` results. A Store says where totals go: `store(result, totals)`.
#pragma once

#include "tensor/cuda/divisor.hpp"
#include "tensor/cuda/instructions.cuh"
#include "tensor/cuda/kernels.hpp"
#include "tensor/cuda/launch.cuh"
#include "tensor/cuda/vector.cuh"

namespace tensor::cuda {

/// How one launch walks over [outer, reduced, inner].
struct SumPlan {
    MiddleAxes axes;
    int results_together = 1, rows_together = 1;  ///< neighbours that a thread takes; at least one of the two is 1
    /// Threads of a block side by side along results and along rows; powers of two, block_threads together.
    int columns_log2 = 0, lanes_log2 = 0;
    std::int64_t rows_per_piece = 1, pieces = 1;
    WideDivisor inner{};

    /// `width` is how many neighbours a term can take. At most `most_pieces`, and few enough for scratch to stay below
    /// some megabytes.
    static SumPlan of(const MiddleAxes& axes, int width, std::int64_t most_pieces = 1024);
    TENSOR_HOST_DEVICE std::int64_t results() const { return axes.outer * axes.inner; }
    TENSOR_HOST_DEVICE int columns() const { return 1 << columns_log2; }
    TENSOR_HOST_DEVICE int lanes() const { return 1 << lanes_log2; }
};

inline SumPlan SumPlan::of(const MiddleAxes& axes, int width, std::int64_t most_pieces) {
    constexpr std::int64_t rows_per_lane = 4;  // that make a lane worth its steps of the tree
    constexpr int least_results = 32;          // neighbours that a block reads together
    SumPlan plan{.axes = axes};
    if (axes.inner == 1) plan.rows_together = width;
    else if (axes.inner % width == 0) plan.results_together = width;
    const int together = plan.results_together;
    int columns = 1, lanes = 1;
    while (columns * together < std::min<std::int64_t>(axes.inner, least_results)) columns *= 2;
    while (lanes * columns < block_threads && lanes * 2 * rows_per_lane <= axes.reduced) lanes *= 2;
    columns = block_threads / lanes;
    while (1 << plan.columns_log2 < columns) ++plan.columns_log2;
    while (1 << plan.lanes_log2 < lanes) ++plan.lanes_log2;
    plan.inner = WideDivisor::of(static_cast<std::uint64_t>(std::max<std::int64_t>(axes.inner, 1)));

    constexpr std::int64_t enough_blocks = 1024;  // some 8 for each of the processors of the largest devices
    const std::int64_t blocks = divide_up(plan.results(), columns * together);
    const std::int64_t wanted = divide_up(enough_blocks, std::max<std::int64_t>(blocks, 1));
    const std::int64_t worthwhile = axes.reduced / (lanes * rows_per_lane * (together > 1 ? 2 : 4));
    plan.pieces = std::max<std::int64_t>(1, std::min({wanted, worthwhile, most_pieces}));
    plan.rows_per_piece = divide_up(divide_up(axes.reduced, plan.pieces), plan.rows_together) * plan.rows_together;
    if (plan.rows_per_piece > 0) plan.pieces = divide_up(axes.reduced, plan.rows_per_piece);
    return plan;
}

template <int count>
struct Totals {
    double values[count] = {};
};

/// The `count` numbers that each of `width` neighbours adds.
template <int count, int width>
struct Terms {
    double values[count][width];
};

// --- kernel ----------------------------------------------------------------------------------------------

/// Which neighbours a thread loads together.
enum class Neighbours { none, results, rows };

/// Adds a thread's share of the rows [begin, end) to the totals of its results, `batch` steps at a time, so that their
/// loads are under way together.
template <int count, Neighbours neighbours, typename Term, int results>
__device__ void add_rows(const SumPlan& plan, const Term& term, std::int64_t result, std::int64_t begin,
                         std::int64_t end, Totals<count> (&totals)[results]) {
    constexpr int rows = neighbours == Neighbours::rows ? Term::vector : 1;  // of a step
    constexpr int width = results * rows;
    constexpr int batch = width > 1 ? 2 : Term::vector > 1 ? Term::vector : 4;
    // Between two steps of a batch, and two batches: a batch of single values is one vector of rows, where those are
    // taken together.
    const bool one_vector = width == 1 && plan.rows_together > 1;
    const std::int64_t step = one_vector ? 1 : plan.lanes() * rows,
                       batch_step = std::int64_t{plan.lanes()} * rows * batch;

    std::uint64_t inner = static_cast<std::uint64_t>(result);
    const auto outer = static_cast<std::int64_t>(plan.inner.split(inner));
    const auto position = term.template position<results>(outer, static_cast<std::int64_t>(inner));
    const auto add = [&](std::int64_t row) {
        const Terms<count, width> terms = term.template at<width>(position, row);
#pragma unroll
        for (int k = 0; k < count; ++k)
            for (int j = 0; j < width; ++j) totals[j % results].values[k] += terms.values[k][j];
    };
    std::int64_t row = begin;
#pragma unroll 1
    for (; row + (batch - 1) * step < end; row += batch_step)
#pragma unroll
        for (int j = 0; j < batch; ++j) add(row + j * step);
#pragma unroll
    for (int j = 0; j < batch - 1; ++j)
        if (row + j * step < end) add(row + j * step);
}

template <int count, Neighbours neighbours, typename Term, typename Store>
__global__ void sum_kernel(const __grid_constant__ SumPlan plan, const __grid_constant__ Term term,
                           const __grid_constant__ Store store) {
    begin_kernel();
    // Neighbouring threads read neighbouring elements: results where they are the inner axis, rows where there is none.
    constexpr int results = neighbours == Neighbours::results ? Term::vector : 1;
    const int thread = static_cast<int>(threadIdx.x), lanes = plan.lanes(), columns = plan.columns();
    const bool rows_beside = plan.axes.inner == 1;
    const int lane = rows_beside ? thread & (lanes - 1) : thread >> plan.columns_log2;
    const int column = rows_beside ? thread >> plan.lanes_log2 : thread & (columns - 1);
    const std::int64_t result = (static_cast<std::int64_t>(blockIdx.x) * columns + column) * results;
    const std::int64_t piece = blockIdx.y, begin = piece * plan.rows_per_piece;
    const std::int64_t end = std::min(plan.axes.reduced, begin + plan.rows_per_piece);

    Totals<count> totals[results];
    if (result < plan.results())
        add_rows<count, neighbours>(plan, term, result, begin + lane * plan.rows_together, end, totals);

    // [count x results][lane][column]
    double* const mine = dynamic_shared<double>() + (lane * columns + column);
    for (int step = lanes; step > 0; step /= 2) {
        if (step < lanes) __syncthreads();
        if (lane >= step || lanes == 1) continue;
#pragma unroll
        for (int j = 0; j < results; ++j)
#pragma unroll
            for (int k = 0; k < count; ++k) {
                double* const at = mine + (j * count + k) * block_threads;
                if (step < lanes) totals[j].values[k] += at[step * columns];
                at[0] = totals[j].values[k];
            }
    }
    if (lane != 0 || result >= plan.results()) return;
    for (int j = 0; j < results; ++j) store(piece * plan.results() + result + j, totals[j]);
}

// --- the plain term, and how pieces are stored and added -------------------------------------------------

/// `width` values from `address` on, in f64.
template <int width, typename T>
__device__ Vector<double, width> load_f64(const T* address) {
    const auto values = Vector<T, width>::load(address);
    Vector<double, width> result;
    for (int j = 0; j < width; ++j) result.values[j] = static_cast<double>(values.values[j]);
    return result;
}

/// The values of x, [outer, reduced, inner], themselves.
template <typename T>
struct MiddleTerm {
    static constexpr int vector = vector_width<T>;
    const T* x;
    MiddleAxes axes;
    bool allows_vectors() const { return is_aligned(x); }
    template <int results>
    __device__ std::int64_t position(std::int64_t outer, std::int64_t inner) const {
        return outer * axes.reduced * axes.inner + inner;
    }
    template <int width>
    __device__ Terms<1, width> at(std::int64_t base, std::int64_t row) const {
        const auto values = load_f64<width>(x + base + row * axes.inner);
        Terms<1, width> terms;
        for (int j = 0; j < width; ++j) terms.values[0][j] = values.values[j];
        return terms;
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
    static constexpr int vector = 1;
    const double* partial;
    std::int64_t size, results;
    bool allows_vectors() const { return false; }
    template <int>
    __device__ std::int64_t position(std::int64_t, std::int64_t inner) const {
        return inner;
    }
    template <int>
    __device__ Terms<count, 1> at(std::int64_t result, std::int64_t piece) const {
        Terms<count, 1> terms;
        for (int k = 0; k < count; ++k) terms.values[k][0] = partial[k * size + piece * results + result];
        return terms;
    }
};

// --- launch functions ------------------------------------------------------------------------------------

/// Bytes of scratch for `count` sums over the axes, of terms of any width.
inline std::size_t sum_scratch(const MiddleAxes& axes, int count) {
    std::int64_t most_pieces = 1;
    for (const int width : {1, vector_width<double>, vector_width<float>})
        most_pieces = std::max(most_pieces, SumPlan::of(axes, width).pieces);
    return most_pieces == 1 ? 0
                            : static_cast<std::size_t>(most_pieces * axes.outer * axes.inner * count) * sizeof(double);
}

template <int count, typename Term, typename Store>
void launch_sum(const Context& context, const Work& work, const SumPlan& plan, const Term& term, const Store& store) {
    const auto launch_with = [&]<Neighbours neighbours>() {
        const int results = neighbours == Neighbours::results ? Term::vector : 1;
        const std::int64_t blocks = divide_up(plan.results(), plan.columns() * results);
        const LaunchShape shape{
            .grid = dim3(static_cast<unsigned>(blocks), static_cast<unsigned>(plan.pieces)),
            .block = dim3(block_threads),
            .shared_bytes = plan.lanes() > 1 ? block_threads * results * count * sizeof(double) : 0};
        launch(context, work, shape, sum_kernel<count, neighbours, Term, Store>, plan, term, store);
    };
    if constexpr (Term::vector > 1)
        if (term.allows_vectors()) {
            if (plan.results_together > 1) return launch_with.template operator()<Neighbours::results>();
            if (plan.rows_together > 1 && plan.axes.reduced % plan.rows_together == 0)
                return launch_with.template operator()<Neighbours::rows>();
        }
    launch_with.template operator()<Neighbours::none>();
}

/// Calls store(result, sums of the terms), through partial sums in `scratch` where one launch would leave processors
/// idle.
template <int count, typename Term, typename Store>
void sum_terms(const Context& context, const Work& work, const MiddleAxes& axes, const Term& term, const Store& store,
               void* scratch) {
    const SumPlan plan = SumPlan::of(axes, Term::vector);
    if (plan.pieces == 1) return launch_sum<count>(context, work, plan, term, store);
    const std::int64_t results = plan.results(), size = plan.pieces * results;
    auto* const partial = static_cast<double*>(scratch);
    launch_sum<count>(context, work, plan, term, StorePartial<count>{partial, size});
    const double bytes = static_cast<double>(size * count) * static_cast<double>(sizeof(double));
    launch_sum<count>(context, {.kernel = work.kernel, .flops = static_cast<double>(size), .bytes = bytes},
                      SumPlan::of({1, plan.pieces, results}, 1, 1), PartialTerm<count>{partial, size, results}, store);
}

}  // namespace tensor::cuda
