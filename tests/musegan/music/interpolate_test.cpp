// Phrases between points: the ends are phrases of generate, and what lies between has the latents between.
#include "musegan/music/interpolate.hpp"

#include <doctest/doctest.h>

#include "musegan/music/generate.hpp"
#include "tensor/error.hpp"
#include "tests/musegan/music/small_model.hpp"

using namespace musegan;
using support::small_model;

namespace {

constexpr MultiTrackModel all_models[]{MultiTrackModel::jamming, MultiTrackModel::composer, MultiTrackModel::hybrid};

std::vector<std::uint8_t> phrase(const PackedPhrases& phrases, std::int64_t k) {
    const auto bits = phrases.view()[k];
    return {bits.begin(), bits.end()};
}

}  // namespace

TEST_CASE("a line of phrases goes from the first phrase of a seed to the second") {
    for (const MultiTrackModel kind : all_models) {
        const Model model = small_model(kind);
        const Sampling sampling{.seed = 5};
        const PackedPhrases ends = generate_phrases(model, {.phrases = 2, .sampling = sampling});
        for (const Way way : {Way::linear, Way::spherical}) {
            std::int64_t done = 0;
            InterpolateOptions options{.steps = 5, .way = way, .sampling = sampling};
            options.progress = [&](std::int64_t k) { CHECK(k == ++done); };
            const PackedPhrases line = interpolate(model, options);
            CHECK(done == 5);
            REQUIRE(line.count() == 5);
            CHECK(phrase(line, 0) == phrase(ends, 0));
            CHECK(phrase(line, 4) == phrase(ends, 1));
            const Latents a = draw_latents(model, sampling, 0), b = draw_latents(model, sampling, 1);
            for (std::int64_t k = 1; k < 4; ++k)
                CHECK(decode(model, between(a, b, static_cast<double>(k) / 4, way), {}, {}).bits == phrase(line, k));
        }
        CHECK(phrase(ends, 0) != phrase(ends, 1));
    }
}

TEST_CASE("a grid of phrases has the first four of a seed in its corners, and lines along its edges") {
    const Model model = small_model(MultiTrackModel::hybrid);
    const Sampling sampling{.seed = 6};
    const PackedPhrases corners = generate_phrases(model, {.phrases = 4, .sampling = sampling});
    for (const Way way : {Way::linear, Way::spherical}) {
        const InterpolateOptions options{.steps = 3, .grid = true, .way = way, .sampling = sampling};
        CHECK(options.phrases() == 9);
        const PackedPhrases grid = interpolate(model, options);
        REQUIRE(grid.count() == 9);
        CHECK(phrase(grid, 0) == phrase(corners, 0));
        CHECK(phrase(grid, 2) == phrase(corners, 1));
        CHECK(phrase(grid, 6) == phrase(corners, 2));
        CHECK(phrase(grid, 8) == phrase(corners, 3));
        const PackedPhrases top = interpolate(model, {.steps = 3, .way = way, .sampling = sampling});
        for (std::int64_t k = 0; k < 3; ++k) CHECK(phrase(grid, k) == phrase(top, k));
        std::array<Latents, 4> points;
        for (std::size_t k = 0; k < 4; ++k) points[k] = draw_latents(model, sampling, static_cast<std::int64_t>(k));
        CHECK(phrase(grid, 4) == decode(model, between(points, 0.5, 0.5, way), {}, {}).bits);
        CHECK(phrase(grid, 5) == decode(model, between(points, 1, 0.5, way), {}, {}).bits);
    }
}

TEST_CASE("all points of a track-conditional model are made to one track, and meet one chance") {
    const Model model = small_model(MultiTrackModel::jamming, Condition::drums);
    const PianoRoll song = support::small_song_roll(12);
    const PhraseView phrases(song.shape(), song.bits());
    const Sampling sampling{.seed = 3, .binarize = Binarize::bernoulli};
    const PackedPhrases line = interpolate(model, {.steps = 4, .sampling = sampling}, phrases);
    const PackedPhrases first = generate_phrases(model, {.phrases = 1, .sampling = sampling}, phrases);
    CHECK(phrase(line, 0) == first.bits);
    const int drums = index_of(Family::drums);
    for (std::int64_t k = 0; k < 4; ++k)
        CHECK(support::only(line.view().roll(k), drums) == support::only(first.view().roll(0), drums));
    CHECK(phrase(line, 3) != phrase(line, 0));
    // With one and the same latents at both ends, nothing changes on the way, whatever the chance.
    const Sampling without_latents{.seed = 3, .binarize = Binarize::bernoulli, .temperature = 0.0};
    const PackedPhrases still = interpolate(model, {.steps = 3, .sampling = without_latents}, phrases);
    CHECK(phrase(still, 1) == phrase(still, 0));
    CHECK(phrase(still, 2) == phrase(still, 0));
    CHECK_THROWS_AS(interpolate(model, {.steps = 3}), tensor::Error);
}

TEST_CASE("points have names in their order, and captions that say where they lie") {
    const PhraseSheet line = sheet_of(InterpolateOptions{.steps = 8});
    CHECK(line.columns == 4);
    CHECK(line.names.size() == 8);
    CHECK(line.names.front() == "point_001");
    CHECK(line.names.back() == "point_008");
    CHECK(line.captions[0] == "t = 0");
    CHECK(line.captions[1] == "t = 0.143");
    CHECK(line.captions[7] == "t = 1");
    const PhraseSheet grid = sheet_of(InterpolateOptions{.steps = 3, .grid = true});
    CHECK(grid.columns == 3);
    CHECK(grid.names == std::vector<std::string>{"point_1_1", "point_1_2", "point_1_3", "point_2_1", "point_2_2",
                                                 "point_2_3", "point_3_1", "point_3_2", "point_3_3"});
    CHECK(grid.captions[1] == "s = 0.5, t = 0");
    CHECK(grid.captions[3] == "s = 0, t = 0.5");
    CHECK_THROWS_WITH_AS(InterpolateOptions{.steps = 1}.validate(), "[interpolate] steps 1, expected 2 to 512",
                         tensor::Error);
    CHECK_THROWS_WITH_AS((InterpolateOptions{.steps = 9, .grid = true}.validate()),
                         "[interpolate] a grid of 9 x 9 phrases, expected at most 8 x 8", tensor::Error);
    CHECK_NOTHROW((InterpolateOptions{.steps = 8, .grid = true}.validate()));
}
