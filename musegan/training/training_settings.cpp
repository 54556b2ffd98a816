// What decides the numbers of a run, said once: files, the resume check and the command line follow from these lists.
#include "musegan/training/training.hpp"

#include <algorithm>

#include "tensor/error.hpp"

namespace musegan {

namespace {

bool critic_has_batch_norm(const ModelConfig& model) {
    const Architecture architecture = architecture_of(model);
    for (const TrackNetwork& critic : architecture.critics)
        for (const layers::Part& part : critic.plan.parts)
            if (std::ranges::find(part.rows, layers::Norm::batch, &layers::LayerRow::norm) != part.rows.end())
                return true;
    return false;
}

}  // namespace

io::SettingList settings_of(TrainingSettings& s) {
    io::SettingList list;
    list.include(settings_of(s.model));
    list.number<std::int64_t>("batch", s.batch, {2, 65536},
                              "Phrases per update, two or more: batch norm takes its statistics over them");
    list.number<std::int64_t>("critic_steps", s.critic_steps, {1, 10000}, "Critic updates per generator update");
    list.choice("schedule", s.schedule,
                "Of the critic's updates; 2017: 100 for the first 25 steps and at every 500th, critic_steps otherwise");
    list.number<double>("penalty_weight", s.objective.penalty_weight, io::at_least(0.0),
                        "Weight of the gradient penalty; 0: none")
        .option = "--penalty";
    io::SettingList other;
    other.choice("loss", s.objective.loss, "Of the scores of real and generated phrases");
    other.choice("penalty_sides", s.objective.penalty_sides, "Slopes that are penalised: all but 1, or those above 1");
    other.number<double>("clip", s.clip, {0.0, 1e6}, "Bound on the critics' weights instead of a penalty; 0: none");
    other.yes_or_no("allow_critic_batch_norm", s.allow_critic_batch_norm,
                    "Batch norm in a critic under the penalty, for study");
    other.yes_or_no("freeze_generator", s.freeze_generator, "Train the refiners alone");
    other.number<double>("average", s.average, io::below(0.0, 1.0),
                         "Decay of an average of the generators' weights, which makes the music; 0: none");
    other.number<double>("neuron_growth", s.neuron_growth, {1.0, 10.0},
                         "Factor on the slope of binary neurons per pass over the data");
    other.number<double>("neuron_steepest", s.neuron_steepest, {1.0, 1e6}, "The slope at which that ends");
    list.include(other.may_be_missing());
    list.number<double>("rate", s.adam.rate, io::above(0.0, 1.0), "Adam's learning rate, for critics and generators");
    list.number<double>("beta1", s.adam.beta1, io::below(0.0, 1.0), "Adam's decay of the first moment");
    list.number<double>("beta2", s.adam.beta2, io::below(0.0, 1.0), "Adam's decay of the second moment");
    list.number<double>("adam_epsilon", s.adam.epsilon, io::above(0.0, 1.0), "Added to the root in Adam's divisor");
    list.number<std::uint64_t>("seed", s.seed, {0, UINT64_MAX}, "The same seed, data and device give the same bits");
    io::Setting& dtype = list.choice("dtype", s.dtype, "Number type; f64 is for checking, and slow");
    dtype.expected = "f32 or f64";
    dtype.is_valid = [&s] { return tensor::is_real_number(s.dtype); };
    io::SettingList how;
    how.precision(s.execution.precision);
    how.choice("fusion", s.execution.fusion, "Layers fused and masks kept as bits: where something is gained by it");
    how.yes_or_no("gather_launches", s.execution.gathers_launches, "Start an update's launches on a GPU as one graph");
    how.choice("passes", s.passes, "How real, generated and interpolated phrases go through the critic");
    list.include(how.may_be_missing());
    return list;
}

io::SettingList settings_of(TrainingCounters& counters) {
    io::SettingList list;
    // More than any run reaches.
    constexpr io::Range<std::int64_t> range{0, std::int64_t{1} << 53};
    list.number("step", counters.steps, range, "Generator updates done");
    list.number("critic_adam_steps", counters.critic_adam, range, "Steps of the critics' Adam");
    list.number("generator_adam_steps", counters.generator_adam, range, "Steps of the generators' Adam");
    list.number("batch_position", counters.batch_position, range, "Phrases drawn");
    constexpr io::Range<std::uint64_t> any{0, UINT64_MAX};
    list.number("latent_position", counters.latent_position, any, "Blocks drawn from the latents' stream");
    list.number("interpolation_position", counters.interpolation_position, any, "The same of the interpolation's");
    list.number("neuron_position", counters.neuron_position, any, "The same of the neurons'").may_be_missing = true;
    list.number("critic_updates", counters.critic_updates, {0, 10'000}, "Critic updates of the step that is under way")
        .may_be_missing = true;
    constexpr double most = std::numeric_limits<double>::max();
    for (std::size_t k = 0; k < counters.critics.size(); ++k) {
        CriticReport& row = counters.critics[k];
        const auto number = [&](const char* name, double& value) {
            list.number<double>(fmt::format("critic_{}_{}", k, name), value, {-most, most}, "Of its last update");
        };
        number("real_score", row.real_score);
        number("fake_score", row.fake_score);
        number("score_loss", row.score_loss);
        number("penalty", row.penalty);
        number("slope_mean", row.slope_mean);
        number("slope_deviation", row.slope_deviation);
    }
    return list;
}

void TrainingSettings::make_plain() {
    execution.fusion = tensor::Fusion::off;
    execution.gathers_launches = false;
    passes = CriticPasses::in_turn;
}

void TrainingSettings::validate(std::string_view where) const {
    io::validate(*this, where);
    model.validate(where);
    if (freeze_generator && (model.output == Output::tanh || model.preset.refiner.empty()))
        tensor::fail(
            where,
            "freeze_generator yes leaves nothing to train, expected a preset with a refiner and binary neurons "
            "(--preset binary --output deterministic)");
    if (objective.has_penalty() && !allow_critic_batch_norm && critic_has_batch_norm(model))
        tensor::fail(where,
                     "batch norm in a critic under the gradient penalty: it couples the phrases of a batch, and the "
                     "penalty asks for the slope of each phrase alone (--critic-norm layer does not couple them; "
                     "--penalty 0 leaves the penalty out; --allow-critic-batch-norm is for study)");
}

void TrainingCounters::validate(std::string_view where) const {
    io::validate(*this, where);
    if (generator_adam != steps)
        tensor::fail(where, "{} generator updates at step {}, expected as many", generator_adam, steps);
}

}  // namespace musegan
