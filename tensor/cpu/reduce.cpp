// Sums with a fixed order: rows are cut into blocks by shape alone, blocks are added in order, in f64.
#include <algorithm>
#include <cmath>
#include <vector>

#include "tensor/broadcast.hpp"
#include "tensor/cpu/backend.hpp"
#include "tensor/cpu/prefetch.hpp"

namespace tensor::cpu {

namespace {

/// x seen as [outer, reduced, inner]: summed over the middle. Covers every sum_to whose reduced axes lie together.
struct MiddleSum {
    std::int64_t outer = 1, reduced = 1, inner = 1;
};

constexpr std::int64_t block_elements = 1 << 14;  // input elements that one partial sum covers, at least
constexpr std::int64_t most_blocks = 256;         // of a sum: one thread adds them

template <typename T>
void sum_rows(const T* x, std::int64_t rows, std::int64_t inner, double* partial) {
    if (inner == 1) {
        double sum = 0;
#pragma omp simd reduction(+ : sum)
        for (std::int64_t r = 0; r < rows; ++r) sum += static_cast<double>(x[r]);
        partial[0] += sum;
        return;
    }
    // Two rows for each time that the sums are loaded and stored.
    std::int64_t r = 0;
    for (; r + 2 <= rows; r += 2) {
        const T *const row = x + r * inner, *const next = row + inner;
        prefetch_behind(row, 2 * inner);
#pragma omp simd
        for (std::int64_t i = 0; i < inner; ++i)
            partial[i] += static_cast<double>(row[i]) + static_cast<double>(next[i]);
    }
    if (r == rows) return;
#pragma omp simd
    for (std::int64_t i = 0; i < inner; ++i) partial[i] += static_cast<double>(x[r * inner + i]);
}

/// Rows that are added as one long one. Sums of few elements would be a chain in which each row waits for the one
/// before; of a long row other elements are added meanwhile, and memory is still read from front to back.
std::int64_t rows_as_one(const MiddleSum& view) {
    constexpr std::int64_t enough = 256;
    std::int64_t rows = 1;
    if (view.inner == 1) return rows;
    while (rows * view.inner < enough && 2 * rows <= view.reduced) rows *= 2;
    return rows;
}

template <typename T>
void sum_middle(const T* x, const MiddleSum& view, T* y) {
    const std::int64_t together = rows_as_one(view), columns = together * view.inner, rows = view.reduced / together;
    const std::int64_t rows_per_block =
        std::max({std::int64_t{1}, block_elements / columns, (rows + most_blocks - 1) / most_blocks});
    const std::int64_t blocks = (rows + rows_per_block - 1) / rows_per_block, outer_step = view.reduced * view.inner;
    std::vector<double> partial(static_cast<std::size_t>(view.outer * blocks * columns), 0.0);
    const auto sum_block = [&](std::int64_t index) {
        const std::int64_t first = index % blocks * rows_per_block;
        sum_rows(x + index / blocks * outer_step + first * columns, std::min(rows_per_block, rows - first), columns,
                 partial.data() + index * columns);
    };
    parallel_for(view.outer * blocks, sum_block, is_worth_sharing(view.outer * outer_step));
    std::vector<double> total(static_cast<std::size_t>(view.inner));
    for (std::int64_t o = 0; o < view.outer; ++o) {
        std::fill(total.begin(), total.end(), 0.0);
        sum_rows(partial.data() + o * blocks * columns, blocks * together, view.inner, total.data());
        sum_rows(x + o * outer_step + rows * columns, view.reduced - rows * together, view.inner, total.data());
        for (std::int64_t i = 0; i < view.inner; ++i)
            y[o * view.inner + i] = static_cast<T>(total[static_cast<std::size_t>(i)]);
    }
}

/// The first and last reduced axis of a plan (stride 0 in `b`); contiguous is false if kept axes lie between them.
struct ReducedAxes {
    int first = -1, last = -1;
    bool contiguous = true;
};

ReducedAxes reduced_axes(const BroadcastPlan& plan) {
    ReducedAxes axes;
    for (int i = 0; i < plan.rank; ++i) {
        if (plan.b_stride[static_cast<std::size_t>(i)] != 0) continue;
        if (axes.first >= 0 && axes.last != i - 1) axes.contiguous = false;
        if (axes.first < 0) axes.first = i;
        axes.last = i;
    }
    return axes;
}

/// Any mixture of kept and reduced axes: the trailing reduced axis is summed row by row into its result element.
template <typename T>
void sum_mixed(const T* x, const BroadcastPlan& plan, std::int64_t elements, T* y, std::int64_t results) {
    std::vector<double> sums(static_cast<std::size_t>(results), 0.0);
    const auto last = static_cast<std::size_t>(plan.rank - 1);
    const std::int64_t row_elements = plan.extents[last];
    for (std::int64_t row = 0; row < elements / row_elements; ++row) {
        const RowOffsets offsets = row_offsets(plan, row);
        for (std::int64_t i = 0; i < row_elements; ++i)
            sums[static_cast<std::size_t>(offsets.b + i * plan.b_stride[last])] +=
                static_cast<double>(x[row * row_elements + i]);
    }
    for (std::int64_t i = 0; i < results; ++i) y[i] = static_cast<T>(sums[static_cast<std::size_t>(i)]);
}

template <typename T>
double sum_squares(const T* x, std::int64_t elements) {
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::int64_t i = 0; i < elements; ++i) sum += static_cast<double>(x[i]) * static_cast<double>(x[i]);
    return sum;
}

}  // namespace

void CpuBackend::sum_to(const Tensor& x, Tensor& y) const {
    const BroadcastPlan plan = broadcast_plan(x.shape(), x.shape(), y.shape());
    const ReducedAxes axes = reduced_axes(plan);
    if (x.elements() == 0) return fill(y, 0.0);
    for_number_type(x.dtype(), [&]<typename T>(T) {
        if (!axes.contiguous) {
            sum_mixed(x.data<T>(), plan, x.elements(), y.data<T>(), y.elements());
            return;
        }
        MiddleSum view;
        for (int i = 0; i < plan.rank; ++i) {
            const std::int64_t extent = plan.extents[static_cast<std::size_t>(i)];
            if (axes.first < 0 || i > axes.last) view.inner *= extent;
            else if (i < axes.first) view.outer *= extent;
            else view.reduced *= extent;
        }
        sum_middle(x.data<T>(), view, y.data<T>());
    });
}

void CpuBackend::norm(const Tensor& x, double epsilon, Tensor& y) const {
    const std::int64_t rows = y.elements(), row_elements = rows ? x.elements() / rows : 0;
    const std::int64_t blocks = (row_elements + block_elements - 1) / block_elements;
    std::vector<double> partial(static_cast<std::size_t>(rows * blocks), 0.0);
    for_number_type(x.dtype(), [&]<typename T>(T) {
        const T* const values = x.data<T>();
        T* const out = y.data<T>();
        const auto sum_block = [&](std::int64_t index) {
            const std::int64_t row = index / blocks, first = index % blocks * block_elements;
            partial[static_cast<std::size_t>(index)] =
                sum_squares(values + row * row_elements + first, std::min(block_elements, row_elements - first));
        };
        parallel_for(rows * blocks, sum_block, is_worth_sharing(x.elements()));
        for (std::int64_t row = 0; row < rows; ++row) {
            double sum = epsilon;
            for (std::int64_t b = 0; b < blocks; ++b) sum += partial[static_cast<std::size_t>(row * blocks + b)];
            out[row] = static_cast<T>(std::sqrt(sum));
        }
    });
}

void CpuBackend::broadcast_to(const Tensor& x, Tensor& y) const {
    const BroadcastPlan plan = broadcast_plan(y.shape(), x.shape(), x.shape());
    const auto last = static_cast<std::size_t>(plan.rank - 1);
    const std::int64_t row_elements = plan.extents[last];
    const std::int64_t rows = row_elements ? y.elements() / row_elements : 0;
    for_number_type(y.dtype(), [&]<typename T>(T) {
        const T* const from = x.data<T>();
        T* const to = y.data<T>();
        const auto copy_row = [&](std::int64_t row) {
            const T* const source = from + row_offsets(plan, row).a;
            const std::int64_t stride = plan.a_stride[last];
            for (std::int64_t i = 0; i < row_elements; ++i) to[row * row_elements + i] = source[i * stride];
        };
        parallel_for(rows, copy_row, is_worth_sharing(y.elements()));
    });
}

}  // namespace tensor::cpu
