#include "musegan/toy/toy_training.hpp"

#include <cmath>

#include "musegan/networks/streams.hpp"
#include "tensor/clamp.hpp"

namespace musegan {

namespace {

using layers::Variable;

layers::AdamOptions adam_of(const ToySettings& settings) {
    layers::AdamOptions options;
    options.rate = settings.learning_rate;
    return options;
}

const ToySettings& checked(const ToySettings& settings) {
    io::validate(settings, "toy");
    return settings;
}

}  // namespace

ToyTraining::ToyTraining(const ToySettings& settings, tensor::Device device)
    : settings_(checked(settings)),
      critic_(critic_table(settings), stream_for(settings.seed, Stream::weights, 0), settings.dtype, device),
      generator_(generator_table(settings), stream_for(settings.seed, Stream::weights, 1), settings.dtype, device),
      critic_adam_(critic_.parameters(), adam_of(settings)),
      generator_adam_(generator_.parameters(), adam_of(settings)),
      source_(settings_, generator_, device),
      streams_(ToyStreams::training(settings.seed)) {}

bool ToyTraining::update() {
    for (std::int64_t k = 0; k < settings_.critic_updates; ++k)
        if (!update_critic()) return false;
    return settings_.fake == ToyFake::noise || update_generator();
}

bool ToyTraining::update_critic() {
    const Variable loss = critic_terms(critic_, source_.draw(settings_.batch, streams_), settings_).loss;
    if (!std::isfinite(loss.item())) return false;
    critic_adam_.step(gradients_of(loss, critic_));
    if (settings_.constraint == ToyConstraint::clipping) {
        std::vector<tensor::Tensor> weights;
        for (const layers::Parameter& parameter : critic_.parameters().trainable)
            weights.push_back(parameter.variable.value());
        tensor::clamp(weights, settings_.clip);
    }
    return true;
}

bool ToyTraining::update_generator() {
    const Variable points = generator_(Variable(source_.latents(settings_.batch, streams_)));
    const Variable loss = generator_loss(settings_.objective.loss, critic_(points));
    if (!std::isfinite(loss.item())) return false;
    generator_adam_.step(gradients_of(loss, generator_));
    return true;
}

}  // namespace musegan
