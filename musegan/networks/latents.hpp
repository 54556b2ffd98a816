// The random vectors of phrases, and what can be done with them as points of a space: draw, redraw in part, lie
// between.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
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

    /// Draws all of them from `stream`, normal with the architecture's deviation times `temperature`.
    static Latents draw(tensor::RandomStream& stream, std::int64_t phrases, const Architecture& architecture,
                        DType dtype = DType::f32, Device device = Device::cpu(), double temperature = 1.0);
};

/// The vectors of `fresh` for the slots that are `chosen`, those of `base` for all others: redrawn in part. Throws
/// Error unless both have the vectors of that architecture.
Latents redrawn(const Latents& base, const Latents& fresh, const Architecture& architecture,
                const std::function<bool(const LatentSlot&)>& chosen);

/// How one gets from a point to another, vector by vector:
///     linear     (1 - t) a + t b
///     spherical  sin((1 - t) w) / sin(w) a + sin(t w) / sin(w) b, w the angle between a and b. The linear way passes
///                nearer to 0 than its ends do; this one turns, and if a and b have one length, so has all between.
///                Its limit for w -> 0 is the linear one, which is taken where sin(w) < 10^-7: for parallel vectors,
///                for opposite ones, between which no direction of turning is given, and where one of them is 0.
enum class Way { linear, spherical };
constexpr auto enum_names(Way) { return std::array{"linear", "spherical"}; }

/// The point at t, 0 to 1, on the way from a (t = 0) to b (t = 1); these two to the bit. Each phrase's part of each
/// vector goes its own way, computed in f64. Throws Error for another t, and for latents that do not match.
Latents between(const Latents& a, const Latents& b, double t, Way way);

/// The point at (s, t), each 0 to 1, of the surface that four points span: with corners a, b, c, d, the point at t
/// between that at s between a and b, and that at s between c and d. The linear way gives the bilinear surface
///     (1 - s)(1 - t) a + s (1 - t) b + (1 - s) t c + s t d.
Latents between(const std::array<Latents, 4>& corners, double s, double t, Way way);

}  // namespace musegan
