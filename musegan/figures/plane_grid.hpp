// Where the values of a function of the plane are given.
#pragma once

namespace musegan {

/// A place in the plane, in the function's own coordinates.
struct PlanePoint {
    double x = 0.0, y = 0.0;

    bool operator==(const PlanePoint&) const = default;
};

/// A square piece of the plane around its origin, and the grid on which functions of it are given: `cells + 1` values
/// along each axis, the first at -reach, the last at +reach.
struct PlaneGrid {
    double reach = 2.0;
    int cells = 60;

    int side() const { return cells + 1; }
    int values() const { return side() * side(); }
    /// Along either axis, in steps of the grid from the first value on, whole or between: from 0 to cells.
    double coordinate(double step) const { return reach * (2 * step - cells) / cells; }
    /// Of the value with this number: x runs fastest, y from below.
    PlanePoint point(int index) const { return {coordinate(index % side()), coordinate(index / side())}; }
};

}  // namespace musegan
