// The state of a training run and the one thing it can do: a step.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "layers/adam.hpp"
#include "musegan/networks/critic.hpp"
#include "musegan/networks/model.hpp"
#include "musegan/networks/streams.hpp"
#include "musegan/training/batch_order.hpp"
#include "musegan/training/report.hpp"
#include "musegan/training/update_numbers.hpp"
#include "musegan/training/wgan_gp.hpp"
#include "tensor/execution.hpp"
#include "tensor/repetition.hpp"

namespace musegan {

/// How many critic updates precede each generator update.
enum class CriticSchedule {
    constant,       ///< always critic_steps
    published_2017  ///< 100 for the first 25 generator updates and at every 500th, critic_steps otherwise
};
constexpr auto enum_names(CriticSchedule) { return std::array{"constant", "2017"}; }

/// What decides the numbers of a run; two runs with equal settings, data and device have equal bits.
struct TrainingSettings {
    ModelConfig model;
    std::int64_t batch = 64;
    std::int64_t critic_steps = 5;
    CriticSchedule schedule = CriticSchedule::constant;
    Objective objective;
    double clip = 0;  ///< bound on every critic parameter, set after each of its updates; 0: none
    /// To study what batch norm does to the penalty: it couples the phrases whose own slopes the penalty wants.
    bool allow_critic_batch_norm = false;
    bool freeze_generator = false;  ///< train the refiners alone
    double average = 0;  ///< decay of the average of the model's weights that samples are drawn from; 0: none
    /// The slope of binary neurons is neuron_growth^(whole passes over the data), at most neuron_steepest.
    double neuron_growth = 1.1, neuron_steepest = 10;
    layers::AdamOptions adam;
    std::uint64_t seed = 0;
    DType dtype = DType::f32;
    /// How the operators compute. `rehearsed` counts only where `device` is the dry one.
    tensor::Execution execution;
    CriticPasses passes = CriticPasses::preferred;
    Device device;

    /// To study the plain path: no fusion, no masks as bits, no gathering of launches, one pass after the other.
    void make_plain();
    /// Throws Error("[where] ...") for a value out of its range (settings_of), for a model that does not validate, for
    /// a frozen generator without a refiner, and for batch norm in a critic under a penalty, unless it is allowed.
    void validate(std::string_view where = "train") const;
    /// Critic updates before generator update number `step` (counted from 0).
    std::int64_t critic_updates(std::int64_t step) const;
};

/// All but the device, which is no property of a run.
io::SettingList settings_of(TrainingSettings& settings);

/// How far a run has come, beside its tensors.
struct TrainingCounters {
    std::int64_t steps = 0, critic_adam = 0, generator_adam = 0, batch_position = 0;
    std::uint64_t latent_position = 0, interpolation_position = 0, neuron_position = 0;
    std::int64_t critic_updates = 0;  ///< of the step that is under way
    /// Where one is under way, what its last critic update left for the report: a row per critic, without a generator's
    /// loss and without names.
    std::vector<CriticReport> critics{};

    /// Throws Error("[where] ...") unless each lies in its range and generator updates are as many as steps.
    void validate(std::string_view where) const;
    bool operator==(const TrainingCounters&) const = default;
};
/// All of them, as a state file keeps them; of `critics` the rows that are there.
io::SettingList settings_of(TrainingCounters& counters);

/// Before the names of an average's tensors in a state.
inline constexpr const char* average_prefix = "average.";

class Training {
  public:
    /// Networks with fresh weights. `phrases` is the packed data, u8 [N, bytes of a phrase of settings.model.shape], on
    /// settings.device. Throws Error for settings that do not validate, passes that the critics cannot take, a
    /// precision that the device does not have, or data of another shape.
    Training(const TrainingSettings& settings, Tensor phrases);

    /// The critics' updates of the schedule, then one generator update. Throws Error naming the first tensor that is
    /// not finite; the parameters are then no longer of use, and a checkpoint must not be written.
    StepReport step();
    /// The same, or the rest of a step that is under way; but asks `stop` before each update, and where it says yes,
    /// ends there and returns nothing. The state is then that of a training inside a step, to be saved and resumed to
    /// the same bits. Throws Error likewise.
    std::optional<StepReport> step_unless(const std::function<bool()>& stop);
    /// The two halves of a step, for whoever times or studies one of them: each issues all the work of one update and
    /// waits for none of it. step() is the schedule's critic updates, one generator update, and the report.
    void update_critic();
    void update_generator();
    std::int64_t steps() const { return steps_; }
    /// Of the step that is under way.
    std::int64_t critic_updates() const { return critic_updates_; }
    /// Sets the bias b of each generator's last layer (Model::output_shifts) so that, where the layer adds nothing else
    /// to it, the output of track m has the mean of a track with cells_on[m] % of its cells on
    /// (TrackDensity::cells_on): tanh(b) = 2 cells_on / 100 - 1, or sigmoid(b) = cells_on / 100 in front of a neuron.
    /// Starts nearer to the data than the paper's b = 0. Throws Error for another number of tracks.
    void start_at_densities(std::span<const double> cells_on);

    const TrainingSettings& settings() const { return settings_; }
    const Model& model() const { return model_; }
    /// The model that music is made with: that of the averaged weights, if there is an average. After update number k
    /// it has moved by the share 1 - min(average, k / (k + 1)) towards the model: a plain mean at first.
    const Model& sampled_model() const { return average_ ? *average_ : model_; }
    const std::vector<Critic>& critics() const { return critics_; }
    std::int64_t phrase_count() const { return phrases_.shape()[0]; }
    /// How the updates were issued so far, of the critics and of the generator.
    const tensor::RepetitionCounts& critic_update_counts() const { return critic_update_.repetition->counts(); }
    const tensor::RepetitionCounts& generator_update_counts() const { return generator_update_.repetition->counts(); }

    /// An average, if there is one, starts at the model as it is now: for whoever has set its weights.
    void restart_average();

    /// Everything that a resumed run needs besides the settings: tensors by name (they share the live storage) ...
    std::vector<layers::NamedTensor> state_tensors() const;
    /// ... and counters.
    TrainingCounters counters() const;
    /// Throws Error("[where] ...") for counters that do not validate, and for a position inside a step that this
    /// training cannot be in.
    void require_counters(const TrainingCounters& counters, std::string_view where) const;
    /// Throws Error likewise, before changing anything.
    void set_counters(const TrainingCounters& counters);

  private:
    /// The numbers of a step while they are still on the device. Reading one makes the host wait until the device has
    /// finished all that was issued before, so they are read once, at the end of the step.
    struct Numbers {
        Tensor real_score, fake_score, score_loss, penalty, slopes, generator_loss;
    };
    /// The rows of the last critic update and, if it is done, of the generator update after it.
    std::vector<CriticReport> read_numbers() const;
    /// One of the two updates as a device may keep it: the same operators each time, with other numbers.
    struct Update {
        const char* name;
        std::unique_ptr<tensor::Repetition> repetition;
        /// How far each stream goes on in an update.
        std::uint64_t latents = 0, interpolation = 0, neurons = 0;
    };
    using UpdateWork = std::function<std::vector<Tensor>(UpdateNumbers&)>;
    /// The numbers of the next update of that optimiser, which takes `rows` phrases of the data.
    UpdateNumbers next_numbers(const layers::Adam& adam, std::int64_t rows);
    /// Issues the next update of that optimiser, and returns what the work does.
    std::vector<Tensor> issue(Update& update, layers::Adam& adam, std::int64_t rows, const UpdateWork& work);
    /// Phrases of the data, [N, T, P, M, 1].
    Tensor unpack_phrases(const UpdateNumbers& numbers) const;
    Latents draw_latents(UpdateNumbers& numbers) const;
    /// Operators alone: neither reads anything back from the device, and what they leave on the host is not relied on,
    /// since a device may start what they launched again without them. Each returns the Numbers of every critic.
    std::vector<Tensor> issue_critic_update(UpdateNumbers& numbers);
    std::vector<Tensor> issue_generator_update(UpdateNumbers& numbers);
    /// Moves the average by a share.
    void follow(const UpdateNumbers& numbers);
    /// The slope of neurons follows from how often the data was passed.
    void set_neuron_slope();
    Pass pass(UpdateNumbers& numbers) const { return {Mode::training, &numbers.neurons, settings_.freeze_generator}; }
    void require_finite(const StepReport& report) const;

    TrainingSettings settings_;
    Tensor phrases_;
    tensor::RandomStream weight_stream_, latent_stream_, interpolation_stream_, neuron_stream_;
    Model model_;
    std::optional<Model> average_;
    std::vector<Critic> critics_;
    layers::Adam generator_adam_, critic_adam_;
    BatchOrder order_;
    Update critic_update_, generator_update_;
    std::vector<Numbers> numbers_;               ///< beside critics_
    std::vector<CriticReport> resumed_critics_;  ///< in place of the numbers of an update before a resume
    std::int64_t steps_ = 0, critic_updates_ = 0;
};

/// What a step costs, found by running one on the dry device, which decides as settings.device would.
struct Rehearsal {
    /// Of tensors at the peak, with `phrase_count` phrases of data: exact on a CPU. Of what a GPU's operators take for
    /// themselves only convolutions' is in it.
    std::int64_t peak_bytes = 0;
    /// Arithmetic of all operators of one critic update (of every critic) and of one generator update.
    double critic_update_flops = 0, generator_update_flops = 0;
};
Rehearsal rehearse(TrainingSettings settings, std::int64_t phrase_count);
/// The peak alone.
std::int64_t predicted_peak_bytes(const TrainingSettings& settings, std::int64_t phrase_count);

}  // namespace musegan
