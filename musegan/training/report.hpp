// The numbers that a step of training leaves, a row per critic.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace musegan {

/// Of the last update of one critic, and the generator update after it.
struct CriticReport {
    std::string name{};  ///< of the track that the critic sees; "" for the one critic of all tracks
    double real_score = 0, fake_score = 0;
    double score_loss = 0;  ///< fake_loss + real_loss (losses.hpp); of Wasserstein's loss fake_score - real_score
    double penalty = 0, slope_mean = 0, slope_deviation = 0;  ///< 0 without a penalty
    double generator_loss = 0;                                ///< by this critic

    /// score_loss + penalty.
    double critic_loss() const;
    /// E D(x) - E D(G(z)): with Wasserstein's loss the critic's estimate of the distance, up to its Lipschitz constant.
    double wasserstein() const;
    bool operator==(const CriticReport&) const = default;
};

struct StepReport {
    std::int64_t step = 0;  ///< generator updates done
    std::vector<CriticReport> critics{};

    // Sums over the critics, as the losses of a model are.
    double critic_loss() const;
    double wasserstein() const;
    double generator_loss() const;
    /// The mean over the critics, of which there is one or more.
    double slope_mean() const;
};

}  // namespace musegan
