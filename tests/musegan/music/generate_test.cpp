#include "musegan/music/generate.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "musegan/networks/streams.hpp"
#include "tensor/error.hpp"
#include "tests/musegan/training/small_run.hpp"

using namespace musegan;

TEST_CASE("a phrase is a function of weights, seed and number, not of how many are made") {
    tensor::RandomStream random = stream_for(1, Stream::weights);
    const Model model(support::small_settings().model, random);
    for (const Binarize way : {Binarize::threshold, Binarize::bernoulli}) {
        const auto two = generate_phrases(model, {.phrases = 2, .sampling = {.seed = 9, .binarize = way}});
        const auto five = generate_phrases(model, {.phrases = 5, .sampling = {.seed = 9, .binarize = way}});
        REQUIRE(two.count() == 2);
        CHECK(std::ranges::equal(two.bits, five.view().first(2).bits()));
    }
    CHECK_THROWS_WITH_AS(generate_phrases(model, {.phrases = 0}), "[generate] phrases 0, expected 1 to 100000",
                         tensor::Error);
    GenerateOptions options;
    CHECK_THROWS_WITH_AS(settings_of(options).find("binarize")->set("sometimes", "generate"),
                         "[generate] binarize is 'sometimes', expected threshold or bernoulli", tensor::Error);
}

TEST_CASE("cells are on where the generator's numbers are above the threshold") {
    tensor::RandomStream random = stream_for(1, Stream::weights);
    const Model model(support::small_settings().model, random);
    Sampling sampling{.seed = 9};
    const Latents latents = draw_latents(model, sampling, 0);
    const std::vector<float> numbers = model(latents, {}, {Mode::inference}).value().values<float>();
    const auto [least, most] = std::ranges::minmax(numbers);
    // A number of its own leaves its cell off.
    for (const double threshold : {-1.0, double{least}, 0.0, double{numbers[100]}, double{most}, 1.0}) {
        CAPTURE(threshold);
        sampling.threshold = threshold;
        const PackedPhrases phrase = generate_phrases(model, {.phrases = 1, .sampling = sampling});
        std::size_t wrong = 0;
        for (std::size_t cell = 0; cell < numbers.size(); ++cell)
            if (((phrase.bits[cell / 8] >> cell % 8 & 1) != 0) != (double{numbers[cell]} > threshold)) ++wrong;
        CHECK(wrong == 0);
    }
    sampling.binarize = Binarize::bernoulli;
    CHECK_THROWS_WITH_AS(generate_phrases(model, {.phrases = 1, .sampling = sampling}),
                         "[threshold] 1 with binarize bernoulli, expected binarize threshold: chance has no threshold",
                         tensor::Error);
    sampling.threshold = 1.5;
    CHECK_THROWS_WITH_AS(generate_phrases(model, {.phrases = 1, .sampling = sampling}),
                         "[generate] threshold 1.5, expected -1 to 1", tensor::Error);
}

TEST_CASE("a track-conditional model takes given tracks from phrases of its grid or the finest") {
    tensor::RandomStream random = stream_for(1, Stream::weights);
    TrainingSettings settings = support::small_settings(4);
    settings.model.condition = Condition::guitar;
    const Model model(settings.model, random);
    const PackedPhrases fine = support::small_song(), coarse = support::small_song(4);
    const GenerateOptions options{.phrases = 3, .sampling = {.seed = 9}};
    const PackedPhrases phrases = generate_phrases(model, options, fine);
    CHECK(phrases == generate_phrases(model, options, coarse));
    CHECK_THROWS_WITH_AS(generate_phrases(model, options),
                         "[given] no phrases to take the given track from, expected some for composer given guitar",
                         tensor::Error);
    CHECK_THROWS_AS(generate_phrases(model, options, support::small_song(12)), tensor::Error);
}
