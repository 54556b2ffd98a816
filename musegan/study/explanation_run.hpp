// Explaining one critic update: the update that training runs, observed, with a number at every operator.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "musegan/networks/critic.hpp"
#include "musegan/study/explanation.hpp"
#include "musegan/training/wgan_gp.hpp"

namespace musegan {

/// The critic that is explained, and the tables of which it was made: the same network is made again on the reference
/// device.
struct ExplainedCritic {
    const ModelConfig& config;
    const Critic& critic;
    std::size_t index = 0;  ///< among the model's critics
};

struct ExplainOptions {
    std::string model, real, generated;  ///< in words, for the heading
    std::uint64_t seed = 0;              ///< of the random directions
    bool ways = false;                   ///< penalty_ways.hpp, too
    bool lessons = true;
    /// Complex multiplications that finding numbers another way may take: those of some 12 s on two cores.
    double most_products = 1.2e10;
    /// Memory that the values of the update may take; 0: what is free.
    std::int64_t most_bytes = 0;
    std::function<void(const std::string& what, int done, int of)> progress{};  ///< told before each part; may be empty
    std::function<bool()> stop_requested{};  ///< asked before each part; Error("[explain] interrupted") if so
};

/// Throws Error for an objective without a penalty, and where the values of an update need more memory than there is,
/// naming both. `phrases` is the shape of those that critic number `index` sees. Nothing is computed and nothing
/// allocated: the dry device counts.
void require_room(const ModelConfig& config, std::size_t index, const tensor::Shape& phrases,
                  const Objective& objective, const ExplainOptions& options, Device device);

/// Runs critic_gradients on phrases that the critic sees (CriticBatch::seen_by), in f64 and one kind of phrases after
/// the other, without pairs of layers as one operator and masks as bits, and says what happened. Throws Error for an
/// objective without a penalty, for phrases that are not f64, and for an update whose values need more memory than
/// there is, naming both.
Explanation explain_update(const ExplainedCritic& what, const CriticBatch& batch, const Objective& objective,
                           const ExplainOptions& options = {});

}  // namespace musegan
