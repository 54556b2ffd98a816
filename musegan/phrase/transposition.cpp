#include "musegan/phrase/transposition.hpp"

#include <algorithm>

namespace musegan {

PackedPhrases transposed(const PhraseView& phrases, int semitones) {
    const PhraseShape& shape = phrases.shape();
    PackedPhrases moved{shape, {}};
    std::vector<std::uint8_t> bits(static_cast<std::size_t>(shape.bytes()));
    for (std::int64_t k = 0; k < phrases.count(); ++k) {
        std::ranges::fill(bits, std::uint8_t{0});
        bool is_whole = true;
        for_each_cell(shape, phrases[k], [&](std::int64_t step, int pitch, int track) {
            const int target = is_drums(track) ? pitch : pitch + semitones;
            if (target < 0 || target >= shape.pitches) {
                is_whole = false;
                return;
            }
            const std::int64_t bit = (step * shape.pitches + target) * shape.tracks + track;
            bits[static_cast<std::size_t>(bit / 8)] |= static_cast<std::uint8_t>(1u << (bit % 8));
        });
        if (is_whole) moved.bits.insert(moved.bits.end(), bits.begin(), bits.end());
    }
    return moved;
}

}  // namespace musegan
