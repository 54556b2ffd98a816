#include "musegan/figures/label_places.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <numbers>

namespace musegan {

Point Box::nearest(Point point) const {
    return {std::clamp(point.x, x, x + width), std::clamp(point.y, y, y + height)};
}

namespace {

constexpr double touching = 4;   ///< pixels between a dot and its name
constexpr double clearance = 6;  ///< and between its name and everything else

bool overlaps_any(const Box& box, const std::vector<Box>& others) {
    return std::any_of(others.begin(), others.end(), [&](const Box& other) { return box.overlaps(other); });
}

/// Whether the line from a dot's middle to `end` crosses a box.
bool is_barred(Point dot, Point end, const std::vector<Box>& barred) {
    const double length = std::hypot(end.x - dot.x, end.y - dot.y);
    for (double at = 0; at < length; at += 2) {
        const Point point{dot.x + at / length * (end.x - dot.x), dot.y + at / length * (end.y - dot.y)};
        if (std::any_of(barred.begin(), barred.end(), [&](const Box& box) { return box.contains(point); })) return true;
    }
    return false;
}

/// The box whose nearest point to the dot lies `distance` from its edge. That point is an edge's middle, or nearer to a
/// corner for directions between.
Box box_beside(Point dot, double from_middle, double angle, double width, double height) {
    const double along = std::cos(angle), down = std::sin(angle);
    const Point touch{dot.x + from_middle * along, dot.y + from_middle * down};
    return {touch.x - width * (1 - along) / 2, touch.y - height * (1 - down) / 2, width, height};
}

}  // namespace

std::optional<LabelPlace> place_label(Point dot, double radius, double width, double height, const Box& area,
                                      const std::vector<Box>& taken, const std::vector<Box>& barred, double farthest) {
    // Directions in sixteenths of a turn from the right, clockwise on paper, the most readable ones first.
    constexpr std::array directions{0, 8, 12, 4, 14, 2, 10, 6, 15, 1, 9, 7, 13, 11, 3, 5};
    std::vector<Box> others;
    std::copy_if(taken.begin(), taken.end(), std::back_inserter(others),
                 [&](const Box& box) { return !box.contains(dot); });
    for (double distance = touching; distance <= farthest; distance += 6) {
        const bool touches = distance == touching;
        for (const int direction : directions) {
            const Box box = box_beside(dot, radius + distance, direction * std::numbers::pi / 8, width, height);
            if (!area.contains(box) || overlaps_any(box, taken)) continue;
            if (touches ? !overlaps_any(box.widened(clearance), others) : !is_barred(dot, box.nearest(dot), barred))
                return LabelPlace{box, !touches};
        }
    }
    return std::nullopt;
}

}  // namespace musegan
