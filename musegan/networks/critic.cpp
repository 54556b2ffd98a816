#include "musegan/networks/critic.hpp"

#include "autograd/batch.hpp"
#include "autograd/rearrange.hpp"
#include "musegan/networks/network_tables.hpp"
#include "tensor/error.hpp"
#include "tensor/rearrange.hpp"
#include "tensor/scope.hpp"

namespace musegan {

Critic::Critic(const ModelConfig& config, const TrackNetwork& network, tensor::RandomStream& random, DType dtype,
               Device device)
    : name_(network.name),
      first_track_(network.tracks.front()),
      end_track_(network.tracks.back() + 1),
      all_tracks_(config.shape.tracks),
      stack_({.into = &parameters_,
              .random = &random,
              .dtype = dtype,
              .device = device,
              .prefix = name_.empty() ? "critic" : "critic." + name_},
             phrase_volume(config, network.tracks.size()), network.layers) {
    if (end_track_ - first_track_ != static_cast<std::int64_t>(network.tracks.size()))
        tensor::fail("critic", "{} tracks from {} to {}, expected neighbours", network.tracks.size(),
                     tracks[static_cast<std::size_t>(first_track_)].name,
                     tracks[static_cast<std::size_t>(end_track_ - 1)].name);
}

Batch Critic::operator()(const Batch& phrases) const {
    const tensor::LayerScope layer_scope("critic");
    return autograd::reshape_rows(stack_(phrases, layers::Mode::training), {});
}

Tensor Critic::seen(const Tensor& phrases) const {
    return end_track_ - first_track_ == all_tracks_ ? phrases : tensor::slice(phrases, 3, first_track_, end_track_);
}

Variable Critic::seen(const Variable& phrases) const {
    return end_track_ - first_track_ == all_tracks_ ? phrases : autograd::slice(phrases, 3, first_track_, end_track_);
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
