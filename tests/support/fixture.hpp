// Fixtures: what PyTorch computes in f64, from numbers that both sides draw (tests/fixtures/README.md).
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/safetensors.hpp"
#include "layers/parameters.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/error.hpp"
#include "tensor/parallel.hpp"
#include "tensor/random.hpp"

namespace support {

/// The stream of a fixture's tensor: its number is the FNV-1a hash of the name.
inline tensor::RandomStream named_stream(std::string_view name) {
    std::uint64_t number = 0xCBF29CE484222325u;
    for (const char byte : name) number = (number ^ static_cast<std::uint8_t>(byte)) * 0x100000001B3u;
    return {2018, number, 0};
}

/// Uniform in [-1, 1) times 2^exponent, multiples of 2^(exponent - 23): the same bits as the script's.
inline tensor::Tensor symmetric(std::string_view name, const tensor::Shape& shape, int exponent = 0,
                                tensor::DType dtype = tensor::DType::f64) {
    tensor::RandomStream stream = named_stream(name);
    const double size = std::ldexp(1.0, exponent);
    return tensor::affine(tensor::random_uniform(stream, shape, dtype), 2.0 * size, -size);
}

/// The smallest k with 4^k >= n: 2^-k is about 1 / sqrt(n), and exact.
inline int halvings(std::int64_t n) {
    int k = 0;
    for (std::int64_t power = 1; power < n; power *= 4) ++k;
    return k;
}

/// Number of terms in the sum that a weight takes part in: all axes but the last.
inline std::int64_t fan_in(const tensor::Shape& weight) { return weight.elements() / weight[-1]; }

/// Puts a value into a live parameter or running statistic.
inline void put(const tensor::Tensor& value, tensor::Tensor live) { tensor::assign(value, live); }

/// The tolerance of f64, relative to an array's root mean square or to the element, whichever is larger. Sums of K
/// products differ by at most K eps of their terms' magnitudes (compare.hpp): for the longest, over 48,384 rows of a
/// weight gradient, by 1e-11. Ten layers of them stay below 1e-9, and a wrong formula is wrong in its first digits.
inline constexpr double fixture_tolerance = 1e-9;

/// The inner product with the script's projection number k for `name`.
inline double projection(const std::string& name, int k, const std::vector<double>& values) {
    const tensor::RandomStream stream = named_stream(fmt::format("{}/projection{}", name, k));
    const auto count = static_cast<std::int64_t>(values.size());
    const auto part = [&](std::int64_t first, std::int64_t end) {
        double sum = 0;
        for (std::int64_t block = first / 4; block < (end + 3) / 4; ++block) {
            const tensor::PhiloxBlock words =
                tensor::philox(stream.seed, static_cast<std::uint64_t>(block), stream.stream);
            for (std::int64_t i = 4 * block; i < std::min(end, 4 * block + 4); ++i)
                sum +=
                    values[static_cast<std::size_t>(i)] *
                    (2.0 * static_cast<double>(tensor::philox_uniform(words[static_cast<std::size_t>(i % 4)])) - 1.0);
        }
        return sum;
    };
    return tensor::parallel_sum<double>(count, 4096, part);
}

/// Norm, sum, inner products with three random tensors, 16 elements at random positions: what a fixture keeps of a
/// large array. One element of n that is wrong by its root mean square moves a projection by about 1 / n of what errors
/// are relative to (digest_mismatch): with n up to 3e6, a hundred times the tolerance or more.
inline std::vector<double> digest(const std::string& name, const tensor::Tensor& x) {
    const std::vector<double> values = x.values<double>();
    double squares = 0, sum = 0;
    for (const double value : values) {
        squares += value * value;
        sum += value;
    }
    std::vector<double> numbers{std::sqrt(squares), sum};
    for (int k = 0; k < 3; ++k) numbers.push_back(projection(name, k, values));
    tensor::RandomStream positions = named_stream(name + "/samples");
    for (int k = 0; k < 16; ++k) numbers.push_back(values[static_cast<std::size_t>(positions.below(values.size()))]);
    return numbers;
}

/// "" if got is within `tolerance` times max(|expected|, scale) element by element, else the worst element.
inline std::string mismatch(const std::string& name, std::span<const double> got, std::span<const double> expected,
                            double scale, double tolerance) {
    if (got.size() != expected.size())
        return fmt::format("{}: {} values, the fixture has {}\n", name, got.size(), expected.size());
    std::size_t worst = 0;
    double worst_error = 0;
    for (std::size_t i = 0; i < got.size(); ++i) {
        const double unit = std::max(std::abs(expected[i]), scale);
        const double error = got[i] == expected[i] ? 0.0 : std::abs(got[i] - expected[i]) / unit;
        if (error > worst_error || std::isnan(error)) {
            worst = i;
            worst_error = error;
            if (std::isnan(error)) break;
        }
    }
    if (worst_error <= tolerance) return "";
    return fmt::format("{}: number {} is {}, the fixture has {}: {:.1e} relative, tolerance {:.1e}\n", name, worst,
                       got[worst], expected[worst], worst_error, tolerance);
}

/// The same for a digest, relative to the root mean square of the array behind it.
inline std::string digest_mismatch(const std::string& name, const tensor::Tensor& got, std::span<const double> expected,
                                   double tolerance = fixture_tolerance) {
    const std::vector<double> numbers = digest(name, got);
    if (expected.size() != numbers.size()) return mismatch(name, numbers, expected, 0, tolerance);
    const double root = std::sqrt(static_cast<double>(got.elements()));
    const double norm = expected[0];
    const std::span<const double> all(numbers);
    // The vectors of the sum and of the projections have norms sqrt(n) and sqrt(n / 3).
    return mismatch(name + " (norm)", all.first(1), expected.first(1), norm, tolerance) +
           mismatch(name + " (sum, projections)", all.subspan(1, 4), expected.subspan(1, 4), norm * root, tolerance) +
           mismatch(name + " (samples)", all.subspan(5), expected.subspan(5), norm / root, tolerance);
}

/// One file of tests/fixtures.
class Fixture {
  public:
    /// Throws tensor::Error with the command that makes the file if it is not there.
    explicit Fixture(const std::string& name) : file_(open(name)) {}

    std::vector<double> values(const std::string& name) const { return file_.tensor(name).values<double>(); }
    /// Row `row` of a matrix.
    std::vector<double> row(const std::string& name, std::int64_t row) const {
        const tensor::Tensor matrix = file_.tensor(name);
        const std::vector<double> all = matrix.values<double>();
        const std::int64_t width = matrix.elements() / matrix.shape()[0];
        if (row >= matrix.shape()[0])
            tensor::fail(file_.name(), "{} has {} rows, no row {}", name, matrix.shape()[0], row);
        return {all.begin() + row * width, all.begin() + (row + 1) * width};
    }
    /// "" if `got` is the array of that name, stored whole or as a digest; else what differs.
    std::string mismatch(const std::string& name, const tensor::Tensor& got,
                         double tolerance = fixture_tolerance) const {
        if (!file_.contains(name)) return digest_mismatch(name, got, values(name + ".digest"), tolerance);
        const std::vector<double> expected = values(name);
        double squares = 0;
        for (const double value : expected) squares += value * value;
        return support::mismatch(name, got.values<double>(), expected,
                                 std::sqrt(squares / static_cast<double>(expected.size())), tolerance);
    }

  private:
    static io::SafetensorsFile open(const std::string& name) {
        const std::filesystem::path folder = std::filesystem::path(MUSEGAN_SOURCE_DIR) / "tests" / "fixtures";
        const std::filesystem::path path = folder / (name + ".safetensors");
        if (!std::filesystem::exists(path))
            tensor::fail(path.string(), "no such file (make it: python3 {} {})", (folder / "make_fixtures.py").string(),
                         name);
        return io::SafetensorsFile::open(path);
    }
    io::SafetensorsFile file_;
};

}  // namespace support
