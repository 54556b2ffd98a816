#include "musegan/study/profile_growth.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <numeric>

#include "musegan/networks/architecture.hpp"
#include "musegan/networks/preset_plans.hpp"
#include "musegan/networks/streams.hpp"
#include "musegan/study/statistics.hpp"
#include "tensor/error.hpp"
#include "tensor/random.hpp"
#include "tensor/units.hpp"

namespace musegan {

std::vector<double> growth_sizes(Growth growth) {
    switch (growth) {
        case Growth::batch: return {2, 4, 8, 16, 32};
        case Growth::width: return {0.0625, 0.125, 0.25, 0.5, 1};
        case Growth::bars: return {4, 6, 8, 12, 16};
        case Growth::track_count: break;
    }
    return {1, 2, 3, 4, 5};
}

namespace {

/// The critic of phrases of any number of bars and of up to five tracks, which are random, and one update's gradients.
class LoneCritic {
  public:
    explicit LoneCritic(const TrainingSettings& settings)
        : settings_(settings),
          execution_(settings.execution),
          weights_(stream_for(settings.seed, Stream::weights)),
          critic_(make(settings.model)) {
        tensor::RandomStream stream = stream_for(settings.seed, Stream::latents);
        const PhraseShape& shape = settings.model.shape;
        const auto phrases = [&] {
            return tensor::random_uniform(stream, {settings.batch, shape.steps(), shape.pitches, shape.tracks, 1},
                                          settings.dtype, settings.device);
        };
        batch_ = {phrases(), phrases(),
                  tensor::random_uniform(stream, {settings.batch}, settings.dtype, settings.device)};
    }
    void run() {
        const tensor::ExecutionScope execution(execution_);
        critic_gradients(critic_, batch_, settings_.objective, settings_.passes);
    }
    double forward_flops() const { return critic_.flops(settings_.batch); }

  private:
    Critic make(const ModelConfig& config) {
        std::vector<int> tracks(static_cast<std::size_t>(config.shape.tracks));
        std::iota(tracks.begin(), tracks.end(), 0);
        return Critic(config, {"", tracks, critic_plan(config, tracks)}, weights_, settings_.dtype, settings_.device);
    }

    TrainingSettings settings_;
    tensor::Execution execution_;
    tensor::RandomStream weights_;
    Critic critic_;
    CriticBatch batch_;
};

Profile profile_critic(const TrainingSettings& settings, const ProfileOptions& options) {
    std::unique_ptr<LoneCritic> critic;
    const auto prepare = [&] {
        critic = std::make_unique<LoneCritic>(settings);
        return std::vector<ProfiledUpdate>{{"critic", [&] { critic->run(); }}};
    };
    return measure_updates({settings.device, settings.execution.precision, prepare}, options);
}

/// A whole number from `least` to `most`.
int whole(Growth growth, double size, int least, int most) {
    const bool is_whole = size == std::floor(size) && size >= least && size <= most;
    if (!is_whole)
        tensor::fail("profile", "{} {}, expected a whole number from {} to {}", tensor::name_of(growth), size, least,
                     most);
    return static_cast<int>(size);
}

Profile profile_at(TrainingSettings settings, Growth growth, double size, const ProfileOptions& options) {
    switch (growth) {
        case Growth::batch: settings.batch = whole(growth, size, 2, 65536); return profile_training(settings, options);
        case Growth::width: settings.model.width = size; return profile_training(settings, options);
        case Growth::bars: settings.model.shape.bars = whole(growth, size, 4, 64); break;
        case Growth::track_count: settings.model.shape.tracks = whole(growth, size, 1, n_tracks); break;
    }
    return profile_critic(settings, options);
}

GrowthPoint point_of(double size, const Profile& profile) {
    GrowthPoint point{.size = size,
                      .milliseconds = median(profile.critic_ms) + median(profile.generator_ms),
                      .bytes = profile.memory.total() - profile.memory.data,
                      .parts = group_rows(profile, ProfileGrouping::operation)};
    for (const ProfileRow& part : point.parts) {
        point.flops += part.flops;
        point.floors.push_back(profile.floor_of(part));
    }
    return point;
}

}  // namespace

PowerLaw fit_power_law(const std::vector<double>& sizes, const std::vector<double>& values) {
    if (sizes.size() != values.size() || sizes.size() < 2)
        tensor::fail("profile", "{} sizes and {} values, expected as many, of at least two", sizes.size(),
                     values.size());
    double x = 0, y = 0, xx = 0, xy = 0;
    for (std::size_t k = 0; k < sizes.size(); ++k) {
        if (!(sizes[k] > 0) || !(values[k] > 0))
            tensor::fail("profile", "{} at size {}, expected positive numbers", values[k], sizes[k]);
        const double a = std::log(sizes[k]), b = std::log(values[k]);
        x += a;
        y += b;
        xx += a * a;
        xy += a * b;
    }
    const auto count = static_cast<double>(sizes.size());
    const double spread_of_sizes = count * xx - x * x;
    if (!(spread_of_sizes > 0)) tensor::fail("profile", "one size alone, expected at least two that differ");
    const double exponent = (count * xy - x * y) / spread_of_sizes;
    return {std::exp((y - exponent * x) / count), exponent};
}

GrowthReport measure_growth(TrainingSettings settings, Growth growth, std::vector<double> sizes,
                            ProfileOptions options) {
    std::sort(sizes.begin(), sizes.end());
    sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
    if (sizes.size() < 2)
        tensor::fail("profile", "{} size to grow by, expected at least two that differ", sizes.size());
    GrowthReport report{.growth = growth, .machine = {}, .points = {}, .time = {}, .arithmetic = {}, .memory = {}};
    std::vector<double> times, flops, bytes;
    const auto told = options.progress;
    for (std::size_t k = 0; k < sizes.size(); ++k) {
        if (told)
            options.progress = [&, k](const std::string& what, int done, int of) {
                told(fmt::format("{} {}, {}", tensor::name_of(growth), sizes[k], what), static_cast<int>(k) * of + done,
                     static_cast<int>(sizes.size()) * of);
            };
        const Profile profile = profile_at(settings, growth, sizes[k], options);
        options.known_roofs = profile.roofs;
        report.machine = profile.machine;
        report.points.push_back(point_of(sizes[k], profile));
        times.push_back(report.points.back().milliseconds);
        flops.push_back(report.points.back().flops);
        bytes.push_back(static_cast<double>(report.points.back().bytes));
    }
    report.time = fit_power_law(sizes, times);
    report.arithmetic = fit_power_law(sizes, flops);
    report.memory = fit_power_law(sizes, bytes);
    return report;
}

namespace {

/// The operator to which most of the difference is due between what `b` takes and what it would take if everything had
/// grown from `a` as the arithmetic did.
struct Cause {
    std::string operation;
    double before = 0, after = 0;
    Bound bound{};
};
Cause cause_of(const GrowthPoint& a, const GrowthPoint& b, double ratio, bool is_slower) {
    std::map<std::string, double> before;
    for (const ProfileRow& part : a.parts) before[part.words.operation] = part.milliseconds();
    Cause cause;
    double largest = -1;
    for (std::size_t k = 0; k < b.parts.size(); ++k) {
        const std::string& operation = b.parts[k].words.operation;
        const double excess = b.parts[k].milliseconds() - ratio * before[operation];
        const double size = is_slower ? excess : -excess;
        if (size > largest) {
            largest = size;
            cause = {operation, before[operation], b.parts[k].milliseconds(), b.floors[k].bound};
        }
    }
    return cause;
}

double local_exponent(double size_a, double size_b, double a, double b) {
    return std::log(b / a) / std::log(size_b / size_a);
}

}  // namespace

std::string growth_text(const GrowthReport& report) {
    constexpr double tolerance = 0.1;  // of an exponent
    const char* const name = tensor::name_of(report.growth);
    std::string text = fmt::format("  {:>8} {:>12} {:>12} {:>10} {:>12} {:>10}\n", name, "ms per round", "GFLOP/s",
                                   "exponent", "of GFLOP", "tensors");
    std::string where;
    for (std::size_t k = 0; k < report.points.size(); ++k) {
        const GrowthPoint& b = report.points[k];
        std::string exponent = "-", arithmetic = "-";
        if (k > 0) {
            const GrowthPoint& a = report.points[k - 1];
            const double of_time = local_exponent(a.size, b.size, a.milliseconds, b.milliseconds);
            const double of_flops = local_exponent(a.size, b.size, a.flops, b.flops);
            exponent = fmt::format("{:.2f}", of_time);
            arithmetic = fmt::format("{:.2f}", of_flops);
            if (std::abs(of_time - of_flops) > tolerance) {
                const double ratio = b.flops / a.flops;
                const Cause cause = cause_of(a, b, ratio, of_time > of_flops);
                where += fmt::format(
                    "From {} to {} it takes {:.2f} times what arithmetic alone would make of it, most of all by {} "
                    "({:.3g} ms, then {:.3g} ms; bound by {}).\n",
                    a.size, b.size, b.milliseconds / (ratio * a.milliseconds), cause.operation, cause.before,
                    cause.after, name_of(cause.bound));
            }
        }
        text += fmt::format("  {:>8} {:>12.3f} {:>12.1f} {:>10} {:>12} {:>10}\n", b.size, b.milliseconds,
                            b.flops / b.milliseconds * 1e-6, exponent, arithmetic,
                            tensor::bytes_text(static_cast<double>(b.bytes)));
    }
    text += fmt::format("\nTime grows with {} to the power of {:.2f}, arithmetic to {:.2f}, memory to {:.2f}.\n", name,
                        report.time.exponent, report.arithmetic.exponent, report.memory.exponent);
    return text + (where.empty() ? "Between all neighbouring sizes time grows as the arithmetic does.\n" : where);
}

}  // namespace musegan
