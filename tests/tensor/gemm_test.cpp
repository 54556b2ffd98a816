// The CPU's matrix products against sums written out: integers, so that every order of sums has the same bits.
#include "tensor/cpu/gemm.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <vector>

#include "tensor/cpu/gemm_small.hpp"

using tensor::cpu::Gemm;

namespace {

struct GemmCase {
    std::int64_t rows, columns, inner;
};

/// Around the tiles of gemm_small.hpp (12 or 6 rows, one or two vectors of columns), beside them, and beyond its size.
const std::vector<GemmCase>& gemm_cases() {
    static const std::vector<GemmCase> cases = {
        {1, 16, 1},   {1, 1, 1},   {12, 32, 5},  {13, 48, 7},    {25, 16, 3},  {5, 80, 64},
        {16, 16, 16}, {7, 12, 16}, {31, 33, 17}, {24, 256, 300}, {48, 1, 256}, {6, 32, 0},
    };
    return cases;
}

/// Whole numbers from -4 to 4 that do not repeat with the rows.
template <typename T>
std::vector<T> whole_numbers(std::int64_t count, std::int64_t factor) {
    std::vector<T> values(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i) values[static_cast<std::size_t>(i)] = static_cast<T>(i * factor % 9 - 4);
    return values;
}

/// a', b and c of a case in memory whose rows are longer than the matrices', with what c has to become.
template <typename T>
struct Product {
    static constexpr std::int64_t beyond = 3;
    std::vector<T> a, b, c, expected;
    Gemm<T> gemm;

    Product(const GemmCase& k, bool transpose_a, bool transpose_b, bool accumulate) {
        const std::int64_t a_step = (transpose_a ? k.rows : k.inner) + beyond;
        const std::int64_t b_step = (transpose_b ? k.inner : k.columns) + beyond, c_step = k.columns + beyond;
        a = whole_numbers<T>((transpose_a ? k.inner : k.rows) * a_step, 7);
        b = whole_numbers<T>((transpose_b ? k.columns : k.inner) * b_step, 5);
        c = whole_numbers<T>(k.rows * c_step, 4);
        expected = c;
        for (std::int64_t i = 0; i < k.rows; ++i)
            for (std::int64_t j = 0; j < k.columns; ++j) {
                T sum = accumulate ? c[at(i, c_step, j)] : T(0);
                for (std::int64_t l = 0; l < k.inner; ++l)
                    sum += a[transpose_a ? at(l, a_step, i) : at(i, a_step, l)] *
                           b[transpose_b ? at(j, b_step, l) : at(l, b_step, j)];
                expected[at(i, c_step, j)] = sum;
            }
        gemm = {.rows = k.rows,
                .columns = k.columns,
                .inner = k.inner,
                .a = a.data(),
                .a_step = a_step,
                .transpose_a = transpose_a,
                .b = b.data(),
                .b_step = b_step,
                .transpose_b = transpose_b,
                .c = c.data(),
                .c_step = c_step,
                .accumulate = accumulate};
    }

  private:
    static std::size_t at(std::int64_t row, std::int64_t step, std::int64_t column) {
        return static_cast<std::size_t>(row * step + column);
    }
};

}  // namespace

TEST_CASE_TEMPLATE("c = a' b' + beta c for every size, form and beta, and nothing beside c", T, float, double) {
    for (const GemmCase& k : gemm_cases())
        for (const bool transpose_a : {false, true})
            for (const bool transpose_b : {false, true})
                for (const bool accumulate : {false, true}) {
                    CAPTURE(fmt::format("{} x {} x {}", k.rows, k.columns, k.inner));
                    CAPTURE(transpose_a);
                    CAPTURE(transpose_b);
                    CAPTURE(accumulate);
                    Product<T> product(k, transpose_a, transpose_b, accumulate);
                    tensor::cpu::gemm(product.gemm);
                    CHECK(product.c == product.expected);
                }
}

TEST_CASE_TEMPLATE(
    "small products have whole vectors of columns, b upright and in the cache, rows of a that fill a tile", T, float,
    double) {
    int small = 0;
    for (const GemmCase& k : gemm_cases())
        for (const bool transpose_a : {false, true}) {
            CHECK(!is_small(Product<T>(k, transpose_a, true, false).gemm));
            Product<T> product(k, transpose_a, false, true);
            const bool fits = k.inner * k.columns * static_cast<std::int64_t>(sizeof(T)) <= 1 << 18;
            const bool fills = (transpose_a ? k.rows : k.inner) >= 6;
            const bool is_expected = k.columns % tensor::cpu::lanes<T> == 0 && fits && fills;
            CHECK(is_small(product.gemm) == is_expected);
            if (!is_expected) continue;
            ++small;
            tensor::cpu::small_gemm(product.gemm);
            CHECK(product.c == product.expected);
        }
    CHECK(small >= 8);
    CHECK(!is_small(Gemm<T>{.rows = 1 << 15, .columns = 64, .inner = 8}));
}
