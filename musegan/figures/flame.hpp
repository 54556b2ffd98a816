// A flame picture: where the time went, part by part, from the whole at the top down to the smallest parts.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "musegan/figures/picture.hpp"

namespace musegan {

/// Time of one part, and what it is a part of.
struct FlameStack {
    std::vector<std::string> names;  ///< from the outermost part to the innermost
    double milliseconds = 0;
};

struct Flame {
    std::string title;
    std::string root;  ///< what the whole is called: "critic and generator update"
    /// Equal beginnings are one part. Parts stand side by side in the order in which they come here first.
    std::vector<FlameStack> stacks;
    /// Which name gives a part its colour: names[colored_by]. A legend lists these.
    std::size_t colored_by = 1;
    /// Colours of these names. The others have those of the palette in the order in which they come first, so no colour
    /// depends on the times.
    std::vector<std::pair<std::string, Color>> colors{};
    int width = 900;
};

/// One row of pixels for each depth: the whole on top, its parts below it, as wide as their share of the time. A part
/// has its name where there is room for it, else what stands behind its last dot or comma, or its beginning; parts
/// narrower than half a pixel are left out. As high as it needs to be. Throws Error for a time that is negative or not
/// finite, and for a width under 200.
Picture flame_picture(const Flame& flame);

}  // namespace musegan
