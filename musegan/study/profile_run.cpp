#include "musegan/study/profile_run.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <memory>
#include <optional>

#include "musegan/study/random_training.hpp"
#include "musegan/study/statistics.hpp"
#include "musegan/study/update_clock.hpp"
#include "tensor/activity_trace.hpp"
#include "tensor/arena.hpp"
#include "tensor/backend.hpp"
#include "tensor/error.hpp"
#include "tensor/parallel.hpp"
#include "tensor/recorder.hpp"
#include "tensor/timeline.hpp"

namespace musegan {

namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

class ProfileRun {
  public:
    ProfileRun(const ProfiledUpdates& what, const ProfileOptions& options)
        : what_(what), options_(options), backend_(tensor::backend(what.device)) {}

    Profile run() {
        profile_.machine = backend_.facts().description;
        profile_.device = what_.device.to_string();
        profile_.precision = name_of(what_.precision);
        profile_.threads = tensor::thread_count();
        start_trace();
        tell("roofs", 0);
        profile_.roofs =
            options_.known_roofs ? *options_.known_roofs : tensor::measure_roofs(what_.device, options_.roofs);
        recorder_.emplace(what_.device, trace_.get(), options_.per_thread);
        updates_ = what_.prepare();
        backend_.arena().reset_peak();
        for (int k = 0; k < options_.warm_up && !stopped(); ++k) {
            tell("warm-up", k);
            for (const ProfiledUpdate& update : updates_) {
                update.run();
                backend_.synchronize();
            }
        }
        profile_.memory = memory_use();
        clock_.emplace(what_.device, options_.queue);  // only now: it has memory of its own
        for (int k = 0; k < options_.rounds && !stopped(); ++k) {
            tell("round", k);
            measure_round();
        }
        if (rounds_.empty()) tensor::fail("profile", "stopped before a round was measured");
        profile_.rows = rows_of(rounds_);
        profile_.timeline = std::move(rounds_.back());
        if (!idle_.empty()) profile_.idle_share = median(idle_);
        return std::move(profile_);
    }

  private:
    void tell(const char* what, int done) const {
        if (options_.progress) options_.progress(what, done, options_.rounds);
    }
    bool stopped() const { return options_.stop_requested && options_.stop_requested(); }

    /// A GPU's own trace if there is one, else events and the reason; the CPU's clock has no better one.
    void start_trace() {
        profile_.clock = what_.device.kind == tensor::DeviceKind::cpu ? "CPU clock" : "CUDA events";
        if (!options_.trace) return;
        try {
            trace_ = backend_.make_activity_trace();
            if (trace_) profile_.clock = "CUPTI";
        } catch (const tensor::Error& error) {
            profile_.note = error.what();
        }
    }

    void measure_round() {
        double span = 0, busy = 0;
        for (const ProfiledUpdate& update : updates_) measure(update, span, busy);
        if (span > 0) idle_.push_back(1 - busy / span);
        std::vector<ProfileSpan> spans;
        double begin = 0;
        for (const ProfiledUpdate& update : updates_) {
            const double took = observe(update, begin, spans);
            (update.name == "critic" ? profile_.observed_critic_ms : profile_.observed_generator_ms).push_back(took);
            begin += took;
        }
        if (!rounds_.empty() && rounds_.front().size() != spans.size())
            tensor::fail("profile", "{} parts in one round, {} in another, expected the same", spans.size(),
                         rounds_.front().size());
        rounds_.push_back(std::move(spans));
    }

    /// An update while nobody observes. Where the device is traced, adds how long its queue of updates took from the
    /// first launch to the last, and how long something ran of that.
    void measure(const ProfiledUpdate& update, double& span, double& busy) {
        const bool critic = update.name == "critic";
        UpdateTimes times;
        if (clock_->queues()) {
            clock_->measure_alone(update.run, times);
            clock_->measure_device(update.run, times);
            if (trace_) trace_->take();  // what ran before the queue
            clock_->measure_queued(update.run, times);
        } else {
            clock_->measure(update.run, times);
        }
        issued_ms_ = times.alone.host.back();
        const auto append = [](std::vector<double>& list, const std::vector<double>& more) {
            list.insert(list.end(), more.begin(), more.end());
        };
        append(critic ? profile_.critic_ms : profile_.generator_ms, times.queued);
        AloneTimes& alone = critic ? profile_.critic_alone : profile_.generator_alone;
        append(alone.latency, times.alone.latency);
        append(alone.host, times.alone.host);
        append(alone.device, times.alone.device);
        if (!trace_) return;
        const tensor::Timeline timeline = tensor::timeline_of(trace_->take());
        span += timeline.span_ms;
        busy += timeline.busy_ms;
    }

    /// Runs an update part by part, which begins so many milliseconds after its round; returns its own milliseconds.
    double observe(const ProfiledUpdate& update, double begin, std::vector<ProfileSpan>& spans) {
        backend_.synchronize();
        if (!trace_) clock_->keep_busy(3 * issued_ms_ + 10);  // issuing with marks takes longer
        const Clock::time_point start = Clock::now();
        {
            const tensor::ObserverScope observed(&*recorder_);
            update.run();
        }
        backend_.synchronize();
        const double took = milliseconds_since(start);
        for (const tensor::Record& record : recorder_->take()) {
            const tensor::Scope& scope = record.scope;
            spans.push_back({.words = {.update = update.name,
                                       .phase = scope.phase,
                                       .layer = scope.layer,
                                       .operation = scope.operation,
                                       .kernel = *scope.kernel ? scope.kernel : scope.operation},
                             .start = begin + record.start,
                             .milliseconds = record.milliseconds,
                             .flops = record.flops,
                             .bytes = record.bytes,
                             .launch = record.launch,
                             .threads = record.threads});
        }
        return took;
    }

    MemoryUse memory_use() const {
        const tensor::BytesByPurpose& peak = backend_.arena().statistics().peak_for;
        const auto bytes = [&](tensor::Purpose purpose) { return tensor::bytes_for(purpose, peak); };
        using tensor::Purpose;
        return {.weights = bytes(Purpose::weights),
                .moments = bytes(Purpose::moments),
                .data = bytes(Purpose::data),
                .activations = bytes(Purpose::values),
                .masks = bytes(Purpose::masks),
                .workspace = bytes(Purpose::workspace)};
    }

    const ProfiledUpdates& what_;
    const ProfileOptions& options_;
    std::vector<ProfiledUpdate> updates_;
    const tensor::Backend& backend_;
    Profile profile_;
    std::unique_ptr<tensor::ActivityTrace> trace_;
    std::optional<UpdateClock> clock_;
    std::optional<tensor::Recorder> recorder_;
    std::vector<std::vector<ProfileSpan>> rounds_;
    std::vector<double> idle_;
    double issued_ms_ = 0;
};

}  // namespace

Profile measure_updates(const ProfiledUpdates& what, const ProfileOptions& options) {
    return ProfileRun(what, options).run();
}

Profile profile_training(const TrainingSettings& settings, const ProfileOptions& options) {
    std::optional<Training> training;
    const auto prepare = [&] {
        training.emplace(random_training(settings));
        return std::vector<ProfiledUpdate>{{"critic", [&] { training->update_critic(); }},
                                           {"generator", [&] { training->update_generator(); }}};
    };
    Profile profile = measure_updates({settings.device, settings.execution.precision, prepare}, options);
    profile.work = work_of(settings);
    profile.how = how_of(settings);
    profile.batch = settings.batch;
    profile.critic_steps = settings.critic_steps;
    profile.has_penalty = settings.objective.has_penalty();
    profile.forward_flops = critic_update_flops(*training) / (profile.has_penalty ? 10.0 : 6.0);
    return profile;
}

}  // namespace musegan
