#include "musegan/toy/plane_measures.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "tensor/error.hpp"

namespace musegan {

namespace {

/// In deviations.
constexpr double near = 4.0;

std::vector<double> sorted_projections(const std::vector<PlanePoint>& points, double angle) {
    const double x = std::cos(angle), y = std::sin(angle);
    std::vector<double> projections;
    projections.reserve(points.size());
    for (const PlanePoint& point : points) projections.push_back(point.x * x + point.y * y);
    std::ranges::sort(projections);
    return projections;
}

bool all_finite(const std::vector<PlanePoint>& points) {
    return std::ranges::all_of(
        points, [](const PlanePoint& point) { return std::isfinite(point.x) && std::isfinite(point.y); });
}

}  // namespace

double sliced_distance(const std::vector<PlanePoint>& a, const std::vector<PlanePoint>& b, int directions) {
    if (a.size() != b.size() || a.empty() || directions < 1)
        tensor::fail("sliced_distance",
                     "{} and {} points along {} directions, expected equally many points, and a direction", a.size(),
                     b.size(), directions);
    if (!all_finite(a) || !all_finite(b)) return std::numeric_limits<double>::quiet_NaN();
    double sum = 0;
    for (int k = 0; k < directions; ++k) {
        const double angle = k * std::numbers::pi / directions;
        const std::vector<double> of_a = sorted_projections(a, angle), of_b = sorted_projections(b, angle);
        for (std::size_t i = 0; i < of_a.size(); ++i) sum += std::abs(of_a[i] - of_b[i]);
    }
    return sum / (static_cast<double>(a.size()) * directions);
}

double share_near(PlaneData data, const std::vector<PlanePoint>& points) {
    const double bound = near * deviation_of(data);
    const auto count = std::ranges::count_if(
        points, [&](const PlanePoint& point) { return distance_to_center(data, point) <= bound; });
    return static_cast<double>(count) / static_cast<double>(points.size());
}

int modes_reached(PlaneData data, const std::vector<PlanePoint>& points) {
    const std::vector<PlanePoint> modes = modes_of(data);
    const double bound = near * deviation_of(data);
    const double fair_share = static_cast<double>(points.size()) / static_cast<double>(modes.size());
    return static_cast<int>(std::ranges::count_if(modes, [&](const PlanePoint& mode) {
        const auto here = std::ranges::count_if(
            points, [&](const PlanePoint& point) { return std::hypot(point.x - mode.x, point.y - mode.y) <= bound; });
        return static_cast<double>(here) >= std::max(1.0, fair_share / 10);
    }));
}

}  // namespace musegan
