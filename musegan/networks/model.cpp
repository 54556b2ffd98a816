#include "musegan/networks/model.hpp"

#include <algorithm>

#include "autograd/binary_neuron.hpp"
#include "autograd/elementwise.hpp"
#include "autograd/rearrange.hpp"
#include "musegan/networks/preset_plans.hpp"
#include "tensor/error.hpp"
#include "tensor/random.hpp"
#include "tensor/rearrange.hpp"
#include "tensor/scope.hpp"

namespace musegan {

namespace {

using layers::Builder;
using layers::Network;
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
    const Builder root{.into = &parameters_,
                       .random = &random,
                       .dtype = dtype,
                       .device = device,
                       .prefix = "",
                       .start = config.weight_start};
    const Builder generator = root.within("generator");
    if (architecture_.given) encoder_.emplace(root.within("encoder"), encoder_sources(config_), architecture_.encoder);
    const auto add_temporal = [&](const Builder& owner, int track) {
        for (const LatentSlot& slot : slots_)
            if (slot.track == track && slot.kind.per_bar)
                temporal_.emplace(SlotKey{slot.kind.name, track},
                                  Network(owner.within("temporal"), temporal_sources(slot.kind.length),
                                          architecture_.temporal.at(slot.kind.name)));
    };
    add_temporal(generator, -1);
    for (const TrackNetwork& network : architecture_.generators) {
        const Builder owner = part(generator, network.name);
        if (!network.name.empty()) add_temporal(owner, network.tracks.front());
        generators_.emplace_back(owner, generator_sources(config_), network.plan, architecture_.maps);
    }
    for (std::size_t k = 0; k < architecture_.refiners.size(); ++k) {
        const TrackNetwork& network = architecture_.generators[k];
        refiners_.emplace_back(part(root.within("refiner"), network.name),
                               refiner_sources(config_, network.tracks.size()), architecture_.refiners[k]);
    }
}

Variable Model::operator()(const Latents& latents, const Tensor& given, const Pass& pass) const {
    const tensor::LayerScope layer("generator");
    require_inputs(latents, given);
    const std::vector<Variable> made = [&] {
        if (!pass.is_frozen) return generate(latents, given, pass.mode);
        const autograd::NoGrad no_grad;
        return generate(latents, given, Mode::inference);
    }();
    std::vector<TrackRange> ranges;
    if (architecture_.given) ranges.push_back({*architecture_.given, Variable(given)});
    for (std::size_t k = 0; k < made.size(); ++k)
        add_ranges(architecture_.generators[k].tracks, finish(k, made[k], pass), ranges);
    return side_by_side(std::move(ranges));
}

/// What each generator makes, as phrases [N, T, P, its tracks, 1], up to its own last activation.
std::vector<Variable> Model::generate(const Latents& latents, const Tensor& given, Mode mode) const {
    const PhraseShape& shape = config_.shape;
    const std::int64_t phrases = latents.phrases();
    const layers::Maps maps = encoder_ ? encode(given, mode) : layers::Maps{};

    // The random vectors: as one per row, a bar or a phrase.
    std::vector<Variable> vectors;
    for (std::size_t i = 0; i < slots_.size(); ++i) vectors.push_back(rows_of(slots_[i], latents.vectors[i], mode));

    // Each generator: from the vectors that all share and its own, and the maps, to the rows of its tracks.
    std::vector<Variable> made;
    for (std::size_t k = 0; k < generators_.size(); ++k) {
        const TrackNetwork& generator = architecture_.generators[k];
        const Variable inputs = autograd::concat(inputs_of(generator, vectors), 2);
        const Variable input = autograd::reshape(inputs, {rows(phrases), 1, 1, 1, config_.latents.total});
        const Variable result = generators_[k]({{"latents", input}}, mode, maps);
        // Bars follow each other in time: [N * 4, 96, ...] is [N, 384, ...] as it lies.
        made.push_back(autograd::reshape(
            result, {phrases, shape.steps(), shape.pitches, static_cast<std::int64_t>(generator.tracks.size()), 1}));
    }
    return made;
}

/// From what a generator made to its phrases: refined, and as cells where neurons make them.
Variable Model::finish(std::size_t generator, const Variable& made, const Pass& pass) const {
    if (config_.output == Output::tanh) return made;
    const PhraseShape& shape = config_.shape;
    Variable h = made;
    if (!refiners_.empty()) {
        const Shape whole = made.shape();
        h = autograd::reshape(h, {whole[0] * shape.bars, shape.steps_per_bar(), whole[2], whole[3], 1});
        h = autograd::reshape(refiners_[generator]({{"made", h}}, pass.mode), whole);
    }
    if (config_.output == Output::deterministic) return autograd::binary_neuron(h, neuron_slope_);
    if (pass.chance == nullptr) tensor::fail("model", "stochastic neurons without a random stream, expected one");
    return autograd::binary_neuron(h, neuron_slope_,
                                   tensor::random_uniform(*pass.chance, h.shape(), dtype(), device()));
}

std::int64_t Model::rows(std::int64_t phrases) const {
    return config_.preset.makes == Makes::bars ? phrases * config_.shape.bars : phrases;
}

layers::Maps Model::encode(const Tensor& given, Mode mode) const {
    const PhraseShape& shape = config_.shape;
    const std::int64_t phrases = given.shape()[0], count = rows(phrases);
    return encoder_->maps(
        {{"given", Variable(given.reshape({count, phrases * shape.steps() / count, shape.pitches, 1, 1}))}}, mode);
}

/// [N, L] -> [N, rows of a phrase, L]: by G_temp, or the same for all.
Variable Model::rows_of(const LatentSlot& slot, const Tensor& vectors, Mode mode) const {
    const std::int64_t phrases = vectors.shape()[0], length = slot.kind.length;
    const Shape per_row{phrases, rows(phrases) / phrases, length};
    if (!slot.kind.per_bar) return autograd::broadcast_to(Variable(vectors.reshape({phrases, 1, length})), per_row);
    const Network& temporal = temporal_.at({slot.kind.name, slot.track});
    const Variable made = temporal({{"latent", Variable(vectors.reshape({phrases, 1, 1, 1, length}))}}, mode);
    return autograd::reshape(made, per_row);
}

/// The shared vectors and those of the generator's own track; those that differ from bar to bar in front.
std::vector<Variable> Model::inputs_of(const TrackNetwork& generator, const std::vector<Variable>& vectors) const {
    std::vector<Variable> inputs;
    for (const bool changing : {true, false})
        for (std::size_t i = 0; i < slots_.size(); ++i) {
            const bool is_read = slots_[i].track < 0 || slots_[i].track == generator.tracks.front();
            if (is_read && slots_[i].kind.per_bar == changing) inputs.push_back(vectors[i]);
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

layers::Parameters Model::refiner_parameters() const {
    const auto is_refiner = [](const auto& each) { return each.name.starts_with("refiner."); };
    layers::Parameters refiners;
    std::ranges::copy_if(parameters_.trainable, std::back_inserter(refiners.trainable), is_refiner);
    std::ranges::copy_if(parameters_.statistics, std::back_inserter(refiners.statistics), is_refiner);
    return refiners;
}

void Model::set_neuron_slope(double slope) {
    if (!(slope > 0.0)) tensor::fail("model", "neuron slope {}, expected more than 0", slope);
    neuron_slope_ = slope;
}

std::vector<OutputShift> Model::output_shifts() const {
    std::vector<OutputShift> shifts;
    for (std::size_t k = 0; k < generators_.size(); ++k) {
        const std::vector<int>& made = architecture_.generators[k].tracks;
        const std::vector<Variable> found = generators_[k].output_shifts();
        if (found.size() == 1) shifts.push_back({made, found.front()});
        else
            for (std::size_t i = 0; i < found.size(); ++i) shifts.push_back({{made[i]}, found[i]});
    }
    return shifts;
}

std::vector<tensor::Conv3dGeometry> Model::convolutions() const {
    std::vector<tensor::Conv3dGeometry> found;
    const auto take = [&](const Network& network) {
        std::ranges::copy(network.geometries(), std::back_inserter(found));
    };
    if (encoder_) take(*encoder_);
    for (const auto& [key, temporal] : temporal_) take(temporal);
    for (const Network& generator : generators_) take(generator);
    for (const Network& refiner : refiners_) take(refiner);
    return found;
}

double Model::flops(std::int64_t phrases) const {
    double total = encoder_ ? encoder_->flops(rows(phrases)) : 0.0;
    for (const auto& [key, temporal] : temporal_) total += temporal.flops(phrases);
    for (const Network& generator : generators_) total += generator.flops(rows(phrases));
    for (const Network& refiner : refiners_) total += refiner.flops(phrases * config_.shape.bars);
    return total;
}

Tensor given_track_of(const Architecture& architecture, const Tensor& phrases) {
    if (!architecture.given) return {};
    return tensor::slice(phrases, track_axis, *architecture.given, *architecture.given + 1);
}

}  // namespace musegan
