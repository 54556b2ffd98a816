// Products of many rows with one b, which is packed once: panels of as many columns as a tile has, the inner index
// slowest, so that a tile reads its panel from front to back.
#pragma once

#include <array>
#include <vector>

#include "tensor/cpu/tile.hpp"

namespace tensor::cpu {

/// A matrix b [inner, columns] as tiles read it. Packed, columns that are missing in the last vector are zeros.
template <typename T>
struct Panels {
    const T* values = nullptr;
    std::int64_t inner = 0, columns = 0;
    std::int64_t step = 0;  ///< between rows of a b that is read as it is stored; 0 if it is packed

    /// Numbers of the packed form.
    static std::int64_t packed_size(std::int64_t inner, std::int64_t columns) { return inner * whole_vectors(columns); }
    static std::int64_t whole_vectors(std::int64_t columns) { return (columns + lanes<T> - 1) / lanes<T> * lanes<T>; }
    /// Columns of the panel that begins with column `first`, a multiple of panel_columns; its rows, and their step.
    std::int64_t width(std::int64_t first) const { return std::min(panel_columns<T>, columns - first); }
    const T* panel(std::int64_t first) const { return values + first * (step > 0 ? 1 : inner); }
    std::int64_t panel_step(std::int64_t first) const { return step > 0 ? step : whole_vectors(width(first)); }
};

/// `rows` rows of a matrix, `step` apart, as rows of exactly `width` numbers behind each other: copies of a length that
/// the compiler knows.
template <typename T, std::int64_t width>
void pack_rows(const T* from, std::int64_t step, std::int64_t rows, T* to) {
    for (std::int64_t k = 0; k < rows; ++k)
        std::memcpy(to + k * width, from + k * step, static_cast<std::size_t>(width) * sizeof(T));
}

/// Packs the columns of the panel at `first` into their place in `to`: b is [inner, columns], its rows `step` apart, or
/// its transpose is.
template <typename T>
void pack_panel(const T* b, std::int64_t step, bool transposed, std::int64_t inner, std::int64_t columns,
                std::int64_t first, T* to) {
    const std::int64_t count = std::min(panel_columns<T>, columns - first);
    const std::int64_t width = Panels<T>::whole_vectors(count);
    T* target = to + first * inner;
    if (!transposed && count == panel_columns<T>) return pack_rows<T, panel_columns<T>>(b + first, step, inner, target);
    for (std::int64_t k = 0; k < inner; ++k, target += width) {
        if (transposed)
            for (std::int64_t j = 0; j < count; ++j) target[j] = b[(first + j) * step + k];
        else std::copy_n(b + k * step + first, count, target);
        std::fill(target + count, target + width, T(0));
    }
}

/// c [rows, columns of the panel at `first`] = the sum of the terms, or is added to it; rows up to tile_rows.
template <typename T, bool by_columns>
void multiply_panel(const Panels<T>& b, std::int64_t first, std::int64_t rows, std::span<const Term<T>> terms,
                    const Ahead<T>& ahead, bool accumulate, T* c, std::int64_t c_step) {
    const std::int64_t columns = b.width(first), b_step = b.panel_step(first);
    const T* const panel = b.panel(first);
    if (columns == panel_columns<T>)
        return multiply_some_rows<T, tile_vectors, by_columns>(rows, terms, panel, b_step, ahead, accumulate, c,
                                                               c_step);
    if (columns == lanes<T>)
        return multiply_some_rows<T, 1, by_columns>(rows, terms, panel, b_step, ahead, accumulate, c, c_step);
    // Some columns of the last vector are none of c's.
    std::array<T, static_cast<std::size_t>(tile_rows * panel_columns<T>)> whole;
    T* const tile = whole.data();
    if (b_step == lanes<T>)
        multiply_some_rows<T, 1, by_columns>(rows, terms, panel, b_step, ahead, false, tile, b_step);
    else multiply_some_rows<T, tile_vectors, by_columns>(rows, terms, panel, b_step, ahead, false, tile, b_step);
    for (std::int64_t i = 0; i < rows; ++i)
        for (std::int64_t j = 0; j < columns; ++j) {
            const T value = tile[i * b_step + j];
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

/// Numbers of b that a second-level cache holds beside what passes by.
inline constexpr std::int64_t cached_numbers = 96 << 10;

/// Panels of a tile's rows that are finished together, in the first-level cache.
inline constexpr std::int64_t finished_panels = 4;

/// A piece of a part: rows [row, row + rows) and columns [column, column + columns), counted from its first ones.
struct Piece {
    std::int64_t row = 0, rows = 0, column = 0, columns = 0;
};

/// One pass over the rows: c = the sum of the terms, or it is added to c. Advances the terms' a by all rows.
template <typename T, typename Before, typename After>
void multiply_pass(const Panels<T>& b, std::span<Term<T>> terms, const ProductPart<T>& part, bool accumulate,
                   const Before& before, const After& after) {
    constexpr std::int64_t group = finished_panels * panel_columns<T>;
    const std::int64_t tiles = (part.rows + tile_rows - 1) / tile_rows;
    for (std::int64_t tile = 0, first = 0; tile < tiles; ++tile) {
        const std::int64_t end = (tile + 1) * part.rows / tiles, rows = end - first;
        for (std::int64_t column = 0; column < part.columns; column += group) {
            const Piece piece{first, rows, column, std::min(group, part.columns - column)};
            before(piece);
            for (std::int64_t j = column; j < column + piece.columns; j += panel_columns<T>) {
                // Each panel fetches its share of the rows of the next tile.
                const std::int64_t ahead = rows * j / part.columns,
                                   next = rows * std::min(part.columns, j + panel_columns<T>) / part.columns;
                multiply_panel<T, false>(b, part.first_column + j, rows, terms,
                                         {.first_row = rows + ahead, .rows = next - ahead}, accumulate,
                                         part.c + first * part.c_step + j, part.c_step);
            }
            after(piece);
        }
        for (Term<T>& term : terms) term.a += rows * term.a_step;
        first = end;
    }
}

/// c = the sum of the terms. Calls finish(piece) for pieces of the part when they are done and in the cache, and before
/// that fetch(piece) when their last pass begins. Uses up the terms.
template <typename T, typename Fetch, typename Finish>
void multiply_part(const Panels<T>& b, std::span<Term<T>> terms, const ProductPart<T>& part, const Fetch& fetch,
                   const Finish& finish) {
    // What is stored is read again by finish: its lines should be on their way by then.
    const auto fetch_result = [&](const Piece& piece) {
        for (std::int64_t i = piece.row; i < piece.row + piece.rows; ++i)
            for (std::int64_t j = piece.column; j < piece.column + piece.columns; j += line<T>)
                __builtin_prefetch(part.c + i * part.c_step + j, 1);
    };
    const auto fetch_all = [&](const Piece& piece) { fetch_result(piece), fetch(piece); };
    const auto nothing = [](const Piece&) {};
    // As many rows of b per pass as the cache holds. What is too long is cut.
    const std::int64_t most_inner = std::max<std::int64_t>(line<T>, cached_numbers / part.columns / line<T> * line<T>);
    std::int64_t inner = 0;
    for (const Term<T>& term : terms) inner += term.inner;
    if (inner <= most_inner) return multiply_pass(b, terms, part, false, fetch_all, finish);
    std::vector<Term<T>> some;
    for (std::int64_t begin = 0; begin < inner; begin += most_inner) {
        some.clear();
        std::int64_t first = 0;  // of this term among all
        for (const Term<T>& term : terms) {
            const std::int64_t skipped = std::clamp<std::int64_t>(begin - first, 0, term.inner),
                               end = std::clamp<std::int64_t>(begin + most_inner - first, 0, term.inner);
            if (skipped < end) some.push_back({term.a + skipped, term.a_step, term.b_first + skipped, end - skipped});
            first += term.inner;
        }
        if (begin + most_inner >= inner) multiply_pass<T>(b, some, part, true, fetch, finish);
        else if (begin > 0) multiply_pass<T>(b, some, part, true, nothing, nothing);
        else multiply_pass<T>(b, some, part, false, fetch_result, nothing);
    }
}

}  // namespace tensor::cpu
