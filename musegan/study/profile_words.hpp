// A profile in words: what its user wants to know first.
#pragma once

#include <string>
#include <vector>

#include "musegan/study/profile.hpp"

namespace musegan {

/// What the gradient penalty costs in a critic update.
struct PenaltyCost {
    double forward = 0;         ///< milliseconds of its forward pass on x^
    double slopes = 0;          ///< of the gradient by x^ and its norms
    double backward = 0;        ///< of the gradient of the penalty by the weights
    double update = 0;          ///< of all parts of the update
    double plain_backward = 0;  ///< of the backward pass of the scores of as many phrases

    double total() const { return forward + slopes + backward; }
    double share() const { return update > 0 ? total() / update : 0; }
    /// How many plain backward passes it costs; by arithmetic 4 F / 2 F = 2.
    double multiple() const { return plain_backward > 0 ? total() / plain_backward : 0; }
};
PenaltyCost penalty_cost(const Profile& profile);

/// One thing to improve: all calls of a kernel (on a CPU: operator) in a layer.
struct Candidate {
    ProfileRow row;
    double gain = 0;  ///< milliseconds per round that it could save at most: its time above its floor
};
/// Those with the largest gains, the largest first.
std::vector<Candidate> candidates(const Profile& profile, std::size_t most);

/// Paragraphs: what an update costs; the penalty's share and its multiple of a plain backward pass; how far from the
/// floor; where the memory is; what to improve first, why, and by how much at most; what observing costs.
std::vector<std::string> profile_words(const Profile& profile);

}  // namespace musegan
