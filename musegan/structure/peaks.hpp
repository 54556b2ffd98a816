// Where the structure of a song changes most: the peaks of its novelty curve.
#pragma once

#include <cstdint>
#include <vector>

namespace musegan {

/// `curve` with its values rounded to multiples of 2^-32. What is equal on paper, as the novelty on both sides of the
/// middle of a symmetrical song, is then almost always equal, whatever the order of sums was, and ties are ties. (Not
/// where two sums of one value fall on both sides of a rounding edge.)
std::vector<double> rounded(std::vector<double> curve);

/// For `sf`: sqrt(norms), a 0 behind them, all divided by the largest; rounded. All 0 where the largest is.
std::vector<double> msaf_curve(std::vector<double> norms);
/// The level that peaks must pass: of the 28 values from i - 14 to i + 13 (reflected at the ends) the 15th by size, and
/// 0.05 times the mean of all.
std::vector<double> msaf_threshold(const std::vector<double>& curve);
/// The indices 1 <= i < curve.size() - 1 that lie above the threshold and above both neighbours. Where equal values
/// stand side by side on top, the first of them.
std::vector<std::int64_t> msaf_peaks(const std::vector<double>& curve, const std::vector<double>& threshold);

/// For `sf-authors`: (norms - least) / (largest - least); rounded. All 0 where they are all equal.
std::vector<double> authors_curve(std::vector<double> norms);
inline constexpr double authors_threshold = 0.05;
inline constexpr std::int64_t authors_reach = 60;
/// The indices whose value is at least 0.05 and the largest of the 60 before and the 60 after; of equal values within
/// that distance the first.
std::vector<std::int64_t> authors_peaks(const std::vector<double>& curve);

}  // namespace musegan
