// Columns side by side: n columns of equal length as the columns of one matrix, element by element, and back. That is
// what a concat and a split of tracks are. Vectors of each column are shuffled into vectors of rows, two at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

namespace tensor::cpu {

enum class Interleave { join, part };

namespace detail {

#if defined(__AVX2__)
constexpr int lanes = 8;  // 16 where there is AVX-512 are no faster, and what is wider than the processor's is slow
#else
constexpr int lanes = 4;
#endif
typedef std::uint32_t Lanes __attribute__((vector_size(lanes * sizeof(std::uint32_t))));

/// Lane `lane` of result number `result` comes from this vector, and this lane of it. Of `join`, vector k is column k
/// and result 0 the first of the rows; of `part` the other way round.
struct Origin {
    int vector, lane;
};
template <Interleave way, int columns>
constexpr Origin origin(int result, int lane) {
    const int place = way == Interleave::join ? result * lanes + lane : lane * columns + result;
    return way == Interleave::join ? Origin{place % columns, place / columns} : Origin{place / lanes, place % lanes};
}

/// For a shuffle of what is there already, first, with vector number k, second: the lane, counted through both.
template <Interleave way, int columns>
constexpr int taken(int result, int k, int lane) {
    const Origin from = origin<way, columns>(result, lane);
    if (from.vector == k) return lanes + from.lane;
    return k == 1 && from.vector == 0 ? from.lane : lane;
}

template <Interleave way, int columns, int result, int k, std::size_t... lane>
Lanes shuffled(Lanes so_far, Lanes next, std::index_sequence<lane...>) {
    return __builtin_shufflevector(so_far, next, taken<way, columns>(result, k, static_cast<int>(lane))...);
}

template <Interleave way, int columns, int result, std::size_t... k>
Lanes result_of(const Lanes* vectors, std::index_sequence<k...>) {
    Lanes so_far = vectors[0];
    ((so_far = shuffled<way, columns, result, static_cast<int>(k) + 1>(so_far, vectors[k + 1],
                                                                       std::make_index_sequence<lanes>())),
     ...);
    return so_far;
}

/// `lanes` rows at once.
template <Interleave way, int columns, std::size_t... k>
void move_rows(const std::array<std::uint32_t*, columns>& column, std::uint32_t* rows, std::index_sequence<k...>) {
    const auto place = [&](std::size_t i, bool is_column) { return is_column ? column[i] : rows + i * lanes; };
    constexpr bool joins = way == Interleave::join;
    Lanes vectors[columns];
    (std::memcpy(&vectors[k], place(k, joins), sizeof(Lanes)), ...);
    const Lanes results[] = {
        result_of<way, columns, static_cast<int>(k)>(vectors, std::make_index_sequence<columns - 1>())...};
    (std::memcpy(place(k, !joins), &results[k], sizeof(Lanes)), ...);
}

}  // namespace detail

/// join: rows[i * columns + k] = column[k][i] for i below `count`; part: the other way round.
template <Interleave way, int columns>
void interleave(std::array<std::uint32_t*, columns> column, std::uint32_t* rows, std::int64_t count) {
    std::int64_t i = 0;
    for (; i + detail::lanes <= count; i += detail::lanes) {
        detail::move_rows<way, columns>(column, rows, std::make_index_sequence<columns>());
        for (std::uint32_t*& each : column) each += detail::lanes;
        rows += columns * detail::lanes;
    }
    for (; i < count; ++i, rows += columns)
        for (std::uint32_t*& each : column) {
            std::uint32_t& in_row = rows[&each - column.data()];
            if constexpr (way == Interleave::join) in_row = *each++;
            else *each++ = in_row;
        }
}

}  // namespace tensor::cpu
