// What follows a product while its tile is in the cache, against the same of each element. Whole numbers and slopes
// that are powers of two, so that all is exact.
#include "tensor/cpu/epilogue.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tensor/packed_bits.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/random_data.hpp"

using tensor::cpu::Finish;

namespace {

std::size_t at(std::int64_t row, std::int64_t step, std::int64_t column = 0) {
    return static_cast<std::size_t>(row * step + column);
}

}  // namespace

TEST_CASE_TEMPLATE("the epilogue of a tile is that of each element, wherever the tile lies, and nothing beside it", T,
                   float, double) {
    constexpr std::int64_t rows = 3, end = 320;
    const tensor::Tensor values = support::whole_tensor<T>({end}, 1), mask = support::whole_tensor<T>({end}, 2);
    const tensor::Tensor bits = tensor::positive_bits(mask);
    const std::vector<T> mask_values = mask.template values<T>();
    const auto check = [&](std::int64_t columns, std::int64_t offset, std::int64_t step, std::int64_t channels,
                           const tensor::Epilogue& e, bool writes_bits) {
        CAPTURE(fmt::format("{} columns from {} on, {} apart, {} channels", columns, offset, step, channels));
        CAPTURE(fmt::format("slope {}, mask slope {}, bits of the mask: {}", e.slope, e.mask_slope, e.has_bit_mask()));
        CAPTURE(writes_bits);
        const std::int64_t first = channels / 2;
        std::vector<T> y = values.template values<T>(), expected = y;
        const std::vector<T> bias = e.bias.defined() ? e.bias.template values<T>() : std::vector<T>(at(channels, 1));
        std::vector<std::uint8_t> positive(end / 8, 0x5a), expected_positive = positive;
        for (std::int64_t i = 0; i < rows; ++i)
            for (std::int64_t j = 0; j < columns; ++j) {
                const std::size_t k = at(i, step, offset + j);
                T value = y[k] + bias[at((first + j) % channels, 1)];
                if (value <= 0) value *= static_cast<T>(e.slope);
                if (e.has_mask() && mask_values[k] <= 0) value *= static_cast<T>(e.mask_slope);
                expected[k] = value;
                if (!writes_bits) continue;
                const auto bit = static_cast<std::uint8_t>(1u << k % 8);
                expected_positive[k / 8] =
                    static_cast<std::uint8_t>((expected_positive[k / 8] & ~bit) | (value > 0 ? bit : std::uint8_t(0)));
            }
        const Finish<T> finish(e, writes_bits ? positive.data() : nullptr);
        fetch_mask(finish, rows, columns, offset, step);
        finish_tile(finish, rows, columns, first, y.data(), offset, step);
        CHECK(support::difference(y, expected) == "");
        CHECK(positive == expected_positive);
    };
    for (const std::int64_t columns : {1, 5, 8, 16, 33, 64})
        for (const auto& [offset, step] : {std::pair<std::int64_t, std::int64_t>{0, 64}, {64, 96}, {3, 64}, {16, 67}})
            for (const std::int64_t channels : {2, 5, 64, 200}) {
                const tensor::Tensor bias = support::whole_tensor<T>({channels}, 3);
                for (const tensor::Epilogue& e : {tensor::Epilogue{},
                                                  tensor::Epilogue{.bias = bias},
                                                  {.slope = 0.5},
                                                  {.bias = bias, .slope = 0.25},
                                                  {.mask = mask, .mask_slope = 0.5},
                                                  {.mask = bits, .mask_slope = 0.0},
                                                  {.bias = bias, .slope = 0.5, .mask = mask, .mask_slope = 0.0},
                                                  {.bias = bias, .slope = 0.5, .mask = bits, .mask_slope = 0.25}})
                    for (const bool writes_bits : {false, true}) check(columns, offset, step, channels, e, writes_bits);
            }
}
