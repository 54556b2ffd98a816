#include "musegan/networks/critic.hpp"

#include <algorithm>

#include "autograd/batch.hpp"
#include "autograd/rearrange.hpp"
#include "musegan/networks/preset_plans.hpp"
#include "musegan/networks/views.hpp"
#include "tensor/error.hpp"
#include "tensor/rearrange.hpp"
#include "tensor/scope.hpp"

namespace musegan {

namespace {

bool reads(const TrackNetwork& network, const char* source) {
    return std::ranges::any_of(network.plan.parts, [&](const layers::Part& part) {
        return std::ranges::find(part.reads, source) != part.reads.end();
    });
}

}  // namespace

Critic::Critic(const ModelConfig& config, const TrackNetwork& network, tensor::RandomStream& random, DType dtype,
               Device device)
    : name_(network.name),
      first_track_(network.tracks.front()),
      end_track_(network.tracks.back() + 1),
      shape_(config.shape),
      reads_onsets_(reads(network, "onsets")),
      reads_chroma_(reads(network, "chromas")),
      network_({.into = &parameters_,
                .random = &random,
                .dtype = dtype,
                .device = device,
                .prefix = name_.empty() ? "critic" : "critic." + name_,
                .start = config.weight_start},
               critic_sources(config, network.tracks.size()), network.plan) {
    if (end_track_ - first_track_ != static_cast<std::int64_t>(network.tracks.size()))
        tensor::fail("critic", "{} tracks from {} to {}, expected neighbours", network.tracks.size(),
                     tracks[static_cast<std::size_t>(first_track_)].name,
                     tracks[static_cast<std::size_t>(end_track_ - 1)].name);
}

Batch Critic::operator()(const Batch& phrases) const {
    const tensor::LayerScope layer_scope("critic");
    layers::Sources sources{{"phrases", phrases}};
    if (reads_onsets_) sources.emplace("onsets", onsets_of(phrases, shape_));
    if (reads_chroma_) sources.emplace("chromas", chroma_of(phrases, shape_));
    return autograd::reshape_rows(network_(sources, layers::Mode::training), {});
}

Tensor Critic::seen(const Tensor& phrases) const {
    return end_track_ - first_track_ == shape_.tracks ? phrases : tensor::slice(phrases, 3, first_track_, end_track_);
}

Variable Critic::seen(const Variable& phrases) const {
    return end_track_ - first_track_ == shape_.tracks ? phrases : autograd::slice(phrases, 3, first_track_, end_track_);
}

std::vector<Critic> make_critics(const ModelConfig& config, tensor::RandomStream& random, DType dtype, Device device) {
    return make_critics(architecture_of(config), config, random, dtype, device);
}

std::vector<Critic> make_critics(const Architecture& architecture, const ModelConfig& config,
                                 tensor::RandomStream& random, DType dtype, Device device) {
    std::vector<Critic> critics;
    for (const TrackNetwork& network : architecture.critics)
        critics.emplace_back(config, network, random, dtype, device);
    return critics;
}

layers::Parameters parameters_of(const std::vector<Critic>& critics) {
    layers::Parameters all;
    for (const Critic& critic : critics) all.append(critic.parameters());
    return all;
}

}  // namespace musegan
