// A roofline picture (Williams, Waterman and Patterson, 2009): how fast work is done, held against how fast it could
// be.
#pragma once

#include <string>
#include <vector>

#include "musegan/figures/picture.hpp"

namespace musegan {

/// What arithmetic cannot exceed.
struct RooflineCeiling {
    std::string name;  ///< "f32 products"
    double gflops = 0;
};

/// What bytes cannot exceed: `gb_s` times the intensity.
struct RooflineSlope {
    std::string name;  ///< "copy"
    double gb_s = 0;
};

/// Work that was done.
struct RooflineDot {
    std::string name;      ///< beside the dot
    std::string group;     ///< its colour, named in the legend
    double intensity = 0;  ///< FLOP per byte
    double gflops = 0;     ///< GFLOP/s
    double share = 0;      ///< of all time, 0 to 1: the dot's area
};

struct Roofline {
    std::string title;
    std::vector<RooflineCeiling> ceilings;
    std::vector<RooflineSlope> slopes;
    std::vector<RooflineDot> dots;
    /// "of conv1, the dots" and the like: what a dot is, said below the picture. May be "".
    std::string caption{};
    int width = 900;
    int height = 620;
    int labels = 14;  ///< at most so many dots, those with most time, have their names beside them
};

/// Both axes logarithmic: FLOP per byte to the right, GFLOP/s up; ceilings and slopes with their names and values, up
/// to where they meet. The groups with most time have colours of their own, further ones are grey. No text covers
/// another one or a dot: names for which there is no room are left out. So are dots that have no place or hardly any
/// time (roofline_content.hpp); a line below the picture says how many and how much time they took.
/// Throws Error for a picture under 400 x 300 or with too many names in its legend for its height, and for a value that
/// is negative or not finite.
Picture roofline_picture(const Roofline& roofline);

}  // namespace musegan
