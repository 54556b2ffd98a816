#include "musegan/phrase/transposition.hpp"

#include <algorithm>

namespace musegan {

namespace {

/// Writes the cells of a phrase, those of all tracks but the drums `semitones` higher, into `to`, which has the
/// phrase's size. Returns whether none was left out because it leaves the shape's pitches.
bool transpose(const PhraseShape& shape, std::span<const std::uint8_t> phrase, int semitones,
               std::span<std::uint8_t> to) {
    std::ranges::fill(to, std::uint8_t{0});
    bool is_whole = true;
    for_each_cell(shape, phrase, [&](std::int64_t step, int pitch, int track) {
        const int target = is_drums(track) ? pitch : pitch + semitones;
        if (target < 0 || target >= shape.pitches) {
            is_whole = false;
            return;
        }
        const std::int64_t bit = (step * shape.pitches + target) * shape.tracks + track;
        to[static_cast<std::size_t>(bit / 8)] |= static_cast<std::uint8_t>(1u << (bit % 8));
    });
    return is_whole;
}

PackedPhrases transposed(const PhraseView& phrases, int semitones, bool keeps_parts) {
    PackedPhrases result{phrases.shape(), {}};
    std::vector<std::uint8_t> bits(static_cast<std::size_t>(phrases.shape().bytes()));
    for (std::int64_t k = 0; k < phrases.count(); ++k)
        if (transpose(phrases.shape(), phrases[k], semitones, bits) || keeps_parts)
            result.bits.insert(result.bits.end(), bits.begin(), bits.end());
    return result;
}

}  // namespace

PackedPhrases transposed(const PhraseView& phrases, int semitones) { return transposed(phrases, semitones, false); }

PackedPhrases moved(const PhraseView& phrases, int semitones) { return transposed(phrases, semitones, true); }

}  // namespace musegan
