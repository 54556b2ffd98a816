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

/// Lines of a packed piece that follow, to be fetched while this one is multiplied: `count` of `lines` for one of
/// `calls` tiles.
template <typename T>
Ahead<T> lines_ahead(const T* from, std::int64_t step, std::int64_t columns, std::int64_t call, std::int64_t calls) {
    const std::int64_t lines = (columns + line<T> - 1) / line<T>;
    const std::int64_t first = lines * call / calls, end = lines * (call + 1) / calls;
    if (first == end) return {};
    return {.column = from + first * line<T>, .column_step = step, .lines = end - first};
}

/// w += x^T g over one piece, for the rows of w that belong to columns [first_column, ...) of each run's x.
template <typename T>
void add_piece(const WeightSum<T>& sum, const WeightPiece& piece, std::int64_t first_column, std::vector<T>& g_packed,
               T* w) {
    const std::span runs = sum.plan.group(piece.group);
    const GemmRun& shared = runs[0];
    const std::int64_t channels = sum.out_channels;
    const T* const g = sum.g + shared.y_offset + piece.first * shared.y_step;
    Panels<T> panels{g, piece.rows, channels, shared.y_step};
    if (channels % lanes<T> != 0 || channels > panel_columns<T>) {
        for (std::int64_t j = 0; j < channels; j += panel_columns<T>)
            pack_panel(g, shared.y_step, false, piece.rows, channels, j, g_packed.data());
        panels = {g_packed.data(), piece.rows, channels};
    }
    const std::int64_t panel_count = (channels + panel_columns<T> - 1) / panel_columns<T>;
    for (const GemmRun& run : runs) {
        const std::int64_t columns = std::min(block_columns, run.inner - first_column);
        if (columns <= 0) continue;
        const T* const x = sum.x + run.x_offset + piece.first * run.x_step + first_column;
        const std::int64_t tiles = (columns + tile_rows - 1) / tile_rows, calls = tiles * panel_count;
        for (std::int64_t p = 0; p < panel_count; ++p)
            for (std::int64_t tile = 0, first = 0; tile < tiles; ++tile) {
                const std::int64_t height = (tile + 1) * columns / tiles - first;
                const std::array terms{Term<T>{x + first, run.x_step, 0, piece.rows}};
                // g's next rows come during the first half of the first run's tiles, x's during all others.
                const std::int64_t call = p * tiles + tile, of_g = &run == &shared ? calls / 2 : 0;
                const Ahead<T> ahead =
                    call < of_g
                        ? lines_ahead(g + piece.rows * shared.y_step, shared.y_step, channels, call, of_g)
                        : lines_ahead(x + piece.rows * run.x_step, run.x_step, columns, call - of_g, calls - of_g);
                multiply_panel<T, true>(panels, p * panel_columns<T>, height, terms, ahead, true,
                                        w + run.w_offset + (first_column + first) * channels + p * panel_columns<T>,
                                        channels);
                first += height;
            }
    }
}

/// w = the sum over all pieces. Part 0 is summed up in w itself, the others in memory of their own (`others`, w_size
/// elements for each part).
template <typename T>
void weight_splits(const WeightSum<T>& sum, const WeightTasks& tasks, T* w, T* others, std::int64_t w_size) {
    const auto part_of = [=](std::int64_t split) { return split == 0 ? w : others + (split - 1) * w_size; };
    parallel_for(
        tasks.splits, [&](std::int64_t s) { std::fill_n(part_of(s), w_size, T(0)); },
        is_worth_sharing(tasks.splits * w_size));
    const auto pieces = static_cast<std::int64_t>(tasks.pieces.size());
    parallel_for(tasks.splits * tasks.blocks, [&](std::int64_t task) {
        thread_local std::vector<T> g_packed;
        g_packed.resize(static_cast<std::size_t>(Panels<T>::packed_size(piece_rows, sum.out_channels)));
        const std::int64_t split = task / tasks.blocks, block = task % tasks.blocks;
        for (std::int64_t k = split * pieces / tasks.splits; k < (split + 1) * pieces / tasks.splits; ++k)
            add_piece(sum, tasks.pieces[static_cast<std::size_t>(k)], block * block_columns, g_packed, part_of(split));
    });
    if (tasks.splits == 1) return;
    for_chunks(w_size, [=, splits = tasks.splits](std::int64_t begin, std::int64_t end) {
        for (std::int64_t s = 0; s + 1 < splits; ++s) {
            const T* const other = others + s * w_size;
#pragma omp simd
            for (std::int64_t i = begin; i < end; ++i) w[i] += other[i];
        }
    });
}

}  // namespace tensor::cpu
