#include "musegan/networks/model.hpp"

#include <algorithm>

#include "autograd/elementwise.hpp"
#include "autograd/rearrange.hpp"
#include "musegan/networks/network_tables.hpp"
#include "tensor/error.hpp"
#include "tensor/rearrange.hpp"
#include "tensor/scope.hpp"

namespace musegan {

namespace {

using layers::Builder;
using layers::Stack;
using tensor::Shape;

constexpr int track_axis = 3;

/// The builder of a network that belongs to one track, or to all where there is no name.
Builder part(const Builder& builder, const std::string& name) { return name.empty() ? builder : builder.within(name); }

/// Neighbouring tracks of phrases, and which the first of them is.
struct TrackRange {
    int first = 0;
    Variable phrases;
};

/// Adds what a generator made: its tracks are neighbours but for the given one between them.
void add_ranges(const std::vector<int>& made, const Variable& phrases, std::vector<TrackRange>& ranges) {
    for (std::size_t begin = 0, end = 1; begin < made.size(); begin = end++) {
        while (end < made.size() && made[end] == made[end - 1] + 1) ++end;
        const bool all = begin == 0 && end == made.size();
        ranges.push_back({made[begin], all ? phrases
                                           : autograd::slice(phrases, track_axis, static_cast<std::int64_t>(begin),
                                                             static_cast<std::int64_t>(end))});
    }
}

/// The ranges side by side, in tensor order.
Variable side_by_side(std::vector<TrackRange> ranges) {
    if (ranges.size() == 1) return ranges.front().phrases;
    std::ranges::sort(ranges, {}, &TrackRange::first);
    std::vector<Variable> parts;
    for (const TrackRange& range : ranges) parts.push_back(range.phrases);
    return autograd::concat(parts, track_axis);
}

}  // namespace

Model::Model(const ModelConfig& config, tensor::RandomStream& random, DType dtype, Device device)
    : Model(config, architecture_of(config), random, dtype, device) {}

Model::Model(const ModelConfig& config, const Architecture& architecture, tensor::RandomStream& random, DType dtype,
             Device device)
    : config_(config), architecture_(architecture), slots_(latent_slots(architecture)) {
    const Builder root{.into = &parameters_, .random = &random, .dtype = dtype, .device = device, .prefix = ""};
    const Builder generator = root.within("generator");
    layers::Volumes maps;
    if (architecture_.given) {
        encoder_.emplace(root.within("encoder"), bar_volume(config_, 1), architecture_.encoder);
        maps = layers::volumes_of(architecture_.encoder, bar_volume(config_, 1));
    }
    const auto add_temporal = [&](const Builder& owner, int track) {
        for (const LatentSlot& slot : slots_)
            if (slot.track == track && slot.kind.per_bar)
                temporal_.emplace(SlotKey{slot.kind.name, track},
                                  Stack(owner.within("temporal"), {{1, 1, 1}, slot.kind.length},
                                        temporal_generator_table(config_, slot.kind.length)));
    };
    add_temporal(generator, -1);
    for (const TrackNetwork& network : architecture_.generators) {
        const Builder owner = part(generator, network.name);
        if (!network.name.empty()) add_temporal(owner, network.tracks.front());
        bars_.emplace_back(owner.within("bar"), layers::Volume{{1, 1, 1}, config_.latents.total}, network.layers, maps);
    }
}

Variable Model::operator()(const Latents& latents, const Tensor& given, Mode mode) const {
    const tensor::LayerScope layer("generator");
    require_inputs(latents, given);
    const PhraseShape& shape = config_.shape;
    const std::int64_t phrases = latents.phrases();

    // The given track: to the encoder's maps of each of its bars, and into the output as it is.
    const layers::Maps maps = encoder_ ? encode(given, mode) : layers::Maps{};
    std::vector<TrackRange> ranges;
    if (architecture_.given) ranges.push_back({*architecture_.given, Variable(given)});

    // The random vectors: as one vector per bar each.
    std::vector<Variable> per_bar;
    for (std::size_t i = 0; i < slots_.size(); ++i) per_bar.push_back(bars_of(slots_[i], latents.vectors[i], mode));

    // Each generator: from the vectors that all share and its own, and the maps, to the bars of its tracks.
    for (std::size_t k = 0; k < bars_.size(); ++k) {
        const TrackNetwork& generator = architecture_.generators[k];
        const Variable inputs = autograd::concat(inputs_of(generator, per_bar), 2);
        const Variable bars =
            bars_[k](autograd::reshape(inputs, {phrases * shape.bars, 1, 1, 1, config_.latents.total}), mode, maps);
        // Bars follow each other in time: [N * 4, 96, ...] is [N, 384, ...] as it lies.
        const auto made = static_cast<std::int64_t>(generator.tracks.size());
        add_ranges(generator.tracks, autograd::reshape(bars, {phrases, shape.steps(), shape.pitches, made, 1}), ranges);
    }
    return side_by_side(std::move(ranges));
}

layers::Maps Model::encode(const Tensor& given, Mode mode) const {
    const PhraseShape& shape = config_.shape;
    const Shape bars{given.shape()[0] * shape.bars, shape.steps_per_bar(), shape.pitches, 1, 1};
    return encoder_->maps(Variable(given.reshape(bars)), mode);
}

/// [N, L] -> [N, bars, L]: by G_temp, or the same for all bars.
Variable Model::bars_of(const LatentSlot& slot, const Tensor& vectors, Mode mode) const {
    const std::int64_t phrases = vectors.shape()[0], length = slot.kind.length, bars = config_.shape.bars;
    if (!slot.kind.per_bar)
        return autograd::broadcast_to(Variable(vectors.reshape({phrases, 1, length})), {phrases, bars, length});
    const Stack& temporal = temporal_.at({slot.kind.name, slot.track});
    return autograd::reshape(temporal(Variable(vectors.reshape({phrases, 1, 1, 1, length})), mode),
                             {phrases, bars, length});
}

/// The shared vectors and those of the generator's own track; those that differ from bar to bar in front.
std::vector<Variable> Model::inputs_of(const TrackNetwork& generator, const std::vector<Variable>& per_bar) const {
    std::vector<Variable> inputs;
    for (const bool changing : {true, false})
        for (std::size_t i = 0; i < slots_.size(); ++i) {
            const bool is_read = slots_[i].track < 0 || slots_[i].track == generator.tracks.front();
            if (is_read && slots_[i].kind.per_bar == changing) inputs.push_back(per_bar[i]);
        }
    return inputs;
}

void Model::require_inputs(const Latents& latents, const Tensor& given) const {
    if (latents.vectors.size() != slots_.size())
        tensor::fail("model", "{} random vectors, expected {} for {}", latents.vectors.size(), slots_.size(),
                     config_.name());
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        const Shape expected{latents.phrases(), slots_[i].kind.length};
        if (latents.vectors[i].shape() != expected)
            tensor::fail("model", "{} is {}, expected {}", slots_[i].name(), latents.vectors[i].shape().to_string(),
                         expected.to_string());
    }
    if (given.defined() != architecture_.given.has_value())
        tensor::fail("model", "{} given track, expected {} for {}", given.defined() ? "a" : "no",
                     architecture_.given ? "one" : "none", config_.name());
    const PhraseShape& shape = config_.shape;
    const Shape expected{latents.phrases(), shape.steps(), shape.pitches, 1, 1};
    if (given.defined() && given.shape() != expected)
        tensor::fail("model", "the given track is {}, expected {}", given.shape().to_string(), expected.to_string());
}

DType Model::dtype() const { return parameters_.trainable.front().variable.value().dtype(); }

Device Model::device() const { return parameters_.trainable.front().variable.value().device(); }

std::vector<Variable> Model::output_biases() const {
    std::vector<Variable> biases;
    for (const Stack& bar : bars_) biases.push_back(bar.output_bias());
    return biases;
}

double Model::flops(std::int64_t phrases) const {
    double total = encoder_ ? encoder_->flops(phrases * config_.shape.bars) : 0.0;
    for (const auto& [key, temporal] : temporal_) total += temporal.flops(phrases);
    for (const Stack& bar : bars_) total += bar.flops(phrases * config_.shape.bars);
    return total;
}

Tensor given_track_of(const Architecture& architecture, const Tensor& phrases) {
    if (!architecture.given) return {};
    return tensor::slice(phrases, track_axis, *architecture.given, *architecture.given + 1);
}

}  // namespace musegan
