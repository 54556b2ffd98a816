// What a model's output depends on: the poster's figure, arrow by arrow.
#include "musegan/networks/model.hpp"

#include <doctest/doctest.h>

#include "tensor/elementwise.hpp"
#include "tensor/error.hpp"
#include "tensor/random.hpp"
#include "tensor/rearrange.hpp"
#include "tests/musegan/training/small_run.hpp"
#include "tests/support/compare.hpp"

using namespace musegan;
using tensor::Shape;

namespace {

/// One of the six with fresh weights of a size that lets every input matter, and inputs for two phrases.
struct Fixture {
    explicit Fixture(const ModelConfig& six) : config(support::small_settings_of(six).model) {
        for (const layers::Parameter& parameter : model.parameters().trainable)
            if (parameter.name.ends_with("weight")) {
                Tensor weight = parameter.variable.value();
                tensor::assign(tensor::scale(weight, 20.0), weight);
            }
        if (config.given())
            given = tensor::affine(tensor::random_uniform(random, {2, 384, 84, 1, 1}, DType::f64), 2.0, -1.0);
    }
    std::vector<double> phrases(const Latents& some, const Tensor& track) const {
        return model(some, track, Mode::inference).value().values<double>();
    }
    /// The tracks of phrases [2, 384, 84, 5, 1] that differ.
    std::vector<int> changed_tracks(const std::vector<double>& a, const std::vector<double>& b) const {
        std::vector<int> list;
        for (int track = 0; track < n_tracks; ++track)
            for (std::size_t i = static_cast<std::size_t>(track); i < a.size(); i += n_tracks)
                if (a[i] != b[i]) {
                    list.push_back(track);
                    break;
                }
        return list;
    }

    ModelConfig config;
    tensor::RandomStream random{3};
    Model model{config, random, DType::f64};
    Latents latents = Latents::draw(random, 2, model.architecture(), DType::f64);
    Tensor given;
};

}  // namespace

TEST_CASE("a random vector changes its own track alone if it is private, and all that are made if it is shared") {
    for (const ModelConfig& six : support::six_models()) {
        CAPTURE(six.name());
        Fixture f(six);
        const std::vector<double> before = f.phrases(f.latents, f.given);
        const std::vector<LatentSlot> slots = latent_slots(f.model.architecture());
        for (std::size_t i = 0; i < slots.size(); ++i) {
            CAPTURE(slots[i].name());
            Latents other = f.latents;
            other.vectors[i] = tensor::random_normal(f.random, other.vectors[i].shape(), 0.1, DType::f64);
            const std::vector<int> expected =
                slots[i].track >= 0 ? std::vector<int>{slots[i].track} : f.model.architecture().made_tracks();
            CHECK(f.changed_tracks(f.phrases(other, f.given), before) == expected);
        }
    }
}

TEST_CASE("the given track passes through unchanged, and every other track depends on it, bar by bar") {
    for (const ModelConfig& six : support::six_models()) {
        if (six.condition == Condition::none) continue;
        CAPTURE(six.name());
        Fixture f(six);
        const Tensor phrases = f.model(f.latents, f.given, Mode::inference).value();
        CHECK(given_track_of(f.model.architecture(), phrases).values<double>() == f.given.values<double>());
        // Another third bar of the second phrase.
        Tensor other = f.given.to(Device::cpu());
        std::vector<double> cells = other.values<double>();
        const std::size_t bar = 96 * 84;
        for (std::size_t i = 6 * bar; i < 7 * bar; ++i) cells[i] = -cells[i];
        other = Tensor::from(cells, other.shape());
        const std::vector<double> before = phrases.values<double>(), after = f.phrases(f.latents, other);
        CHECK(f.changed_tracks(after, before) == std::vector<int>{0, 1, 2, 3, 4});
        for (std::size_t i = 0; i < before.size(); ++i)
            if (i / (n_tracks * bar) != 6) REQUIRE(after[i] == before[i]);
    }
}

TEST_CASE("inputs that do not belong to the model are refused, by name") {
    Fixture hybrid(support::model_of(MultiTrackModel::hybrid, Condition::bass)),
        composer(support::model_of(MultiTrackModel::composer));
    const auto refusal = [](const Fixture& f, const Latents& latents, const Tensor& given) {
        return support::message_of([&] { f.model(latents, given, Mode::inference); });
    };
    CHECK(refusal(hybrid, composer.latents, hybrid.given) ==
          "[model] 2 random vectors, expected 10 for hybrid given bass");
    CHECK(refusal(hybrid, hybrid.latents, {}) == "[model] no given track, expected one for hybrid given bass");
    CHECK(refusal(composer, composer.latents, hybrid.given) == "[model] a given track, expected none for composer");
    CHECK(refusal(hybrid, hybrid.latents, Tensor::zeros({2, 384, 84, 5, 1}, DType::f64)) ==
          "[model] the given track is [2, 384, 84, 5, 1], expected [2, 384, 84, 1, 1]");
    Latents wrong = hybrid.latents;
    wrong.vectors[3] = Tensor::zeros({2, 5}, DType::f64);
    CHECK(refusal(hybrid, wrong, hybrid.given) == "[model] z_i of guitar is [2, 5], expected [2, 32]");
}
