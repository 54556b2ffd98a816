#include "musegan/networks/generator.hpp"

#include <array>

#include "autograd/elementwise.hpp"
#include "autograd/rearrange.hpp"
#include "musegan/phrase/pianoroll.hpp"
#include "tensor/random.hpp"
#include "tensor/scope.hpp"

namespace musegan {

using tensor::Extents;

GrowingLayer::GrowingLayer(const Builder& builder, const Extents& input, const layers::TransposedSpec& spec)
    : name_(builder.layer_name()),
      convolution_(builder, input, spec),
      norm_(builder.within("norm"), spec.out_channels) {}

Variable GrowingLayer::operator()(const Variable& x, Mode mode) const {
    const tensor::LayerScope layer(name_);
    return autograd::relu(norm_(convolution_(x), mode));
}

TemporalGenerator::TemporalGenerator(const Builder& builder, std::int64_t latent_length, const ModelConfig& config) {
    const std::int64_t hidden = config.scaled(1024);
    // 1 -> 2 -> 4 bars, time standing for the bar.
    layers_.emplace_back(
        builder.within("conv1"), Extents{1, 1, 1},
        layers::TransposedSpec{
            .kernel = {2, 1, 1}, .in_channels = latent_length, .out_channels = hidden, .stride = {2, 1, 1}});
    layers_.emplace_back(
        builder.within("conv2"), layers_.back().output(),
        layers::TransposedSpec{.kernel = {3, 1, 1}, .in_channels = hidden, .out_channels = latent_length});
}

Variable TemporalGenerator::operator()(const Variable& latent, Mode mode) const {
    const std::int64_t phrases = latent.shape()[0], length = latent.shape()[1];
    Variable h = autograd::reshape(latent, {phrases, 1, 1, 1, length});
    for (const GrowingLayer& layer : layers_) h = layer(h, mode);
    return autograd::reshape(h, {phrases, bars_per_phrase, length});
}

BarGenerator::BarGenerator(const Builder& builder, std::int64_t latent_length, std::int64_t track_count,
                           const ModelConfig& config)
    : first_channels_(config.scaled(512)),
      dense_(builder.within("dense"), latent_length, 2 * first_channels_),
      dense_norm_(builder.within("dense.norm"), 2 * first_channels_) {
    struct Step {
        std::int64_t channels;
        Extents kernel, stride;
    };
    // Time first, 2 to 96 steps, then pitch, 1 to 7 octaves.
    const std::array<Step, 6> steps{{{512, {2, 1, 1}, {2, 1, 1}},
                                     {256, {2, 1, 1}, {2, 1, 1}},
                                     {256, {2, 1, 1}, {2, 1, 1}},
                                     {128, {2, 1, 1}, {2, 1, 1}},
                                     {128, {3, 1, 1}, {3, 1, 1}},
                                     {64, {1, 7, 1}, {1, 1, 1}}}};
    Extents extents{2, 1, 1};
    std::int64_t channels = first_channels_;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const std::int64_t out = config.scaled(steps[i].channels);
        layers_.emplace_back(
            builder.within("conv" + std::to_string(i + 1)), extents,
            layers::TransposedSpec{
                .kernel = steps[i].kernel, .in_channels = channels, .out_channels = out, .stride = steps[i].stride});
        extents = layers_.back().output();
        channels = out;
    }
    // Twelve pitches and all tracks at once: five output channels are one kernel of extent 5 along the track axis.
    last_.emplace_back(builder.within("conv7"), extents,
                       layers::TransposedSpec{.kernel = {1, 12, track_count},
                                              .in_channels = channels,
                                              .out_channels = 1,
                                              .stride = {1, 12, track_count},
                                              .bias_per_track = true});
}

Variable BarGenerator::operator()(const Variable& latent, Mode mode) const {
    Variable h = autograd::relu(dense_norm_(dense_(latent), mode));
    h = autograd::reshape(h, {latent.shape()[0], 2, 1, 1, first_channels_});
    for (const GrowingLayer& layer : layers_) h = layer(h, mode);
    return autograd::tanh(last_.front()(h));
}

Latents Latents::draw(tensor::RandomStream& stream, std::int64_t phrases, const ModelConfig& config, DType dtype,
                      Device device) {
    const auto normal = [&](std::int64_t length) {
        return tensor::random_normal(stream, {phrases, length}, latent_deviation, dtype, device);
    };
    Tensor shared = normal(config.latents.shared);
    return {std::move(shared), normal(config.latents.temporal)};
}

namespace {

const ModelConfig& validated(const ModelConfig& config) {
    config.validate();
    return config;
}

Builder root(layers::Parameters& into, tensor::RandomStream& random, DType dtype, Device device) {
    return {.into = &into, .random = &random, .dtype = dtype, .device = device, .prefix = "generator"};
}

}  // namespace

Generator::Generator(const ModelConfig& config, tensor::RandomStream& random, DType dtype, Device device)
    : config_(validated(config)),
      temporal_(root(parameters_, random, dtype, device).within("temporal"), config.latents.temporal, config),
      bar_(root(parameters_, random, dtype, device).within("bar"), config.latents.shared + config.latents.temporal,
           n_tracks, config) {}

Variable Generator::operator()(const Latents& latents, Mode mode) const {
    const tensor::LayerScope layer("generator");
    const std::int64_t phrases = latents.shared.shape()[0], shared_length = latents.shared.shape()[1];
    const Variable per_bar = temporal_(Variable(latents.temporal), mode);
    const Variable shared =
        autograd::broadcast_to(autograd::reshape(Variable(latents.shared), {phrases, 1, shared_length}),
                               {phrases, bars_per_phrase, shared_length});
    const Variable latent = autograd::reshape(autograd::concat({per_bar, shared}, 2),
                                              {phrases * bars_per_phrase, shared_length + per_bar.shape()[2]});
    const Variable bars = bar_(latent, mode);
    // Bars follow each other in time: [N * 4, 96, ...] is [N, 384, ...] as it lies.
    return autograd::reshape(bars, {phrases, steps_per_phrase, n_pitches, n_tracks, 1});
}

}  // namespace musegan
