// A mean that knows of how many values it is, and how far a sample's may be from that of all.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace musegan {

/// A mean, and of how many values. With 0 values it is nan.
struct Mean {
    double sum = 0.0;
    std::int64_t count = 0;

    // Over groups of values that were drawn together, the bars of a phrase: sums of s^2, s c and c^2 for the sum s and
    // the count c of each that has a value. All that error() asks for.
    std::int64_t groups = 0;
    double sum_squares = 0.0, sum_products = 0.0, count_squares = 0.0;

    void add(double value) {
        sum += value;
        ++count;
    }
    /// Takes all values of a group in.
    void add_group(const Mean& group) {
        if (group.count == 0) return;
        const auto c = static_cast<double>(group.count);
        merge({group.sum, group.count, 1, group.sum * group.sum, group.sum * c, c * c});
    }
    /// Takes in what another mean has seen.
    void merge(const Mean& other) {
        sum += other.sum;
        count += other.count;
        groups += other.groups;
        sum_squares += other.sum_squares;
        sum_products += other.sum_products;
        count_squares += other.count_squares;
    }
    double value() const { return count == 0 ? nan() : sum / static_cast<double>(count); }
    /// The standard error of value() as that of many more groups than these, drawn like them: with r = value() and n
    /// groups, sqrt(n / (n - 1) sum (s - r c)^2) / sum c (Cochran: Sampling Techniques, 1977, section 6.3, the ratio
    /// of two sums). nan for fewer than two groups.
    double error() const {
        if (groups < 2) return nan();
        const double r = value(), n = static_cast<double>(groups);
        const double squares = sum_squares - 2 * r * sum_products + r * r * count_squares;
        return std::sqrt(n / (n - 1) * std::max(squares, 0.0)) / static_cast<double>(count);
    }

  private:
    static double nan() { return std::numeric_limits<double>::quiet_NaN(); }
};

}  // namespace musegan
