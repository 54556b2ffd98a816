#include "musegan/phrase/roll_bars.hpp"

#include <algorithm>
#include <vector>

namespace musegan {

std::int64_t bars_in(const PianoRoll& roll) {
    const std::int64_t bar = roll.shape().steps_per_bar();
    return (roll.steps() + bar - 1) / bar;
}

PianoRoll bars_of(const PianoRoll& roll, std::int64_t begin, std::int64_t end) {
    const PhraseShape& shape = roll.shape();
    std::vector<std::uint8_t> bits(static_cast<std::size_t>((end - begin) * shape.bytes_per_bar()));
    const auto from = std::min(roll.bits().size(), static_cast<std::size_t>(begin * shape.bytes_per_bar()));
    std::ranges::copy(roll.bits().subspan(from, std::min(bits.size(), roll.bits().size() - from)), bits.begin());
    return PianoRoll(shape, (end - begin) * shape.steps_per_bar(), bits);
}

}  // namespace musegan
