// Bars of a roll.
#pragma once

#include <cstdint>

#include "musegan/phrase/pianoroll.hpp"

namespace musegan {

/// How many bars a roll has, the last of which may be over before its end.
std::int64_t bars_in(const PianoRoll& roll);

/// The roll's bars [begin, end) as a roll of that length, silent where it is over. Throws Error for more than max_bars.
PianoRoll bars_of(const PianoRoll& roll, std::int64_t begin, std::int64_t end);

}  // namespace musegan
