// A model: all that makes phrases. From scratch: random vectors -> G_temp -> G_bar -> four bars of five tracks. Given a
// track: E reads its bars, and G_bar makes the others to it. Architecture (architecture.hpp) says which of each there
// are; the critics, which training alone needs, stand beside it (critic.hpp).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "layers/stack.hpp"
#include "musegan/networks/latents.hpp"

namespace musegan {

using autograd::Variable;
using layers::Mode;

class Model {
  public:
    /// Fresh weights from `random`: E, the shared G_temp, then per generator its own G_temp and its G_bar. Throws Error
    /// for a config that does not validate.
    Model(const ModelConfig& config, tensor::RandomStream& random, DType dtype = DType::f32,
          Device device = Device::cpu());
    /// The same with other tables than architecture_of(config): a generator may have layers of its own, say.
    Model(const ModelConfig& config, const Architecture& architecture, tensor::RandomStream& random,
          DType dtype = DType::f32, Device device = Device::cpu());

    /// N phrases [N, T, P, M, 1] of config().shape in (-1, 1), the tracks in tensor order; the paper's are [N, 384, 84,
    /// 5, 1]. `given` are the phrases [N, T, P, 1, 1] of the given track, -1 or 1, which pass through unchanged; no
    /// value for a model from scratch. Throws Error for other latents, and for a given track that is missing, not asked
    /// for or of another shape.
    Variable operator()(const Latents& latents, const Tensor& given, Mode mode) const;

    const ModelConfig& config() const { return config_; }
    const Architecture& architecture() const { return architecture_; }
    /// Of the encoder and all generators.
    const layers::Parameters& parameters() const { return parameters_; }
    DType dtype() const;
    Device device() const;
    /// The bias of each generator's last layer, before tanh: a number per track that it makes, [M, 1].
    std::vector<Variable> output_biases() const;
    /// FLOPs of the products of one forward pass for `phrases` phrases.
    double flops(std::int64_t phrases) const;

  private:
    /// G_temp of a kind of latent, per track where that is private: {"z_it", 2}.
    using SlotKey = std::pair<std::string, int>;

    void require_inputs(const Latents& latents, const Tensor& given) const;
    layers::Maps encode(const Tensor& given, Mode mode) const;
    Variable bars_of(const LatentSlot& slot, const Tensor& vectors, Mode mode) const;
    std::vector<Variable> inputs_of(const TrackNetwork& generator, const std::vector<Variable>& per_bar) const;

    ModelConfig config_;
    Architecture architecture_;
    std::vector<LatentSlot> slots_;
    layers::Parameters parameters_;
    std::optional<layers::Stack> encoder_;
    std::map<SlotKey, layers::Stack> temporal_;
    std::vector<layers::Stack> bars_;  ///< beside architecture_.generators
};

/// The given track of whole phrases [N, T, P, M, 1]: [N, T, P, 1, 1], no value for a model from scratch.
Tensor given_track_of(const Architecture& architecture, const Tensor& phrases);

}  // namespace musegan
