// Losses and slopes along training as a picture.
#pragma once

#include <string>
#include <vector>

#include "musegan/figures/picture.hpp"
#include "musegan/training/log_table.hpp"

namespace musegan {

/// A run's log and what it is called.
struct TitledLog {
    std::string title{};  ///< empty for none
    LogTable log{};
};

/// One chart below the other, raw pale and median filtered strong: the critic's loss, negated, and its Wasserstein
/// estimate; its slopes' mean and deviation, and the 1 that the penalty wants, dashed; the penalty; the generators'
/// loss. Of critics per track each has a curve in its track's colour: the estimate, the mean slope, and so on. What no
/// log has is left out.
///
/// Several runs stand side by side, each under its title, on the same axes. Throws Error for no run and for a log
/// without steps.
Picture loss_figure(const std::vector<TitledLog>& runs);

}  // namespace musegan
