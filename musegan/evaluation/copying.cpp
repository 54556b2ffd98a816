#include "musegan/evaluation/copying.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <span>

#include "tensor/error.hpp"
#include "tensor/parallel.hpp"

namespace musegan {

namespace {

using Word = std::uint64_t;

constexpr std::int64_t chunk_phrases = 256;                // of the data, made ready at a time
constexpr int lanes = 8;                                   // rows next to each other that are compared at once
constexpr std::array<std::size_t, 4> pitched{0, 2, 3, 4};  // all tracks but the drums

std::int64_t words_of(const PhraseShape& shape) { return (shape.steps() + 63) / 64; }

/// A track as rows, one per pitch: bit k of word w is the cell of step 64 w + k. Rows come in groups of pitches next to
/// each other; pitches without a cell that lie between groups are left out.
struct Rows {
    std::vector<int> lowest{};  ///< pitch of each group, rising
    std::vector<Word> words{};  ///< groups x words x pitches of a group
};

/// A phrase as it is compared.
struct Prepared {
    std::int64_t cells = 0;                         ///< that are on
    std::array<std::int64_t, n_tracks> of_track{};  ///< of them
    std::array<Rows, n_tracks> tracks{};
    std::vector<std::uint8_t> voices{};  ///< tracks x steps: how many pitches sound, in any key
};

/// Makes phrases ready, one after the other.
class Preparation {
  public:
    Preparation(const PhraseShape& shape, int group_pitches)
        : shape_(shape),
          group_pitches_(group_pitches),
          rows_(static_cast<std::size_t>(n_tracks * shape.pitches * words_of(shape))) {}

    Prepared operator()(const PhraseSequence& phrases, std::int64_t k) {
        Prepared phrase;
        phrase.voices.resize(static_cast<std::size_t>(n_tracks * shape_.steps()));
        std::ranges::fill(rows_, 0);
        for_each_cell(shape_, phrases.read(k, room_), [&](std::int64_t step, int pitch, int track) {
            row(track, pitch)[step / 64] |= Word{1} << (step % 64);
            ++phrase.voices[static_cast<std::size_t>(track * shape_.steps() + step)];
            ++phrase.of_track[static_cast<std::size_t>(track)];
        });
        phrase.cells = std::accumulate(phrase.of_track.begin(), phrase.of_track.end(), std::int64_t{0});
        for (int track = 0; track < n_tracks; ++track) phrase.tracks[static_cast<std::size_t>(track)] = grouped(track);
        return phrase;
    }

  private:
    Word* row(int track, int pitch) { return rows_.data() + (track * shape_.pitches + pitch) * words_of(shape_); }
    bool sounds(int track, int pitch) {
        const Word* const words = row(track, pitch);
        return std::any_of(words, words + words_of(shape_), [](Word word) { return word != 0; });
    }
    Rows grouped(int track) {
        Rows all;
        for (int pitch = 0; pitch < shape_.pitches;) {
            if (!sounds(track, pitch)) {
                ++pitch;
                continue;
            }
            all.lowest.push_back(pitch);
            for (std::int64_t word = 0; word < words_of(shape_); ++word) {
                for (int lane = 0; lane < group_pitches_; ++lane)
                    all.words.push_back(pitch + lane < shape_.pitches ? row(track, pitch + lane)[word] : 0);
            }
            pitch += group_pitches_;
        }
        return all;
    }

    PhraseShape shape_;
    int group_pitches_;
    std::vector<Word> rows_;  // tracks x pitches x words
    std::vector<std::uint8_t> room_;
};

/// Phrases begin to end - 1, made ready by all threads.
std::vector<Prepared> prepare(const PhraseSequence& phrases, std::int64_t begin, std::int64_t end, int group_pitches) {
    std::vector<Prepared> all(static_cast<std::size_t>(end - begin));
    tensor::parallel_chunks(end - begin, 4, [&](std::int64_t first, std::int64_t last) {
        Preparation preparation(phrases.shape(), group_pitches);
        for (std::int64_t k = first; k < last; ++k) all[static_cast<std::size_t>(k)] = preparation(phrases, begin + k);
    });
    return all;
}

/// How far two phrases are apart: |a xor b| of |a| + |b| cells. Jaccard's distance 2 |a xor b| / (|a| + |b| + |a xor
/// b|) rises with the ratio of these whole numbers, so that distances are compared exactly.
struct Difference {
    std::int64_t differing = 0;
    std::int64_t cells = 1;  ///< 1 of two silent phrases

    double distance() const { return static_cast<double>(2 * differing) / static_cast<double>(cells + differing); }
    bool operator<(const Difference& other) const { return differing * other.cells < other.differing * cells; }
};

/// counts[lane] += cells that a row has in common with each row of a group.
void add_common(const Word* row, const Word* group, std::int64_t words, Word* counts) {
    std::array<Word, lanes> common{};
    for (std::int64_t word = 0; word < words; ++word) {
#pragma omp simd
        for (std::size_t lane = 0; lane < lanes; ++lane)
            common[lane] += static_cast<Word>(std::popcount(row[word] & group[word * lanes + lane]));
    }
    for (std::size_t lane = 0; lane < lanes; ++lane) counts[lane] += common[lane];
}

/// The search for what is nearest to one phrase. The data passes in the order of its numbers, so that of phrases at
/// the same distance the first is kept.
class Search {
  public:
    Search(const PhraseShape& shape, const Prepared& phrase) : shape_(shape), phrase_(&phrase) {}

    /// Phrases `first` and following of the data.
    void look_through(std::span<const Prepared> data, std::int64_t first) {
        std::vector<Word> by_shift(static_cast<std::size_t>(2 * shape_.pitches + lanes));
        for (std::size_t k = 0; k < data.size(); ++k) look_at(data[k], first + static_cast<std::int64_t>(k), by_shift);
    }
    const NearestPhrase& nearest() const { return nearest_; }

  private:
    bool nearer(const Difference& difference) const { return nearest_.phrase < 0 || difference < least_; }

    /// Whatever the shift, no more cells can be in common than would be if at each step of each track all pitches of
    /// the phrase that has fewer were among the other's. Track by track this bound gives way to what is in common at
    /// each shift, until the other phrase cannot be nearer or all is known.
    void look_at(const Prepared& other, std::int64_t number, std::vector<Word>& by_shift) {
        const std::int64_t cells = phrase_->cells + other.cells;
        const auto difference = [&](std::int64_t common) {
            return Difference{cells - 2 * common, std::max<std::int64_t>(1, cells)};
        };
        if (!nearer(difference((cells - differing_voices(other, 0, n_tracks)) / 2))) return;

        std::array<std::int64_t, n_tracks> at_most{};
        for (const std::size_t track : pitched)
            at_most[track] = (phrase_->of_track[track] + other.of_track[track] - differing_voices(other, track, 1)) / 2;
        std::int64_t common = std::accumulate(at_most.begin(), at_most.end(), common_drums(other));
        if (!nearer(difference(common))) return;

        std::ranges::fill(by_shift, 0);
        Word most = 0;
        for (const std::size_t track : in_order(other, at_most)) {
            add_by_shift(other, track, by_shift);
            most = *std::ranges::max_element(by_shift);
            common -= at_most[track];
            if (!nearer(difference(common + static_cast<std::int64_t>(most)))) return;
        }
        least_ = difference(common + static_cast<std::int64_t>(most));
        nearest_ = {number, shift_of(most, by_shift), least_.distance()};
    }

    /// Of `count` tracks from `track` on: how far the numbers of pitches that sound are apart, summed over the steps.
    std::int64_t differing_voices(const Prepared& other, std::size_t track, int count) const {
        const std::size_t begin = track * static_cast<std::size_t>(shape_.steps());
        const std::uint8_t *const a = phrase_->voices.data() + begin, *const b = other.voices.data() + begin;
        std::int32_t sum = 0;
        for (int k = 0; k < count * shape_.steps(); ++k) sum += std::abs(int{a[k]} - int{b[k]});
        return sum;
    }

    std::int64_t common_drums(const Prepared& other) const {
        const std::size_t drums = static_cast<std::size_t>(index_of(Family::drums));
        const std::int64_t words = words_of(shape_);
        std::int64_t cells = 0;
        const Word* row = phrase_->tracks[drums].words.data();
        for (const int pitch : phrase_->tracks[drums].lowest) {
            const Word* group = other.tracks[drums].words.data();
            for (const int lowest : other.tracks[drums].lowest) {
                if (lowest <= pitch && pitch < lowest + lanes) {
                    for (std::int64_t word = 0; word < words; ++word)
                        cells += std::popcount(row[word] & group[word * lanes + pitch - lowest]);
                }
                group += words * lanes;
            }
            row += words;
        }
        return cells;
    }

    /// The pitched tracks, those first that may have much in common for the pairs of rows that it takes to know.
    std::array<std::size_t, 4> in_order(const Prepared& other,
                                        const std::array<std::int64_t, n_tracks>& at_most) const {
        std::array<std::int64_t, n_tracks> pairs{};
        for (const std::size_t track : pitched)
            pairs[track] = std::ssize(phrase_->tracks[track].lowest) * std::ssize(other.tracks[track].lowest) + 1;
        auto order = pitched;
        std::ranges::sort(order,
                          [&](std::size_t i, std::size_t j) { return at_most[i] * pairs[j] > at_most[j] * pairs[i]; });
        return order;
    }

    /// by_shift[pitches - s] += the cells of a track that are in common where the other phrase is s semitones higher.
    void add_by_shift(const Prepared& other, std::size_t track, std::vector<Word>& by_shift) const {
        const std::int64_t words = words_of(shape_);
        const Word* row = phrase_->tracks[track].words.data();
        for (const int pitch : phrase_->tracks[track].lowest) {
            const Word* group = other.tracks[track].words.data();
            for (const int lowest : other.tracks[track].lowest) {
                add_common(row, group, words, by_shift.data() + shape_.pitches + lowest - pitch);
                group += words * lanes;
            }
            row += words;
        }
    }

    /// The shift nearest to 0 at which so many cells are in common; of two the upward one.
    int shift_of(Word common, const std::vector<Word>& by_shift) const {
        int shift = 0;
        const auto found = [&](int s) { return by_shift[static_cast<std::size_t>(shape_.pitches - s)] == common; };
        while (!found(shift) && !found(-shift)) ++shift;
        return found(shift) ? shift : -shift;
    }

    PhraseShape shape_;
    const Prepared* phrase_;
    Difference least_{};
    NearestPhrase nearest_{};
};

}  // namespace

std::vector<NearestPhrase> nearest_phrases(const PhraseSequence& phrases, const PhraseSequence& data,
                                           const PhrasesSearched& searched) {
    if (phrases.shape() != data.shape())
        tensor::fail("nearest_phrases", "phrases of {}, expected the shape of the data's, {}",
                     phrases.shape().to_string(), data.shape().to_string());
    const std::vector<Prepared> prepared = prepare(phrases, 0, phrases.count(), 1);
    std::vector<Search> searches;
    for (const Prepared& phrase : prepared) searches.emplace_back(data.shape(), phrase);
    for (std::int64_t begin = 0; begin < data.count(); begin += chunk_phrases) {
        const std::int64_t end = std::min(data.count(), begin + chunk_phrases);
        const std::vector<Prepared> chunk = prepare(data, begin, end, lanes);
        tensor::parallel_for(phrases.count(),
                             [&](std::int64_t k) { searches[static_cast<std::size_t>(k)].look_through(chunk, begin); });
        if (searched) searched(end, data.count());
    }
    std::vector<NearestPhrase> nearest;
    for (const Search& search : searches) nearest.push_back(search.nearest());
    return nearest;
}

double Copying::share() const {
    if (nearest.empty()) return std::numeric_limits<double>::quiet_NaN();
    const auto copies =
        std::ranges::count_if(nearest, [&](const NearestPhrase& each) { return each.distance < almost_same; });
    return 100.0 * static_cast<double>(copies) / static_cast<double>(nearest.size());
}

double Copying::median() const {
    if (nearest.empty()) return std::numeric_limits<double>::quiet_NaN();
    std::vector<double> distances;
    for (const NearestPhrase& each : nearest) distances.push_back(each.distance);
    std::ranges::sort(distances);
    const std::size_t half = distances.size() / 2;
    return distances.size() % 2 == 1 ? distances[half] : (distances[half - 1] + distances[half]) / 2;
}

std::vector<std::size_t> Copying::nearest_first(std::size_t most) const {
    std::vector<std::size_t> places(nearest.size());
    std::iota(places.begin(), places.end(), std::size_t{0});
    std::ranges::stable_sort(places, {}, [&](std::size_t place) { return nearest[place].distance; });
    places.resize(std::min(most, places.size()));
    return places;
}

}  // namespace musegan
