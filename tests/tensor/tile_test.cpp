// Packing, tiles, panels, passes and tasks of the CPU's products, each alone, against plain loops: whole numbers, so
// that every order of sums has the same bits. Memory is as long as the operands, so that a sanitizer sees more read.
#include "tensor/cpu/tile.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tensor/cpu/conv3d_tasks.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/devices.hpp"
#include "tests/support/random_data.hpp"

using namespace tensor::cpu;
using support::whole_numbers;

namespace {

/// Extents around those of vectors, and the channels that a plan merges to: 5 tracks, 12 pitches.
constexpr std::int64_t widths[] = {1, 5, 8, 10, 15, 16, 17, 31, 32, 33, 60, 64, 65};

std::size_t at(std::int64_t row, std::int64_t step, std::int64_t column = 0) {
    return static_cast<std::size_t>(row * step + column);
}

/// Two matrices a [rows, inner] and b [inner, columns], and their product.
template <typename T>
struct Matrices {
    std::int64_t rows, inner, columns;
    std::vector<T> a = whole_numbers<T>(rows * inner, 1), b = whole_numbers<T>(inner * columns, 2);

    T product(std::int64_t i, std::int64_t j) const {
        T sum = 0;
        for (std::int64_t k = 0; k < inner; ++k) sum += a[at(i, inner, k)] * b[at(k, columns, j)];
        return sum;
    }
};

/// The element of a packed block that holds b(k, ...): a number, or the pair of it and the next one, 0 behind the last.
template <typename O, typename B>
O element(std::int64_t k, std::int64_t inner, const B& b) {
    if constexpr (numbers_per<O> == 1) return b(k);
    else return to_pair(b(2 * k), 2 * k + 1 < inner ? b(2 * k + 1) : 0.0f);
}

/// Columns of a, as tiles read it: row by row, or column by column.
template <typename O>
std::vector<O> operand_a(const Number<O>* a, std::int64_t step, std::int64_t rows, std::int64_t inner,
                         bool by_columns) {
    const std::int64_t elements = elements_for<O>(inner);
    std::vector<O> packed(static_cast<std::size_t>(rows * elements));
    for (std::int64_t i = 0; i < rows; ++i)
        for (std::int64_t k = 0; k < elements; ++k)
            packed[by_columns ? at(k, rows, i) : at(i, elements, k)] =
                element<O>(k, inner, [&](std::int64_t l) { return a[at(i, step, l)]; });
    return packed;
}

/// A b whose inner extent is cut into terms of these extents, and the terms of a product with it.
template <typename O>
struct Cut {
    using T = Number<O>;
    std::vector<std::vector<O>> a;
    std::vector<O> packed;
    Panels<O> b;
    std::vector<Term<O>> terms;

    Cut(const Matrices<T>& m, const std::vector<std::int64_t>& extents, bool by_columns) {
        for (const std::int64_t extent : extents) b.inner += elements_for<O>(extent);
        b.columns = m.columns;
        packed.resize(static_cast<std::size_t>(Panels<O>::packed_size(b.inner, b.columns)));
        b.values = packed.data();
        std::int64_t first = 0, row = 0;
        for (const std::int64_t extent : extents) {
            a.push_back(operand_a<O>(m.a.data() + first, m.inner, m.rows, extent, by_columns));
            pack_panels<O>(m.b.data() + first * m.columns, m.columns, false, extent, m.columns, b.inner, row,
                           packed.data());
            const std::int64_t elements = elements_for<O>(extent);
            terms.push_back({a.back().data(), by_columns ? m.rows : elements, row, elements,
                             reinterpret_cast<const char*>(m.a.data() + first), m.inner});
            first += extent;
            row += elements;
        }
        REQUIRE(first == m.inner);
    }
};

}  // namespace

TEST_CASE_TEMPLATE("a packed block holds each number of b or of its transpose, zeros behind, and nothing more", O,
                   float, double, Bf16Pair) {
    using T = Number<O>;
    for (const std::int64_t inner : {0, 1, 2, 3, 8, 17, 33, 70})
        for (const std::int64_t count : widths)
            for (const bool transposed : {false, true}) {
                CAPTURE(fmt::format("{} x {}, transposed: {}", inner, count, transposed));
                const std::int64_t step = (transposed ? inner : count) + 2, width = count + 3;
                const std::int64_t stored = transposed ? count : inner, elements = elements_for<O>(inner);
                const std::vector<T> b = whole_numbers<T>(std::max<std::int64_t>(0, stored * step - 2), 1);
                std::vector<O> to(at(elements, width, 5), O(77)), expected = to;
                for (std::int64_t k = 0; k < elements; ++k)
                    for (std::int64_t j = 0; j < width; ++j)
                        expected[at(k, width, j)] = j >= count ? O(0) : element<O>(k, inner, [&](std::int64_t l) {
                            return b[transposed ? at(j, step, l) : at(l, step, j)];
                        });
                if (transposed) tensor::cpu::pack_transposed<O>(b.data(), step, inner, count, width, to.data());
                else pack_block<O>(b.data(), step, inner, count, width, to.data());
                CHECK(to == expected);
            }
}

TEST_CASE("neighbours are paired for every count, the last with 0, and nothing behind them is written") {
    for (std::int64_t count = 0; count < 100; ++count) {
        const std::vector<float> from = whole_numbers<float>(count, 1);
        std::vector<Bf16Pair> to(at((count + 1) / 2, 1, 20), 77), expected = to;
        for (std::int64_t k = 0; k < (count + 1) / 2; ++k)
            expected[at(k, 1)] = element<Bf16Pair>(k, count, [&](std::int64_t l) { return from[at(l, 1)]; });
        pair_neighbours(from.data(), count, to.data());
        CHECK(to == expected);
    }
}

TEST_CASE_TEMPLATE("panels hold some rows of b beside what they held, the last one in whole vectors", O, float, double,
                   Bf16Pair) {
    using T = Number<O>;
    for (const std::int64_t columns : widths)
        for (const std::int64_t inner : {1, 6, 13})
            for (const bool transposed : {false, true}) {
                CAPTURE(fmt::format("{} x {}, transposed: {}", inner, columns, transposed));
                const std::int64_t step = transposed ? inner : columns, first = 2, rows = elements_for<O>(inner);
                const std::vector<T> b = whole_numbers<T>(inner * columns, 1);
                const std::int64_t all = first + rows + 1;
                std::vector<O> packed(static_cast<std::size_t>(Panels<O>::packed_size(all, columns)), O(77));
                pack_panels<O>(b.data(), step, transposed, inner, columns, all, first, packed.data());
                const Panels<O> panels{packed.data(), all, columns};
                for (std::int64_t j = 0; j < Panels<O>::whole_vectors(columns); ++j)
                    for (std::int64_t k = 0; k < all; ++k) {
                        const std::int64_t panel = j / panel_columns<O> * panel_columns<O>;
                        const auto number = [&](std::int64_t l) {
                            return b[transposed ? at(j, step, l) : at(l, step, j)];
                        };
                        O expected(77);
                        if (k >= first && k < first + rows)
                            expected = j < columns ? element<O>(k - first, inner, number) : O(0);
                        if (panels.panel(panel)[k * panels.panel_step(panel) + j - panel] != expected)
                            FAIL_CHECK("row ", k, ", column ", j);
                    }
            }
}

TEST_CASE_TEMPLATE("a tile of any height and width is the sum of its terms, added or not, and nothing beside it", O,
                   float, double, Bf16Pair) {
    using T = Number<O>;
    if constexpr (numbers_per < O >> 1) NEEDS_BF16();
    const auto check = [&]<bool by_columns>(std::int64_t rows, std::int64_t columns,
                                            const std::vector<std::int64_t>& extents, bool accumulate) {
        CAPTURE(fmt::format("{} rows, {} columns, {} terms of {}", rows, columns, extents.size(), extents[0]));
        CAPTURE(by_columns);
        CAPTURE(accumulate);
        std::int64_t inner = 0;
        for (const std::int64_t extent : extents) inner += extent;
        const Matrices<T> m{rows, inner, columns};
        const Cut<O> cut(m, extents, by_columns);
        const std::int64_t c_step = columns + 3;
        std::vector<T> c = whole_numbers<T>(rows * c_step - 3, 3), expected = c;
        for (std::int64_t i = 0; i < rows; ++i)
            for (std::int64_t j = 0; j < columns; ++j)
                expected[at(i, c_step, j)] = m.product(i, j) + (accumulate ? c[at(i, c_step, j)] : T(0));
        Ahead ahead{.first_row = rows, .rows = rows};
        if (by_columns) ahead = {.column = cut.terms[0].source, .column_step = 64, .lines = 2};
        multiply_panel<O, by_columns>(cut.b, 0, rows, cut.terms, ahead, accumulate, c.data(), c_step);
        CHECK(c == expected);
    };
    for (std::int64_t rows = 1; rows <= tile_rows; ++rows)
        for (const std::int64_t columns : widths)
            for (const auto& extents : {std::vector<std::int64_t>{37}, {1}, {4, 1, 33}})
                for (const bool accumulate : {false, true}) {
                    if (columns > panel_columns<O>) continue;
                    check.template operator()<false>(rows, columns, extents, accumulate);
                    check.template operator()<true>(rows, columns, extents, accumulate);
                }
}

TEST_CASE_TEMPLATE("a part of a product is right for one pass and several, and each piece is finished when it is done",
                   O, float, double, Bf16Pair) {
    using T = Number<O>;
    if constexpr (numbers_per < O >> 1) NEEDS_BF16();
    const auto check = [](const Matrices<T>& m, const std::vector<std::int64_t>& extents, std::int64_t first_column) {
        CAPTURE(fmt::format("{} x {} x {}, from column {}", m.rows, m.inner, m.columns, first_column));
        Cut<O> cut(m, extents, false);
        if constexpr (numbers_per<O> == 1)  // a b that need not be packed is read where it lies
            if (m.columns % lanes<O> == 0) cut.b = {m.b.data(), m.inner, m.columns, m.columns};
        const std::int64_t columns = m.columns - first_column, step = columns + 3;
        std::vector<T> c(static_cast<std::size_t>(m.rows * step - 3), T(77));
        std::vector<int> fetched(c.size(), 0), finished(c.size(), 0);
        const auto elements_of = [&](const Piece& piece, const auto& work) {
            for (std::int64_t i = piece.row; i < piece.row + piece.rows; ++i)
                for (std::int64_t j = piece.column; j < piece.column + piece.columns; ++j) work(i, j);
        };
        const auto fetch = [&](const Piece& piece) {
            elements_of(piece, [&](std::int64_t i, std::int64_t j) { ++fetched[at(i, step, j)]; });
        };
        const auto finish = [&](const Piece& piece) {
            elements_of(piece, [&](std::int64_t i, std::int64_t j) {
                const std::size_t k = at(i, step, j);
                ++finished[k];
                if (c[k] != m.product(i, first_column + j) || fetched[k] != 1) FAIL_CHECK("row ", i, ", column ", j);
            });
        };
        multiply_part<O>(cut.b, cut.terms, {m.rows, first_column, columns, c.data(), step}, fetch, finish);
        for (std::size_t k = 0; k < c.size(); ++k) {
            const bool is_inside = static_cast<std::int64_t>(k) % step < columns;
            if (finished[k] != is_inside || (!is_inside && c[k] != T(77))) FAIL_CHECK("element ", k);
        }
    };
    for (const std::int64_t columns : widths)
        for (const std::int64_t rows : {1, 15, 2 * tile_rows})
            for (const auto& extents : {std::vector<std::int64_t>{37}, {5, 1, 33}}) {
                const std::int64_t inner = extents.size() == 1 ? 37 : 39;
                check({rows, inner, columns}, extents, 0);
                if (columns > panel_columns<O>) check({rows, inner, columns}, extents, panel_columns<O>);
            }
    // So long that a pass ends inside a term, at its end, and with a term of a single number.
    const std::int64_t pass = numbers_per<O> * cached_elements / 64;
    check({13, 2 * pass + 4096, 64}, {pass, 1, pass - 1, 4096}, 0);
    check({2, 3 * pass, 64}, {3 * pass}, 0);
    check({5, 3 * pass + 1, 60}, {100, 3 * pass - 99}, 0);
}

TEST_CASE("tasks hold every row and column of every product once, whatever stands beside it") {
    const auto check = [](const std::vector<std::pair<std::int64_t, std::int64_t>>& products, TaskShape shape) {
        std::vector<Task> tasks;
        std::vector<std::vector<int>> seen;
        for (std::size_t k = 0; k < products.size(); ++k) {
            const auto [rows, columns] = products[k];
            seen.emplace_back(static_cast<std::size_t>(rows * columns), 0);
            add_tasks(tasks, k, rows, columns, shape);
        }
        for (const Task& task : tasks)
            for (std::size_t k = task.first; k < task.last; ++k) {
                const auto [rows, columns] = products[k];
                const std::int64_t own = rows_of(task, rows);
                REQUIRE((task.first_row + own <= rows && task.first_column + task.columns <= columns));
                for (std::int64_t i = task.first_row; i < task.first_row + own; ++i)
                    for (std::int64_t j = 0; j < task.columns; ++j) ++seen[k][at(i, columns, task.first_column + j)];
            }
        for (std::size_t k = 0; k < seen.size(); ++k) {
            CAPTURE(k);
            CHECK(seen[k] == std::vector<int>(seen[k].size(), 1));
        }
    };
    check({{25, 3}, {1, 3}, {2, 3}, {12, 3}, {6, 3}, {6, 3}, {1, 3}, {13, 3}, {1, 4}, {1, 3}}, {12, 64});
    check({{6, 130}, {6, 2}, {3, 2}, {3, 2}, {12, 2}, {1, 2}, {25, 130}, {1, 2}, {1, 64}}, {12, 64});
    check({{1, 1}, {1, 1}, {1, 1}}, {1, 64});
}
