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

/// Adds the tasks of product `index`, or adds it to the last task where both are small.
inline void add_tasks(std::vector<Task>& tasks, std::size_t index, std::int64_t rows, std::int64_t columns,
                      TaskShape shape) {
    if (rows <= shape.rows / 2 && columns <= shape.columns) {
        if (tasks.empty() || tasks.back().rows + rows > shape.rows || tasks.back().columns != columns)
            tasks.push_back({index, index, 0, 0, 0, columns});
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

}  // namespace tensor::cpu
