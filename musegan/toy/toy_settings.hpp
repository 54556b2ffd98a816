// What decides the numbers of a toy run.
#pragma once

#include <array>

#include "io/settings.hpp"
#include "layers/stack.hpp"
#include "musegan/toy/plane_data.hpp"
#include "musegan/training/wgan_gp.hpp"

namespace musegan {

/// Where fake points come from: a generator that is trained, or real points plus noise of deviation 1 along each axis,
/// so that the critic alone is trained, as in the paper's figure 1.
enum class ToyFake { generator, noise };
constexpr auto enum_names(ToyFake) { return std::array{"generator", "noise"}; }

/// What holds the critic's slope.
///
/// - penalty: the gradient penalty, WGAN-GP.
/// - none: nothing.
/// - clipping: its weights are kept in [-clip, clip], as in WGAN (Arjovsky, Chintala, Bottou 2017). The scales and
///   shifts of norms are weights, too.
/// - cut: the penalty, but of slopes taken without create_graph: the loss has the same value, and no weight feels it.
enum class ToyConstraint { penalty, none, clipping, cut };
constexpr auto enum_names(ToyConstraint) { return std::array{"penalty", "none", "clipping", "cut"}; }

/// Where the slope is penalised, and measured.
enum class PenaltyPlace { interpolated, real, fake };
constexpr auto enum_names(PenaltyPlace) { return std::array{"interpolated", "real", "fake"}; }

struct ToySettings {
    PlaneData data = PlaneData::eight_gaussians;
    ToyFake fake = ToyFake::generator;
    ToyConstraint constraint = ToyConstraint::penalty;
    Objective objective{.loss = Loss::wasserstein, .penalty_weight = 1.0, .penalty_sides = PenaltySides::two};
    double slope_epsilon = musegan::slope_epsilon;  ///< under the root of the slope's length
    PenaltyPlace penalty_at = PenaltyPlace::interpolated;
    double clip = 0.1;
    layers::Norm critic_norm = layers::Norm::none;
    layers::Activation activation = layers::Activation::leaky_relu;  ///< of the critic's hidden layers
    std::int64_t width = 64;
    std::int64_t layers = 3;
    std::int64_t batch = 256;
    std::int64_t updates = 800;
    std::int64_t critic_updates = 5;
    double learning_rate = 1e-3;
    std::uint64_t seed = 0;
    tensor::DType dtype = tensor::DType::f32;
};

/// All of them, each with an option of its name.
io::SettingList settings_of(ToySettings& settings);

}  // namespace musegan
