#include "musegan/networks/network_tables.hpp"

#include <array>

namespace musegan {

using layers::Activation;
using layers::LayerKind;
using layers::LayerRow;
using layers::Norm;
using layers::Table;
using tensor::Extents;

namespace {

/// How G_bar's 2 steps become a bar's: doubled as often as the grid asks for, and then tripled if it does. 24 steps per
/// beat: 2, 4, 8, 16, 32, 96, as in the paper.
std::vector<std::int64_t> time_factors(const PhraseShape& shape) {
    const std::int64_t tripling = shape.steps_per_bar() % 3 == 0 ? 3 : 1;
    std::vector<std::int64_t> factors;
    for (std::int64_t steps = 2 * tripling; steps < shape.steps_per_bar(); steps *= 2) factors.push_back(2);
    if (tripling == 3) factors.push_back(3);
    return factors;
}

/// A layer of the generators or the encoder: with batch norm.
LayerRow normed(LayerKind kind, std::int64_t channels, const Extents& kernel, const Extents& stride, Activation then) {
    return {.kind = kind,
            .channels = channels,
            .kernel = kernel,
            .stride = stride,
            .norm = Norm::batch,
            .activation = then,
            .slope = leaky_slope};
}

/// Names the rows "conv1", "conv2" and so on, dense ones "dense1".
Table numbered(Table table) {
    int convolutions = 0, dense = 0;
    for (LayerRow& row : table)
        row.name =
            row.kind == LayerKind::dense ? fmt::format("dense{}", ++dense) : fmt::format("conv{}", ++convolutions);
    return table;
}

/// Lets every transposed layer join the map of the encoder, which goes the same way backwards, that has the size of
/// what it reads: the first the last map, and so on.
void join_maps(Table& table, const Table& encoder) {
    auto map = encoder.rbegin();
    for (LayerRow& row : table)
        if (row.kind == LayerKind::transposed && map != encoder.rend()) row.joins = map++->name;
}

}  // namespace

layers::Volume bar_volume(const ModelConfig& config, std::size_t track_count) {
    return {{config.shape.steps_per_bar(), config.shape.pitches, static_cast<std::int64_t>(track_count)}, 1};
}

layers::Volume phrase_volume(const ModelConfig& config, std::size_t track_count) {
    return {{config.shape.steps(), config.shape.pitches, static_cast<std::int64_t>(track_count)}, 1};
}

Table temporal_generator_table(const ModelConfig& config, std::int64_t length) {
    return numbered({
        normed(LayerKind::transposed, config.scaled(1024), {2, 1, 1}, {2, 1, 1}, Activation::relu),  // 2 bars
        normed(LayerKind::transposed, length, {3, 1, 1}, {1, 1, 1}, Activation::relu),               // 4 bars
    });
}

Table bar_generator_table(const ModelConfig& config, std::size_t track_count, const Table& encoder) {
    const std::int64_t octaves = config.shape.octaves(), emitted = static_cast<std::int64_t>(track_count);
    const auto grow = [&](std::int64_t channels, const Extents& kernel, const Extents& stride) {
        return normed(LayerKind::transposed, config.scaled(channels), kernel, stride, Activation::relu);
    };
    Table table;
    // Time first, from 2 steps to a bar's.
    constexpr std::array<std::int64_t, 4> doubling_channels{512, 256, 256, 128};
    for (const std::int64_t factor : time_factors(config.shape)) {
        const std::int64_t channels = factor == 2 ? doubling_channels[table.size()] : 128;
        table.push_back(grow(channels, {factor, 1, 1}, {factor, 1, 1}));
    }
    // Then pitch, from 1 to 7 octaves.
    table.push_back(grow(64, {1, octaves, 1}, {1, 1, 1}));
    // Twelve pitches and all tracks at once: five output channels are one kernel of extent 5 along the track axis.
    table.push_back({.kind = LayerKind::transposed,
                     .channels = 1,
                     .kernel = {1, 12, emitted},
                     .stride = {1, 12, emitted},
                     .activation = Activation::tanh,
                     .bias_per_track = true});
    table = numbered(std::move(table));
    LayerRow dense = normed(LayerKind::dense, config.scaled(512), {}, {}, Activation::relu);
    dense.name = "dense";
    dense.result = {2, 1, 1};
    table.insert(table.begin(), dense);
    join_maps(table, encoder);
    return table;
}

Table encoder_table(const ModelConfig& config) {
    const auto shrink = [&](const Extents& kernel) {
        return normed(LayerKind::convolution, config.scaled(16), kernel, kernel, Activation::leaky_relu);
    };
    Table table{shrink({1, 12, 1}), shrink({1, config.shape.octaves(), 1})};
    // The way of G_bar backwards.
    const std::vector<std::int64_t> factors = time_factors(config.shape);
    for (auto factor = factors.rbegin(); factor != factors.rend(); ++factor) table.push_back(shrink({*factor, 1, 1}));
    return numbered(std::move(table));
}

Table critic_table(const ModelConfig& config, std::size_t track_count) {
    const std::int64_t bar = config.shape.steps_per_bar(), octaves = config.shape.octaves();
    const std::int64_t seen = static_cast<std::int64_t>(track_count);
    const auto convolution = [&](std::int64_t channels, const Extents& kernel, const Extents& stride,
                                 const Extents& dilation = {}) {
        return LayerRow{.channels = config.scaled(channels),
                        .kernel = kernel,
                        .stride = stride,
                        .dilation = dilation,
                        .activation = Activation::leaky_relu,
                        .slope = leaky_slope};
    };
    // From 4 bars down to a few steps. Behind each: what it leaves of the paper's 4 bars x 96 x 84.
    Table table{
        convolution(128, {2, 1, seen}, {1, 1, seen}, {bar, 1, 1}),  // 3 bars x 96 x 84
        convolution(128, {3, 1, 1}, {1, 1, 1}, {bar, 1, 1}),        // 96 x 84
        convolution(128, {1, 12, 1}, {1, 12, 1}),                   // 96 x 7
        convolution(128, {1, octaves, 1}, {1, octaves, 1}),         // 96 x 1
    };
    // The steps are halved until at most 24 are left: 48, 24. Coarser grids are halved less often.
    for (std::int64_t steps = bar; steps > 24; steps /= 2) table.push_back(convolution(128, {2, 1, 1}, {2, 1, 1}));
    table.push_back(convolution(256, {4, 1, 1}, {2, 1, 1}));  // 11
    table.push_back(convolution(512, {3, 1, 1}, {2, 1, 1}));  // 5
    table.push_back({.kind = LayerKind::dense,
                     .channels = config.scaled(1024),
                     .activation = Activation::leaky_relu,
                     .slope = leaky_slope});
    table.push_back({.kind = LayerKind::dense, .channels = 1});
    return numbered(std::move(table));
}

}  // namespace musegan
