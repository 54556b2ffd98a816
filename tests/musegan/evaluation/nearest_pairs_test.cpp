#include "musegan/evaluation/nearest_pairs.hpp"

#include <doctest/doctest.h>

#include "musegan/phrase/transposition.hpp"
#include "tests/musegan/phrase/rolls.hpp"

using namespace musegan;

namespace {

constexpr int bass = 0, drums = 1, piano = 3;

PackedPhrases packed(const PianoRoll& roll) { return {roll.shape(), {roll.bits().begin(), roll.bits().end()}}; }

}  // namespace

TEST_CASE("nearest pairs: a phrase moves by semitones without its drums, and loses what leaves the pitches") {
    const PhraseShape shape = paper_shape.on_grid(4);
    PianoRoll roll(shape, shape.steps()), up = roll, down = roll;
    roll.set_run(0, 4, 2, bass);
    roll.set_run(2, 9, 80, piano);
    roll.set(3, 83, drums);
    up.set_run(0, 4, 5, bass);
    up.set_run(2, 9, 83, piano);
    up.set(3, 83, drums);
    down.set_run(2, 9, 77, piano);
    down.set(3, 83, drums);
    CHECK(moved(packed(roll), 3) == packed(up));
    CHECK(moved(packed(roll), 3) == transposed(packed(roll), 3));
    CHECK(moved(packed(roll), -3) == packed(down));
    CHECK(moved(packed(roll), 0) == packed(roll));
}

TEST_CASE("nearest pairs: phrases in turn, nearest first, each with a caption") {
    const PhraseShape shape = paper_shape.on_grid(4);
    PackedPhrases data{shape, {}}, set{shape, {}};
    for (const std::uint64_t seed : {1, 2, 3}) data.append(support::random_roll(seed, 4, 5, shape).bits());
    for (const std::uint64_t seed : {4, 5, 6}) set.append(support::random_roll(seed, 4, 5, shape).bits());
    const Copying copying{{0, 1, 2}, {{2, 0, 0.5}, {1, -1, 0.25}, {0, 4, 0.75}}, 0.1};
    const NearestPairs pairs = nearest_pairs(copying, set, data, 2, "run", "data");
    PackedPhrases expected{shape, {}};
    expected.append(set.view()[1]);
    expected.append(moved(PhraseView(shape, data.view()[1]), -1).bits);
    expected.append(set.view()[0]);
    expected.append(data.view()[2]);
    CHECK(pairs.phrases == expected);
    CHECK(pairs.captions == std::vector<std::string>{"run, phrase 1", "data, phrase 1, 1 semitone down: distance 0.25",
                                                     "run, phrase 0", "data, phrase 2: distance 0.50"});
    CHECK(nearest_pairs(copying, set, data, 9, "run", "data").phrases.count() == 6);
    // Without data there is nothing to stand beside.
    const Copying none{{0}, {{}}, 0.1};
    CHECK(nearest_pairs(none, set, PackedPhrases{shape, {}}, 2, "run", "data").captions.empty());
}
