// Whole models against PyTorch in f64: three critic updates and one generator update of each, and the state after them
// (tests/fixtures/README.md, "The six models" and "The presets").
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tensor/rearrange.hpp"
#include "tests/musegan/training/replay.hpp"
#include "tests/support/fixture.hpp"

namespace support {

/// A fixture file, and the run that it holds.
struct ModelCase {
    std::string fixture;
    musegan::TrainingSettings settings;
    double gain = 1.0;  ///< factor on each critic's last weight
};

inline constexpr std::int64_t model_critic_steps = 3;

/// Of a gradient that is zero but for rounding, which is some 1e-14 here.
inline constexpr double gradient_rounding = 1e-12;

inline layers::Parameters all_parameters(const musegan::Model& model, const std::vector<musegan::Critic>& critics) {
    layers::Parameters all = model.parameters();
    all.append(musegan::parameters_of(critics));
    return all;
}

/// The gradients of one network in its first update.
inline std::string gradient_mismatch(const Fixture& fixture, const layers::Parameters& parameters,
                                     const std::vector<tensor::Tensor>& gradients) {
    if (gradients.size() != parameters.trainable.size()) return "another number of gradients than of parameters\n";
    std::string differences;
    for (std::size_t i = 0; i < gradients.size(); ++i) {
        const std::string& name = parameters.trainable[i].name;
        if (!has_zero_gradient(name, parameters)) differences += fixture.mismatch("gradient/" + name, gradients[i]);
        else if (!within(gradients[i], gradient_rounding)) differences += name + " has a gradient\n";
    }
    return differences;
}

/// Parameters and running statistics after all updates. `kind` is "state", or "average" for the average of them.
inline std::string state_mismatch(const Fixture& fixture, const layers::Parameters& parameters, double rate,
                                  const std::string& kind = "state") {
    std::string differences;
    for (const layers::Parameter& parameter : parameters.trainable) {
        const tensor::Tensor& value = parameter.variable.value();
        if (!has_zero_gradient(parameter.name, parameters))
            differences += fixture.mismatch(kind + "/" + parameter.name, value);
        // Adam divides the gradient by its epsilon of 1e-8.
        else if (!within(value, rate * gradient_rounding / 1e-8)) differences += parameter.name + " moved\n";
    }
    for (const layers::NamedTensor& statistic : parameters.statistics)
        differences += fixture.mismatch(kind + "/" + statistic.name, statistic.tensor);
    return differences;
}

/// One update at a time: losses, gradients, the state after all updates, and a batch in inference mode.
inline void check_updates(const ModelCase& c) {
    const Fixture fixture(c.fixture);
    Replay replay(c.settings, c.gain);
    for (std::int64_t step = 0; step < model_critic_steps; ++step) {
        CAPTURE(step);
        const Replay::CriticUpdate update = replay.update_critics();
        std::vector<double> losses;
        for (const musegan::CriticGradients& critic : update.critics)
            for (const double number : losses_of(critic)) losses.push_back(number);
        CHECK(mismatch("critic_losses", losses, fixture.row("critic_losses", step), 0, fixture_tolerance) == "");
        if (step > 0) continue;
        CHECK(fixture.mismatch("fake", update.fake) == "");
        for (std::size_t k = 0; k < update.critics.size(); ++k)
            CHECK(gradient_mismatch(fixture, replay.critics()[k].parameters(), update.critics[k].gradients) == "");
    }
    const musegan::GeneratorGradients update = replay.update_generators();
    std::vector<double> losses;
    for (const tensor::Tensor& loss : update.losses) losses.push_back(loss.item());
    CHECK(mismatch("generator_losses", losses, fixture.values("generator_losses"), 0, fixture_tolerance) == "");
    CHECK(gradient_mismatch(fixture, musegan::trained_parameters(replay.model(), c.settings.freeze_generator),
                            update.gradients) == "");
    CHECK(state_mismatch(fixture, all_parameters(replay.model(), replay.critics()), c.settings.adam.rate) == "");
    // What rounding did to biases in front of batch norm is taken out with the mean in training, not in inference.
    const layers::Parameters& parameters = replay.model().parameters();
    for (const layers::Parameter& parameter : parameters.trainable)
        if (has_zero_gradient(parameter.name, parameters))
            put(tensor::scale(parameter.variable.value(), 0.0), parameter.variable.value());
    CHECK(fixture.mismatch("inference", replay.infer()) == "");
}

/// All trainable values, one after the other.
inline tensor::Tensor joined(const layers::Parameters& parameters) {
    std::vector<tensor::Tensor> parts;
    for (const layers::Parameter& parameter : parameters.trainable)
        parts.push_back(parameter.variable.value().reshape({parameter.variable.value().elements()}));
    return tensor::concat(parts, 0);
}

/// What a report says of a critic, as the fixture's row of the last update has it, but for the mean of its three
/// slopes.
inline std::vector<double> reported(const musegan::CriticReport& critic, bool has_penalty) {
    std::vector<double> numbers{critic.critic_loss(), critic.real_score, critic.fake_score};
    if (has_penalty) numbers.insert(numbers.end(), {critic.penalty, critic.slope_mean});
    return numbers;
}

/// Seven numbers per critic of a row of `critic_losses`, made five: three slopes become their mean. Without a penalty
/// there are no slopes, and the row stays.
inline std::vector<double> with_mean_slopes(const std::vector<double>& row, bool has_penalty) {
    if (!has_penalty) return row;
    std::vector<double> numbers;
    for (std::size_t i = 0; i < row.size(); i += 7) {
        numbers.insert(numbers.end(), &row[i], &row[i + 4]);
        numbers.push_back((row[i + 4] + row[i + 5] + row[i + 6]) / 3);
    }
    return numbers;
}

/// The same updates as one step of musegan::Training: where it starts, what it reports, the state after it, and the
/// average of that.
inline void check_training(const ModelCase& c) {
    const Fixture fixture(c.fixture);
    musegan::Training training(c.settings, replay_data(c.settings.model.shape));
    const layers::Parameters parameters = all_parameters(training.model(), training.critics());
    CHECK(fixture.mismatch("start", joined(parameters)) == "");
    // The weights are set without a word to `training`: an average starts from the fresh ones.
    enlarge(training.model(), training.critics(), c.gain);

    const musegan::StepReport report = training.step();
    const bool has_penalty = c.settings.objective.has_penalty();
    std::vector<double> critic_row, generator_row;
    for (const musegan::CriticReport& critic : report.critics) {
        for (const double number : reported(critic, has_penalty)) critic_row.push_back(number);
        generator_row.push_back(critic.generator_loss);
    }
    const std::vector<double> expected =
        with_mean_slopes(fixture.row("critic_losses", model_critic_steps - 1), has_penalty);
    CHECK(mismatch("critic_losses", critic_row, expected, 0, fixture_tolerance) == "");
    CHECK(mismatch("generator_losses", generator_row, fixture.values("generator_losses"), 0, fixture_tolerance) == "");
    CHECK(state_mismatch(fixture, parameters, c.settings.adam.rate) == "");
    if (c.settings.average > 0)
        CHECK(state_mismatch(fixture, training.sampled_model().parameters(), c.settings.adam.rate, "average") == "");
}

/// Of the generators with encoder and refiners, and of the critics, at full width.
inline void check_parameter_counts(const ModelCase& c) {
    musegan::ModelConfig config = c.settings.model;
    config.width = 1.0;
    tensor::RandomStream random{};
    const musegan::Model model(config, random, tensor::DType::f32, tensor::Device::dry());
    const auto critics = musegan::make_critics(config, random, tensor::DType::f32, tensor::Device::dry());
    const std::vector<double> expected = Fixture(c.fixture).values("full_width_parameters");
    CHECK(static_cast<double>(model.parameters().count()) == expected[0]);
    CHECK(static_cast<double>(musegan::parameters_of(critics).count()) == expected[1]);
}

}  // namespace support
