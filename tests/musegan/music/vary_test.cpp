// Variants of a phrase: only what may change changes.
#include "musegan/music/vary.hpp"

#include <doctest/doctest.h>

#include "musegan/music/generate.hpp"
#include "tensor/error.hpp"
#include "tests/musegan/music/small_model.hpp"

using namespace musegan;
using support::only;
using support::small_model;

namespace {

constexpr int bass = index_of(Family::bass), drums = index_of(Family::drums), piano = index_of(Family::piano);

}  // namespace

TEST_CASE("variants change in the tracks that are drawn anew, and in no cell of another") {
    for (const MultiTrackModel kind : {MultiTrackModel::jamming, MultiTrackModel::hybrid}) {
        for (const Binarize way : {Binarize::threshold, Binarize::bernoulli}) {
            CAPTURE(std::string(tensor::name_of(kind)));
            const Model model = small_model(kind);
            const Sampling sampling{.seed = 4, .binarize = way};
            const PackedPhrases generated = generate_phrases(model, {.phrases = 3, .sampling = sampling});
            std::int64_t done = 0;
            VaryOptions options{.phrases = 3, .redraw = {drums, bass}, .sampling = sampling};
            options.progress = [&](std::int64_t k) { CHECK(k == ++done); };
            const PackedPhrases variants = vary(model, options);
            CHECK(done == 3);
            REQUIRE(variants.count() == 3);
            const PianoRoll phrase = variants.view().roll(0);
            CHECK(phrase == generated.view().roll(0));
            for (std::int64_t k = 1; k < 3; ++k) {
                const PianoRoll variant = variants.view().roll(k);
                for (int track = 0; track < n_tracks; ++track) {
                    CAPTURE(tracks[static_cast<std::size_t>(track)].name);
                    const bool is_redrawn = track == drums || track == bass;
                    CHECK((only(variant, track) == only(phrase, track)) != is_redrawn);
                    // Without shared vectors, a track drawn anew is that of another phrase.
                    if (is_redrawn && kind == MultiTrackModel::jamming && way == Binarize::threshold)
                        CHECK(only(variant, track) == only(generated.view().roll(k), track));
                    if (is_redrawn && kind == MultiTrackModel::hybrid)
                        CHECK_FALSE(only(variant, track) == only(generated.view().roll(k), track));
                }
            }
        }
    }
}

TEST_CASE("variants to a given track leave it, and the tracks that are not drawn anew, as they are") {
    const Model model = small_model(MultiTrackModel::hybrid, Condition::piano);
    const PianoRoll song = support::small_song_roll(12);
    const PhraseView given(song.shape(), song.bits());
    const Sampling sampling{.seed = 2};
    const PackedPhrases variants = vary(model, {.phrases = 3, .redraw = {bass}, .sampling = sampling}, given);
    CHECK(variants.view().roll(0) ==
          generate_phrases(model, {.phrases = 1, .sampling = sampling}, given).view().roll(0));
    for (std::int64_t k = 1; k < 3; ++k)
        for (int track = 0; track < n_tracks; ++track)
            CHECK((only(variants.view().roll(k), track) == only(variants.view().roll(0), track)) == (track != bass));
    CHECK_THROWS_AS(vary(model, {.phrases = 3, .redraw = {bass}}), tensor::Error);
}

TEST_CASE("vary refuses tracks without vectors of their own") {
    const auto refusal = [](MultiTrackModel kind, Condition condition, std::vector<int> redraw) -> std::string {
        try {
            vary(small_model(kind, condition), {.phrases = 2, .redraw = std::move(redraw)});
        } catch (const tensor::Error& error) {
            return error.what();
        }
        return "none";
    };
    CHECK(refusal(MultiTrackModel::composer, Condition::none, {bass}) ==
          "[vary] the model is a composer, which has no vectors per track, expected a hybrid or jamming model (musegan "
          "train --model hybrid trains one)");
    CHECK(refusal(MultiTrackModel::jamming, Condition::piano, {bass, piano}) ==
          "[vary] piano is given to the model (jamming given piano), expected tracks that it makes: "
          "bass,drums,guitar,strings");
    CHECK(refusal(MultiTrackModel::hybrid, Condition::none, {}) ==
          "[vary] no track to redraw, expected some of bass,drums,guitar,piano,strings");
    CHECK(refusal(MultiTrackModel::hybrid, Condition::none, {7}) ==
          "[vary] redraw no track, expected names out of bass,drums,guitar,piano,strings");
    CHECK(refusal(MultiTrackModel::hybrid, Condition::none, {bass}) == "none");
    CHECK_THROWS_WITH_AS(vary(small_model(MultiTrackModel::hybrid), {.phrases = 1, .redraw = {bass}}),
                         "[vary] phrases 1, expected 2 to 100000", tensor::Error);
}

TEST_CASE("variants are named from 0, and their captions say what is drawn anew") {
    const PhraseSheet sheet = sheet_of(VaryOptions{.phrases = 3, .redraw = {drums, bass}});
    CHECK(sheet.names == std::vector<std::string>{"variant_000", "variant_001", "variant_002"});
    CHECK(sheet.captions ==
          std::vector<std::string>{"the phrase", "variant 1: drums,bass redrawn", "variant 2: drums,bass redrawn"});
}
