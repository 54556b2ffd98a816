#include "musegan/training/forecast.hpp"

#include <algorithm>

#include "tensor/error.hpp"
#include "tensor/units.hpp"

namespace musegan {

namespace {

constexpr std::size_t enough_steps = 10;
constexpr double enough_seconds = 10;
constexpr double least_factor = 1.5;

double median(std::vector<double> values) {
    std::ranges::sort(values);
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace

double step_flops(const TrainingSettings& settings, const Rehearsal& rehearsal, std::int64_t step) {
    return static_cast<double>(settings.critic_updates(step)) * rehearsal.critic_update_flops +
           rehearsal.generator_update_flops;
}

Forecast::Forecast(const TrainingSettings& settings, const Rehearsal& rehearsal, std::int64_t first, std::int64_t last)
    : settings_(settings), rehearsal_(rehearsal), first_(first), last_(last), done_(first) {}

std::optional<RunCost> Forecast::step(double seconds) {
    const std::int64_t step = done_++;
    if (is_told_ || step == first_) return std::nullopt;
    paces_.push_back(seconds / step_flops(settings_, rehearsal_, step));
    timed_seconds_ += seconds;
    if (paces_.size() < enough_steps && timed_seconds_ < enough_seconds) return std::nullopt;
    is_told_ = true;
    if (done_ >= last_) return std::nullopt;
    return cost();
}

RunCost Forecast::cost() const {
    double all = 0, left = 0;
    for (std::int64_t step = first_; step < last_; ++step) {
        const double flops = step_flops(settings_, rehearsal_, step);
        all += flops;
        if (step >= done_) left += flops;
    }
    const double pace = median(paces_);
    return {last_ - first_, pace * all, pace * left};
}

std::string moment_text(const std::tm& moment, const std::tm& now) {
    const std::string time = fmt::format("{:02}:{:02}", moment.tm_hour, moment.tm_min);
    if (moment.tm_year == now.tm_year && moment.tm_yday == now.tm_yday) return time;
    return fmt::format("{} on {}-{:02}-{:02}", time, moment.tm_year + 1900, moment.tm_mon + 1, moment.tm_mday);
}

std::string cost_text(const RunCost& cost, const std::string& moment) {
    return fmt::format("about {} per step: {} steps take {}, done at about {}",
                       tensor::pace_text(cost.seconds_per_step()), tensor::count_text(cost.steps),
                       tensor::duration_text(cost.seconds), moment);
}

std::string Shortcut::text() const {
    return fmt::format("a new run with {} has about {:.{}f} times less arithmetic per step", options, factor,
                       factor < 10 ? 1 : 0);
}

namespace {

/// That of a run with other settings, if it saves enough.
std::optional<Shortcut> shortcut_to(TrainingSettings other, std::string options, double flops) {
    other.passes = CriticPasses::preferred;
    try {
        other.validate();
        const double factor = flops / step_flops(other, rehearse(other, other.batch), 0);
        if (factor >= least_factor) return Shortcut{std::move(options), factor};
    } catch (const tensor::Error&) {
        // A model that these networks cannot make.
    }
    return std::nullopt;
}

}  // namespace

std::optional<Shortcut> shortcut(const TrainingSettings& settings, const Rehearsal& rehearsal) {
    const double flops = step_flops(settings, rehearsal, 0);
    const Preset& compact = preset_named("compact");
    if (settings.device.kind != tensor::DeviceKind::cuda && !(settings.model.preset == compact)) {
        TrainingSettings other = settings;
        other.model.preset = compact;
        other.model.latents = {.total = settings.model.latents.total, .deviation = settings.model.latents.deviation};
        std::string options = "--preset compact";
        if (std::ranges::find(compact.grids, settings.model.shape.steps_per_beat) == compact.grids.end()) {
            other.model.shape.steps_per_beat = compact.grids.front();
            options += fmt::format(" --steps-per-beat {}", compact.grids.front());
        }
        if (auto found = shortcut_to(std::move(other), std::move(options), flops)) return found;
    }
    TrainingSettings narrower = settings;
    narrower.model.width /= 2;
    return shortcut_to(narrower, fmt::format("--width {}", narrower.model.width), flops);
}

}  // namespace musegan
