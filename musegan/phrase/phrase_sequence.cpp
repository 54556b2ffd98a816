#include "musegan/phrase/phrase_sequence.hpp"

#include <algorithm>
#include <utility>

#include "musegan/phrase/grid.hpp"
#include "tensor/error.hpp"
#include "tensor/parallel.hpp"

namespace musegan {

PhraseSequence::PhraseSequence(const PhraseShape& shape, std::int64_t count, Read read)
    : shape_(shape), count_(count), read_(std::move(read)) {
    shape.validate("phrases");
    if (count < 0) tensor::fail("phrases", "{} phrases, expected 0 or more", count);
}

PhraseSequence::PhraseSequence(const PhraseView& phrases)
    : PhraseSequence(phrases.shape(), phrases.count(),
                     [phrases](std::int64_t k, std::vector<std::uint8_t>&) { return phrases[k]; }) {}

std::span<const std::uint8_t> PhraseSequence::read(std::int64_t k, std::vector<std::uint8_t>& room) const {
    if (k < 0 || k >= count_) tensor::fail("phrases", "phrase {}, expected 0 to {}", k, count_ - 1);
    return read_(k, room);
}

PackedPhrases PhraseSequence::collect() const {
    PackedPhrases all{shape_, std::vector<std::uint8_t>(static_cast<std::size_t>(count_ * shape_.bytes()))};
    tensor::parallel_chunks(count_, 64, [&](std::int64_t begin, std::int64_t end) {
        std::vector<std::uint8_t> room;
        for (std::int64_t k = begin; k < end; ++k)
            std::ranges::copy(read(k, room), all.bits.begin() + k * shape_.bytes());
    });
    return all;
}

PhraseSequence spread(const PhraseSequence& phrases, std::int64_t most) {
    if (most < 0) tensor::fail("spread", "{} phrases, expected 0 or more", most);
    const std::int64_t count = phrases.count(), chosen = std::min(most, count);
    if (chosen == count) return phrases;
    return {phrases.shape(), chosen, [phrases, count, chosen](std::int64_t k, std::vector<std::uint8_t>& room) {
                return phrases.read(k * count / chosen, room);
            }};
}

PhraseSequence on_grid(const PhraseSequence& phrases, int steps_per_beat) {
    const PhraseShape &from = phrases.shape(), to = from.on_grid(steps_per_beat);
    to.validate("grid");
    if (from == to) return phrases;
    if (from.steps_per_beat % steps_per_beat != 0)
        tensor::fail("grid", "{} steps per beat of phrases on {}, expected a grid that divides theirs", steps_per_beat,
                     from.steps_per_beat);
    return {to, phrases.count(), [phrases, from, steps_per_beat](std::int64_t k, std::vector<std::uint8_t>& room) {
                const PianoRoll finest = expand(PianoRoll(from, from.steps(), phrases.read(k, room)));
                const PianoRoll reduced = reduce(finest, steps_per_beat);
                room.assign(reduced.bits().begin(), reduced.bits().end());
                return std::span<const std::uint8_t>(room);
            }};
}

}  // namespace musegan
