// How far two sets of pitches are apart in harmony.
#pragma once

#include <array>

#include "musegan/phrase/chroma.hpp"

namespace musegan {

using TonalCentroid = std::array<double, 6>;

/// The six tonal centroids of a chroma normalised to sum 1 (Harte, Sandler, Gasser: Detecting harmonic change in
/// musical audio, 2006): rows r sin(l a), r cos(l a) for pitch class l, with (r, a) = (1, 7 pi / 6), (1, 3 pi / 2),
/// (1/2, 2 pi / 3). All nan for a silent chroma.
TonalCentroid tonal_centroid(const Chroma& chroma);

/// Euclidean distance of two tonal centroids; nan if either is that of a silent chroma.
double tonal_distance(const TonalCentroid& a, const TonalCentroid& b);

}  // namespace musegan
