#include "musegan/structure/peaks.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

namespace musegan {

std::vector<double> rounded(std::vector<double> curve) {
    for (double& value : curve) value = std::ldexp(std::nearbyint(std::ldexp(value, 32)), -32);
    return curve;
}

std::vector<double> msaf_curve(std::vector<double> norms) {
    for (double& value : norms) value = std::sqrt(value);
    norms.push_back(0.0);
    const double most = *std::max_element(norms.begin(), norms.end());
    if (most == 0.0) return norms;
    for (double& value : norms) value /= most;
    return rounded(std::move(norms));
}

std::vector<double> msaf_threshold(const std::vector<double>& curve) {
    constexpr std::int64_t size = 28, middle = size / 2;
    const auto n = static_cast<std::int64_t>(curve.size());
    if (n == 0) return {};
    const double mean = std::accumulate(curve.begin(), curve.end(), 0.0) / static_cast<double>(n);
    std::vector<double> threshold(curve.size());
    for (std::int64_t i = 0; i < n; ++i) {
        std::array<double, size> window{};
        for (std::int64_t k = 0; k < size; ++k) {
            std::int64_t at = i - middle + k;
            while (at < 0 || at >= n) at = at < 0 ? -1 - at : 2 * n - 1 - at;
            window[static_cast<std::size_t>(k)] = curve[static_cast<std::size_t>(at)];
        }
        std::nth_element(window.begin(), window.begin() + middle, window.end());
        threshold[static_cast<std::size_t>(i)] = window[middle] + 0.05 * mean;
    }
    return threshold;
}

std::vector<std::int64_t> msaf_peaks(const std::vector<double>& curve, const std::vector<double>& threshold) {
    std::vector<std::int64_t> peaks;
    for (std::size_t i = 1; i + 1 < curve.size();) {
        std::size_t next = i + 1;  // behind the values equal to that of i
        while (next < curve.size() && curve[next] == curve[i]) ++next;
        const bool on_top = curve[i - 1] < curve[i] && next < curve.size() && curve[next] < curve[i];
        if (on_top && curve[i] > threshold[i]) peaks.push_back(static_cast<std::int64_t>(i));
        i = next;
    }
    return peaks;
}

std::vector<double> authors_curve(std::vector<double> norms) {
    if (norms.empty()) return norms;
    const auto [low, high] = std::minmax_element(norms.begin(), norms.end());
    const double least = *low, span = *high - *low;
    for (double& value : norms) value = span > 0.0 ? (value - least) / span : 0.0;
    return rounded(std::move(norms));
}

std::vector<std::int64_t> authors_peaks(const std::vector<double>& curve) {
    std::vector<std::int64_t> peaks;
    const auto at = [&](std::int64_t i) { return curve.begin() + i; };
    const auto n = static_cast<std::int64_t>(curve.size());
    for (std::int64_t i = 0; i < n; ++i) {
        const double value = *at(i);
        if (value < authors_threshold) continue;
        const auto before = at(std::max<std::int64_t>(0, i - authors_reach)),
                   end = at(std::min(n, i + authors_reach + 1));
        if (std::all_of(before, at(i), [&](double other) { return other < value; }) &&
            std::all_of(at(i), end, [&](double other) { return other <= value; }))
            peaks.push_back(i);
    }
    return peaks;
}

}  // namespace musegan
