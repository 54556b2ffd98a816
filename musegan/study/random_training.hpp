// Training without a dataset: what an update costs does not depend on what the phrases hold.
#pragma once

#include "musegan/training/training.hpp"

namespace musegan {

/// A run with fresh weights on four batches of random packed phrases with 3 cells in 100 on. Its update_critic() and
/// update_generator() return when all work has been issued; wait for the device before reading a clock. Throws Error as
/// Training does.
Training random_training(const TrainingSettings& settings);

/// FLOPs in which a critic update is counted: 10 forward passes of each critic (bench/README.md), 6 without a penalty.
double critic_update_flops(const Training& training);

}  // namespace musegan
