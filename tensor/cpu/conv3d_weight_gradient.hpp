// B on the CPU: w = the transpose of F in its second argument, applied to g. A sum over all rows of y, so it is cut
// into parts with memory of their own, which are added in a fixed order.
#pragma once

#include "tensor/cpu/conv3d_tasks.hpp"

namespace tensor::cpu {

/// Rows of g that are packed together, and the most columns of x (taps C) that meet them: both packed pieces and the
/// block of w that they are multiplied to stay in a second-level cache.
inline constexpr std::int64_t piece_rows = 128, block_columns = 256;

/// Rows [first, first + rows) of a group.
struct WeightPiece {
    std::size_t group = 0;
    std::int64_t first = 0, rows = 0;
};

/// How the sum is shared: `splits` parts of the rows, each in `blocks` blocks of w's rows that are one task's.
struct WeightTasks {
    std::vector<WeightPiece> pieces;
    std::int64_t splits = 1, blocks = 1;
};

inline WeightTasks weight_tasks(const Conv3dPlan& plan, const Conv3dGeometry& geometry, std::int64_t phrases) {
    // A part is worth a thread, and the elements that it adds to w are few beside its products.
    constexpr double least_flops = 1e6;
    constexpr std::int64_t most_tasks = 16, flops_per_added = 64;
    WeightTasks tasks;
    for (std::size_t group = 0; group < plan.groups(); ++group) {
        const std::int64_t rows = plan.group(group)[0].rows;
        for (std::int64_t i = 0; i < rows; i += piece_rows)
            tasks.pieces.push_back({group, i, std::min(piece_rows, rows - i)});
    }
    std::int64_t inner = 1;
    for (const WeightSlice& slice : plan.slices) inner = std::max(inner, slice.rows);
    tasks.blocks = (inner + block_columns - 1) / block_columns;
    const double flops_per_split =
        least_flops + static_cast<double>(flops_per_added * geometry.weight_shape().elements());
    const auto wanted = static_cast<std::int64_t>(geometry.flops(phrases) / flops_per_split);
    const std::int64_t most_splits = (most_tasks + tasks.blocks - 1) / tasks.blocks;
    tasks.splits =
        std::clamp<std::int64_t>(std::min(wanted, static_cast<std::int64_t>(tasks.pieces.size())), 1, most_splits);
    return tasks;
}

/// The operands of B and the plan that says which rows meet.
template <typename T>
struct WeightSum {
    const Conv3dPlan& plan;
    std::int64_t out_channels;
    const T *x, *g;
};

/// A thread's memory for packed rows.
template <typename O>
struct PackedRows {
    std::vector<O> x, g;
};

/// Lines of the rows that follow those of a piece, to be fetched while it is multiplied: the share of one of `calls`.
template <typename T>
Ahead lines_ahead(const T* from, std::int64_t step, std::int64_t columns, std::int64_t call, std::int64_t calls) {
    const std::int64_t lines = (columns + line<T> - 1) / line<T>;
    const std::int64_t first = lines * call / calls, end = lines * (call + 1) / calls;
    if (first == end) return {};
    return {.column = reinterpret_cast<const char*>(from + first * line<T>),
            .column_step = step * static_cast<std::int64_t>(sizeof(T)),
            .lines = end - first};
}

/// The rows of g in a piece as tiles read them: packed, unless they are a single panel of numbers already.
template <typename O>
Panels<O> panels_of(const Number<O>* g, std::int64_t step, std::int64_t rows, std::int64_t channels,
                    std::vector<O>& packed) {
    const std::int64_t inner = elements_for<O>(rows);
    if constexpr (numbers_per<O> == 1)
        if (channels == panel_columns<O> || channels == lanes<O>) return {g, inner, channels, step};
    packed.resize(static_cast<std::size_t>(Panels<O>::packed_size(inner, channels)));
    pack_panels<O>(g, step, false, rows, channels, inner, 0, packed.data());
    return {packed.data(), inner, channels};
}

/// The rows of x in a piece, column by column: where they lie, or as pairs of rows.
template <typename O>
Term<O> columns_of(const Number<O>* x, std::int64_t step, std::int64_t rows, std::int64_t columns,
                   std::vector<O>& packed) {
    const std::int64_t inner = elements_for<O>(rows);
    if constexpr (numbers_per<O> == 1) {
        return {.a = x, .a_step = step, .inner = inner};
    } else {
        packed.resize(static_cast<std::size_t>(inner * columns));
        pack_block<O>(x, step, rows, columns, columns, packed.data());
        return {.a = packed.data(), .a_step = columns, .inner = inner};
    }
}

/// Whether the runs of a group are so narrow that one tile of w holds all of them: neighbouring rows of w. g is then
/// read once, where it lies, instead of once for each run.
template <typename O>
bool fits_one_tile(std::span<const GemmRun> runs, std::int64_t channels) {
    std::int64_t columns = 0;
    for (const GemmRun& run : runs) {
        if (run.w_offset != runs[0].w_offset + columns * channels) return false;
        columns += run.inner;
    }
    return numbers_per<O> == 1 && columns <= tile_rows && channels % panel_columns<O> == 0;
}

/// w += x^T g over one piece of such a group: a few rows of g at a time, which stay in the first-level cache beside the
/// next ones that are on their way.
template <typename O>
void add_narrow_piece(const WeightSum<Number<O>>& sum, const WeightPiece& piece, std::span<const GemmRun> runs,
                      Number<O>* w) {
    using T = Number<O>;
    constexpr std::int64_t most_rows = 32;
    std::array<O, static_cast<std::size_t>(most_rows * tile_rows)> columns;  // of x, those of all runs side by side
    const std::int64_t g_step = runs[0].y_step, channels = sum.out_channels;
    for (std::int64_t first = 0; first < piece.rows; first += most_rows) {
        const std::int64_t rows = std::min(most_rows, piece.rows - first);
        std::int64_t inner = 0;
        for (const GemmRun& run : runs) inner += run.inner;
        O* to = columns.data();
        for (std::int64_t i = 0; i < rows; ++i)
            for (const GemmRun& run : runs) {
                const T* const x = sum.x + run.x_offset + (piece.first + first + i) * run.x_step;
                for (std::int64_t j = 0; j < run.inner; ++j) *to++ = static_cast<O>(x[j]);
            }
        const T* const g = sum.g + runs[0].y_offset + (piece.first + first) * g_step;
        const Panels<O> panels{reinterpret_cast<const O*>(g), rows, channels, g_step};
        const std::array terms{Term<O>{.a = columns.data(), .a_step = inner, .inner = rows}};
        for (std::int64_t j = 0; j < channels; j += panel_columns<O>)
            multiply_panel<O, true>(panels, j, inner, terms,
                                    lines_ahead(g + rows * g_step + j, g_step, panel_columns<O>, 0, 1), true,
                                    w + runs[0].w_offset + j, channels);
    }
}

/// w += x^T g over one piece, for the rows of w that belong to columns [first_column, ...) of each run's x.
template <typename O>
void add_piece(const WeightSum<Number<O>>& sum, const WeightPiece& piece, std::int64_t first_column,
               PackedRows<O>& packed, Number<O>* w) {
    using T = Number<O>;
    const std::span runs = sum.plan.group(piece.group);
    const GemmRun& shared = runs[0];
    const std::int64_t channels = sum.out_channels;
    if (fits_one_tile<O>(runs, channels)) {
        if (first_column == 0) add_narrow_piece<O>(sum, piece, runs, w);
        return;
    }
    const T* const g = sum.g + shared.y_offset + piece.first * shared.y_step;
    const Panels<O> panels = panels_of<O>(g, shared.y_step, piece.rows, channels, packed.g);
    const std::int64_t panel_count = (channels + panel_columns<O> - 1) / panel_columns<O>;
    for (const GemmRun& run : runs) {
        const std::int64_t columns = std::min(block_columns, run.inner - first_column);
        if (columns <= 0) continue;
        const T* const x = sum.x + run.x_offset + piece.first * run.x_step + first_column;
        const Term<O> all = columns_of<O>(x, run.x_step, piece.rows, columns, packed.x);
        const std::int64_t tiles = (columns + tile_rows - 1) / tile_rows, calls = tiles * panel_count,
                           x_lines = (columns + line<T> - 1) / line<T>;
        for (std::int64_t p = 0; p < panel_count; ++p)
            for (std::int64_t tile = 0, first = 0; tile < tiles; ++tile) {
                const std::int64_t height = (tile + 1) * columns / tiles - first;
                const std::array terms{Term<O>{.a = all.a + first, .a_step = all.a_step, .inner = all.inner}};
                // g's next rows come during the first tiles of every run, x's during the last ones.
                const std::int64_t call = p * tiles + tile, of_x = std::min(calls / 2, x_lines), of_g = calls - of_x;
                const auto index = &run - &shared, count = static_cast<std::ptrdiff_t>(runs.size());
                const Ahead ahead =
                    call < of_g ? lines_ahead(g + piece.rows * shared.y_step, shared.y_step, channels,
                                              index * of_g + call, count * of_g)
                                : lines_ahead(x + piece.rows * run.x_step, run.x_step, columns, call - of_g, of_x);
                multiply_panel<O, true>(panels, p * panel_columns<O>, height, terms, ahead, true,
                                        w + run.w_offset + (first_column + first) * channels + p * panel_columns<O>,
                                        channels);
                first += height;
            }
    }
}

/// w = the sum over all pieces. Part 0 is summed up in w itself, the others in memory of their own (`others`, w_size
/// elements for each part).
template <typename O>
void weight_splits(const WeightSum<Number<O>>& sum, const WeightTasks& tasks, Number<O>* w, Number<O>* others,
                   std::int64_t w_size) {
    const auto part_of = [=](std::int64_t split) { return split == 0 ? w : others + (split - 1) * w_size; };
    parallel_for(
        tasks.splits, [&](std::int64_t s) { std::fill_n(part_of(s), w_size, Number<O>(0)); },
        is_worth_sharing(tasks.splits * w_size));
    const auto pieces = static_cast<std::int64_t>(tasks.pieces.size());
    parallel_for(tasks.splits * tasks.blocks, [&](std::int64_t task) {
        thread_local PackedRows<O> packed;
        const std::int64_t split = task / tasks.blocks, block = task % tasks.blocks;
        for (std::int64_t k = split * pieces / tasks.splits; k < (split + 1) * pieces / tasks.splits; ++k)
            add_piece<O>(sum, tasks.pieces[static_cast<std::size_t>(k)], block * block_columns, packed, part_of(split));
    });
    if (tasks.splits == 1) return;
    for_chunks(w_size, [=, splits = tasks.splits](std::int64_t begin, std::int64_t end) {
        for (std::int64_t s = 0; s + 1 < splits; ++s) {
            const Number<O>* const other = others + s * w_size;
#pragma omp simd
            for (std::int64_t i = begin; i < end; ++i) w[i] += other[i];
        }
    });
}

}  // namespace tensor::cpu
