// One bit per element: phrases unpacked, signs packed, masks applied.
#include "tensor/cpu/backend.hpp"
#include "tensor/cpu/epilogue.hpp"
#include "tensor/cpu/positive_bits.hpp"

namespace tensor::cpu {

namespace {

/// 1 where a bit of the byte is 1, -1 elsewhere, for the first `count`.
template <typename T>
inline void unpack_byte(std::uint32_t byte, std::int64_t count, T* target) {
#pragma omp simd
    for (std::int64_t k = 0; k < count; ++k) target[k] = byte >> k & 1 ? T(1) : T(-1);
}

}  // namespace

void CpuBackend::unpack_rows(const Tensor& packed, std::span<const std::int64_t> rows, const std::int64_t* held,
                             Tensor& y) const {
    if (y.elements() == 0) return;
    if (held) rows = {held, rows.size()};
    const std::int64_t cells = y.shape().elements() / y.shape()[0], row_bytes = packed.shape()[1];
    const std::uint8_t* const bytes = packed.data<std::uint8_t>();
    for_number_type(y.dtype(), [&]<typename T>(T) {
        T* const out = y.data<T>();
        parallel_for(static_cast<std::int64_t>(rows.size()), [=](std::int64_t n) {
            const std::uint8_t* const row = bytes + rows[static_cast<std::size_t>(n)] * row_bytes;
            T* const target = out + n * cells;
            const std::int64_t whole = cells / 8;
            for (std::int64_t i = 0; i < whole; ++i) unpack_byte(row[i], 8, target + 8 * i);
            if (cells % 8 != 0) unpack_byte(row[whole], cells % 8, target + 8 * whole);
        });
    });
}

void CpuBackend::positive_bits(const Tensor& x, Tensor& bits) const {
    const std::int64_t elements = x.elements(), bytes = bits.elements();
    std::uint8_t* const out = bits.data<std::uint8_t>();
    for_number_type(x.dtype(), [&]<typename T>(T) {
        const T* const values = x.data<T>();
        constexpr std::int64_t together = std::max<std::int64_t>(8, lanes<T>);  // whole vectors and whole bytes
        const std::int64_t whole = elements / together * together;
        for_chunks(whole, [=](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; i += lanes<T>) store_positive_bits<T>(load(values + i), out, i);
        });
        for (std::int64_t i = whole / 8; i < bytes; ++i)
            out[i] = positive_byte(values + 8 * i, std::max<std::int64_t>(0, elements - 8 * i));
    });
}

void CpuBackend::leaky_relu_bit_mask(const Tensor& bits, double slope, const Tensor& g, Tensor& y) const {
    for_number_type(g.dtype(), [&]<typename T>(T) {
        const T* const from = g.data<T>();
        T* const to = y.data<T>();
        const Finish<T> finish({.mask = bits, .mask_slope = slope});
        for_chunks(g.elements(), [&](std::int64_t begin, std::int64_t end) {
            std::copy(from + begin, from + end, to + begin);
            finish_tile(finish, 1, end - begin, 0, to, begin, 0);
        });
    });
}

}  // namespace tensor::cpu
