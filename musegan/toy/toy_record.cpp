#include "musegan/toy/toy_record.hpp"

#include <algorithm>
#include <cmath>

#include "musegan/toy/plane_measures.hpp"

namespace musegan {

namespace {

constexpr std::int64_t measured_points = 1024;

}  // namespace

bool ToyRecord::is_finite() const {
    return std::ranges::all_of(std::array{estimate, penalty, slope_mean, slope_least, slope_most, distance},
                               [](double value) { return std::isfinite(value); });
}

ToyRecord measure(const PlaneNetwork& critic, const ToySource& source, const ToySettings& settings,
                  std::int64_t update) {
    ToyStreams streams = ToyStreams::measuring(settings.seed, static_cast<std::uint64_t>(update));
    const ToyBatch batch = source.draw(measured_points, streams);
    ToySettings with_penalty = settings;
    with_penalty.constraint = ToyConstraint::cut;  // the penalty's value is wanted, and no gradient
    const ToyTerms terms = critic_terms(critic, batch, with_penalty);
    const std::vector<double> slopes = terms.slopes.value().values<double>();
    ToyRecord record;
    record.update = update;
    record.estimate = terms.estimate.item();
    record.penalty = terms.penalty.item();
    for (const double slope : slopes) record.slope_mean += slope / static_cast<double>(slopes.size());
    const auto [least, most] = std::ranges::minmax(slopes);
    record.slope_least = least;
    record.slope_most = most;
    const std::vector<PlanePoint> fake = points_of(batch.fake);
    record.distance = sliced_distance(points_of(batch.real), fake);
    record.modes = modes_reached(settings.data, fake);
    record.share_near = share_near(settings.data, fake);
    return record;
}

double distance_floor(const ToySettings& settings) {
    constexpr int draws = 8;
    ToyStreams streams = ToyStreams::measuring(settings.seed, 0);
    const auto draw = [&] { return draw_points(settings.data, measured_points, streams.real); };
    double sum = 0;
    for (int k = 0; k < draws; ++k) {
        const std::vector<PlanePoint> first = draw();
        sum += sliced_distance(first, draw());
    }
    return sum / draws;
}

}  // namespace musegan
