// One bit per element: phrases unpacked, signs packed, masks applied.
#include "tensor/cpu/backend.hpp"
#include "tensor/cpu/epilogue.hpp"
#include "tensor/cpu/positive_bits.hpp"

namespace tensor::cpu {

void CpuBackend::unpack_rows(const Tensor& packed, std::span<const std::int64_t> rows, Tensor& y) const {
    if (y.elements() == 0) return;
    const std::int64_t cells = y.shape().elements() / y.shape()[0], row_bytes = packed.shape()[1];
    const std::uint8_t* const bytes = packed.data<std::uint8_t>();
    for_number_type(y.dtype(), [&]<typename T>(T) {
        T* const out = y.data<T>();
#pragma omp parallel for schedule(static)
        for (std::size_t n = 0; n < rows.size(); ++n) {
            const std::uint8_t* const row = bytes + rows[n] * row_bytes;
            T* const target = out + static_cast<std::int64_t>(n) * cells;
            for (std::int64_t i = 0; i < cells; i += 8) {
                const std::uint32_t eight = row[i / 8];
                const auto count = static_cast<std::uint32_t>(std::min<std::int64_t>(8, cells - i));
#pragma omp simd
                for (std::uint32_t k = 0; k < count; ++k) target[i + k] = eight >> k & 1 ? T(1) : T(-1);
            }
        }
    });
}

void CpuBackend::positive_bits(const Tensor& x, Tensor& bits) const {
    const std::int64_t elements = x.elements(), whole = elements / 8, bytes = bits.elements();
    std::uint8_t* const out = bits.data<std::uint8_t>();
    for_number_type(x.dtype(), [&]<typename T>(T) {
        const T* const values = x.data<T>();
#pragma omp parallel for schedule(static) if (elements >= parallel_elements)
        for (std::int64_t i = 0; i < whole; ++i) out[i] = positive_byte(values + 8 * i);
        for (std::int64_t i = whole; i < bytes; ++i)
            out[i] = positive_byte(values + 8 * i, std::max<std::int64_t>(0, elements - 8 * i));
    });
}

void CpuBackend::leaky_relu_bit_mask(const Tensor& bits, double slope, const Tensor& g, Tensor& y) const {
    const std::int64_t elements = g.elements(), pieces = (elements + chunk - 1) / chunk;
    for_number_type(g.dtype(), [&]<typename T>(T) {
        const T* const from = g.data<T>();
        T* const to = y.data<T>();
#pragma omp parallel for schedule(static) if (elements >= parallel_elements)
        for (std::int64_t piece = 0; piece < pieces; ++piece) {
            const std::int64_t first = piece * chunk, count = std::min(chunk, elements - first);
            std::copy_n(from + first, count, to + first);
            apply_bit_mask(bits.data<std::uint8_t>(), slope, first, count, to + first);
        }
    });
}

}  // namespace tensor::cpu
