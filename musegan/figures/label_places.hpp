// Where a label may stand beside its point without covering anything.
#pragma once

#include <optional>
#include <vector>

#include "musegan/figures/picture.hpp"

namespace musegan {

/// A rectangle that need not lie on whole pixels.
struct Box {
    double x = 0, y = 0, width = 0, height = 0;

    bool overlaps(const Box& other) const {
        return x < other.x + other.width && other.x < x + width && y < other.y + other.height && other.y < y + height;
    }
    bool contains(const Box& other) const {
        return other.x >= x && other.y >= y && other.x + other.width <= x + width &&
               other.y + other.height <= y + height;
    }
    bool contains(Point point) const {
        return point.x >= x && point.x <= x + width && point.y >= y && point.y <= y + height;
    }
    Box widened(double by) const { return {x - by, y - by, width + 2 * by, height + 2 * by}; }
    /// The point of the box that is nearest to `point`.
    Point nearest(Point point) const;
};

/// Where a label stands.
struct LabelPlace {
    Box box;
    bool needs_line = false;  ///< too far from its dot, or too near to something else, to be understood without a line
};

/// A place of this size beside a dot, as near as can be: right of it, left, above, below or between these, in growing
/// circles up to `farthest` pixels from its edge. It lies in `area` and overlaps none of `taken`. Either it touches the
/// dot and keeps away from everything else, or a straight line from the dot's middle to it crosses none of `barred`.
/// Nothing where there is no such place. Boxes in which the dot's middle lies, its own among them, may be near.
std::optional<LabelPlace> place_label(Point dot, double radius, double width, double height, const Box& area,
                                      const std::vector<Box>& taken, const std::vector<Box>& barred,
                                      double farthest = 130);

}  // namespace musegan
