// What the scripts of an explanation's page draw from.
#pragma once

#include <string>
#include <vector>

#include "musegan/study/explanation.hpp"

namespace musegan {

/// Values as bytes, written in base64, for what is looked at and not computed with. With `scale` the largest absolute
/// value: byte b is scale * b / 254, and of signed values scale * (b - 127) / 127; 255 is what is no number. A value
/// differs from its own by at most scale / 254 (signed) or scale / 508.
struct CoarseValues {
    double scale = 0;
    std::string base64;
};
CoarseValues coarse_values(const std::vector<float>& values, bool is_signed);

/// Of more directions than this the page has those where the ways differ most.
inline constexpr std::size_t shown_directions = 200;

/// JSON. Formulas in it are plain text: what is shown as a formula stands in the page itself.
std::string explanation_data(const Explanation& explanation);

}  // namespace musegan
