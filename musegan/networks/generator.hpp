// The composer's generator: G_temp makes a latent for each bar, G_bar turns each into a bar of five tracks. AAAI 2018,
// section 3 and online appendix (tables of G_temp and G_bar).
#pragma once

#include <vector>

#include "layers/batch_norm.hpp"
#include "layers/conv3d.hpp"
#include "layers/dense.hpp"
#include "musegan/networks/model_config.hpp"

namespace musegan {

using autograd::Batch;
using autograd::Variable;
using layers::Builder;
using layers::Mode;
using tensor::Device;
using tensor::DType;
using tensor::Tensor;

/// One transposed convolution with its batch norm and ReLU.
class GrowingLayer {
  public:
    GrowingLayer(const Builder& builder, const tensor::Extents& input, const layers::TransposedSpec& spec);
    Variable operator()(const Variable& x, Mode mode) const;
    const tensor::Extents& output() const { return convolution_.output(); }

  private:
    const char* name_;
    layers::TransposedConv3d convolution_;
    layers::BatchNorm norm_;
};

/// G_temp: one vector into a sequence of four. z_t [N, L] -> [N, 4, L].
class TemporalGenerator {
  public:
    TemporalGenerator(const Builder& builder, std::int64_t latent_length, const ModelConfig& config);
    Variable operator()(const Variable& latent, Mode mode) const;

  private:
    std::vector<GrowingLayer> layers_;
};

/// G_bar: [N, L] -> a bar [N, T, P, M, 1] in (-1, 1), T = 96 steps and P = 84 pitches in the paper. On a coarser grid
/// it has the layers in time that the grid asks for (table in musegan/networks/README.md).
class BarGenerator {
  public:
    BarGenerator(const Builder& builder, std::int64_t latent_length, std::int64_t track_count,
                 const ModelConfig& config);
    Variable operator()(const Variable& latent, Mode mode) const;
    /// Of the last layer, before tanh: one number per track, [M, 1].
    const Variable& output_bias() const { return last_.front().bias(); }

  private:
    std::int64_t first_channels_;
    layers::Dense dense_;
    layers::BatchNorm dense_norm_;
    std::vector<GrowingLayer> layers_;
    std::vector<layers::TransposedConv3d> last_;  ///< exactly one; built after the others know its input extents
};

/// The random vectors of N phrases: shared [N, 64], temporal [N, 64], normal with deviation latent_deviation.
struct Latents {
    Tensor shared, temporal;
    /// Draws both from `stream`, shared first.
    static Latents draw(tensor::RandomStream& stream, std::int64_t phrases, const ModelConfig& config,
                        DType dtype = DType::f32, Device device = Device::cpu());
};

class Generator {
  public:
    /// Fresh weights from `random`. Throws Error for a config that does not validate.
    Generator(const ModelConfig& config, tensor::RandomStream& random, DType dtype = DType::f32,
              Device device = Device::cpu());

    /// N phrases [N, T, P, M, 1] of config().shape in (-1, 1); the paper's are [N, 384, 84, 5, 1].
    Variable operator()(const Latents& latents, Mode mode) const;

    const layers::Parameters& parameters() const { return parameters_; }
    /// Of the last layer, before tanh: one number per track, [M, 1].
    const Variable& output_bias() const { return bar_.output_bias(); }
    const ModelConfig& config() const { return config_; }

  private:
    ModelConfig config_;
    layers::Parameters parameters_;
    TemporalGenerator temporal_;
    BarGenerator bar_;
};

}  // namespace musegan
