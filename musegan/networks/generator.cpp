#include "musegan/networks/generator.hpp"

#include <array>

#include "autograd/elementwise.hpp"
#include "autograd/rearrange.hpp"
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
    return autograd::reshape(h, {phrases, h.shape()[1], length});
}

BarGenerator::BarGenerator(const Builder& builder, std::int64_t latent_length, std::int64_t track_count,
                           const ModelConfig& config)
    : first_channels_(config.scaled(512)),
      dense_(builder.within("dense"), latent_length, 2 * first_channels_),
      dense_norm_(builder.within("dense.norm"), 2 * first_channels_) {
    Extents extents{2, 1, 1};
    std::int64_t channels = first_channels_;
    const auto grow = [&](std::int64_t full_width_channels, const Extents& kernel, const Extents& stride) {
        const std::int64_t out = config.scaled(full_width_channels);
        layers_.emplace_back(
            builder.within(fmt::format("conv{}", layers_.size() + 1)), extents,
            layers::TransposedSpec{.kernel = kernel, .in_channels = channels, .out_channels = out, .stride = stride});
        extents = layers_.back().output();
        channels = out;
    };
    // Time first, from 2 steps to a bar's: doubled as often as the grid asks for, and tripled if it does. 24 steps per
    // beat: 2, 4, 8, 16, 32, 96, as in the paper.
    const PhraseShape& shape = config.shape;
    constexpr std::array<std::int64_t, 4> doubling_channels{512, 256, 256, 128};
    const std::int64_t tripling = shape.steps_per_bar() % 3 == 0 ? 3 : 1;
    for (const std::int64_t doubled : doubling_channels)
        if (extents[0] * tripling < shape.steps_per_bar()) grow(doubled, {2, 1, 1}, {2, 1, 1});
    if (tripling == 3) grow(128, {3, 1, 1}, {3, 1, 1});
    // Then pitch, from 1 to 7 octaves.
    grow(64, {1, shape.octaves(), 1}, {1, 1, 1});
    // Twelve pitches and all tracks at once: five output channels are one kernel of extent 5 along the track axis.
    last_.emplace_back(builder.within(fmt::format("conv{}", layers_.size() + 1)), extents,
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
           config.shape.tracks, config) {}

Variable Generator::operator()(const Latents& latents, Mode mode) const {
    const tensor::LayerScope layer("generator");
    const PhraseShape& shape = config_.shape;
    const std::int64_t phrases = latents.shared.shape()[0], shared_length = latents.shared.shape()[1];
    const Variable per_bar = temporal_(Variable(latents.temporal), mode);
    const Variable shared = autograd::broadcast_to(
        autograd::reshape(Variable(latents.shared), {phrases, 1, shared_length}), {phrases, shape.bars, shared_length});
    const Variable latent = autograd::reshape(autograd::concat({per_bar, shared}, 2),
                                              {phrases * shape.bars, shared_length + per_bar.shape()[2]});
    const Variable bars = bar_(latent, mode);
    // Bars follow each other in time: [N * 4, 96, ...] is [N, 384, ...] as it lies.
    return autograd::reshape(bars, {phrases, shape.steps(), shape.pitches, shape.tracks, 1});
}

}  // namespace musegan
