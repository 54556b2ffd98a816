// A on the CPU: x = epilogue(the transpose of F in its first argument, applied to g).
#pragma once

#include <algorithm>

#include "tensor/cpu/conv3d_tasks.hpp"
#include "tensor/cpu/epilogue.hpp"
#include "tensor/cpu/gemm.hpp"

namespace tensor::cpu {

/// Elements of the transposes of these slices of w, [K, rows] each, when they are packed.
template <typename O>
std::int64_t packed_size(std::span<const WeightSlice> slices, std::int64_t out_channels) {
    std::int64_t size = 0;
    for (const WeightSlice& slice : slices) size += Panels<O>::packed_size(elements_for<O>(out_channels), slice.rows);
    return size;
}

/// Packs those transposes one behind the other.
template <typename O>
std::vector<Panels<O>> pack_slices(std::span<const WeightSlice> slices, std::int64_t out_channels, const Number<O>* w,
                                   O* to) {
    const std::int64_t inner = elements_for<O>(out_channels);
    std::vector<Panels<O>> packed;
    for (const WeightSlice& slice : slices) {
        pack_panels<O>(w + slice.first * out_channels, out_channels, true, out_channels, slice.rows, inner, 0, to);
        packed.push_back({to, inner, slice.rows});
        to += Panels<O>::packed_size(inner, slice.rows);
    }
    return packed;
}

/// Non-overlapping windows that cover x: every run writes elements of its own.
template <typename O>
void input_tasks(const Conv3dPlan& plan, std::span<const Panels<O>> w, const Conv3dGeometry& geometry,
                 const Number<O>* g, const Finish<Number<O>>& finish, Number<O>* x) {
    std::int64_t all_rows = 0;
    double flops = 0;
    for (const GemmRun& run : plan.runs) {
        all_rows += run.rows;
        flops += 2.0 * static_cast<double>(run.rows * run.inner * geometry.out_channels);
    }
    std::vector<Task> tasks;
    for (std::size_t i = 0; i < plan.runs.size(); ++i)
        add_tasks(tasks, i, plan.runs[i].rows, plan.runs[i].inner, task_shape<O>(all_rows, plan.runs[i].inner));
    for_each_task(tasks, flops, [&](const Task& task) {
        thread_local OperandRows<O> operands;
        for (std::size_t i = task.first; i < task.last; ++i) {
            const GemmRun& run = plan.runs[i];
            const Panels<O>& slice = w[run.slice];
            const std::int64_t rows = rows_of(task, run.rows);
            operands.clear(rows * slice.inner);
            std::array terms{operands.add(g + run.y_offset + task.first_row * run.y_step, run.y_step, rows,
                                          geometry.out_channels, 0)};
            const std::int64_t offset = run.x_offset + task.first_row * run.x_step + task.first_column;
            const auto place = [&](const Piece& piece) { return offset + piece.row * run.x_step + piece.column; };
            multiply_part<O>(
                slice, terms, {rows, task.first_column, task.columns, x + offset, run.x_step},
                [&](const Piece& piece) { fetch_mask(finish, piece.rows, piece.columns, place(piece), run.x_step); },
                [&](const Piece& piece) {
                    finish_tile(finish, piece.rows, piece.columns,
                                (task.first_column + piece.column) % geometry.in_channels, x, place(piece), run.x_step);
                });
        }
    });
}

/// Overlapping or partial windows, no padding: the products of all taps [rows of g, taps C] a few rows at a time, which
/// are then added to their places in x. A phrase is one thread's, so the order of sums is fixed.
template <typename O>
void input_lowering(const Conv3dGeometry& geometry, std::int64_t phrases, const Panels<O>& w, const Number<O>* g,
                    const Finish<Number<O>>& finish, Number<O>* x) {
    const auto kept = kept_conv3d_plan(geometry, 1);
    const std::int64_t x_size = geometry.input_shape(1).elements(), y_size = geometry.output_shape(1).elements();
    const std::int64_t step = Panels<O>::whole_vectors(w.columns), channels = geometry.out_channels;
    const Panels<O> padded{w.values, w.inner, step};  // the zeros behind the last column are multiplied, too
    constexpr std::int64_t most_rows = 4 * tile_rows;
    parallel_for(phrases, [&](std::int64_t n) {
        thread_local OperandRows<O> operands;
        thread_local std::vector<Number<O>> products;
        products.resize(static_cast<std::size_t>(most_rows * step));
        Number<O>* const target = x + n * x_size;
        std::fill_n(target, x_size, Number<O>(0));
        for (std::size_t group = 0; group < kept->groups(); ++group) {
            const std::span runs = kept->group(group);
            for (std::int64_t first = 0; first < runs[0].rows; first += most_rows) {
                const std::int64_t rows = std::min(most_rows, runs[0].rows - first);
                operands.clear(rows * w.inner);
                std::array terms{operands.add(g + n * y_size + runs[0].y_offset + first * runs[0].y_step,
                                              runs[0].y_step, rows, channels, 0)};
                const auto nothing = [](const Piece&) {};
                multiply_part<O>(padded, terms, {rows, 0, step, products.data(), step}, nothing, nothing);
                for (const GemmRun& run : runs)
                    for (std::int64_t i = 0; i < rows; ++i) {
                        const Number<O>* const from = products.data() + i * step + run.w_offset / channels;
                        Number<O>* const to = target + run.x_offset + (first + i) * run.x_step;
                        for (std::int64_t j = 0; j < run.inner; ++j) to[j] += from[j];
                    }
            }
        }
        finish_tile(finish, x_size / geometry.in_channels, geometry.in_channels, 0, x, n * x_size,
                    geometry.in_channels);
    });
}

/// Padding: a phrase is cleared and summed up by one thread, tap by tap.
template <typename T>
void input_phrases(const Conv3dGeometry& geometry, std::int64_t phrases, const T* w, const T* g,
                   const Finish<T>& finish, T* x) {
    const auto kept = kept_conv3d_plan(geometry, 1);
    const std::int64_t x_size = geometry.input_shape(1).elements(), y_size = geometry.output_shape(1).elements();
    parallel_for(phrases, [&](std::int64_t n) {
        T* const target = x + n * x_size;
        std::fill_n(target, x_size, T(0));
        for (const GemmRun& run : kept->runs)
            gemm(Gemm<T>{.rows = run.rows,
                         .columns = run.inner,
                         .inner = geometry.out_channels,
                         .a = g + n * y_size + run.y_offset,
                         .a_step = run.y_step,
                         .b = w + run.w_offset,
                         .b_step = geometry.out_channels,
                         .transpose_b = true,
                         .c = target + run.x_offset,
                         .c_step = run.x_step,
                         .accumulate = true});
        finish_tile(finish, x_size / geometry.in_channels, geometry.in_channels, 0, x, n * x_size,
                    geometry.in_channels);
    });
}

}  // namespace tensor::cpu
