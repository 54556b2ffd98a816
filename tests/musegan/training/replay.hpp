// The updates that tests/fixtures/updates.py does with PyTorch, done with our networks: musegan::Training's own
// sequence, one update at a time.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "musegan/phrase/pianoroll.hpp"
#include "musegan/training/training.hpp"
#include "musegan/training/wgan_gp.hpp"
#include "tensor/packed_bits.hpp"
#include "tensor/random.hpp"
#include "tests/support/fixture.hpp"

namespace support {

/// A bias in front of batch norm is taken out again with the mean: what is left of its gradient is rounding.
inline bool has_zero_gradient(const std::string& name) {
    return !name.starts_with("critic") && name.ends_with(".bias") && name.find("bar.conv7") == std::string::npos;
}

inline bool within(const tensor::Tensor& x, double bound) {
    const std::vector<double> values = x.values<double>();
    return std::all_of(values.begin(), values.end(), [&](double value) { return std::abs(value) <= bound; });
}

inline constexpr std::int64_t replay_phrases = 7;

/// Seven phrases with one cell in sixteen on, packed.
inline tensor::Tensor replay_data() {
    tensor::RandomStream stream = named_stream("run/phrases");
    const std::vector<float> cells =
        tensor::random_uniform(stream, {replay_phrases * musegan::paper_shape.cells()}).values<float>();
    std::vector<std::uint8_t> bytes(cells.size() / 8);
    for (std::size_t i = 0; i < cells.size(); ++i)
        if (cells[i] < 1.0f / 16) bytes[i / 8] = static_cast<std::uint8_t>(bytes[i / 8] | 1u << i % 8);
    return tensor::Tensor::from(bytes, {replay_phrases, musegan::paper_shape.bytes()});
}

/// Batches of three, from the seed of the script.
inline musegan::TrainingSettings replay_settings(const musegan::ModelConfig& model, std::int64_t critic_steps,
                                                 tensor::DType dtype = tensor::DType::f64) {
    musegan::TrainingSettings settings;
    settings.model = model;
    settings.batch = 3;
    settings.critic_steps = critic_steps;
    settings.seed = 29;
    settings.dtype = dtype;
    return settings;
}

/// Fresh weights times the powers of two that make a run worth comparing (tests/fixtures/README.md, "run").
inline void enlarge_weights(const layers::Parameters& parameters) {
    for (const layers::Parameter& parameter : parameters.trainable) {
        if (!parameter.name.ends_with("weight")) continue;
        const tensor::Tensor& weight = parameter.variable.value();
        const int exponent = halvings(2500 / fan_in(weight.shape()));
        put(tensor::scale(weight, std::ldexp(1.0, exponent)), weight);
    }
}

/// Critic loss, real score, fake score, penalty, and then a slope per phrase.
inline std::vector<double> losses_of(const musegan::CriticGradients& update) {
    const double real_score = update.real_score.item(), fake_score = update.fake_score.item(),
                 penalty = update.penalty.item();
    std::vector<double> losses{fake_score - real_score + penalty, real_score, fake_score, penalty};
    for (const double slope : update.slopes.values<double>()) losses.push_back(slope);
    return losses;
}

class Replay {
  public:
    explicit Replay(const musegan::TrainingSettings& settings)
        : settings_(settings),
          model_(settings.model, weights_, settings.dtype),
          critics_(musegan::make_critics(settings.model, weights_, settings.dtype)),
          generator_adam_(model_.parameters(), settings.adam) {
        enlarge_weights(model_.parameters());
        for (const musegan::Critic& critic : critics_) {
            enlarge_weights(critic.parameters());
            critic_adams_.emplace_back(critic.parameters(), settings.adam);
        }
    }

    struct CriticUpdate {
        tensor::Tensor fake;
        std::vector<musegan::CriticGradients> critics;
    };
    CriticUpdate update_critics() {
        const tensor::Tensor real = draw_phrases();
        CriticUpdate update;
        {
            const autograd::NoGrad no_grad;
            update.fake = model_(draw_latents(), given(real), musegan::Mode::training).value();
        }
        for (std::size_t k = 0; k < critics_.size(); ++k) {
            const tensor::Tensor alpha = tensor::random_uniform(interpolation_, {settings_.batch}, settings_.dtype);
            const musegan::CriticBatch batch{real, update.fake, alpha};
            update.critics.push_back(musegan::critic_gradients(critics_[k], batch.seen_by(critics_[k])));
            critic_adams_[k].step(update.critics.back().gradients);
        }
        return update;
    }
    musegan::GeneratorGradients update_generators() {
        const tensor::Tensor track = next_given();
        musegan::GeneratorGradients update = musegan::generator_gradients(model_, critics_, draw_latents(), track);
        generator_adam_.step(update.gradients);
        return update;
    }
    /// New phrases in inference mode.
    tensor::Tensor infer() {
        const tensor::Tensor track = next_given();
        return model_(draw_latents(), track, musegan::Mode::inference).value();
    }

    const musegan::Model& model() const { return model_; }
    const std::vector<musegan::Critic>& critics() const { return critics_; }

  private:
    tensor::Tensor draw_phrases() {
        const musegan::PhraseShape& shape = settings_.model.shape;
        return tensor::unpack_rows(data_, order_.next(settings_.batch),
                                   {settings_.batch, shape.steps(), shape.pitches, shape.tracks, 1}, settings_.dtype);
    }
    musegan::Latents draw_latents() {
        return musegan::Latents::draw(latents_, settings_.batch, model_.architecture(), settings_.dtype);
    }
    tensor::Tensor given(const tensor::Tensor& phrases) const {
        return musegan::given_track_of(model_.architecture(), phrases);
    }
    /// Of phrases that are drawn for it; a model from scratch draws none.
    tensor::Tensor next_given() { return model_.architecture().given ? given(draw_phrases()) : tensor::Tensor(); }

    musegan::TrainingSettings settings_;
    tensor::Tensor data_ = replay_data();
    tensor::RandomStream weights_ = musegan::stream_for(settings_.seed, musegan::Stream::weights),
                         latents_ = musegan::stream_for(settings_.seed, musegan::Stream::latents),
                         interpolation_ = musegan::stream_for(settings_.seed, musegan::Stream::interpolation);
    musegan::Model model_;
    std::vector<musegan::Critic> critics_;
    layers::Adam generator_adam_;
    std::vector<layers::Adam> critic_adams_;
    musegan::BatchOrder order_{replay_phrases, settings_.seed};
};

}  // namespace support
