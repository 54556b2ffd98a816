// How the cost of updates grows with the size of what they compute.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "musegan/study/profile_run.hpp"

namespace musegan {

/// What grows. Batch and width are those of whole updates. Bars and tracks are those of the phrases that a critic sees:
/// one critic for all tracks, its forward and backward passes and its penalty (critic_gradients), since the generators'
/// tables make four bars of five tracks.
enum class Growth { batch, width, bars, track_count };
constexpr auto enum_names(Growth) { return std::array{"batch", "width", "bars", "tracks"}; }

/// Sizes to measure where nobody says which.
std::vector<double> growth_sizes(Growth growth);

struct GrowthPoint {
    double size = 0;
    double milliseconds = 0;          ///< of a round: both updates, or the critic's gradients
    double flops = 0;                 ///< arithmetic of all its operators
    std::int64_t bytes = 0;           ///< tensors at their peak, without the data
    std::vector<ProfileRow> parts{};  ///< by operator
    std::vector<Floor> floors{};      ///< of the parts
};

/// y = factor size^exponent, by least squares of the logarithms.
struct PowerLaw {
    double factor = 0, exponent = 0;
};
/// Throws Error for fewer than two points and for values that are not positive.
PowerLaw fit_power_law(const std::vector<double>& sizes, const std::vector<double>& values);

struct GrowthReport {
    Growth growth{};
    std::string machine;
    std::vector<GrowthPoint> points;
    PowerLaw time, arithmetic, memory;
};

/// Measures each size, smallest first. Throws Error for fewer than two sizes, for a size that the networks cannot have,
/// and as profile_training does.
GrowthReport measure_growth(TrainingSettings settings, Growth growth, std::vector<double> sizes,
                            ProfileOptions options);

/// A table of the sizes, the fitted exponents, and between which sizes time grows otherwise than the arithmetic, with
/// the operator to which most of that is due.
std::string growth_text(const GrowthReport& report);

}  // namespace musegan
