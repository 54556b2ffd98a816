// The critic: a 3D convolutional network over whole phrases of the tracks that it sees (AAAI 2018, online appendix,
// table of D). Kernels across bars are kernels in time dilated by a bar's steps; the tracks that it sees are one kernel
// along the track axis. No normalisation that couples phrases, unless one asks for it: the penalty is a sum over
// phrases, each with its own slope. A preset's critic may look at onsets and chroma, too (views.hpp).
#pragma once

#include <string>
#include <vector>

#include "layers/network.hpp"
#include "musegan/networks/architecture.hpp"

namespace musegan {

using autograd::Batch;
using autograd::Variable;
using tensor::Device;
using tensor::DType;
using tensor::Tensor;

class Critic {
  public:
    /// A critic of an architecture (architecture.hpp), with fresh weights from `random`. Throws Error for tracks that
    /// are not neighbours.
    Critic(const ModelConfig& config, const TrackNetwork& network, tensor::RandomStream& random,
           DType dtype = DType::f32, Device device = Device::cpu());

    /// Phrases [N, T, P, M, 1] of the tracks that it sees -> scores [N]. Piecewise linear in its input where it has no
    /// norm.
    Batch operator()(const Batch& phrases) const;
    /// The tracks that it sees of whole phrases: [N, T, P, M, 1] -> [N, T, P, as many, 1].
    Tensor seen(const Tensor& phrases) const;
    Variable seen(const Variable& phrases) const;

    /// The track that it sees; "" for the one critic of all tracks.
    const std::string& name() const { return name_; }
    const layers::Parameters& parameters() const { return parameters_; }
    /// Whether a batch in several parts (autograd/batch.hpp) can pass.
    bool takes_parts() const { return !reads_onsets_ && !reads_chroma_ && network_.takes_parts(); }
    /// Whether it couples the phrases of a batch.
    bool has_batch_norm() const { return network_.has(layers::Norm::batch); }
    /// Of its convolutions, in the order of the forward pass.
    std::vector<tensor::Conv3dGeometry> convolutions() const { return network_.geometries(); }
    /// FLOPs of one forward pass on `phrases` phrases: the F in which a critic update is counted.
    double flops(std::int64_t phrases) const { return network_.flops(phrases); }

  private:
    std::string name_;
    std::int64_t first_track_, end_track_;
    PhraseShape shape_;
    bool reads_onsets_, reads_chroma_;
    layers::Parameters parameters_;
    layers::Network network_;
};

/// All critics of a model, with fresh weights from `random` in that order. Throws Error for a config that does not
/// validate.
std::vector<Critic> make_critics(const ModelConfig& config, tensor::RandomStream& random, DType dtype = DType::f32,
                                 Device device = Device::cpu());
/// The same with other tables than architecture_of(config).
std::vector<Critic> make_critics(const Architecture& architecture, const ModelConfig& config,
                                 tensor::RandomStream& random, DType dtype = DType::f32, Device device = Device::cpu());

/// Their parameters in one list.
layers::Parameters parameters_of(const std::vector<Critic>& critics);

}  // namespace musegan
