#include "musegan/figures/level_lines.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "tensor/error.hpp"

namespace musegan {

namespace {

/// An edge of the grid: 2 k runs to the right from the value with number k, 2 k + 1 upwards.
using Edge = std::ptrdiff_t;
constexpr Edge none = -1;

/// The edges that a line crosses: of each, the edges before and after it, as far as there are any. A line crosses an
/// edge at one place, so these are two at most, one in either cell beside the edge.
class Crossings {
  public:
    explicit Crossings(const PlaneGrid& grid) : links_(2 * static_cast<std::size_t>(grid.values()), {none, none}) {}

    void join(Edge a, Edge b) {
        add(a, b);
        add(b, a);
    }
    std::ptrdiff_t edges() const { return static_cast<std::ptrdiff_t>(links_.size()); }
    bool is_end(Edge edge) const { return of(edge)[0] != none && of(edge)[1] == none; }
    bool is_crossed(Edge edge) const { return of(edge)[0] != none; }
    Edge after(Edge edge, Edge before) const { return of(edge)[0] != before ? of(edge)[0] : of(edge)[1]; }
    /// No line takes this edge again.
    void forget(Edge edge) { links_[static_cast<std::size_t>(edge)] = {none, none}; }

  private:
    using Links = std::array<Edge, 2>;

    const Links& of(Edge edge) const { return links_[static_cast<std::size_t>(edge)]; }
    void add(Edge edge, Edge other) {
        Links& links = links_[static_cast<std::size_t>(edge)];
        links[links[0] == none ? 0 : 1] = other;
    }

    std::vector<Links> links_;
};

/// Joins the edges of the cell whose lower left value has the number `corner`.
void cross_cell(Crossings& crossings, std::span<const double> values, int side, int corner, double level) {
    const std::array<Edge, 4> numbers{corner, corner + 1, corner + side + 1, corner + side};  // against the clock
    std::array<double, 4> corners{};
    std::array<bool, 4> above{};
    double middle = 0.0;
    for (std::size_t k = 0; k < 4; ++k) {
        corners[k] = values[static_cast<std::size_t>(numbers[k])];
        if (!std::isfinite(corners[k])) return;
        above[k] = corners[k] >= level;
        middle += corners[k] / 4;
    }
    // Edge k leads from corner k to the next.
    const std::array<Edge, 4> edges{2 * numbers[0], 2 * numbers[1] + 1, 2 * numbers[3], 2 * numbers[0] + 1};
    if (above[0] == above[2] && above[1] == above[3]) {
        if (above[0] == above[1]) return;
        // A saddle. Either line cuts off one corner: that between the edges before and behind it.
        const std::size_t cut = (middle >= level) == above[0] ? 1 : 0;
        crossings.join(edges[(cut + 3) % 4], edges[cut]);
        crossings.join(edges[cut + 1], edges[cut + 2]);
        return;
    }
    std::array<Edge, 2> ends{};
    std::size_t found = 0;
    for (std::size_t k = 0; k < 4; ++k)
        if (above[k] != above[(k + 1) % 4]) ends[found++] = edges[k];
    crossings.join(ends[0], ends[1]);
}

/// Where the level lies on an edge.
PlanePoint crossing(const PlaneGrid& grid, std::span<const double> values, Edge edge, double level) {
    const bool upwards = edge % 2 != 0;
    const int from = static_cast<int>(edge / 2), to = from + (upwards ? grid.side() : 1);
    double low = values[static_cast<std::size_t>(from)], high = values[static_cast<std::size_t>(to)];
    if (!std::isfinite(high - low)) {  // their distance is more than the largest number
        low /= 2;
        high /= 2;
        level /= 2;
    }
    const double share = (level - low) / (high - low);
    const int column = from % grid.side(), row = from / grid.side();
    return {grid.coordinate(column + (upwards ? 0.0 : share)), grid.coordinate(row + (upwards ? share : 0.0))};
}

}  // namespace

std::vector<LevelLine> level_lines(const PlaneGrid& grid, std::span<const double> values, double level) {
    if (grid.cells < 1 || values.size() != static_cast<std::size_t>(grid.values()))
        tensor::fail("level_lines", "{} values of a grid of {} cells a side, expected one per point, (cells + 1)^2",
                     values.size(), grid.cells);
    Crossings crossings(grid);
    for (int row = 0; row < grid.cells; ++row)
        for (int column = 0; column < grid.cells; ++column)
            cross_cell(crossings, values, grid.side(), row * grid.side() + column, level);

    std::vector<LevelLine> lines;
    const auto follow = [&](Edge begin) {
        LevelLine line;
        const bool closed = !crossings.is_end(begin);
        for (Edge before = none, edge = begin; edge != none && crossings.is_crossed(edge);) {
            // Lines that meet at a value that is the level itself have the same point on several edges.
            const PlanePoint point = crossing(grid, values, edge, level);
            if (line.empty() || line.back() != point) line.push_back(point);
            const Edge next = crossings.after(edge, before);
            crossings.forget(edge);
            before = edge;
            edge = next;
        }
        if (closed && line.back() != line.front()) line.push_back(line.front());
        if (line.size() > 1) lines.push_back(std::move(line));
    };
    for (Edge edge = 0; edge < crossings.edges(); ++edge)
        if (crossings.is_end(edge)) follow(edge);
    for (Edge edge = 0; edge < crossings.edges(); ++edge)
        if (crossings.is_crossed(edge)) follow(edge);
    return lines;
}

}  // namespace musegan
