#include "musegan/study/profile_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "musegan/study/statistics.hpp"
#include "musegan/training/phases.hpp"
#include "tensor/units.hpp"

namespace musegan {

namespace {

using tensor::bytes_text;
using tensor::flops_text;

/// "548 ms", "5.48 ms", "0.548 ms": three digits.
std::string time_text(double milliseconds) {
    if (milliseconds >= 10000) return fmt::format("{:.3g} s", milliseconds * 1e-3);
    return milliseconds >= 100 ? fmt::format("{:.0f} ms", milliseconds) : fmt::format("{:.3g} ms", milliseconds);
}

std::string range_text(const std::vector<double>& times) {
    const auto [least, most] = std::minmax_element(times.begin(), times.end());
    return fmt::format("{} ({} to {})", time_text(median(times)), time_text(*least), time_text(*most));
}

std::string percent(double share) { return fmt::format("{:.0f} %", 100 * share); }

/// "conv3d_weight_gradient in critic.conv2".
std::string name_of_part(const ProfileWords& words) {
    return words.layer.empty() ? words.kernel : fmt::format("{} in {}", words.kernel, words.layer);
}

double median_ratio(const std::vector<double>& a, const std::vector<double>& b) {
    std::vector<double> ratios;
    for (std::size_t k = 0; k < std::min(a.size(), b.size()); ++k)
        if (b[k] > 0) ratios.push_back(a[k] / b[k]);
    return median(ratios);
}

/// Of a device that queues: what an update is made of when nothing overlaps.
std::string alone_words(const Profile& profile) {
    const AloneTimes& alone = profile.critic_alone;
    if (profile.device == "cpu" || alone.latency.empty() || alone.host.empty() || alone.device.empty()) return "";
    return fmt::format(
        " These are times in a queue of updates. Alone, from an idle device to an idle device, a critic update takes "
        "{}: the host issues it in {}, the device works for {}.",
        range_text(alone.latency), time_text(median(alone.host)), time_text(median(alone.device)));
}

std::string cost_words(const Profile& profile) {
    std::string text = fmt::format("Of {} rounds on {}: a critic update takes {}", profile.critic_ms.size(),
                                   profile.machine, range_text(profile.critic_ms));
    if (!profile.generator_ms.empty()) {
        const double step =
            static_cast<double>(profile.critic_steps) * median(profile.critic_ms) + median(profile.generator_ms);
        text += fmt::format(", a generator update {}; a training step, {} critic updates and one of the generator, {}",
                            range_text(profile.generator_ms), profile.critic_steps, time_text(step));
    }
    return text + "." + alone_words(profile);
}

std::string penalty_words(const Profile& profile) {
    if (!profile.has_penalty) return "There is no gradient penalty.";
    const PenaltyCost cost = penalty_cost(profile);
    return fmt::format(
        "The gradient penalty takes {} of the critic update's {} ({}): {} for the forward pass on interpolated "
        "phrases, {} for the slopes, {} for its own backward pass. That is {:.2f} times a plain backward pass of as "
        "many phrases ({}); by arithmetic alone it would be 4 of 10 forward passes, 40 %, and 2 times.",
        time_text(cost.total()), time_text(cost.update), percent(cost.share()), time_text(cost.forward),
        time_text(cost.slopes), time_text(cost.backward), cost.multiple(), time_text(cost.plain_backward));
}

/// Share of an observed round that none of its parts takes.
double share_between(const Profile& profile) {
    std::vector<double> shares;
    const std::vector<double> busy = profile.busy_rounds();
    for (std::size_t k = 0; k < std::min(busy.size(), profile.observed_critic_ms.size()); ++k) {
        const double generator = profile.generator_ms.empty() ? 0 : profile.observed_generator_ms[k];
        shares.push_back(std::max(0.0, 1 - busy[k] / (profile.observed_critic_ms[k] + generator)));
    }
    return median(shares);
}

std::string floor_words(const Profile& profile) {
    std::map<Bound, double> times;
    double floor = 0;
    for (const ProfileRow& row : profile.rows) {
        const Floor least = profile.floor_of(row);
        times[least.bound] += row.milliseconds();
        floor += least.milliseconds;
    }
    const double busy = profile.busy();
    std::string text = fmt::format(
        "The parts of a round take {} in sum; each at its own bound, they would take {}: {:.2f} times the floor. "
        "{} of the time is in parts bound by arithmetic, {} by memory, {} by the start of a call.",
        time_text(busy), time_text(floor), floor > 0 ? busy / floor : 0, percent(times[Bound::arithmetic] / busy),
        percent(times[Bound::memory] / busy), percent(times[Bound::launch] / busy));
    if (profile.forward_flops > 0 && profile.roofs.f32_gflops > 0) {
        const double passes = profile.has_penalty ? 10 : 6, flops = passes * profile.forward_flops;
        const double roof = profile.product_gflops();
        const double arithmetic = flops / roof * 1e-6;
        text += fmt::format(
            " The arithmetic of a critic update, {:.0f} F = {} at {:.0f} GFLOP/s, would take {}: the update takes "
            "{:.2f} times that.",
            passes, flops_text(flops), roof, time_text(arithmetic), median(profile.critic_ms) / arithmetic);
    }
    if (profile.idle_share) text += fmt::format(" The device is idle for {} of a round.", percent(*profile.idle_share));
    else if (profile.device == "cpu")
        text += fmt::format(" Between the parts, {} of a round passes: the tape, shapes, memory.",
                            percent(share_between(profile)));
    return text;
}

std::string memory_words(const Profile& profile) {
    const MemoryUse& use = profile.memory;
    const auto text = [](std::int64_t bytes) { return bytes_text(static_cast<double>(bytes)); };
    return fmt::format(
        "Tensors take {} at their peak: {} activations and gradients, {} masks, {} weights, {} moments of Adam, {} "
        "data ({} phrases of random bits), {} workspace.",
        text(use.total()), text(use.activations), text(use.masks), text(use.weights), text(use.moments), text(use.data),
        4 * profile.batch, text(use.workspace));
}

std::string reason(const Profile& profile, const ProfileRow& row) {
    const Floor floor = profile.floor_of(row);
    switch (floor.bound) {
        case Bound::arithmetic:
            return fmt::format("{:.3g} of {:.3g} GFLOP/s", row.gflops(),
                               row.gflops() / std::max(1e-12, profile.share_of_bound(row)));
        case Bound::memory:
            return fmt::format("{:.3g} of {:.3g} GB/s", row.gb_s(),
                               profile.roofs.copy_rate(row.bytes / static_cast<double>(row.calls)));
        case Bound::launch: break;
    }
    return fmt::format("{} calls of {}, of which starting takes {}", row.calls, time_text(row.mean()),
                       time_text(profile.roofs.start_ms));
}

std::string improvement_words(const Profile& profile) {
    std::string text = "To improve first:";
    int number = 0;
    for (const Candidate& each : candidates(profile, 3))
        text += fmt::format(
            "{} {}. {}, {} ({} of a round), bound by {}: {}, which is {} of that; at most {} ({}) to gain",
            number == 0 ? "" : ";", number + 1, name_of_part(each.row.words), time_text(each.row.milliseconds()),
            percent(each.row.milliseconds() / profile.busy()), name_of(profile.floor_of(each.row).bound),
            reason(profile, each.row), percent(1 - each.gain / each.row.milliseconds()), time_text(each.gain),
            percent(each.gain / profile.busy())),
            ++number;
    return text + ".";
}

std::string observing_words(const Profile& profile) {
    std::string text = fmt::format("Measured by: {}", profile.clock);
    if (!profile.note.empty()) text += fmt::format(" ({})", profile.note);
    if (profile.clock == "CUPTI") text += ", which traced while whole updates and roofs were timed, too";
    // Both from an idle device to an idle device.
    const auto costs = [](const std::vector<double>& observed, const AloneTimes& alone, const auto& queued) {
        return median_ratio(observed, alone.latency.size() == observed.size() ? alone.latency : queued);
    };
    text += fmt::format(". An observed critic update takes {:.3f} times as long as one that nobody observes",
                        costs(profile.observed_critic_ms, profile.critic_alone, profile.critic_ms));
    if (!profile.generator_ms.empty())
        text += fmt::format(", a generator update {:.3f} times",
                            costs(profile.observed_generator_ms, profile.generator_alone, profile.generator_ms));
    return text + ".";
}

}  // namespace

PenaltyCost penalty_cost(const Profile& profile) {
    PenaltyCost cost;
    for (const ProfileRow& row : profile.rows) {
        if (row.words.update != "critic") continue;
        const std::string& phase = row.words.phase;
        const double time = row.milliseconds();
        cost.update += time;
        if (phase == phases::penalty_slopes) cost.slopes += time;
        else if (phase == phases::penalty_backward) cost.backward += time;
        else cost.forward += phases::penalty_share(phase) * time;
        cost.plain_backward += phases::scores_backward_share(phase) * time;
    }
    return cost;
}

std::vector<Candidate> candidates(const Profile& profile, std::size_t most) {
    // The same kernel in the same layer, whatever the phase: whoever makes it faster does so for all of them.
    std::map<ProfileWords, std::pair<std::vector<ProfileRow>, double>> parts;
    for (const ProfileRow& row : profile.rows) {
        auto& [rows, gain] = parts[{.layer = row.words.layer, .kernel = row.words.kernel}];
        gain += std::max(0.0, row.milliseconds() - profile.floor_of(row).milliseconds);
        rows.push_back(row);
    }
    std::vector<Candidate> sorted;
    for (auto& [words, part] : parts) {
        for (ProfileRow& row : part.first) row.words = words;
        sorted.push_back({group_rows(part.first, ProfileGrouping::all).front(), part.second});
    }
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const Candidate& a, const Candidate& b) { return a.gain > b.gain; });
    if (sorted.size() > most) sorted.resize(most);
    return sorted;
}

std::vector<std::string> profile_words(const Profile& profile) {
    return {cost_words(profile),   penalty_words(profile),     floor_words(profile),
            memory_words(profile), improvement_words(profile), observing_words(profile)};
}

}  // namespace musegan
