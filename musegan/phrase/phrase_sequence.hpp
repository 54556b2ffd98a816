// Phrases that are made when they are asked for: those of a view, fewer of them, on another grid. Memory does not grow
// with their number.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "musegan/phrase/packing.hpp"

namespace musegan {

class PhraseSequence {
  public:
    /// The bits of phrase k, which live in `room` or somewhere that outlives the call. Called by several threads at a
    /// time, each with a room of its own.
    using Read = std::function<std::span<const std::uint8_t>(std::int64_t k, std::vector<std::uint8_t>& room)>;

    PhraseSequence(const PhraseShape& shape, std::int64_t count, Read read);
    /// Those of a view, whose bits must outlive the sequence.
    PhraseSequence(const PhraseView& phrases);
    PhraseSequence(const PackedPhrases& phrases) : PhraseSequence(phrases.view()) {}

    const PhraseShape& shape() const { return shape_; }
    std::int64_t count() const { return count_; }
    /// Throws Error where there is no phrase k.
    std::span<const std::uint8_t> read(std::int64_t k, std::vector<std::uint8_t>& room) const;
    PackedPhrases collect() const;

  private:
    PhraseShape shape_;
    std::int64_t count_ = 0;
    Read read_;
};

/// At most `most` of the phrases, spread evenly: phrase floor(k count / n) for each k of n = min(most, count). Throws
/// Error for a negative number.
PhraseSequence spread(const PhraseSequence& phrases, std::int64_t most);

/// The phrases on a grid of fewer or as many steps per beat, which must divide theirs: expand()ed to the finest grid
/// and reduce()d (phrase/grid.hpp). Throws Error otherwise.
PhraseSequence on_grid(const PhraseSequence& phrases, int steps_per_beat);

}  // namespace musegan
