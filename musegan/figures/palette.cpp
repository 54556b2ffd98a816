#include "musegan/figures/palette.hpp"

#include <cmath>

namespace musegan {

Color ink_on(Color background) {
    constexpr std::array weights{0.2126, 0.7152, 0.0722};
    double luminance = 0;
    for (std::size_t k = 0; k < 3; ++k) {
        const double part = background[k] / 255.0;
        luminance += weights[k] * (part <= 0.04045 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4));
    }
    return luminance > 0.179 ? black : white;
}

}  // namespace musegan
