// What of a roofline's input is drawn: its dots, roofs and groups, and in words what is not.
#pragma once

#include <string>
#include <vector>

#include "musegan/figures/roofline.hpp"

namespace musegan {

/// An entry of the legend.
struct RooflineGroup {
    std::string name;
    double share = 0;
    Color color{};
};

struct RooflineContent {
    /// Left out are dots without arithmetic or bytes, those of less than a thousandth of the time, and those of less
    /// than a hundredth that are 10,000 times slower than the fastest dot or ceiling: they would squeeze all others.
    explicit RooflineContent(const Roofline& roofline);

    double top_ceiling() const;
    double top_slope() const;
    /// Of the groups with most time; grey for the others.
    Color color_of(const std::string& group) const;
    /// By descending share: as many as the palette has colours, and one entry for all others.
    std::vector<RooflineGroup> legend() const;
    /// "Not drawn, with their shares of the time: 2 without arithmetic (3.1 %)."; "" where everything is.
    std::string left_out() const;

    std::vector<RooflineDot> dots;          ///< by descending share
    std::vector<RooflineCeiling> ceilings;  ///< those above 0
    std::vector<RooflineSlope> slopes;

  private:
    /// Dots of one kind that are left out.
    struct LeftOut {
        int dots = 0;
        double share = 0;
    };
    bool leave_out(const RooflineDot& dot, double fastest);

    std::vector<RooflineGroup> groups_;
    LeftOut without_, small_, slow_;
};

}  // namespace musegan
