// Colours for the values of a function, from low to high.
#pragma once

#include <array>

#include "musegan/figures/picture.hpp"

namespace musegan {

/// From blue to pale yellow in equal steps of lightness (CIE L* from 42 to 95), so that equal steps of the function
/// look equal, in grey and for the colour-blind as well. The hue turns from 265 to 100 degrees, and the chroma is 34 to
/// 38 or as much as a screen can show. White is none of them.
inline constexpr std::array<Color, 11> color_map{{{3, 104, 161},
                                                  {2, 119, 171},
                                                  {2, 135, 180},
                                                  {2, 151, 187},
                                                  {2, 168, 192},
                                                  {50, 184, 191},
                                                  {87, 199, 187},
                                                  {126, 213, 181},
                                                  {166, 225, 174},
                                                  {209, 235, 171},
                                                  {253, 242, 176}}};

}  // namespace musegan
