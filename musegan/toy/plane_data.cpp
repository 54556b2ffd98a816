#include "musegan/toy/plane_data.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace musegan {

namespace {

constexpr double roll_begin = 1.5 * std::numbers::pi, roll_end = 4.5 * std::numbers::pi;

/// Of the spiral, at an angle.
PlanePoint roll_point(double angle) { return {angle * std::cos(angle) / 7.5, angle * std::sin(angle) / 7.5}; }

double squared_distance(PlanePoint a, PlanePoint b) { return (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y); }

double squared_distance_to_piece(PlanePoint point, PlanePoint begin, PlanePoint end) {
    const double x = end.x - begin.x, y = end.y - begin.y;
    const double along = ((point.x - begin.x) * x + (point.y - begin.y) * y) / (x * x + y * y);
    const double share = std::clamp(along, 0.0, 1.0);
    return squared_distance(point, {begin.x + share * x, begin.y + share * y});
}

std::vector<PlanePoint> roll_corners() {
    constexpr int pieces = 500;
    std::vector<PlanePoint> corners;
    for (int k = 0; k <= pieces; ++k) corners.push_back(roll_point(roll_begin + (roll_end - roll_begin) * k / pieces));
    return corners;
}

double distance_to_roll(PlanePoint point) {
    static const std::vector<PlanePoint> corners = roll_corners();
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t k = 1; k < corners.size(); ++k)
        least = std::min(least, squared_distance_to_piece(point, corners[k - 1], corners[k]));
    return std::sqrt(least);
}

}  // namespace

std::vector<PlanePoint> modes_of(PlaneData data) {
    std::vector<PlanePoint> modes;
    switch (data) {
        case PlaneData::eight_gaussians:
            for (int k = 0; k < 8; ++k) {
                const double angle = k * std::numbers::pi / 4;
                modes.push_back({std::numbers::sqrt2 * std::cos(angle), std::numbers::sqrt2 * std::sin(angle)});
            }
            break;
        case PlaneData::twenty_five_gaussians:
            for (int row = -2; row <= 2; ++row)
                for (int column = -2; column <= 2; ++column)
                    modes.push_back({column / std::numbers::sqrt2, row / std::numbers::sqrt2});
            break;
        case PlaneData::swiss_roll: break;
    }
    return modes;
}

double deviation_of(PlaneData data) {
    return data == PlaneData::swiss_roll ? 0.25 / 7.5 : 0.05;  // the roll's is the paper's
}

double distance_to_center(PlaneData data, PlanePoint point) {
    if (data == PlaneData::swiss_roll) return distance_to_roll(point);
    double least = std::numeric_limits<double>::infinity();
    for (const PlanePoint mode : modes_of(data)) least = std::min(least, squared_distance(point, mode));
    return std::sqrt(least);
}

std::vector<PlanePoint> draw_points(PlaneData data, std::int64_t count, tensor::RandomStream& stream) {
    const std::vector<PlanePoint> modes = modes_of(data);
    const double deviation = deviation_of(data);
    std::vector<PlanePoint> points;
    points.reserve(static_cast<std::size_t>(count));
    for (std::int64_t n = 0; n < count; ++n) {
        const tensor::PhiloxBlock block = stream.next();
        const double share = block[0] * 0x1p-32;  // in [0, 1)
        const tensor::NormalPair noise = tensor::philox_normals(block[1], block[2]);
        const PlanePoint center = modes.empty()
                                      ? roll_point(roll_begin + (roll_end - roll_begin) * share)
                                      : modes[static_cast<std::size_t>(share * static_cast<double>(modes.size()))];
        points.push_back({center.x + deviation * noise.first, center.y + deviation * noise.second});
    }
    return points;
}

tensor::Tensor tensor_of(const std::vector<PlanePoint>& points, tensor::DType dtype, tensor::Device device) {
    std::vector<double> values;
    values.reserve(2 * points.size());
    for (const PlanePoint& point : points) values.insert(values.end(), {point.x, point.y});
    return tensor::Tensor::from(values, {static_cast<std::int64_t>(points.size()), 2}).cast(dtype).to(device);
}

std::vector<PlanePoint> points_of(const tensor::Tensor& points) {
    const std::vector<double> values = points.values<double>();
    std::vector<PlanePoint> result;
    for (std::size_t i = 0; i + 1 < values.size(); i += 2) result.push_back({values[i], values[i + 1]});
    return result;
}

}  // namespace musegan
