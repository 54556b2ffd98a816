// What is measured of a run at one moment of its training.
#pragma once

#include "musegan/toy/toy_source.hpp"

namespace musegan {

/// Of fresh points, 1024 of each kind; the critic in training mode.
struct ToyRecord {
    std::int64_t update = 0;  ///< updates done
    double estimate = 0.0;    ///< E D(real) - E D(fake)
    double penalty = 0.0;     ///< of the slopes, with its weight, whether or not anything is trained on it
    double slope_mean = 0.0, slope_least = 0.0, slope_most = 0.0;  ///< ||grad D|| where it is penalised
    double distance = 0.0;                                         ///< sliced_distance of fake points to real ones
    int modes = 0;                                                 ///< modes_reached by fake points
    double share_near = 0.0;                                       ///< of fake points

    bool is_finite() const;
    bool operator==(const ToyRecord&) const = default;
};

ToyRecord measure(const PlaneNetwork& critic, const ToySource& source, const ToySettings& settings,
                  std::int64_t update);

/// sliced_distance of two sets of 1024 real points, the mean of eight draws: what a perfect generator would have.
double distance_floor(const ToySettings& settings);

}  // namespace musegan
