// One run: a critic, and perhaps a generator, trained on points of the plane.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "musegan/figures/field_figure.hpp"
#include "musegan/toy/row_error.hpp"
#include "musegan/toy/toy_record.hpp"

namespace musegan {

/// The plane as it is drawn.
inline constexpr PlaneGrid toy_plane{.reach = 2.4, .cells = 60};
/// The moments of a run that are drawn, as names, and after how many of its updates they are.
inline constexpr std::array toy_stages{"1/16 of the updates", "1/4 of the updates", "all updates"};
std::array<std::int64_t, 3> stage_updates(std::int64_t updates);

/// What a run leaves. After a number that is not finite it has ended: no weight is one any more.
struct ToyRun {
    std::string name;
    ToySettings settings;
    std::vector<ToyRecord> records;             ///< finite ones, from update 0 on, about 40
    std::vector<FieldPanel> stages;             ///< one per name of toy_stages; empty of values after the end
    std::optional<RowError> row_error;          ///< at the end
    std::optional<std::int64_t> broken_update;  ///< the first, counted from 1, with a number that is not finite
    double distance_floor = 0.0;                ///< musegan::distance_floor
    double seconds = 0.0;                       ///< by the clock
};

/// Runs with the same records, in groups, each by its places in `runs`, in the order of their first ones. Equal numbers
/// all along mean that what differs in the settings has changed nothing.
std::vector<std::vector<std::size_t>> groups_of_equal(const std::vector<ToyRun>& runs);

/// Runs `settings`. `after_update` is told the updates done, after each one; what it throws ends the run.
///
/// An update: `critic_updates` times a fresh batch of real and fake points and a step of the critic, and, where there
/// is one, a step of the generator on fresh latents with the loss -E D(G(z)). Every step is Adam's, with decays 0.5 and
/// 0.9. The same settings and device give the same numbers, for any number of threads.
ToyRun run_toy(const std::string& name, const ToySettings& settings, tensor::Device device,
               const std::function<void(std::int64_t)>& after_update = {});

}  // namespace musegan
