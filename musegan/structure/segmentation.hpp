// How a song is parted before it is cut into phrases.
#pragma once

#include <array>

namespace musegan {

enum class Segmentation {
    fixed,       ///< not at all: four bars after four bars
    sf,          ///< by structural features (Serra et al., AAAI 2012), as the program MSAF does
    sf_authors,  ///< by structural features as the MuseGAN authors computed them
};
constexpr auto enum_names(Segmentation) { return std::array{"fixed", "sf", "sf-authors"}; }

}  // namespace musegan
