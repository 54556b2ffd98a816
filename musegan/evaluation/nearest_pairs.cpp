#include "musegan/evaluation/nearest_pairs.hpp"

#include "musegan/phrase/transposition.hpp"
#include "tensor/units.hpp"

namespace musegan {

namespace {

/// ", 3 semitones up": how a phrase of the data was moved; "" for one that was not.
std::string move_text(int semitones) {
    if (semitones == 0) return {};
    const int size = semitones < 0 ? -semitones : semitones;
    return fmt::format(", {} semitone{} {}", size, size == 1 ? "" : "s", semitones < 0 ? "down" : "up");
}

}  // namespace

NearestPairs nearest_pairs(const Copying& copying, const PhraseSequence& set, const PhraseSequence& data,
                           std::size_t most, const std::string& set_name, const std::string& data_name) {
    NearestPairs pairs{{set.shape(), {}}, {}};
    std::vector<std::uint8_t> room;
    for (const std::size_t place : copying.nearest_first(most)) {
        const NearestPhrase& nearest = copying.nearest[place];
        if (nearest.phrase < 0) continue;
        pairs.phrases.append(set.read(copying.phrases[place], room));
        pairs.captions.push_back(fmt::format("{}, phrase {}", set_name, tensor::count_text(copying.phrases[place])));
        pairs.phrases.append(moved(PhraseView(data.shape(), data.read(nearest.phrase, room)), nearest.semitones).bits);
        pairs.captions.push_back(fmt::format("{}, phrase {}{}: distance {:.2f}", data_name,
                                             tensor::count_text(nearest.phrase), move_text(nearest.semitones),
                                             nearest.distance));
    }
    return pairs;
}

}  // namespace musegan
