// How the products of a convolution are cut into tasks: by the shapes alone, never by the threads.
#pragma once

#include <vector>

#include "tensor/conv3d_plan.hpp"
#include "tensor/cpu/backend.hpp"
#include "tensor/cpu/panels.hpp"

namespace tensor::cpu {

/// Products [first, last) of a list of them, each whole; or, of a single one, rows [first_row, first_row + rows) and
/// columns [first_column, ...).
struct Task {
    std::size_t first = 0, last = 0;
    std::int64_t first_row = 0, rows = 0, first_column = 0, columns = 0;
};

/// The extents of a task: enough tasks for any number of threads, each small enough that its part of the result stays
/// in a core's second-level cache for the epilogue.
struct TaskShape {
    std::int64_t rows = 1, columns = 1;
};

/// `columns` are those of one product, `total_rows` the rows of all of them.
template <typename T>
TaskShape task_shape(std::int64_t total_rows, std::int64_t columns) {
    constexpr std::int64_t wanted_tasks = 32, most_tiles = 8, widest = 512, narrowest = 4 * panel_columns<T>;
    const std::int64_t tiles = std::clamp<std::int64_t>(total_rows / (wanted_tasks * tile_rows), 1, most_tiles);
    const std::int64_t row_tasks = (total_rows - 1) / (tiles * tile_rows) + 1;
    // Few rows: let the columns make up the tasks.
    const std::int64_t shared = columns * row_tasks / wanted_tasks / panel_columns<T> * panel_columns<T>;
    return {tiles * tile_rows, std::clamp(shared, std::min(narrowest, widest), widest)};
}

/// Adds the tasks of product `index`, or adds it to the last task where both are small and whole.
inline void add_tasks(std::vector<Task>& tasks, std::size_t index, std::int64_t rows, std::int64_t columns,
                      TaskShape shape) {
    if (rows <= shape.rows / 2 && columns <= shape.columns) {
        const auto has_room = [&](const Task& last) {
            const bool is_whole = last.first_row == 0 && last.first_column == 0;  // a last piece begins elsewhere
            return is_whole && last.columns == columns && last.rows + rows <= shape.rows;
        };
        if (tasks.empty() || !has_room(tasks.back())) tasks.push_back({index, index, 0, 0, 0, columns});
        tasks.back().last = index + 1;
        tasks.back().rows += rows;
        return;
    }
    for (std::int64_t j = 0; j < columns; j += shape.columns)
        for (std::int64_t i = 0; i < rows; i += shape.rows)
            tasks.push_back(
                {index, index + 1, i, std::min(shape.rows, rows - i), j, std::min(shape.columns, columns - j)});
}

/// The rows of product `index`, which has `rows`, that belong to the task.
inline std::int64_t rows_of(const Task& task, std::int64_t rows) {
    return task.last - task.first == 1 ? task.rows : rows;
}

/// Calls work(task) for every task, on all threads unless there is too little to do.
template <typename Work>
void for_each_task(const std::vector<Task>& tasks, double flops, const Work& work) {
    constexpr double worth_sharing = 2e5;
    parallel_for(
        static_cast<std::int64_t>(tasks.size()), [&](std::int64_t k) { work(tasks[static_cast<std::size_t>(k)]); },
        flops >= worth_sharing);
}

/// The rows of all groups of a plan: those of y, where the groups partition it.
inline std::int64_t total_rows(const Conv3dPlan& plan) {
    std::int64_t rows = 0;
    for (std::size_t i = 0; i < plan.groups(); ++i) rows += plan.group(i)[0].rows;
    return rows;
}

/// Where the slices of a w [taps C, K] begin when each is packed for O, counted in rows of the packed form, and behind
/// them the number of all rows.
template <typename O>
std::vector<std::int64_t> slice_places(std::span<const WeightSlice> slices) {
    std::vector<std::int64_t> places{0};
    for (const WeightSlice& slice : slices) places.push_back(places.back() + elements_for<O>(slice.rows));
    return places;
}

/// Rows of an operand as terms read them: where they lie, or rounded and paired in memory of this object.
template <typename O>
class OperandRows {
  public:
    /// Forgets all rows; the next ones hold at most `elements` together.
    void clear(std::int64_t elements) {
        used_ = 0;
        if constexpr (numbers_per < O >> 1) converted_.resize(static_cast<std::size_t>(elements));
    }
    /// `rows` rows of `inner` numbers, which meet the rows of b from `b_first` on.
    Term<O> add(const Number<O>* numbers, std::int64_t step, std::int64_t rows, std::int64_t inner,
                std::int64_t b_first) {
        const std::int64_t bytes = step * static_cast<std::int64_t>(sizeof(*numbers));
        if constexpr (numbers_per<O> == 1) {
            return {numbers, step, b_first, inner, reinterpret_cast<const char*>(numbers), bytes};
        } else {
            const std::int64_t elements = elements_for<O>(inner);
            O* const to = converted_.data() + used_;
            for (std::int64_t i = 0; i < rows; ++i) pair_neighbours(numbers + i * step, inner, to + i * elements);
            used_ += rows * elements;
            // While these rows are multiplied, those of the next task come.
            return {to, elements, b_first, elements, reinterpret_cast<const char*>(numbers) + rows * bytes, bytes};
        }
    }

  private:
    std::vector<O> converted_;
    std::int64_t used_ = 0;
};

}  // namespace tensor::cpu
