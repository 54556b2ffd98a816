// From a preset to the networks of one model: measures become numbers, channels take the model's width, rows of other
// grids are left out, and everything is checked to fit, so that what does not is named by its line.
#pragma once

#include <vector>

#include "layers/network.hpp"
#include "musegan/networks/model_config.hpp"

namespace musegan {

// Each throws Error("[file:line] key ...") for what does not fit.

/// G_temp: a vector [1, 1, 1, L] into one per bar, [bars, 1, 1, L], time standing for the bar. Source "latent".
layers::NetworkPlan temporal_plan(const ModelConfig& config, std::int64_t length);
/// G: vectors of `config.latents.total` numbers, [1, 1, 1, L], into `tracks` of a bar or a phrase, [T, P, M, 1]. Source
/// "latents". Its rows join `maps`, those of the encoder; without a track given there are none, and nothing is joined.
/// Its last activation is tanh, or none in front of a neuron.
layers::NetworkPlan generator_plan(const ModelConfig& config, const std::vector<int>& tracks,
                                   const layers::Volumes& maps = {});
/// E: a bar or a phrase of the given track, [T, P, 1, 1], into maps. Source "given".
layers::NetworkPlan encoder_plan(const ModelConfig& config);
/// What stands between the generator's tanh and binary neurons: bars of `tracks` into values of the same shape. Source
/// "made". Without parts where the preset has none, or the output is tanh.
layers::NetworkPlan refiner_plan(const ModelConfig& config, const std::vector<int>& tracks);
/// D: phrases of `tracks`, [T, P, M, 1], and what can be seen of them (views.hpp) into a score, [1, 1, 1, 1].
layers::NetworkPlan critic_plan(const ModelConfig& config, const std::vector<int>& tracks);

// The volumes of their sources, by name.

layers::Volumes temporal_sources(std::int64_t length);
layers::Volumes generator_sources(const ModelConfig& config);
layers::Volumes encoder_sources(const ModelConfig& config);
layers::Volumes refiner_sources(const ModelConfig& config, std::size_t track_count);
layers::Volumes critic_sources(const ModelConfig& config, std::size_t track_count);

}  // namespace musegan
