#include "musegan/toy/toy_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "musegan/toy/toy_training.hpp"

namespace musegan {

namespace {

constexpr std::int64_t recorded_moments = 40;
constexpr std::int64_t drawn_points = 256;
constexpr std::int64_t rows_in_error = 16;

/// The critic in inference mode: with batch norm, a value of one point alone.
std::vector<double> values_on_plane(const ToyTraining& training, const ToySettings& settings, tensor::Device device) {
    std::vector<PlanePoint> places;
    for (int k = 0; k < toy_plane.values(); ++k) places.push_back(toy_plane.point(k));
    const autograd::NoGrad no_grad;
    const layers::Variable points(tensor_of(places, settings.dtype, device));
    return training.critic()(points, layers::Mode::inference).value().values<double>();
}

FieldPanel panel_of(const ToyTraining& training, const ToyRun& run, tensor::Device device) {
    const ToyRecord& record = run.records.back();
    ToyStreams streams = ToyStreams::measuring(run.settings.seed, static_cast<std::uint64_t>(record.update));
    const ToyBatch batch = training.source().draw(drawn_points, streams);
    return {fmt::format("slope {:.3g}, distance {:.3f}", record.slope_mean, record.distance),
            values_on_plane(training, run.settings, device), points_of(batch.real), points_of(batch.fake)};
}

/// Of a moment after the end.
FieldPanel broken_panel(std::int64_t update) {
    return {fmt::format("not finite from update {} on", update),
            std::vector<double>(static_cast<std::size_t>(toy_plane.values()), std::numeric_limits<double>::quiet_NaN()),
            {},
            {}};
}

RowError row_error_of(const ToyTraining& training, const ToySettings& settings) {
    ToyStreams streams = ToyStreams::measuring(settings.seed, static_cast<std::uint64_t>(settings.updates));
    const ToyBatch batch = training.source().draw(rows_in_error, streams);
    return row_error(training.critic(), batch.penalised(settings.penalty_at));
}

/// Adds what is to be kept of the moment after `update` updates. False where it is not finite.
bool keep(const ToyTraining& training, std::int64_t update, tensor::Device device, ToyRun& run) {
    const std::array<std::int64_t, 3> drawn = stage_updates(run.settings.updates);
    const std::int64_t every = std::max<std::int64_t>(run.settings.updates / recorded_moments, 1);
    const auto due = std::ranges::count(drawn, update);
    if (update % every != 0 && due == 0) return true;
    const ToyRecord record = measure(training.critic(), training.source(), run.settings, update);
    if (!record.is_finite()) return false;
    run.records.push_back(record);
    if (due > 0) run.stages.resize(run.stages.size() + static_cast<std::size_t>(due), panel_of(training, run, device));
    return true;
}

}  // namespace

std::array<std::int64_t, 3> stage_updates(std::int64_t updates) {
    return {std::max<std::int64_t>(updates / 16, 1), std::max<std::int64_t>(updates / 4, 1), updates};
}

std::vector<std::vector<std::size_t>> groups_of_equal(const std::vector<ToyRun>& runs) {
    std::vector<std::vector<std::size_t>> groups;
    for (std::size_t r = 0; r < runs.size(); ++r) {
        const auto equal = [&](const auto& group) {
            const ToyRun& first = runs[group.front()];
            return first.records == runs[r].records && first.broken_update == runs[r].broken_update;
        };
        const auto group = std::ranges::find_if(groups, equal);
        if (group == groups.end()) groups.push_back({r});
        else group->push_back(r);
    }
    return groups;
}

ToyRun run_toy(const std::string& name, const ToySettings& settings, tensor::Device device,
               const std::function<void(std::int64_t)>& after_update) {
    const auto begin = std::chrono::steady_clock::now();
    ToyRun run;
    run.name = name;
    run.settings = settings;
    run.distance_floor = distance_floor(settings);
    ToyTraining training(run.settings, device);
    if (!keep(training, 0, device, run)) run.broken_update = 1;
    for (std::int64_t update = 1; update <= settings.updates && !run.broken_update; ++update) {
        if (!training.update() || !keep(training, update, device, run)) run.broken_update = update;
        if (after_update) after_update(update);
    }
    if (run.broken_update) run.stages.resize(toy_stages.size(), broken_panel(*run.broken_update));
    else run.row_error = row_error_of(training, settings);
    run.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return run;
}

}  // namespace musegan
