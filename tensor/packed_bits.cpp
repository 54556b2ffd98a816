#include "tensor/packed_bits.hpp"

#include "tensor/backend.hpp"
#include "tensor/error.hpp"
#include "tensor/observer.hpp"
#include "tensor/purpose.hpp"

namespace tensor {

Tensor unpack_rows(const Tensor& packed, std::span<const std::int64_t> rows, const Shape& shape, DType dtype,
                   const std::int64_t* held) {
    constexpr const char* where = "unpack_rows";
    OperationScope operation(where);
    packed.require_defined(where);
    if (packed.dtype() != DType::u8 || packed.shape().rank() != 2)
        fail(where, "packed is {} {}, expected a u8 matrix", name_of(packed.dtype()), packed.shape().to_string());
    if (shape.rank() < 1 || shape[0] != static_cast<std::int64_t>(rows.size()))
        fail(where, "shape {} for {} rows", shape.to_string(), rows.size());
    if (!rows.empty() && shape.elements() / shape[0] > 8 * packed.shape()[1])
        fail(where, "shape {} needs more than the {} bits of a row", shape.to_string(), 8 * packed.shape()[1]);
    for (std::int64_t row : rows)
        if (row < 0 || row >= packed.shape()[0]) fail(where, "row {} of {}", row, packed.shape()[0]);
    Tensor y = Tensor::empty(shape, dtype, packed.device());
    backend(packed.device()).unpack_rows(packed, rows, held, y);
    const double bytes_read = static_cast<double>(y.elements()) / 8;  // of the rows asked for alone
    operation.ran({&packed}, {&y}, 0, bytes_read + static_cast<double>(y.bytes()));
    return y;
}

Shape positive_bits_shape(std::int64_t elements) { return {(elements + 31) / 32 * 4}; }

void require_bits(const char* where, const char* name, const Tensor& bits, const Tensor& of) {
    const Shape expected = positive_bits_shape(of.elements());
    if (bits.dtype() != DType::u8 || !(bits.shape() == expected))
        fail(where, "{} is {} {}, expected u8 {}, one bit per element of {}", name, name_of(bits.dtype()),
             bits.shape().to_string(), expected.to_string(), of.shape().to_string());
    if (reinterpret_cast<std::uintptr_t>(bits.raw()) % 4 != 0)
        fail(where, "{} begins inside a word, expected a multiple of 4 bytes", name);
    if (bits.device() != of.device())
        fail(where, "{} on {}, the values on {}, expected one device", name, bits.device().to_string(),
             of.device().to_string());
}

Tensor empty_positive_bits(const Tensor& x) {
    const PurposeScope purpose(Purpose::masks);
    return Tensor::empty(positive_bits_shape(x.elements()), DType::u8, x.device());
}

Tensor positive_bits(const Tensor& x) {
    constexpr const char* where = "positive_bits";
    OperationScope operation(where);
    require_real(where, x);
    Tensor bits = empty_positive_bits(x);
    backend(x.device()).positive_bits(x, bits);
    operation.ran({&x}, {&bits}, 0);
    return bits;
}

Tensor positive_bits_of_rows(const Tensor& bits, const Tensor& x, std::int64_t begin, std::int64_t end) {
    const Tensor rows = x.rows(begin, end);
    require_bits("positive_bits_of_rows", "bits", bits, x);
    if (rows.elements() == x.elements()) return bits;
    const std::int64_t first = x.elements() / x.shape()[0] * begin;
    if (first % 32 != 0 || rows.elements() % 32 != 0) return positive_bits(rows);
    return bits.rows(first / 8, (first + rows.elements()) / 8);
}

}  // namespace tensor
