// The parts of an update, in the words of scopes (tensor/scope.hpp): in profiles, NVTX ranges and out-of-memory
// messages.
#pragma once

#include <string_view>

namespace musegan::phases {

inline constexpr const char* data = "data";  ///< phrases and random numbers drawn
inline constexpr const char* generator_forward = "generator forward";
inline constexpr const char* generator_backward = "generator backward";
inline constexpr const char* generator_adam = "generator Adam";
inline constexpr const char* average = "average of weights";

// The critic's passes (CriticPasses): one kind of phrases after the other ...
inline constexpr const char* forward_fake = "critic forward, fake";
inline constexpr const char* forward_real = "critic forward, real";
inline constexpr const char* forward_interpolated = "critic forward, interpolated";
inline constexpr const char* backward_fake = "critic backward, fake";
inline constexpr const char* backward_real = "critic backward, real";
// ... or several as one batch.
inline constexpr const char* forward_scores = "critic forward, fake and real";
inline constexpr const char* forward_all = "critic forward, fake, real and interpolated";
inline constexpr const char* backward_scores = "critic backward, fake and real";

inline constexpr const char* penalty_slopes = "penalty slopes";      ///< the gradient by the phrases, and its norms
inline constexpr const char* penalty_backward = "penalty backward";  ///< the gradient of the penalty by the weights
inline constexpr const char* critic_adam = "critic Adam";

/// Which share of a phase's time is spent for the penalty; `forward_all` has three kinds of phrases, one of them the
/// penalty's.
inline double penalty_share(std::string_view phase) {
    if (phase == forward_interpolated || phase == penalty_slopes || phase == penalty_backward) return 1.0;
    return phase == forward_all ? 1.0 / 3.0 : 0.0;
}

/// Which share of a phase's time is the backward pass of the scores of one batch of phrases, on average over real and
/// generated ones.
inline double scores_backward_share(std::string_view phase) {
    return phase == backward_fake || phase == backward_real || phase == backward_scores ? 0.5 : 0.0;
}

}  // namespace musegan::phases
