// Points of the plane, and how near two sets of them are.
#include "musegan/toy/plane_data.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "musegan/toy/plane_measures.hpp"
#include "tensor/error.hpp"

using musegan::draw_points;
using musegan::PlaneData;
using musegan::PlanePoint;
using musegan::sliced_distance;

namespace {

constexpr std::array all_data{PlaneData::eight_gaussians, PlaneData::twenty_five_gaussians, PlaneData::swiss_roll};

std::vector<PlanePoint> drawn(PlaneData data, std::int64_t count, std::uint64_t seed = 3) {
    tensor::RandomStream stream{seed, 0, 0};
    return draw_points(data, count, stream);
}

}  // namespace

TEST_CASE("points of the plane: the same stream, the same points, one block each") {
    for (const PlaneData data : all_data) {
        CHECK(drawn(data, 50) == drawn(data, 50));
        CHECK(drawn(data, 50, 4) != drawn(data, 50, 3));
        tensor::RandomStream stream{3, 0, 0};
        std::vector<PlanePoint> parts = draw_points(data, 20, stream);
        CHECK(stream.position == 20);
        for (const PlanePoint& point : draw_points(data, 30, stream)) parts.push_back(point);
        CHECK(parts == drawn(data, 50));
    }
}

TEST_CASE("points of the plane have about deviation 1, and modes that are equally likely") {
    const std::array deviations{std::hypot(1.0, 0.05), std::hypot(1.0, 0.05), 0.9257};
    for (std::size_t k = 0; k < all_data.size(); ++k) {
        const std::vector<PlanePoint> points = drawn(all_data[k], 20000);
        double squares = 0;
        for (const PlanePoint& point : points) squares += (point.x * point.x + point.y * point.y) / 2;
        CHECK(std::sqrt(squares / 20000) == doctest::Approx(deviations[k]).epsilon(0.01));
        CHECK(musegan::share_near(all_data[k], points) > 0.999);
        for (const PlanePoint& mode : musegan::modes_of(all_data[k])) {
            int count = 0;
            for (const PlanePoint& point : points) count += std::hypot(point.x - mode.x, point.y - mode.y) < 0.3;
            CHECK(count * musegan::modes_of(all_data[k]).size() == doctest::Approx(20000).epsilon(0.15));
        }
    }
}

TEST_CASE("the Gaussians around the modes are round, and of their deviation") {
    const PlanePoint mode = musegan::modes_of(PlaneData::eight_gaussians)[3];
    double count = 0, xx = 0, yy = 0, xy = 0;
    for (const PlanePoint& point : drawn(PlaneData::eight_gaussians, 40000)) {
        const double x = (point.x - mode.x) / 0.05, y = (point.y - mode.y) / 0.05;
        if (std::hypot(x, y) > 6) continue;
        ++count;
        xx += x * x;
        yy += y * y;
        xy += x * y;
    }
    CHECK(xx / count == doctest::Approx(1.0).epsilon(0.06));
    CHECK(yy / count == doctest::Approx(1.0).epsilon(0.06));
    CHECK(std::abs(xy / count) < 0.05);
}

TEST_CASE("the distance to a centre: of modes, and of the roll's spiral") {
    CHECK(musegan::distance_to_center(PlaneData::eight_gaussians, {std::numbers::sqrt2, 0.25}) == 0.25);
    CHECK(musegan::distance_to_center(PlaneData::twenty_five_gaussians, {0.0, -0.125}) == 0.125);
    for (const double angle : {4.8, 7.0, 10.0, 14.0}) {
        const PlanePoint at{angle * std::cos(angle) / 7.5, angle * std::sin(angle) / 7.5};
        CHECK(musegan::distance_to_center(PlaneData::swiss_roll, at) < 0.0003);
        // A tenth off, across the spiral, whose direction is (cos t - t sin t, sin t + t cos t).
        const double x = std::cos(angle) - angle * std::sin(angle), y = std::sin(angle) + angle * std::cos(angle);
        const double share = 0.1 / std::hypot(x, y);
        CHECK(musegan::distance_to_center(PlaneData::swiss_roll, {at.x - share * y, at.y + share * x}) ==
              doctest::Approx(0.1).epsilon(0.004));
    }
}

TEST_CASE("modes are reached by a tenth of their share, and points count as near within 4 deviations") {
    std::vector<PlanePoint> points(72, musegan::modes_of(PlaneData::eight_gaussians)[2]);
    points.insert(points.end(), 7, {0.0, 0.0});
    points.push_back({-std::numbers::sqrt2, 0.19});  // one point: a tenth of its mode's share
    CHECK(musegan::modes_reached(PlaneData::eight_gaussians, points) == 2);
    CHECK(musegan::share_near(PlaneData::eight_gaussians, points) == 73.0 / 80.0);
    points.back().y = 0.21;
    CHECK(musegan::modes_reached(PlaneData::eight_gaussians, points) == 1);
    CHECK(musegan::share_near(PlaneData::eight_gaussians, points) == 72.0 / 80.0);
    CHECK(musegan::modes_reached(PlaneData::swiss_roll, points) == 0);
}

TEST_CASE("the sliced distance of small sets is what can be worked out by hand") {
    const std::vector<PlanePoint> a{{0.0, 5.0}, {1.0, -2.0}, {3.0, 0.0}};
    const std::vector<PlanePoint> b{{5.0, 1.0}, {0.0, 9.0}, {2.0, 0.0}};
    // Along x alone: sorted, 0 1 3 and 0 2 5 differ by 0, 1 and 2.
    CHECK(sliced_distance(a, b, 1) == 1.0);
    // Along y: -2 0 5 and 0 1 9 differ by 2, 1 and 4.
    CHECK(sliced_distance(a, b, 2) == doctest::Approx((1.0 + 7.0 / 3.0) / 2.0).epsilon(1e-14));
    CHECK(sliced_distance(a, a) == 0.0);
    CHECK(sliced_distance(a, b) == sliced_distance(b, a));
    // Of a shift by (1, 0): the mean of |cos| over the directions, 2 / pi in the limit.
    const std::vector<PlanePoint> shifted{{1.0, 5.0}, {2.0, -2.0}, {4.0, 0.0}};
    CHECK(sliced_distance(a, shifted, 1000) == doctest::Approx(2.0 / std::numbers::pi).epsilon(1e-5));
    CHECK(std::isnan(sliced_distance(a, {{0.0, 0.0}, {std::nan(""), 0.0}, {1.0, 1.0}})));
    CHECK_THROWS_WITH_AS(sliced_distance(a, {{0.0, 0.0}}), doctest::Contains("equally many points"), tensor::Error);
    CHECK_THROWS_AS(sliced_distance({}, {}), tensor::Error);
}

TEST_CASE("points become a tensor and come back") {
    const std::vector<PlanePoint> points{{0.5, -1.0}, {2.0, 0.25}};
    const tensor::Tensor tensor = musegan::tensor_of(points, tensor::DType::f32, tensor::Device::cpu());
    CHECK(tensor.shape() == tensor::Shape{2, 2});
    CHECK(tensor.dtype() == tensor::DType::f32);
    CHECK(musegan::points_of(tensor) == points);
}
