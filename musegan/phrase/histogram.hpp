// How often each whole number occurs.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <vector>

namespace musegan {

/// Counts of whole numbers: counts[k] is how often `first` + k occurred.
struct Histogram {
    std::int64_t first = 0;
    std::vector<std::int64_t> counts{};

    /// Throws nothing for a value from `first` on.
    void add(std::int64_t value) {
        const auto bin = static_cast<std::size_t>(value - first);
        if (bin >= counts.size()) counts.resize(bin + 1);
        ++counts[bin];
    }
    /// Adds the counts of another one with the same `first`.
    void merge(const Histogram& other) {
        if (other.counts.size() > counts.size()) counts.resize(other.counts.size());
        for (std::size_t bin = 0; bin < other.counts.size(); ++bin) counts[bin] += other.counts[bin];
    }
    std::int64_t total() const { return std::accumulate(counts.begin(), counts.end(), std::int64_t{0}); }
};

/// The area that two histograms share when each has an area of 1: sum over bins of min(p, q), 1 for equal ones, 0 for
/// those without a common bin (Yang and Lerch: On the evaluation of generative models in music, 2020, section 3.3,
/// "overlapped area"). nan where one is empty. Both have the same `first`.
inline double overlap(const Histogram& a, const Histogram& b) {
    const double all_a = static_cast<double>(a.total()), all_b = static_cast<double>(b.total());
    if (all_a == 0 || all_b == 0) return std::numeric_limits<double>::quiet_NaN();
    double shared = 0;
    for (std::size_t bin = 0; bin < std::min(a.counts.size(), b.counts.size()); ++bin)
        shared += std::min(static_cast<double>(a.counts[bin]) / all_a, static_cast<double>(b.counts[bin]) / all_b);
    return shared;
}

}  // namespace musegan
