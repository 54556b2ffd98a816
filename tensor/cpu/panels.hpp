// Products of many rows with one b, which is packed once: panels of as many columns as a tile has, the inner index
// slowest, so that a tile reads its panel from front to back.
#pragma once

#include <array>
#include <vector>

#include "tensor/cpu/backend.hpp"
#include "tensor/cpu/tile.hpp"

namespace tensor::cpu {

/// A matrix b [inner, columns] as tiles read it, inner in elements of O. Packed, columns that are missing in the last
/// vector are zeros.
template <typename O>
struct Panels {
    const O* values = nullptr;
    std::int64_t inner = 0, columns = 0;
    std::int64_t step = 0;  ///< between rows of a b that is read as it is stored; 0 if it is packed

    /// Elements of the packed form.
    static std::int64_t packed_size(std::int64_t inner, std::int64_t columns) { return inner * whole_vectors(columns); }
    static std::int64_t whole_vectors(std::int64_t columns) { return (columns + lanes<O> - 1) / lanes<O> * lanes<O>; }
    /// Columns of the panel that begins with column `first`, a multiple of panel_columns; its rows, and their step.
    std::int64_t width(std::int64_t first) const { return std::min(panel_columns<O>, columns - first); }
    const O* panel(std::int64_t first) const { return values + first * (step > 0 ? 1 : inner); }
    std::int64_t panel_step(std::int64_t first) const { return step > 0 ? step : whole_vectors(width(first)); }
};

/// Packs `inner` rows of numbers, or columns if `transposed`, of a matrix of `columns` into all panels of `to`, each of
/// panel_inner elements of O per column, from row `first` of the panels on.
template <typename O>
void pack_panels(const Number<O>* b, std::int64_t step, bool transposed, std::int64_t inner, std::int64_t columns,
                 std::int64_t panel_inner, std::int64_t first, O* to) {
    const auto pack = [&](std::int64_t panel) {
        const std::int64_t j = panel * panel_columns<O>, count = std::min(panel_columns<O>, columns - j),
                           width = Panels<O>::whole_vectors(count);
        O* const target = to + j * panel_inner + first * width;
        const Number<O>* const from = b + j * (transposed ? step : 1);
        if (transposed) pack_transposed<O>(from, step, inner, count, width, target);
        // The copies of whole panels have a length that the compiler knows.
        else if (count == panel_columns<O>)
            pack_block<O>(from, step, inner, panel_columns<O>, panel_columns<O>, target);
        else pack_block<O>(from, step, inner, count, width, target);
    };
    parallel_for((columns + panel_columns<O> - 1) / panel_columns<O>, pack, is_worth_sharing(inner * columns));
}

/// c [rows, columns of the panel at `first`] = the sum of the terms, or is added to it; rows up to tile_rows.
template <typename O, bool by_columns>
void multiply_panel(const Panels<O>& b, std::int64_t first, std::int64_t rows, std::span<const Term<O>> terms,
                    const Ahead& ahead, bool accumulate, Number<O>* c, std::int64_t c_step) {
    const std::int64_t columns = b.width(first), b_step = b.panel_step(first);
    const O* const panel = b.panel(first);
    if (columns == panel_columns<O>)
        return multiply_some_rows<O, tile_vectors, by_columns>(rows, terms, panel, b_step, ahead, accumulate, c,
                                                               c_step);
    if (columns == lanes<O>)
        return multiply_some_rows<O, 1, by_columns>(rows, terms, panel, b_step, ahead, accumulate, c, c_step);
    // Some columns of the last vector are none of c's.
    std::array<Number<O>, static_cast<std::size_t>(tile_rows * panel_columns<O>)> whole;
    Number<O>* const tile = whole.data();
    if (b_step == lanes<O>)
        multiply_some_rows<O, 1, by_columns>(rows, terms, panel, b_step, ahead, false, tile, b_step);
    else multiply_some_rows<O, tile_vectors, by_columns>(rows, terms, panel, b_step, ahead, false, tile, b_step);
    for (std::int64_t i = 0; i < rows; ++i)
        for (std::int64_t j = 0; j < columns; ++j) {
            const Number<O> value = tile[i * b_step + j];
            c[i * c_step + j] = accumulate ? c[i * c_step + j] + value : value;
        }
}

/// The part of a product that one task computes: rows of a and c from the terms' own first row on, and the columns
/// [first_column, first_column + columns) of b and c, first_column a multiple of panel_columns.
template <typename T>
struct ProductPart {
    std::int64_t rows = 0, first_column = 0, columns = 0;
    T* c = nullptr;  ///< its first element
    std::int64_t c_step = 0;
};

/// Elements of b that a second-level cache holds beside what passes by.
inline constexpr std::int64_t cached_elements = 96 << 10;

/// Panels of a tile's rows that are finished together, in the first-level cache.
inline constexpr std::int64_t finished_panels = 4;

/// A piece of a part: rows [row, row + rows) and columns [column, column + columns), counted from its first ones.
struct Piece {
    std::int64_t row = 0, rows = 0, column = 0, columns = 0;
};

/// One pass over the rows: c = the sum of the terms, or it is added to c. Advances the terms' a by all rows.
template <typename O, typename Before, typename After>
void multiply_pass(const Panels<O>& b, std::span<Term<O>> terms, const ProductPart<Number<O>>& part, bool accumulate,
                   const Before& before, const After& after) {
    constexpr std::int64_t group = finished_panels * panel_columns<O>;
    const std::int64_t tiles = (part.rows + tile_rows - 1) / tile_rows;
    for (std::int64_t tile = 0, first = 0; tile < tiles; ++tile) {
        const std::int64_t end = (tile + 1) * part.rows / tiles, rows = end - first;
        for (std::int64_t column = 0; column < part.columns; column += group) {
            const Piece piece{first, rows, column, std::min(group, part.columns - column)};
            before(piece);
            for (std::int64_t j = column; j < column + piece.columns; j += panel_columns<O>) {
                // Each panel fetches its share of the rows of the next tile.
                const std::int64_t ahead = rows * j / part.columns,
                                   next = rows * std::min(part.columns, j + panel_columns<O>) / part.columns;
                multiply_panel<O, false>(b, part.first_column + j, rows, terms,
                                         {.first_row = rows + ahead, .rows = next - ahead}, accumulate,
                                         part.c + first * part.c_step + j, part.c_step);
            }
            after(piece);
        }
        for (Term<O>& term : terms) term.a += rows * term.a_step, term.source += rows * term.source_step;
        first = end;
    }
}

/// c = the sum of the terms. Calls finish(piece) for pieces of the part when they are done and in the cache, and before
/// that fetch(piece) when their last pass begins. Uses up the terms.
template <typename O, typename Fetch, typename Finish>
void multiply_part(const Panels<O>& b, std::span<Term<O>> terms, const ProductPart<Number<O>>& part, const Fetch& fetch,
                   const Finish& finish) {
    // What is stored is read again by finish: its lines should be on their way by then.
    const auto fetch_result = [&](const Piece& piece) {
        for (std::int64_t i = piece.row; i < piece.row + piece.rows; ++i)
            for (std::int64_t j = piece.column; j < piece.column + piece.columns; j += line<Number<O>>)
                __builtin_prefetch(part.c + i * part.c_step + j, 1);
    };
    const auto fetch_all = [&](const Piece& piece) { fetch_result(piece), fetch(piece); };
    const auto nothing = [](const Piece&) {};
    // As many rows of b per pass as the cache holds. What is too long is cut.
    const std::int64_t most_inner = std::max<std::int64_t>(line<O>, cached_elements / part.columns / line<O> * line<O>);
    std::int64_t inner = 0;
    for (const Term<O>& term : terms) inner += term.inner;
    if (inner <= most_inner) return multiply_pass(b, terms, part, false, fetch_all, finish);
    std::vector<Term<O>> some;
    for (std::int64_t begin = 0; begin < inner; begin += most_inner) {
        some.clear();
        std::int64_t first = 0;  // of this term among all
        for (const Term<O>& term : terms) {
            const std::int64_t skipped = std::clamp<std::int64_t>(begin - first, 0, term.inner),
                               end = std::clamp<std::int64_t>(begin + most_inner - first, 0, term.inner);
            if (skipped < end) some.push_back({term.a + skipped, term.a_step, term.b_first + skipped, end - skipped});
            first += term.inner;
        }
        if (begin + most_inner >= inner) multiply_pass<O>(b, some, part, true, fetch, finish);
        else if (begin > 0) multiply_pass<O>(b, some, part, true, nothing, nothing);
        else multiply_pass<O>(b, some, part, false, fetch_result, nothing);
    }
}

}  // namespace tensor::cpu
