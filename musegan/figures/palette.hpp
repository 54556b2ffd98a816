// Colours that stay apart for readers who do not see all of them, and what is written on them.
#pragma once

#include <array>
#include <cstddef>

#include "musegan/figures/picture.hpp"

namespace musegan {

/// Of axes, ticks and their texts.
inline constexpr Color axis_color{60, 60, 60};
inline constexpr Color grid_color{230, 230, 230};
/// Of what belongs to no group.
inline constexpr Color other_color{160, 160, 160};

/// Paul Tol's scheme "muted", in his order: nine colours that differ for every common kind of colour blindness.
inline constexpr std::array<Color, 9> palette{{{204, 102, 119},
                                               {51, 34, 136},
                                               {221, 204, 119},
                                               {17, 119, 51},
                                               {136, 204, 238},
                                               {136, 34, 85},
                                               {68, 170, 153},
                                               {153, 153, 51},
                                               {170, 68, 153}}};

/// The colour of the group with this number; from the tenth on they repeat.
constexpr Color palette_color(std::size_t group) { return palette[group % palette.size()]; }

/// Black or white, whichever is read more easily on `background`: black from a relative luminance of 0.179 on, where
/// both have the same contrast (WCAG 2).
Color ink_on(Color background);

}  // namespace musegan
