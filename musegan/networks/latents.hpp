// The random vectors of phrases, and what can be done with them as points of a space: draw, redraw in part, lie
// between.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "musegan/networks/architecture.hpp"
#include "tensor/philox.hpp"
#include "tensor/tensor.hpp"

namespace musegan {

using tensor::Device;
using tensor::DType;
using tensor::Tensor;

/// One random vector of a model: a kind, and the track if it is private to one.
struct LatentSlot {
    LatentKind kind;
    int track = -1;  ///< -1 for a shared one
    /// "z", "z_it of bass".
    std::string name() const;
};

/// The vectors of a model in the order in which they are drawn: kind by kind, private ones track by track.
std::vector<LatentSlot> latent_slots(const Architecture& architecture);

/// The random vectors of N phrases: [N, length] per slot of the model, in that order.
struct Latents {
    std::vector<Tensor> vectors;

    std::int64_t phrases() const { return vectors.front().shape()[0]; }

    /// Draws all of them from `stream`, normal with that deviation.
    static Latents draw(tensor::RandomStream& stream, std::int64_t phrases, const Architecture& architecture,
                        DType dtype = DType::f32, Device device = Device::cpu(), double deviation = latent_deviation);
};

}  // namespace musegan
