// Whether new phrases are copies of the data's: the nearest phrase of the data, in any key.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "musegan/phrase/phrase_sequence.hpp"

namespace musegan {

/// A phrase of the data, moved to a key.
struct NearestPhrase {
    std::int64_t phrase = -1;  ///< its number; -1 where the data has none
    int semitones = 0;         ///< that all its tracks but the drums are moved up by
    double distance = 1.0;     ///< 0 (the same) to 1 (no cell in common)
    bool operator==(const NearestPhrase&) const = default;
};

/// Called now and then, by the calling thread, with (phrases of the data looked at, phrases of the data); throwing from
/// it ends the work.
using PhrasesSearched = std::function<void(std::int64_t, std::int64_t)>;

/// For each of `phrases` the phrase of `data` at the least distance
///     d(a, b) = min over s of |a xor b_s| / |a or b_s|,
/// cells that differ over cells that are on in either (Jaccard's distance), where b_s is b with all tracks but the
/// drums s semitones higher, -83 to 83 for the paper's pitches; cells that s moves out of the pitches count like any
/// others. Two silent phrases are at distance 0, a silent one is at 1 from any other. Of several at the least distance
/// it is the one with the least number, of its s the one nearest to 0, and of two such the positive one. Exact: what
/// cannot be the nearest is left out by a bound, nothing by chance. The same for any number of threads. Memory grows
/// with `phrases`, not with `data`. Throws Error for phrases of another shape than the data's.
std::vector<NearestPhrase> nearest_phrases(const PhraseSequence& phrases, const PhraseSequence& data,
                                           const PhrasesSearched& searched = {});

/// What was found of a set.
struct Copying {
    std::vector<std::int64_t> phrases{};   ///< numbers of the phrases of the set that were looked at
    std::vector<NearestPhrase> nearest{};  ///< of each
    double almost_same = 0.1;              ///< below this distance a phrase counts as almost the same

    /// Phrases that are almost the same as one of the data, %. nan for none looked at.
    double share() const;
    /// The middle one of the distances, of an even number the mean of the two. nan for none.
    double median() const;
    /// Places in `phrases` of those that are nearest to the data, nearest first, at most so many.
    std::vector<std::size_t> nearest_first(std::size_t most) const;
};

}  // namespace musegan
