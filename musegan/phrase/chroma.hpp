// How long each pitch class sounds: what keys and tonal distances are computed from.
#pragma once

#include <array>

namespace musegan {

/// By pitch class (MIDI pitch mod 12, 0 = C), in any unit of time.
using Chroma = std::array<double, 12>;

}  // namespace musegan
