#include "musegan/networks/critic.hpp"

#include "autograd/batch.hpp"
#include "tensor/scope.hpp"

namespace musegan {

using tensor::Extents;

namespace {

struct CriticLayer {
    std::int64_t channels;
    Extents kernel, stride, dilation;
};

/// The convolutions at full width, from 4 bars down to a few steps. Behind each: what it leaves of the paper's 4 bars x
/// 96 x 84 x 5.
std::vector<CriticLayer> critic_layers(const PhraseShape& shape) {
    const std::int64_t bar = shape.steps_per_bar(), octaves = shape.octaves();
    std::vector<CriticLayer> layers{
        {128, {2, 1, shape.tracks}, {1, 1, shape.tracks}, {bar, 1, 1}},  // 3 bars x 96 x 84
        {128, {3, 1, 1}, {1, 1, 1}, {bar, 1, 1}},                        // 96 x 84
        {128, {1, 12, 1}, {1, 12, 1}, {1, 1, 1}},                        // 96 x 7
        {128, {1, octaves, 1}, {1, octaves, 1}, {1, 1, 1}},              // 96 x 1
    };
    // The steps are halved until at most 24 are left: 48, 24. Coarser grids are halved less often.
    for (std::int64_t steps = bar; steps > 24; steps /= 2) layers.push_back({128, {2, 1, 1}, {2, 1, 1}, {1, 1, 1}});
    layers.push_back({256, {4, 1, 1}, {2, 1, 1}, {1, 1, 1}});  // 11
    layers.push_back({512, {3, 1, 1}, {2, 1, 1}, {1, 1, 1}});  // 5
    return layers;
}

}  // namespace

Critic::Critic(const ModelConfig& config, tensor::RandomStream& random, DType dtype, Device device) {
    config.validate();
    const Builder builder{
        .into = &parameters_, .random = &random, .dtype = dtype, .device = device, .prefix = "critic"};
    const PhraseShape& shape = config.shape;
    Extents extents{shape.steps(), shape.pitches, shape.tracks};
    std::int64_t channels = 1;
    for (const CriticLayer& layer : critic_layers(shape)) {
        const std::int64_t out = config.scaled(layer.channels);
        convolutions_.emplace_back(builder.within(fmt::format("conv{}", convolutions_.size() + 1)), extents,
                                   tensor::Conv3dSpec{.kernel = layer.kernel,
                                                      .in_channels = channels,
                                                      .out_channels = out,
                                                      .stride = layer.stride,
                                                      .dilation = layer.dilation},
                                   critic_slope);
        extents = convolutions_.back().output();
        channels = out;
    }
    first_two_.emplace(convolutions_[0], convolutions_[1]);
    const std::int64_t features = extents.product() * channels, hidden = config.scaled(1024);
    dense_.emplace_back(builder.within("dense1"), features, hidden, critic_slope);
    dense_.emplace_back(builder.within("dense2"), hidden, 1);
    dense_flops_ = 2.0 * static_cast<double>(features * hidden + hidden);
}

Batch Critic::operator()(const Batch& phrases) const {
    const tensor::LayerScope layer_scope("critic");
    Batch h = (*first_two_)(phrases);
    for (std::size_t i = 2; i < convolutions_.size(); ++i) h = convolutions_[i](h);
    h = autograd::reshape_rows(h, {h.shape().with(0, 1).elements()});
    for (const layers::Dense& layer : dense_) h = layer(h);
    return autograd::reshape_rows(h, {});
}

double Critic::flops(std::int64_t phrases) const {
    double total = dense_flops_ * static_cast<double>(phrases);
    for (const layers::Conv3d& convolution : convolutions_) total += convolution.geometry().flops(phrases);
    return total;
}

}  // namespace musegan
