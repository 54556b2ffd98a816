// What follows a product while its tile is still in the cache: all of it in one pass.
#pragma once

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "tensor/backend.hpp"
#include "tensor/cpu/positive_bits.hpp"
#include "tensor/cpu/vector.hpp"

namespace tensor::cpu {

/// An epilogue for numbers of type T, and where the positive_bits of what comes out go: null for nowhere.
template <typename T>
struct Finish {
    const T* bias = nullptr;
    std::int64_t channels = 0;  ///< of the bias
    T slope = T(1), mask_slope = T(1);
    const T* reference = nullptr;        ///< the mask as numbers
    const std::uint8_t* bits = nullptr;  ///< the mask as bits
    std::uint8_t* positive = nullptr;

    explicit Finish(const Epilogue& epilogue, std::uint8_t* positive_bits = nullptr)
        : slope(static_cast<T>(epilogue.slope)),
          mask_slope(static_cast<T>(epilogue.mask_slope)),
          positive(positive_bits) {
        if (epilogue.bias.defined()) bias = epilogue.bias.data<T>(), channels = epilogue.bias.elements();
        if (epilogue.has_bit_mask()) bits = epilogue.mask.data<std::uint8_t>();
        else if (epilogue.has_mask()) reference = epilogue.mask.data<T>();
    }
    bool activates() const { return bias || slope != T(1); }
    bool empty() const { return !activates() && !reference && !bits && !positive; }
};

/// Bits [first, first + lanes) of `bits`; first is a multiple of the lanes, so that none of them crosses a byte's end
/// that the others do not reach.
template <typename T>
inline std::uint32_t bits_of_vector(const std::uint8_t* bits, std::int64_t first) {
    const auto at = static_cast<std::uint64_t>(first);
    if constexpr (lanes<T> == 16) return bits[at / 8] | std::uint32_t{bits[at / 8 + 1]} << 8;
    else return static_cast<std::uint32_t>(bits[at / 8] >> at % 8);
}

/// `rows` rows of `columns` values from element `offset` of the result on, `step` apart; the first has the bias'
/// element `channel`. Whole vectors, and where there are bits, offset and step are multiples of the lanes.
template <typename T, bool activates, bool masks>
void finish_vectors(const Finish<T>& finish, std::int64_t rows, std::int64_t columns, std::int64_t channel, T* result,
                    std::int64_t offset, std::int64_t step) {
    using Whole = std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>;
    const Finish<T> f = finish;  // a copy, which the stores below cannot change
    Vector<Whole> own_bit;
    for (std::int64_t k = 0; k < lanes<T>; ++k) own_bit[k] = Whole{1} << k;
    for (std::int64_t i = 0; i < rows; ++i)
        for (std::int64_t k = 0; k < columns; k += lanes<T>) {
            const std::int64_t place = offset + i * step + k;
            Vector<T> value = load(result + place);
            if constexpr (activates) {
                if (f.bias) value += load(f.bias + channel + k);
                value = value > T(0) ? value : f.slope * value;
            }
            if constexpr (masks) {
                const Vector<T> scaled = f.mask_slope * value;
                if (f.bits) {
                    const auto bits = static_cast<Whole>(bits_of_vector<T>(f.bits, place));
                    value = (own_bit & bits) != 0 ? value : scaled;
                } else {
                    value = load(f.reference + place) > T(0) ? value : scaled;
                }
            }
            store<T>(value, result + place);
            if (f.positive) store_positive_bits<T>(value, f.positive, place);
        }
}

/// The same for any number of values, one by one.
template <typename T>
void finish_values(const Finish<T>& f, std::int64_t place, std::int64_t channel, std::int64_t count, T* values) {
    for (std::int64_t k = 0; k < count; ++k) {
        T value = values[k];
        if (f.bias) value += f.bias[channel + k];
        if (!(value > T(0))) value *= f.slope;
        const std::int64_t at = place + k;
        if (f.bits && !(f.bits[at / 8] >> at % 8 & 1)) value *= f.mask_slope;
        if (f.reference && !(f.reference[at] > T(0))) value *= f.mask_slope;
        values[k] = value;
        if (!f.positive) continue;
        const auto bit = static_cast<std::uint8_t>(1u << at % 8);
        f.positive[at / 8] =
            static_cast<std::uint8_t>(value > T(0) ? f.positive[at / 8] | bit : f.positive[at / 8] & ~bit);
    }
}

/// The epilogue on a tile of a result: rows x columns elements from `offset` on, rows `step` apart. `first_channel` is
/// the channel of the first column, less than their number; a tile that spans several positions passes through the
/// channels several times. Tiles of different threads may share no byte of positive_bits.
template <typename T>
void finish_tile(const Finish<T>& f, std::int64_t rows, std::int64_t columns, std::int64_t first_channel, T* result,
                 std::int64_t offset, std::int64_t step) {
    if (f.empty()) return;
    const std::int64_t channel = f.bias ? first_channel : 0, cycle = f.bias ? f.channels : columns;
    const bool bits_fit = !(f.bits || f.positive) || (offset % lanes<T> == 0 && step % lanes<T> == 0);
    if (columns % lanes<T> == 0 && channel + columns <= cycle && bits_fit) {
        const bool masks = f.bits || f.reference;
        if (f.activates() && masks) finish_vectors<T, true, true>(f, rows, columns, channel, result, offset, step);
        else if (f.activates()) finish_vectors<T, true, false>(f, rows, columns, channel, result, offset, step);
        else if (masks) finish_vectors<T, false, true>(f, rows, columns, channel, result, offset, step);
        else finish_vectors<T, false, false>(f, rows, columns, channel, result, offset, step);
        return;
    }
    for (std::int64_t i = 0; i < rows; ++i)
        for (std::int64_t j = 0; j < columns;) {
            const std::int64_t first = (channel + j) % cycle, run = std::min(columns - j, cycle - first);
            finish_values(f, offset + i * step + j, first, run, result + offset + i * step + j);
            j += run;
        }
}

/// Begins to fetch the mask for such a tile, whose rows lie far apart: to wait for it costs more than to apply it.
template <typename T>
void fetch_mask(const Finish<T>& f, std::int64_t rows, std::int64_t columns, std::int64_t offset, std::int64_t step) {
    constexpr std::int64_t line_bytes = 64;
    for (std::int64_t i = 0; i < rows; ++i) {
        const std::int64_t place = offset + i * step;
        if (f.bits)
            for (std::int64_t byte = place / 8; byte < (place + columns) / 8; byte += line_bytes)
                __builtin_prefetch(f.bits + byte);
        if (f.reference)
            for (std::int64_t j = 0; j < columns; j += line_bytes / static_cast<std::int64_t>(sizeof(T)))
                __builtin_prefetch(f.reference + place + j);
    }
}

}  // namespace tensor::cpu
