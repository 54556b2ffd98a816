#include "musegan/training/training.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "musegan/training/phases.hpp"
#include "musegan/training/wgan_gp.hpp"
#include "tensor/arena.hpp"
#include "tensor/backend.hpp"
#include "tensor/clamp.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/error.hpp"
#include "tensor/flop_counter.hpp"
#include "tensor/follow.hpp"
#include "tensor/observer.hpp"
#include "tensor/packed_bits.hpp"
#include "tensor/purpose.hpp"
#include "tensor/random.hpp"
#include "tensor/rearrange.hpp"
#include "tensor/scope.hpp"

namespace musegan {

std::int64_t TrainingSettings::critic_updates(std::int64_t step) const {
    if (schedule == CriticSchedule::published_2017 && (step < 25 || step % 500 == 0))
        return std::max<std::int64_t>(100, critic_steps);
    return critic_steps;
}

namespace {

TrainingSettings validated(TrainingSettings settings) {
    settings.validate();
    tensor::require_precision(settings.execution.precision, settings.device);
    settings.model = settings.model.with_lengths();
    return settings;
}

const Tensor& checked_phrases(const Tensor& phrases, const TrainingSettings& settings) {
    phrases.require_defined("train");
    const PhraseShape& shape = settings.model.shape;
    if (phrases.dtype() != DType::u8 || phrases.shape().rank() != 2 || phrases.shape()[1] != shape.bytes())
        tensor::fail("train", "data is {} {}, expected u8 [N, {}] for a model of {}", name_of(phrases.dtype()),
                     phrases.shape().to_string(), shape.bytes(), shape.to_string());
    if (phrases.device() != settings.device)
        tensor::fail("train", "data on {}, the run on {}", phrases.device().to_string(), settings.device.to_string());
    return phrases;
}

}  // namespace

namespace {

/// A critic of several stacks, or with norms, cannot take phrases that are differentiated in parts; one with batch norm
/// would see other phrases beside each.
void require_passes(CriticPasses passes, const std::vector<Critic>& critics) {
    if (passes == CriticPasses::preferred || passes == CriticPasses::in_turn) return;
    for (const Critic& critic : critics) {
        const bool fits = passes == CriticPasses::all_together ? critic.takes_parts() : !critic.has_batch_norm();
        if (!fits)
            tensor::fail("train", "passes {}, expected {}", tensor::name_of(passes),
                         critic.has_batch_norm()
                             ? "preferred or in_turn for a critic with batch norm"
                             : "preferred, scores_together or in_turn for a critic with norms, tanh or several stacks");
    }
}

}  // namespace

Training::Training(const TrainingSettings& settings, Tensor phrases)
    : settings_(validated(settings)),
      phrases_(checked_phrases(phrases, settings)),
      weight_stream_(stream_for(settings.seed, Stream::weights)),
      latent_stream_(stream_for(settings.seed, Stream::latents)),
      interpolation_stream_(stream_for(settings.seed, Stream::interpolation)),
      neuron_stream_(stream_for(settings.seed, Stream::neurons)),
      model_(settings_.model, weight_stream_, settings.dtype, settings.device),
      critics_(make_critics(model_.architecture(), settings_.model, weight_stream_, settings.dtype, settings.device)),
      generator_adam_(trained_parameters(model_, settings.freeze_generator), settings.adam),
      critic_adam_(parameters_of(critics_), settings.adam),
      order_(phrases_.shape()[0], settings.seed),
      critic_update_{"critic update", tensor::backend(settings.device).make_repetition("critic update")},
      generator_update_{"generator update", tensor::backend(settings.device).make_repetition("generator update")},
      numbers_(critics_.size()) {
    require_passes(settings_.passes, critics_);
    if (settings_.average == 0) return;
    tensor::RandomStream unused;
    average_.emplace(settings_.model, model_.architecture(), unused, settings_.dtype, settings_.device);
    restart_average();
}

void Training::restart_average() {
    if (!average_) return;
    const std::vector<layers::NamedTensor> from = tensors_of(model_.parameters());
    std::vector<layers::NamedTensor> to = tensors_of(average_->parameters());
    for (std::size_t i = 0; i < to.size(); ++i) tensor::assign(from[i].tensor, to[i].tensor);
}

void Training::follow(const UpdateNumbers& numbers) {
    const std::vector<layers::NamedTensor> from = tensors_of(model_.parameters());
    const std::vector<layers::NamedTensor> to = tensors_of(average_->parameters());
    std::vector<tensor::FollowSlot> slots;
    for (std::size_t i = 0; i < to.size(); ++i) slots.push_back({to[i].tensor, from[i].tensor});
    tensor::follow(slots, numbers.share, numbers.held_share);
}

void Training::set_neuron_slope() {
    if (settings_.model.output == Output::tanh) return;
    const auto passes = static_cast<double>(order_.position() / phrase_count());
    const double slope = std::min(settings_.neuron_steepest, std::pow(settings_.neuron_growth, passes));
    if (slope == model_.neuron_slope()) return;
    model_.set_neuron_slope(slope);
    if (average_) average_->set_neuron_slope(slope);
    for (const Update* update : {&critic_update_, &generator_update_}) update->repetition->forget();
}

StepReport Training::step() { return *step_unless({}); }

std::optional<StepReport> Training::step_unless(const std::function<bool()>& stop) {
    const std::int64_t updates = settings_.critic_updates(steps_), before = steps_;
    while (steps_ == before) {
        if (stop && stop()) {
            if (critic_updates_ > 0) require_finite({steps_ + 1, read_numbers()});
            return std::nullopt;
        }
        if (critic_updates_ < updates) update_critic();
        else update_generator();
    }
    const tensor::PhaseScope phase("report");
    const StepReport report{steps_, read_numbers()};
    numbers_.assign(critics_.size(), {});
    resumed_critics_.clear();
    require_finite(report);
    return report;
}

void Training::update_critic() {
    const std::vector<Tensor> results = issue(critic_update_, critic_adam_, settings_.batch,
                                              [this](UpdateNumbers& numbers) { return issue_critic_update(numbers); });
    for (std::size_t k = 0; k < critics_.size(); ++k)
        numbers_[k] = {results[5 * k],     results[5 * k + 1], results[5 * k + 2],
                       results[5 * k + 3], results[5 * k + 4], {}};
    ++critic_updates_;
    set_neuron_slope();
}

void Training::update_generator() {
    // A track-conditional model is given the tracks of phrases of its own.
    const std::int64_t rows = model_.architecture().given ? settings_.batch : 0;
    const std::vector<Tensor> losses = issue(generator_update_, generator_adam_, rows, [this](UpdateNumbers& numbers) {
        return issue_generator_update(numbers);
    });
    for (std::size_t k = 0; k < critics_.size(); ++k) numbers_[k].generator_loss = losses[k];
    ++steps_;
    critic_updates_ = 0;
    set_neuron_slope();
}

namespace {

/// Mean and deviation of the slopes, if there are any.
void set_slopes(std::span<const double> slopes, CriticReport& row) {
    if (slopes.empty()) return;
    const auto count = static_cast<double>(slopes.size());
    double sum = 0, squares = 0;
    for (const double slope : slopes) sum += slope;
    row.slope_mean = sum / count;
    for (const double slope : slopes) squares += (slope - row.slope_mean) * (slope - row.slope_mean);
    row.slope_deviation = std::sqrt(squares / count);
}

}  // namespace

std::vector<CriticReport> Training::read_numbers() const {
    std::vector<Tensor> parts;
    for (const Numbers& numbers : numbers_)
        for (const Tensor* number : {&numbers.real_score, &numbers.fake_score, &numbers.score_loss, &numbers.penalty,
                                     &numbers.slopes, &numbers.generator_loss})
            if (number->defined()) parts.push_back(number->reshape({number->elements()}));
    if (parts.empty()) return resumed_critics_;
    const std::vector<double> values = tensor::concat(parts, 0).values<double>();
    std::vector<CriticReport> rows = resumed_critics_;
    rows.resize(critics_.size());
    auto next = values.begin();
    for (std::size_t k = 0; k < critics_.size(); ++k) {
        CriticReport& row = rows[k];
        row.name = critics_[k].name();
        const Numbers& numbers = numbers_[k];
        if (numbers.real_score.defined()) {
            row.real_score = *next++;
            row.fake_score = *next++;
            row.score_loss = numbers.score_loss.defined() ? *next++ : row.fake_score - row.real_score;
            row.penalty = numbers.penalty.defined() ? *next++ : 0.0;
            const auto slopes = static_cast<std::size_t>(numbers.slopes.defined() ? numbers.slopes.elements() : 0);
            set_slopes({next, slopes}, row);
            next += static_cast<std::ptrdiff_t>(slopes);
        }
        if (numbers.generator_loss.defined()) row.generator_loss = *next++;
    }
    return rows;
}

void Training::start_at_densities(std::span<const double> cells_on) {
    if (cells_on.size() != static_cast<std::size_t>(settings_.model.shape.tracks))
        tensor::fail("train", "{} densities, expected {}, one per track", cells_on.size(),
                     settings_.model.shape.tracks);
    // A neuron is on with probability sigmoid(b) = (1 + tanh(b / 2)) / 2; a refiner reads the generator's tanh.
    const bool is_neuron = settings_.model.output != Output::tanh && model_.architecture().refiners.empty();
    for (const OutputShift& output : model_.output_shifts()) {
        std::vector<double> shift;
        // A silent track would ask for minus infinity; one cell in ten thousand is as good as silent.
        for (const int track : output.tracks)
            shift.push_back(
                (is_neuron ? 2.0 : 1.0) *
                std::atanh(2.0 * std::clamp(cells_on[static_cast<std::size_t>(track)] / 100.0, 1e-4, 1.0 - 1e-4) -
                           1.0));
        Tensor target = output.shift.value();
        tensor::assign(Tensor::from(shift, target.shape()), target);
    }
    restart_average();
}

UpdateNumbers Training::next_numbers(const layers::Adam& adam, std::int64_t rows) {
    const auto update = static_cast<double>(steps_ + 1);
    return {.latents = latent_stream_,
            .interpolation = interpolation_stream_,
            .neurons = neuron_stream_,
            .rows = rows == 0 ? std::vector<std::int64_t>() : order_.next(rows),
            .corrections = adam.corrections(),
            .share = 1.0 - std::min(settings_.average, update / (update + 1.0))};
}

std::vector<Tensor> Training::issue(Update& update, layers::Adam& adam, std::int64_t rows, const UpdateWork& work) {
    const tensor::ExecutionScope execution(settings_.execution);
    const tensor::PhaseScope phase(update.name);
    const UpdateNumbers numbers = next_numbers(adam, rows);
    const std::int64_t steps = adam.steps();
    const auto run = [&](const std::uint64_t* words) {
        const UpdateNumbers before = words ? numbers.held_at(words) : numbers;
        UpdateNumbers now = before;
        adam.set_steps(steps);
        std::vector<Tensor> results = work(now);
        update.latents = now.latents.position - before.latents.position;
        update.interpolation = now.interpolation.position - before.interpolation.position;
        update.neurons = now.neurons.position - before.neurons.position;
        return results;
    };
    std::vector<Tensor> results = update.repetition->run(numbers.words(), run);
    adam.set_steps(steps + 1);
    latent_stream_.position += update.latents;
    interpolation_stream_.position += update.interpolation;
    neuron_stream_.position += update.neurons;
    return results;
}

Tensor Training::unpack_phrases(const UpdateNumbers& numbers) const {
    const PhraseShape& shape = settings_.model.shape;
    return tensor::unpack_rows(phrases_, numbers.rows, {settings_.batch, shape.steps(), shape.pitches, shape.tracks, 1},
                               settings_.dtype, numbers.held_rows);
}

Latents Training::draw_latents(UpdateNumbers& numbers) const {
    return Latents::draw(numbers.latents, settings_.batch, model_.architecture(), settings_.dtype, settings_.device);
}

std::vector<Tensor> Training::issue_critic_update(UpdateNumbers& numbers) {
    CriticBatch phrases;
    std::vector<Tensor> alphas;
    {
        const tensor::PhaseScope draw(phases::data);
        const autograd::NoGrad no_grad;
        phrases.real = unpack_phrases(numbers);
        const Latents latents = draw_latents(numbers);
        for (std::size_t k = 0; k < critics_.size(); ++k)
            alphas.push_back(
                tensor::random_uniform(numbers.interpolation, {settings_.batch}, settings_.dtype, settings_.device));
        const tensor::PhaseScope forward(phases::generator_forward);
        phrases.fake = model_(latents, given_track_of(model_.architecture(), phrases.real), pass(numbers)).value();
    }
    std::vector<Tensor> gradients, results;
    for (std::size_t k = 0; k < critics_.size(); ++k) {
        const tensor::PhaseScope draw(phases::data);
        phrases.alpha = alphas[k];
        CriticGradients found =
            critic_gradients(critics_[k], phrases.seen_by(critics_[k]), settings_.objective, settings_.passes);
        std::ranges::move(found.gradients, std::back_inserter(gradients));
        results.insert(results.end(),
                       {found.real_score, found.fake_score, found.score_loss, found.penalty, found.slopes});
    }
    const tensor::PhaseScope adam(phases::critic_adam);
    critic_adam_.step(gradients, numbers.held_corrections);
    if (settings_.clip == 0) return results;
    std::vector<Tensor> weights;
    for (const Variable& variable : parameters_of(critics_).variables()) weights.push_back(variable.value());
    tensor::clamp(weights, settings_.clip);
    return results;
}

std::vector<Tensor> Training::issue_generator_update(UpdateNumbers& numbers) {
    const tensor::PhaseScope draw(phases::data);
    Tensor given;
    if (model_.architecture().given) given = given_track_of(model_.architecture(), unpack_phrases(numbers));
    GeneratorGradients result =
        generator_gradients(model_, critics_, draw_latents(numbers), given, settings_.objective.loss, pass(numbers));
    const tensor::PhaseScope adam(phases::generator_adam);
    generator_adam_.step(result.gradients, numbers.held_corrections);
    const tensor::PhaseScope averaged(phases::average);
    if (average_) follow(numbers);
    return std::move(result.losses);
}

void Training::require_finite(const StepReport& report) const {
    // Everything that a checkpoint would hold: a moment that overflowed freezes its weight without a trace in the
    // losses.
    const std::vector<layers::NamedTensor> state = state_tensors();
    std::vector<Tensor> tensors;
    for (const layers::NamedTensor& entry : state) tensors.push_back(entry.tensor);
    if (const std::int64_t bad = tensor::first_not_finite(tensors); bad >= 0)
        tensor::fail("train", "{} is not finite at step {} (critic loss {}, generator loss {}); a smaller --rate helps",
                     state[static_cast<std::size_t>(bad)].name, report.step, report.critic_loss(),
                     report.generator_loss());
    if (!std::isfinite(report.critic_loss()) || !std::isfinite(report.generator_loss()) ||
        !std::isfinite(report.slope_mean()))
        tensor::fail("train", "a loss is not finite at step {}: critic {}, generator {}, slope {}", report.step,
                     report.critic_loss(), report.generator_loss(), report.slope_mean());
}

std::vector<layers::NamedTensor> Training::state_tensors() const {
    layers::Parameters networks = parameters_of(critics_);
    networks.append(model_.parameters());
    std::vector<layers::NamedTensor> state = tensors_of(networks);
    if (average_)
        for (const layers::NamedTensor& entry : tensors_of(average_->parameters()))
            state.push_back({average_prefix + entry.name, entry.tensor});
    for (const layers::Adam* adam : {&generator_adam_, &critic_adam_})
        for (layers::NamedTensor& moment : adam->state()) state.push_back({"adam." + moment.name, moment.tensor});
    return state;
}

TrainingCounters Training::counters() const {
    TrainingCounters counters{steps_,
                              critic_adam_.steps(),
                              generator_adam_.steps(),
                              order_.position(),
                              latent_stream_.position,
                              interpolation_stream_.position,
                              neuron_stream_.position,
                              critic_updates_};
    if (critic_updates_ > 0) counters.critics = read_numbers();
    for (CriticReport& row : counters.critics) row.name.clear();
    return counters;
}

void Training::require_counters(const TrainingCounters& counters, std::string_view where) const {
    counters.validate(where);
    if (counters.critic_updates > settings_.critic_updates(counters.steps))
        tensor::fail(where, "{} critic updates in step {}, expected at most {}", counters.critic_updates,
                     counters.steps + 1, settings_.critic_updates(counters.steps));
    if (counters.critics.size() != (counters.critic_updates > 0 ? critics_.size() : 0))
        tensor::fail(where, "numbers of {} critics after {} critic updates of a step, expected {}",
                     counters.critics.size(), counters.critic_updates,
                     counters.critic_updates > 0 ? critics_.size() : 0);
}

void Training::set_counters(const TrainingCounters& counters) {
    require_counters(counters, "train");
    steps_ = counters.steps;
    critic_updates_ = counters.critic_updates;
    numbers_.assign(critics_.size(), {});
    resumed_critics_ = counters.critics;
    critic_adam_.set_steps(counters.critic_adam);
    generator_adam_.set_steps(counters.generator_adam);
    order_.set_position(counters.batch_position);
    latent_stream_.position = counters.latent_position;
    interpolation_stream_.position = counters.interpolation_position;
    neuron_stream_.position = counters.neuron_position;
    set_neuron_slope();
}

Rehearsal rehearse(TrainingSettings settings, std::int64_t phrase_count) {
    // A run on the dry device itself goes on answering for the device that it answers for already.
    if (settings.device.kind != tensor::DeviceKind::dry) settings.execution.rehearsed = settings.device;
    settings.device = Device::dry();
    tensor::Arena& arena = tensor::arena(Device::dry());
    const std::int64_t before = arena.statistics().in_use;
    arena.reset_peak();
    Tensor phrases;
    {
        const tensor::PurposeScope purpose(tensor::Purpose::data);
        phrases = Tensor::empty({phrase_count, settings.model.shape.bytes()}, DType::u8, Device::dry());
    }
    Training training(settings, std::move(phrases));
    Rehearsal result;
    tensor::FlopCounter counter;
    const tensor::ObserverScope observed(&counter);
    training.update_critic();
    result.critic_update_flops = counter.take();
    training.update_generator();
    result.generator_update_flops = counter.take();
    result.peak_bytes = arena.statistics().peak - before;
    return result;
}

std::int64_t predicted_peak_bytes(const TrainingSettings& settings, std::int64_t phrase_count) {
    return rehearse(settings, phrase_count).peak_bytes;
}

}  // namespace musegan
