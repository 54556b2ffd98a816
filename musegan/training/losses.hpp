// What critics and generators are trained on: losses of scores, and the penalty of slopes.
//
//                      critic                                    generator          source
//     wasserstein      E f - E r                                 -E f               Arjovsky et al. 2017
//     hinge            E max(0, 1 + f) + E max(0, 1 - r)         -E f               Lim and Ye 2017
//     non_saturating   E log(1 + e^f) + E log(1 + e^-r)          E log(1 + e^-f)    Goodfellow et al. 2014
//
// f are the scores of generated phrases, r those of real ones. The critic's loss has the penalty as its third term:
//
//     two sides        weight E (slope - 1)^2                    Gulrajani et al. 2017, eq. 3
//     one side         weight E max(0, slope - 1)^2              the same, section 4, which prefers two
#pragma once

#include <array>

#include "autograd/variable.hpp"

namespace musegan {

enum class Loss { wasserstein, hinge, non_saturating };
constexpr auto enum_names(Loss) { return std::array{"wasserstein", "hinge", "non_saturating"}; }

/// Which slopes are penalised: all but 1, or those above 1.
enum class PenaltySides { two, one };
constexpr auto enum_names(PenaltySides) { return std::array{"two", "one"}; }

/// WGAN-GP by itself.
struct Objective {
    Loss loss = Loss::wasserstein;
    double penalty_weight = 10.0;  ///< 0: no penalty, and no slopes are computed
    PenaltySides penalty_sides = PenaltySides::two;

    bool has_penalty() const { return penalty_weight > 0.0; }
};

// Scalars of scores [N].

/// The critic's term of generated phrases.
autograd::Variable fake_loss(Loss loss, const autograd::Variable& scores);
/// The critic's term of real ones.
autograd::Variable real_loss(Loss loss, const autograd::Variable& scores);
/// The generator's, of the scores of its own phrases.
autograd::Variable generator_loss(Loss loss, const autograd::Variable& scores);
/// The penalty, with its weight, of slopes [N].
autograd::Variable gradient_penalty(const autograd::Variable& slopes, const Objective& objective);

}  // namespace musegan
