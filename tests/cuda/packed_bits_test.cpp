// Bits on the device: == the bits that were packed, and == the mask from values.
#include "tensor/packed_bits.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "tensor/elementwise.hpp"
#include "tests/cuda/results.hpp"

using support::difference;
using tensor::Backend;
using tensor::Device;
using tensor::DType;
using tensor::Tensor;

// A launch takes 256 rows, and a thread as many cells as 16 bytes hold where a row's count allows it.
TEST_CASE_TEMPLATE("unpacked rows are the bits that were packed, from no row to more than two launches of them", T,
                   float, double) {
    NEEDS_CUDA();
    for (const std::int64_t cells : {1, 5, 8, 17, 64, 100, 1028}) {
        const std::int64_t row_bytes = (cells + 7) / 8 + 1, packed_rows = 50;
        std::vector<std::uint8_t> bytes;
        for (const std::int64_t i : support::whole_numbers<std::int64_t>(packed_rows * row_bytes * 2, 6))
            if (bytes.empty() || bytes.size() < static_cast<std::size_t>(packed_rows * row_bytes))
                bytes.push_back(static_cast<std::uint8_t>((i + 4) * 31 + static_cast<std::int64_t>(bytes.size()) * 7));
        const Tensor packed = Tensor::from(bytes, {packed_rows, row_bytes}, Device::cuda());
        for (const std::int64_t count : {0, 1, 3, 255, 256, 257, 600}) {
            CAPTURE(cells);
            CAPTURE(count);
            std::vector<std::int64_t> rows;
            std::vector<T> expected;
            for (std::int64_t n = 0; n < count; ++n) {
                rows.push_back(n * 17 % packed_rows);
                for (std::int64_t i = 0; i < cells; ++i) {
                    const int byte = bytes[static_cast<std::size_t>(rows.back() * row_bytes + i / 8)];
                    expected.push_back(byte >> (i % 8) & 1 ? T(1) : T(-1));
                }
            }
            const auto unpack = [&](const Backend& backend, Tensor& y) {
                backend.unpack_rows(packed, rows, nullptr, y);
            };
            CHECK(difference(support::result_on<T>(Device::cuda(), {count, cells}, unpack), expected) == "");
            CHECK(difference(
                      tensor::unpack_rows(packed, rows, {count, cells}, tensor::dtype_of<T>()).template values<T>(),
                      expected) == "");
        }
    }
    CHECK(support::cuda_faults() == "");
}

// A thread makes one byte of eight elements; the last bytes may have fewer elements, or none.
TEST_CASE_TEMPLATE("the bits of what is positive equal the CPU's", T, float, double) {
    NEEDS_CUDA();
    for (const std::int64_t count : support::odd_counts) {
        CAPTURE(count);
        Tensor x = support::real_tensor<T>({count}, 1);
        if (count > 20) {
            x.template data<T>()[17] = std::numeric_limits<T>::quiet_NaN();
            x.template data<T>()[18] = -T(0);
        }
        const auto pack = [&](const Backend& backend, Tensor& bits) {
            backend.positive_bits(support::there(x, bits), bits);
        };
        CHECK(support::unlike_cpu<std::uint8_t>(tensor::positive_bits_shape(count), pack) == "");
    }
    CHECK(support::cuda_faults() == "");
}

TEST_CASE_TEMPLATE("LeakyReLU's mask from bits equals the one from values", T, float, double) {
    NEEDS_CUDA();
    for (const std::int64_t count : support::odd_counts) {
        CAPTURE(count);
        const Tensor x = support::real_tensor<T>({count}, 2, Device::cuda()),
                     g = support::real_tensor<T>({count}, 3, Device::cuda());
        CHECK(difference(tensor::leaky_relu_mask(tensor::positive_bits(x), g, 0.2).template values<T>(),
                         tensor::leaky_relu_mask(x, g, 0.2).template values<T>()) == "");
    }
    CHECK(support::cuda_faults() == "");
}
