// A model: all that makes phrases. From scratch: random vectors -> G_temp -> G_bar -> four bars of five tracks. Given a
// track: E reads its bars, and G_bar makes the others to it. With a preset that makes whole phrases: random vectors ->
// G
// -> a phrase, and E reads the given track's phrase. Behind the generators binary neurons can stand, and a refiner in
// front of them. Architecture (architecture.hpp) says which of each there are; the critics, which training alone needs,
// stand beside it (critic.hpp).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "layers/network.hpp"
#include "musegan/networks/latents.hpp"

namespace musegan {

using autograd::Variable;
using layers::Mode;

/// How a model is run.
struct Pass {
    Mode mode = Mode::inference;
    /// Where stochastic neurons draw their chances from: per generator a number per cell that it makes. Others draw
    /// nothing.
    tensor::RandomStream* chance = nullptr;
    /// Encoder and generators as they are in inference, and without gradients: the refiner alone is trained.
    bool is_frozen = false;

    Pass(Mode how, tensor::RandomStream* stream = nullptr, bool frozen = false)
        : mode(how), chance(stream), is_frozen(frozen) {}
};

/// A parameter that moves what a generator makes of some tracks as a whole.
struct OutputShift {
    std::vector<int> tracks;
    Variable shift;  ///< a number per track
};

class Model {
  public:
    /// Fresh weights from `random`: E, the shared G_temp, then per generator its own G_temp and its layers, then the
    /// refiners. Throws Error for a config that does not validate.
    Model(const ModelConfig& config, tensor::RandomStream& random, DType dtype = DType::f32,
          Device device = Device::cpu());
    /// The same with other tables than architecture_of(config): a generator may have layers of its own, say.
    Model(const ModelConfig& config, const Architecture& architecture, tensor::RandomStream& random,
          DType dtype = DType::f32, Device device = Device::cpu());

    /// N phrases [N, T, P, M, 1] of config().shape in (-1, 1), the tracks in tensor order; the paper's are [N, 384, 84,
    /// 5, 1]. Binary neurons make them -1 or 1. `given` are the phrases [N, T, P, 1, 1] of the given track, -1 or 1,
    /// which pass through unchanged; no value for a model from scratch. Throws Error for other latents, for a given
    /// track that is missing, not asked for or of another shape, and for stochastic neurons without chance.
    Variable operator()(const Latents& latents, const Tensor& given, const Pass& pass) const;

    const ModelConfig& config() const { return config_; }
    const Architecture& architecture() const { return architecture_; }
    /// Of the encoder, all generators and the refiners.
    const layers::Parameters& parameters() const { return parameters_; }
    /// Of the refiners alone.
    layers::Parameters refiner_parameters() const;
    /// Of binary neurons: p = sigmoid(slope a). A model that is trained on has it from the state of the run.
    double neuron_slope() const { return neuron_slope_; }
    void set_neuron_slope(double slope);
    DType dtype() const;
    Device device() const;
    /// What each generator's last layer adds to the cells of a track before tanh or neurons: the shift of its norm, or
    /// its bias.
    std::vector<OutputShift> output_shifts() const;
    /// Of all convolutions, transposed ones too: of the encoder, what makes vectors per bar, the generators and the
    /// refiners, each in the order of its layers.
    std::vector<tensor::Conv3dGeometry> convolutions() const;
    /// FLOPs of the products of one forward pass for `phrases` phrases.
    double flops(std::int64_t phrases) const;

  private:
    /// G_temp of a kind of latent, per track where that is private: {"z_it", 2}.
    using SlotKey = std::pair<std::string, int>;

    void require_inputs(const Latents& latents, const Tensor& given) const;
    layers::Maps encode(const Tensor& given, Mode mode) const;
    Variable rows_of(const LatentSlot& slot, const Tensor& vectors, Mode mode) const;
    std::vector<Variable> inputs_of(const TrackNetwork& generator, const std::vector<Variable>& vectors) const;
    std::vector<Variable> generate(const Latents& latents, const Tensor& given, Mode mode) const;
    Variable finish(std::size_t generator, const Variable& made, const Pass& pass) const;
    /// Bars or phrases: how often a generator runs for so many phrases.
    std::int64_t rows(std::int64_t phrases) const;

    ModelConfig config_;
    Architecture architecture_;
    std::vector<LatentSlot> slots_;
    layers::Parameters parameters_;
    std::optional<layers::Network> encoder_;
    std::map<SlotKey, layers::Network> temporal_;
    std::vector<layers::Network> generators_;  ///< beside architecture_.generators
    std::vector<layers::Network> refiners_;    ///< likewise, or none
    double neuron_slope_ = 1.0;
};

/// The given track of whole phrases [N, T, P, M, 1]: [N, T, P, 1, 1], no value for a model from scratch.
Tensor given_track_of(const Architecture& architecture, const Tensor& phrases);

}  // namespace musegan
