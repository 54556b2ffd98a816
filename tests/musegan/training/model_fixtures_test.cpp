// All six models against PyTorch in f64: three critic updates and one generator update of each, and the state after
// them (tests/fixtures/README.md, "The six models").
#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

#include "tensor/rearrange.hpp"
#include "tests/musegan/training/replay.hpp"
#include "tests/support/fixture.hpp"

namespace {

using musegan::Condition;
using musegan::MultiTrackModel;
using support::Fixture;
using support::fixture_tolerance;
using support::has_zero_gradient;
using support::losses_of;
using support::within;
using tensor::Tensor;

struct Case {
    const char* fixture;
    MultiTrackModel model;
    Condition condition;
    double width;

    musegan::ModelConfig config() const { return {model, condition, width, {}, {}}; }
};

constexpr std::array cases{
    Case{"jamming", MultiTrackModel::jamming, Condition::none, 1.0 / 16},
    Case{"jamming_given_drums", MultiTrackModel::jamming, Condition::drums, 1.0 / 8},
    Case{"composer", MultiTrackModel::composer, Condition::none, 1.0 / 16},
    Case{"composer_given_piano", MultiTrackModel::composer, Condition::piano, 1.0 / 8},
    Case{"hybrid", MultiTrackModel::hybrid, Condition::none, 1.0 / 16},
    Case{"hybrid_given_bass", MultiTrackModel::hybrid, Condition::bass, 1.0 / 8},
};

constexpr std::int64_t critic_steps = 3;
/// Of a gradient that is zero but for rounding, which is some 1e-14 here.
constexpr double rounding = 1e-12;

layers::Parameters all_parameters(const musegan::Model& model, const std::vector<musegan::Critic>& critics) {
    layers::Parameters all = model.parameters();
    all.append(musegan::parameters_of(critics));
    return all;
}

/// The gradients of one network in its first update.
std::string gradient_mismatch(const Fixture& fixture, const layers::Parameters& parameters,
                              const std::vector<Tensor>& gradients) {
    std::string differences;
    for (std::size_t i = 0; i < gradients.size(); ++i) {
        const std::string& name = parameters.trainable[i].name;
        if (!has_zero_gradient(name)) differences += fixture.mismatch("gradient/" + name, gradients[i]);
        else if (!within(gradients[i], rounding)) differences += name + " has a gradient\n";
    }
    return differences;
}

/// Parameters and running statistics after all updates.
std::string state_mismatch(const Fixture& fixture, const layers::Parameters& parameters, double rate) {
    std::string differences;
    for (const layers::Parameter& parameter : parameters.trainable) {
        const Tensor& value = parameter.variable.value();
        if (!has_zero_gradient(parameter.name)) differences += fixture.mismatch("state/" + parameter.name, value);
        // Adam divides the gradient by its epsilon of 1e-8.
        else if (!within(value, rate * rounding / 1e-8)) differences += parameter.name + " moved\n";
    }
    for (const layers::NamedTensor& statistic : parameters.statistics)
        differences += fixture.mismatch("state/" + statistic.name, statistic.tensor);
    return differences;
}

void check_updates(const Case& c) {
    const Fixture fixture(c.fixture);
    const musegan::TrainingSettings settings = support::replay_settings(c.config(), critic_steps);
    support::Replay replay(settings);
    for (std::int64_t step = 0; step < critic_steps; ++step) {
        CAPTURE(step);
        const support::Replay::CriticUpdate update = replay.update_critics();
        std::vector<double> losses;
        for (const musegan::CriticGradients& critic : update.critics)
            for (const double number : losses_of(critic)) losses.push_back(number);
        CHECK(support::mismatch("critic_losses", losses, fixture.row("critic_losses", step), 0, fixture_tolerance) ==
              "");
        if (step > 0) continue;
        CHECK(fixture.mismatch("fake", update.fake) == "");
        for (std::size_t k = 0; k < update.critics.size(); ++k)
            CHECK(gradient_mismatch(fixture, replay.critics()[k].parameters(), update.critics[k].gradients) == "");
    }
    const musegan::GeneratorGradients update = replay.update_generators();
    std::vector<double> losses;
    for (const Tensor& loss : update.losses) losses.push_back(loss.item());
    CHECK(support::mismatch("generator_losses", losses, fixture.values("generator_losses"), 0, fixture_tolerance) ==
          "");
    CHECK(gradient_mismatch(fixture, replay.model().parameters(), update.gradients) == "");
    CHECK(state_mismatch(fixture, all_parameters(replay.model(), replay.critics()), settings.adam.rate) == "");
    // What rounding did to biases in front of batch norm is taken out with the mean in training, not in inference.
    for (const layers::Parameter& parameter : replay.model().parameters().trainable)
        if (has_zero_gradient(parameter.name))
            support::put(tensor::scale(parameter.variable.value(), 0.0), parameter.variable.value());
    CHECK(fixture.mismatch("inference", replay.infer()) == "");
}

/// All trainable values, one after the other.
Tensor joined(const layers::Parameters& parameters) {
    std::vector<Tensor> parts;
    for (const layers::Parameter& parameter : parameters.trainable)
        parts.push_back(parameter.variable.value().reshape({parameter.variable.value().elements()}));
    return tensor::concat(parts, 0);
}

void check_training(const Case& c) {
    const Fixture fixture(c.fixture);
    const musegan::TrainingSettings settings = support::replay_settings(c.config(), critic_steps);
    musegan::Training training(settings, support::replay_data());
    const layers::Parameters parameters = all_parameters(training.model(), training.critics());
    CHECK(fixture.mismatch("start", joined(parameters)) == "");
    support::enlarge_weights(parameters);

    const musegan::StepReport report = training.step();
    std::vector<double> critic_row, generator_row;
    for (const musegan::CriticReport& critic : report.critics) {
        for (const double number :
             {critic.critic_loss(), critic.real_score, critic.fake_score, critic.penalty, critic.slope_mean})
            critic_row.push_back(number);
        generator_row.push_back(critic.generator_loss);
    }
    // The fixture has seven numbers per critic: three slopes where a report has their mean.
    const std::vector<double> last = fixture.row("critic_losses", critic_steps - 1);
    std::vector<double> expected;
    for (std::size_t i = 0; i < last.size(); i += 7) {
        expected.insert(expected.end(), &last[i], &last[i + 4]);
        expected.push_back((last[i + 4] + last[i + 5] + last[i + 6]) / 3);
    }
    CHECK(support::mismatch("critic_losses", critic_row, expected, 0, fixture_tolerance) == "");
    CHECK(support::mismatch("generator_losses", generator_row, fixture.values("generator_losses"), 0,
                            fixture_tolerance) == "");
    CHECK(state_mismatch(fixture, parameters, settings.adam.rate) == "");
}

}  // namespace

TEST_CASE("fixtures: three critic updates and one generator update of each model") {
    for (const Case& c : cases) SUBCASE(c.fixture) check_updates(c);
}

TEST_CASE("fixtures: Training of each model starts alike, draws alike and arrives at the same state") {
    for (const Case& c : cases) SUBCASE(c.fixture) check_training(c);
}

TEST_CASE("fixtures: each model has as many parameters at full width as the papers' tables say") {
    for (const Case& c : cases) {
        CAPTURE(c.fixture);
        musegan::ModelConfig config = c.config();
        config.width = 1.0;
        tensor::RandomStream random{};
        const musegan::Model model(config, random, tensor::DType::f32, tensor::Device::dry());
        const auto critics = musegan::make_critics(config, random, tensor::DType::f32, tensor::Device::dry());
        const std::vector<double> expected = Fixture(c.fixture).values("full_width_parameters");
        CHECK(static_cast<double>(model.parameters().count()) == expected[0]);
        CHECK(static_cast<double>(musegan::parameters_of(critics).count()) == expected[1]);
    }
}
