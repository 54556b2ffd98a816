#include "musegan/structure/novelty.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace musegan {

namespace {

double gaussian(double x, double sigma) { return std::exp(-0.5 * (x / sigma) * (x / sigma)); }

/// Where index `at`, perhaps outside, lies within 0 to n - 1.
std::int64_t reflected(std::int64_t at, std::int64_t n) {
    at %= 2 * n;
    if (at < 0) at += 2 * n;
    return at < n ? at : 2 * n - 1 - at;
}

/// The differences along time of one smoothed row of bits.
class RowDifferences {
  public:
    RowDifferences(const Kernel& kernel, Beyond beyond, std::int64_t columns)
        : kernel_(kernel), beyond_(beyond), columns_(columns) {}

    /// out[t] = y[t] - y[t + 1] for t = 0 to columns - 2, y being the smoothed row. Returns false for a row without
    /// any difference, whose `out` is not written.
    bool compute(std::span<const std::uint64_t> row, double* out) {
        bool any = false;
        const auto add = [&](std::int64_t at, double sign) {
            if (!any) std::fill(out, out + columns_ - 1, 0.0);
            any = true;
            add_kernel(at, sign, out);
        };
        // x[t] - x[t + 1] for t = -1 on; what lies beyond the ends is 0 or repeats the last bit.
        const bool zero = beyond_ == Beyond::zero;
        const auto at = [&](std::int64_t t) { return (row[static_cast<std::size_t>(t / 64)] >> (t % 64)) & 1; };
        if (zero && at(0)) add(-1, -1.0);
        for (std::size_t word = 0; word < row.size(); ++word) {
            const std::uint64_t bits = row[word];
            const std::uint64_t after = bits >> 1 | (word + 1 < row.size() ? row[word + 1] << 63 : 0);
            for (std::uint64_t edges = bits ^ after; edges != 0; edges &= edges - 1) {
                const int bit = std::countr_zero(edges);
                const std::int64_t t = static_cast<std::int64_t>(word) * 64 + bit;
                const double sign = (bits >> bit) & 1 ? 1.0 : -1.0;
                if (t == columns_ - 1) {  // the end of the row
                    if (zero) add(t, sign);
                } else if (zero) {
                    add(t, sign);
                } else {
                    add_reflections(t, sign, add);
                }
            }
        }
        return any;
    }

  private:
    /// The edge between t and t + 1, and its images. In the mirror between -1 and 0 it lies between -t - 2 and
    /// -t - 1, with the other sign; all is repeated every 2 n.
    template <typename Add>
    void add_reflections(std::int64_t t, double sign, const Add& add) const {
        const auto size = static_cast<std::int64_t>(kernel_.weights.size());
        // The kernel of an edge at e reaches from e + first to e + first + size - 1.
        const std::int64_t low = 1 - kernel_.first - size, high = columns_ - 2 - kernel_.first, period = 2 * columns_;
        const auto add_images = [&](std::int64_t edge, double edge_sign) {
            while (edge >= low + period) edge -= period;
            while (edge < low) edge += period;
            for (; edge <= high; edge += period) add(edge, edge_sign);
        };
        add_images(t, sign);
        add_images(-t - 2, -sign);
    }

    void add_kernel(std::int64_t at, double sign, double* out) const {
        const std::int64_t start = at + kernel_.first;
        const std::int64_t begin = std::max<std::int64_t>(start, 0);
        const std::int64_t end =
            std::min<std::int64_t>(start + static_cast<std::int64_t>(kernel_.weights.size()), columns_ - 1);
        const double* const weights = kernel_.weights.data() - start;
#pragma omp simd
        for (std::int64_t t = begin; t < end; ++t) out[t] += sign * weights[t];
    }

    const Kernel& kernel_;
    Beyond beyond_;
    std::int64_t columns_;
};

}  // namespace

Kernel normalized_gaussian(double sigma) {
    const auto radius = static_cast<std::int64_t>(4.0 * sigma + 0.5);
    Kernel kernel{-radius, {}};
    double sum = 0.0;
    for (std::int64_t k = -radius; k <= radius; ++k) {
        kernel.weights.push_back(gaussian(static_cast<double>(k), sigma));
        sum += kernel.weights.back();
    }
    for (double& weight : kernel.weights) weight /= sum;
    return kernel;
}

Kernel sampled_gaussian(int count, double sigma) {
    Kernel kernel{-(count - 1) / 2, {}};
    for (int k = 0; k < count; ++k) kernel.weights.push_back(gaussian(k - 0.5 * (count - 1), sigma));
    return kernel;
}

std::vector<double> novelty(const BitMatrix& lags, const Smoothing& smoothing) {
    const std::int64_t n = lags.rows();
    if (n < 2) return {};
    const auto columns = static_cast<std::size_t>(n - 1);
    std::vector<double> norms(columns), sum(columns);
    RowDifferences differences(smoothing.time, smoothing.beyond, n);
    // The rows around the one at hand, smoothed along time: as many as the kernel along lags takes.
    const auto taps = static_cast<std::int64_t>(smoothing.lag.weights.size());
    const std::int64_t radius = taps / 2;
    std::vector<std::vector<double>> rows(static_cast<std::size_t>(taps), std::vector<double>(columns));
    std::vector<bool> any(static_cast<std::size_t>(taps));
    std::int64_t computed = 0;
    for (std::int64_t lag = 0; lag < n; ++lag) {
        for (; computed < std::min(n, lag + radius + 1); ++computed) {
            const auto place = static_cast<std::size_t>(computed % taps);
            any[place] = differences.compute(lags.row(computed), rows[place].data());
        }
        bool filled = false;
        for (std::int64_t tap = 0; tap < taps; ++tap) {
            std::int64_t other = lag + radius - tap;
            if (smoothing.beyond == Beyond::reflected) other = reflected(other, n);
            if (other < 0 || other >= n || !any[static_cast<std::size_t>(other % taps)]) continue;
            const double weight = smoothing.lag.weights[static_cast<std::size_t>(tap)];
            const double* const row = rows[static_cast<std::size_t>(other % taps)].data();
            if (!filled) std::fill(sum.begin(), sum.end(), 0.0);
            filled = true;
            double* const out = sum.data();
#pragma omp simd
            for (std::size_t t = 0; t < columns; ++t) out[t] += weight * row[t];
        }
        if (!filled) continue;
        for (std::size_t t = 0; t < columns; ++t) norms[t] += sum[t] * sum[t];
    }
    return norms;
}

}  // namespace musegan
