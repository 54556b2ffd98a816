// The updates that tests/fixtures/updates.py does with PyTorch, done with our networks: musegan::Training's own
// sequence, one update at a time.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "musegan/phrase/pianoroll.hpp"
#include "musegan/training/training.hpp"
#include "musegan/training/wgan_gp.hpp"
#include "tensor/clamp.hpp"
#include "tensor/packed_bits.hpp"
#include "tensor/random.hpp"
#include "tests/support/fixture.hpp"

namespace support {

/// A bias in front of batch norm is taken out again with the mean: what is left of its gradient is rounding. Its row
/// has running statistics among `parameters`.
inline bool has_zero_gradient(const std::string& name, const layers::Parameters& parameters) {
    constexpr std::string_view bias = ".bias";
    if (!name.ends_with(bias)) return false;
    const std::string mean = name.substr(0, name.size() - bias.size()) + ".norm.running_mean";
    return std::ranges::any_of(parameters.statistics, [&](const auto& statistic) { return statistic.name == mean; });
}

inline bool within(const tensor::Tensor& x, double bound) {
    const std::vector<double> values = x.values<double>();
    return std::all_of(values.begin(), values.end(), [&](double value) { return std::abs(value) <= bound; });
}

inline constexpr std::int64_t replay_phrases = 7;

/// Seven phrases with one cell in sixteen on, packed.
inline tensor::Tensor replay_data(const musegan::PhraseShape& shape = musegan::paper_shape) {
    tensor::RandomStream stream = named_stream("run/phrases");
    const std::vector<float> cells = tensor::random_uniform(stream, {replay_phrases * shape.cells()}).values<float>();
    std::vector<std::uint8_t> bytes(cells.size() / 8);
    for (std::size_t i = 0; i < cells.size(); ++i)
        if (cells[i] < 1.0f / 16) bytes[i / 8] = static_cast<std::uint8_t>(bytes[i / 8] | 1u << i % 8);
    return tensor::Tensor::from(bytes, {replay_phrases, shape.bytes()});
}

/// Batches of three, from the seed of the script, which sees one kind of phrases after the other. So does this: the
/// gradient of the last bias is then the difference of two equal sums, and 0 to the bit.
inline musegan::TrainingSettings replay_settings(const musegan::ModelConfig& model, std::int64_t critic_steps,
                                                 tensor::DType dtype = tensor::DType::f64) {
    musegan::TrainingSettings settings;
    settings.model = model;
    settings.batch = 3;
    settings.critic_steps = critic_steps;
    settings.seed = 29;
    settings.dtype = dtype;
    settings.passes = musegan::CriticPasses::in_turn;
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

/// What a fresh model and its critics get before the first update (tests/fixtures/README.md, "run" and "The presets"):
/// enlarged weights; shifts of 1/4 in the rows of a refiner that have no product; `gain` as a factor on the last weight
/// of each critic.
inline void enlarge(const musegan::Model& model, const std::vector<musegan::Critic>& critics, double gain = 1.0) {
    enlarge_weights(model.parameters());
    for (const layers::Parameter& parameter : model.parameters().trainable)
        if (parameter.name.ends_with("norm1.norm.beta") || parameter.name.ends_with("norm2.norm.beta"))
            put(tensor::affine(parameter.variable.value(), 1.0, 0.25), parameter.variable.value());
    for (const musegan::Critic& critic : critics) {
        enlarge_weights(critic.parameters());
        tensor::Tensor last;
        for (const layers::Parameter& parameter : critic.parameters().trainable)
            if (parameter.name.ends_with("weight")) last = parameter.variable.value();
        put(tensor::scale(last, gain), last);
    }
}

/// Critic loss, real score, fake score, and of a penalty its value and then a slope per phrase.
inline std::vector<double> losses_of(const musegan::CriticGradients& update) {
    const double real_score = update.real_score.item(), fake_score = update.fake_score.item();
    double loss = update.score_loss.defined() ? update.score_loss.item() : fake_score - real_score;
    if (!update.penalty.defined()) return {loss, real_score, fake_score};
    const double penalty = update.penalty.item();
    loss += penalty;
    std::vector<double> losses{loss, real_score, fake_score, penalty};
    for (const double slope : update.slopes.values<double>()) losses.push_back(slope);
    return losses;
}

class Replay {
  public:
    /// `gain` as in enlarge(). Replay keeps no average of the weights, which would change no update.
    explicit Replay(const musegan::TrainingSettings& settings, double gain = 1.0)
        : settings_(settings),
          model_(settings.model, weights_, settings.dtype),
          critics_(musegan::make_critics(settings.model, weights_, settings.dtype)),
          generator_adam_(musegan::trained_parameters(model_, settings.freeze_generator), settings.adam) {
        enlarge(model_, critics_, gain);
        for (const musegan::Critic& critic : critics_) critic_adams_.emplace_back(critic.parameters(), settings.adam);
    }

    struct CriticUpdate {
        tensor::Tensor fake;
        std::vector<musegan::CriticGradients> critics;
    };
    CriticUpdate update_critics() {
        set_neuron_slope();
        const tensor::Tensor real = draw_phrases();
        CriticUpdate update;
        {
            const autograd::NoGrad no_grad;
            update.fake = model_(draw_latents(), given(real), pass(musegan::Mode::training)).value();
        }
        for (std::size_t k = 0; k < critics_.size(); ++k) {
            const tensor::Tensor alpha = tensor::random_uniform(interpolation_, {settings_.batch}, settings_.dtype);
            const musegan::CriticBatch batch{real, update.fake, alpha};
            update.critics.push_back(
                musegan::critic_gradients(critics_[k], batch.seen_by(critics_[k]), settings_.objective));
            critic_adams_[k].step(update.critics.back().gradients);
            clip(critics_[k]);
        }
        return update;
    }
    musegan::GeneratorGradients update_generators() {
        set_neuron_slope();
        const tensor::Tensor track = next_given();
        musegan::GeneratorGradients update = musegan::generator_gradients(
            model_, critics_, draw_latents(), track, settings_.objective.loss, pass(musegan::Mode::training));
        generator_adam_.step(update.gradients);
        return update;
    }
    /// New phrases in inference mode.
    tensor::Tensor infer() {
        set_neuron_slope();
        const tensor::Tensor track = next_given();
        return model_(draw_latents(), track, pass(musegan::Mode::inference)).value();
    }

    const musegan::Model& model() const { return model_; }
    const std::vector<musegan::Critic>& critics() const { return critics_; }

  private:
    musegan::Pass pass(musegan::Mode mode) { return {mode, &neurons_, settings_.freeze_generator}; }
    /// At the start of each update: by how often the data was passed.
    void set_neuron_slope() {
        const auto passes = static_cast<double>(order_.position() / replay_phrases);
        model_.set_neuron_slope(std::pow(settings_.neuron_growth, passes));
    }
    void clip(const musegan::Critic& critic) const {
        if (settings_.clip == 0) return;
        std::vector<tensor::Tensor> weights;
        for (const autograd::Variable& variable : critic.parameters().variables()) weights.push_back(variable.value());
        tensor::clamp(weights, settings_.clip);
    }
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
    tensor::Tensor data_ = replay_data(settings_.model.shape);
    tensor::RandomStream weights_ = musegan::stream_for(settings_.seed, musegan::Stream::weights),
                         latents_ = musegan::stream_for(settings_.seed, musegan::Stream::latents),
                         interpolation_ = musegan::stream_for(settings_.seed, musegan::Stream::interpolation),
                         neurons_ = musegan::stream_for(settings_.seed, musegan::Stream::neurons);
    musegan::Model model_;
    std::vector<musegan::Critic> critics_;
    layers::Adam generator_adam_;
    std::vector<layers::Adam> critic_adams_;
    musegan::BatchOrder order_{replay_phrases, settings_.seed};
};

}  // namespace support
