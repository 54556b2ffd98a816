#include "bench/random_phrases.hpp"

#include <array>

#include "musegan/phrase/grid.hpp"
#include "tensor/philox.hpp"

namespace bench {

namespace {

/// A track of a random phrase. Phrases are as dense as those of Lakh's songs: 2,100 cells on the finest grid, at 32
/// pitches of all tracks together, from few to twice as many.
struct RandomTrack {
    int lowest;  ///< pitches are drawn from two octaves above it
    int pitches;
    int notes;  ///< on average
    int steps;  ///< of a note, which begins on an 8th
};
constexpr std::array<RandomTrack, musegan::n_tracks> random_tracks{
    {{4, 5, 14, 23}, {12, 5, 60, 1}, {24, 8, 30, 23}, {30, 5, 17, 23}, {28, 9, 32, 23}}};

}  // namespace

musegan::PackedPhrases random_phrases(std::uint64_t seed, std::int64_t count, int steps_per_beat) {
    constexpr std::array scale{0, 2, 4, 5, 7, 9, 11};
    const musegan::PhraseShape shape = musegan::paper_shape;
    musegan::PackedPhrases phrases{shape};
    tensor::RandomStream random{seed, 0, 0};
    const auto below = [&](int bound) { return static_cast<int>(random.below(static_cast<std::uint64_t>(bound))); };
    for (std::int64_t k = 0; k < count; ++k) {
        musegan::PianoRoll roll(shape, shape.steps());
        const int key = below(12);
        for (int track = 0; track < musegan::n_tracks; ++track) {
            const RandomTrack& random_track = random_tracks[static_cast<std::size_t>(track)];
            std::array<int, 9> pitches{};
            for (int& pitch : pitches)
                pitch = random_track.lowest + 12 * below(2) + scale[static_cast<std::size_t>(below(7))] +
                        (musegan::is_drums(track) ? 0 : key);
            for (int note = below(2 * random_track.notes + 1); note > 0; --note) {
                const int begin = 12 * below(31);
                roll.set_run(begin, begin + random_track.steps,
                             pitches[static_cast<std::size_t>(below(random_track.pitches))], track);
            }
        }
        phrases.append(roll.bits());
    }
    return reduce(phrases, steps_per_beat);
}

}  // namespace bench
