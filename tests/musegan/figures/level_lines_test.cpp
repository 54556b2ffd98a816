#include "musegan/figures/level_lines.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "tensor/error.hpp"

using namespace musegan;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double largest = std::numeric_limits<double>::max();

using Lines = std::vector<LevelLine>;

/// A grid of steps of 1 around the origin.
PlaneGrid unit_grid(int cells) { return {cells / 2.0, cells}; }

template <typename Function>
std::vector<double> sampled(const PlaneGrid& grid, const Function& function) {
    std::vector<double> values;
    for (int k = 0; k < grid.values(); ++k) values.push_back(function(grid.point(k).x, grid.point(k).y));
    return values;
}

}  // namespace

TEST_CASE("level lines: a grid runs from -reach to reach, x fastest and y from below") {
    const PlaneGrid grid{3.0, 4};
    CHECK(grid.values() == 25);
    CHECK(grid.point(0) == PlanePoint{-3, -3});
    CHECK(grid.point(1) == PlanePoint{-1.5, -3});
    CHECK(grid.point(12) == PlanePoint{0, 0});
    CHECK(grid.point(24) == PlanePoint{3, 3});
    CHECK(PlaneGrid{0.1, 7}.point(63) == PlanePoint{0.1, 0.1});
}

TEST_CASE("level lines: a plane has one straight line, on values of the grid and between them") {
    const PlaneGrid grid = unit_grid(4);
    const std::vector<double> right = sampled(grid, [](double x, double) { return x; });
    for (const double x : {-1.75, -1.0, 0.0, 0.5, 2.0})
        CHECK(level_lines(grid, right, x) == Lines{{{x, -2}, {x, -1}, {x, 0}, {x, 1}, {x, 2}}});
    CHECK(level_lines(grid, right, -2.0).empty());  // no value is below it
    CHECK(level_lines(grid, right, 2.5).empty());
    const std::vector<double> down = sampled(grid, [](double, double y) { return -4 * y; });
    CHECK(level_lines(grid, down, 1.0) == Lines{{{-2, -0.25}, {-1, -0.25}, {0, -0.25}, {1, -0.25}, {2, -0.25}}});
}

TEST_CASE("level lines: a line is one from border to border, though the grid meets its middle first") {
    const PlaneGrid grid = unit_grid(4);
    const std::vector<double> valley = sampled(grid, [](double x, double y) { return y - std::abs(x); });
    CHECK(level_lines(grid, valley, -0.5) ==
          Lines{{{-2, 1.5}, {-1.5, 1}, {-1, 0.5}, {-0.5, 0}, {0, -0.5}, {0.5, 0}, {1, 0.5}, {1.5, 1}, {2, 1.5}}});
}

TEST_CASE("level lines: the middle of a saddle decides which corners belong together") {
    const PlaneGrid grid{1.0, 1};
    const std::vector<double> values{3, -1, -1, 3};  // high at the lower left and the upper right; its middle is 1
    CHECK(level_lines(grid, values, 0.0) == Lines{{{0.5, -1}, {1, -0.5}}, {{-1, 0.5}, {-0.5, 1}}});
    CHECK(level_lines(grid, values, 1.0) == Lines{{{0, -1}, {1, 0}}, {{-1, 0}, {0, 1}}});
    CHECK(level_lines(grid, values, 2.0) == Lines{{{-0.5, -1}, {-1, -0.5}}, {{1, 0.5}, {0.5, 1}}});
    const std::vector<double> turned{-1, 3, 3, -1};
    CHECK(level_lines(grid, turned, 0.0) == Lines{{{-0.5, -1}, {-1, -0.5}}, {{1, 0.5}, {0.5, 1}}});
    CHECK(level_lines(grid, turned, 2.0) == Lines{{{0.5, -1}, {1, -0.5}}, {{-1, 0.5}, {-0.5, 1}}});
}

TEST_CASE("level lines: a peak has a closed ring, wherever the level lies") {
    const PlaneGrid grid = unit_grid(2);
    const std::vector<double> peak{0, 0, 0, 0, 4, 0, 0, 0, 0};
    CHECK(level_lines(grid, peak, 1.0) == Lines{{{0, -0.75}, {-0.75, 0}, {0, 0.75}, {0.75, 0}, {0, -0.75}}});
    CHECK(level_lines(grid, peak, 4.0).empty());  // one point
    CHECK(level_lines(grid, peak, 0.0).empty());  // no value is below it
    // The sides of a plateau at the level itself, and every corner of it once.
    const PlaneGrid wide = unit_grid(4);
    const std::vector<double> plateau =
        sampled(wide, [](double x, double y) { return std::abs(x) <= 1 && std::abs(y) <= 1 ? 1.0 : 0.0; });
    const Lines lines = level_lines(wide, plateau, 1.0);
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].front() == lines[0].back());
    CHECK(lines[0].size() == 9);  // eight values around the middle
}

TEST_CASE("level lines: rings of a cone have their radius, and two peaks have two") {
    const PlaneGrid grid{2.0, 40};
    const std::vector<double> cone = sampled(grid, [](double x, double y) { return -std::hypot(x, y); });
    const Lines ring = level_lines(grid, cone, -1.5);
    REQUIRE(ring.size() == 1);
    CHECK(ring[0].front() == ring[0].back());
    for (const PlanePoint& point : ring[0]) CHECK(std::hypot(point.x, point.y) == doctest::Approx(1.5).epsilon(1e-3));
    for (std::size_t k = 1; k < ring[0].size(); ++k)  // within one cell
        CHECK(std::hypot(ring[0][k].x - ring[0][k - 1].x, ring[0][k].y - ring[0][k - 1].y) < 0.1 * std::sqrt(2.0));
    const std::vector<double> peaks =
        sampled(grid, [](double x, double y) { return -std::min(std::hypot(x - 0.8, y), std::hypot(x + 0.8, y)); });
    CHECK(level_lines(grid, peaks, -0.5).size() == 2);
    CHECK(level_lines(grid, peaks, -0.9).size() == 1);
}

TEST_CASE("level lines: a constant function has none") {
    const PlaneGrid grid = unit_grid(3);
    const std::vector<double> values(16, 2.5);
    for (const double level : {2.0, 2.5, 3.0, not_a_number, HUGE_VAL, -HUGE_VAL})
        CHECK(level_lines(grid, values, level).empty());
}

TEST_CASE("level lines: cells at a value that is not finite have none, and the lines of others end there") {
    const PlaneGrid grid = unit_grid(4);
    for (const double hole : {not_a_number, HUGE_VAL, -HUGE_VAL}) {
        std::vector<double> values = sampled(grid, [](double x, double) { return x; });
        values[12] = hole;  // the middle
        CHECK(level_lines(grid, values, 0.5) == Lines{{{0.5, -2}, {0.5, -1}}, {{0.5, 1}, {0.5, 2}}});
        CHECK(level_lines(grid, values, 1.5).front().size() == 5);
    }
    CHECK(level_lines(grid, std::vector<double>(25, not_a_number), 0.0).empty());
}

TEST_CASE("level lines: values at the ends of what numbers can be break nothing") {
    const PlaneGrid grid{1.0, 1};
    CHECK(level_lines(grid, std::vector{-largest, largest, -largest, largest}, 0.0) == Lines{{{0, -1}, {0, 1}}});
    const double least = std::numeric_limits<double>::denorm_min();
    CHECK(level_lines(grid, std::vector{0.0, least, 0.0, least}, least) == Lines{{{1, -1}, {1, 1}}});
}

TEST_CASE("level lines: the number of values is the grid's") {
    CHECK_THROWS_WITH_AS(level_lines(PlaneGrid{1.0, 2}, std::vector<double>(8), 0.0),
                         "[level_lines] 8 values of a grid of 2 cells a side, expected one per point, (cells + 1)^2",
                         tensor::Error);
    CHECK_THROWS_AS(level_lines(PlaneGrid{1.0, 0}, std::vector<double>(1), 0.0), tensor::Error);
}
