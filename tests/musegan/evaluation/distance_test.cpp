#include "musegan/evaluation/distance.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "tensor/error.hpp"
#include "tests/musegan/phrase/rolls.hpp"
#include "tests/support/threads.hpp"

using namespace musegan;

TEST_CASE("distance: cells that differ, of all tracks, over all pairs, counted by hand") {
    const PhraseShape shape = paper_shape.on_grid(4);
    PianoRoll a(shape, shape.steps()), b = a, c = a;
    a.set_run(0, 10, 5, 0);
    b.set_run(4, 12, 5, 0);  // 4 + 2 cells from a
    b.set(63, 83, 4);        // the very last cell: 7 from a
    c.set(0, 0, 1);          // 11 from a, 10 from b
    PackedPhrases phrases{shape};
    CHECK(pairwise_distance(phrases).count == 0);
    phrases.append(a.bits());
    CHECK(pairwise_distance(phrases).count == 0);
    CHECK(std::isnan(pairwise_distance(phrases).value()));
    phrases.append(b.bits());
    CHECK(pairwise_distance(phrases).value() == 7.0);
    phrases.append(c.bits());
    const Mean distance = pairwise_distance(phrases);
    CHECK(distance.count == 3);
    CHECK(distance.value() == (7.0 + 11.0 + 10.0) / 3);
    CHECK(pairwise_distance(phrases, 2).value() == 7.0);  // the first two of three
    CHECK_THROWS_AS(pairwise_distance(phrases, -1), tensor::Error);
}

TEST_CASE("distance: of many phrases those that are spread evenly count, and any number of threads gives the same") {
    const PhraseShape shape{.bars = 1, .steps_per_beat = 4, .lowest_pitch = 36, .pitches = 12};
    const PackedPhrases phrases = support::random_phrases(301, 5, shape);
    std::int64_t cells = 0;
    for (std::int64_t i = 0; i < 150; ++i) {
        for (std::int64_t j = 0; j < i; ++j) {
            const PianoRoll one = phrases.view().roll(i * 301 / 150), other = phrases.view().roll(j * 301 / 150);
            for (std::size_t byte = 0; byte < one.bits().size(); ++byte) {
                for (int bit = 0; bit < 8; ++bit)
                    cells += (one.bits()[byte] >> bit & 1) != (other.bits()[byte] >> bit & 1);
            }
        }
    }
    for (const int threads : {1, 2, 3}) {
        CAPTURE(threads);
        const Mean distance = support::with_threads(threads, [&] { return pairwise_distance(phrases); });
        CHECK(distance.count == 150 * 149 / 2);
        CHECK(distance.sum == static_cast<double>(cells));
    }
}
