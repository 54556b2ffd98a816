// F on the CPU: y = epilogue(conv3d(x, w)).
#pragma once

#include "tensor/cpu/conv3d_tasks.hpp"
#include "tensor/cpu/epilogue.hpp"
#include "tensor/cpu/gemm.hpp"

namespace tensor::cpu {

/// Whether F reads a packed copy of w [taps C, K]: a panel's rows then lie behind each other. A w whose rows are a
/// panel is packed already, and a copy that few rows meet does not pay.
template <typename O>
bool packs_weight(std::int64_t rows, std::int64_t out_channels) {
    return numbers_per<O> > 1 || out_channels % lanes<O> != 0 ||
           (out_channels > panel_columns<O> && rows > 8 * tile_rows);
}

/// Whether rows of tiles begin and end with bytes of positive_bits, so that each thread has bytes of its own; a tile's
/// bits are then written while it is in the cache, instead of reading the whole result once more.
inline bool writes_bits_of_tiles(const Tensor& result) {
    return result.shape()[-1] % 8 == 0 && result.elements() % 32 == 0;
}

/// No padding: the groups partition y. One task takes rows of y through all taps and the epilogue; the finish has bits
/// where writes_bits_of_tiles. The slices of w begin at `places` in the panels.
template <typename O>
void forward_tasks(const Conv3dPlan& plan, const Panels<O>& w, std::span<const std::int64_t> places, const Number<O>* x,
                   const Finish<Number<O>>& finish, Number<O>* y) {
    const TaskShape shape = task_shape<O>(total_rows(plan), w.columns);
    std::vector<Task> tasks;
    for (std::size_t group = 0; group < plan.groups(); ++group)
        add_tasks(tasks, group, plan.group(group)[0].rows, w.columns, shape);
    const double flops = 2.0 * static_cast<double>(total_rows(plan) * w.inner * w.columns);
    for_each_task(tasks, flops, [&](const Task& task) {
        thread_local OperandRows<O> operands;
        thread_local std::vector<Term<O>> terms;
        for (std::size_t group = task.first; group < task.last; ++group) {
            const std::span runs = plan.group(group);
            const std::int64_t rows = rows_of(task, runs[0].rows), step = runs[0].y_step;
            const std::int64_t offset = runs[0].y_offset + task.first_row * step + task.first_column;
            terms.clear();
            operands.clear(rows * w.inner);
            for (const GemmRun& run : runs)
                terms.push_back(operands.add(x + run.x_offset + task.first_row * run.x_step, run.x_step, rows,
                                             run.inner, places[run.slice]));
            const auto place = [&](const Piece& piece) { return offset + piece.row * step + piece.column; };
            multiply_part<O>(
                w, terms, {rows, task.first_column, task.columns, y + offset, step},
                [&](const Piece& piece) { fetch_mask(finish, piece.rows, piece.columns, place(piece), step); },
                [&](const Piece& piece) {
                    finish_tile(finish, piece.rows, piece.columns, task.first_column + piece.column, y, place(piece),
                                step);
                });
        }
    });
}

/// Padding: taps reach different outputs, so a phrase is cleared and summed up by one thread.
template <typename T>
void forward_phrases(const Conv3dGeometry& geometry, std::int64_t phrases, const T* x, const T* w,
                     const Finish<T>& finish, T* y) {
    const auto kept = kept_conv3d_plan(geometry, 1);
    const std::int64_t x_size = geometry.input_shape(1).elements(), y_size = geometry.output_shape(1).elements();
    const std::int64_t channels = geometry.out_channels;
    parallel_for(phrases, [&](std::int64_t n) {
        T* const target = y + n * y_size;
        std::fill_n(target, y_size, T(0));
        for (const GemmRun& run : kept->runs)
            gemm(Gemm<T>{.rows = run.rows,
                         .columns = channels,
                         .inner = run.inner,
                         .a = x + n * x_size + run.x_offset,
                         .a_step = run.x_step,
                         .b = w + run.w_offset,
                         .b_step = channels,
                         .c = target + run.y_offset,
                         .c_step = run.y_step,
                         .accumulate = true});
        finish_tile(finish, y_size / channels, channels, 0, y, n * y_size, channels);
    });
}

}  // namespace tensor::cpu
