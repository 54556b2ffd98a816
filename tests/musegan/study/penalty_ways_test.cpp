// The penalty's derivative by reverse over reverse, forward over reverse, the complex step and differences.
#include "musegan/study/penalty_ways.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "autograd/elementwise.hpp"
#include "autograd/grad.hpp"
#include "musegan/study/explanation_source.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/random.hpp"
#include "tensor/reduce.hpp"
#include "tests/musegan/study/explanation_cases.hpp"

using namespace musegan;

namespace {

/// What the issue of exact ways asks for, and of differences.
constexpr double exact = 1e-10, of_differences = 1e-6;

void check_ways(const ExplainedWays& ways) {
    REQUIRE(ways.ways.size() == 4);
    for (const ExplainedDirection& direction : ways.directions) {
        CAPTURE(direction.parameter);
        REQUIRE(direction.values.size() == 4);
    }
    CHECK(ways.ways[0].difference == 0);
    CHECK(ways.ways[1].difference <= exact);
    CHECK(ways.ways[2].difference <= exact);
    CHECK(ways.ways[3].difference <= of_differences);
    for (const ExplainedWay& way : ways.ways) {
        CAPTURE(way.name);
        CHECK(way.flops > 0);
        CHECK(way.seconds > 0);
        CHECK(way.bytes > 0);
        CHECK(way.whole_gradient_flops >= way.flops);
    }
    CHECK(ways.text.find("there is none") == std::string::npos);
}

}  // namespace

TEST_CASE("penalty ways: four agree for a critic of each of the six models, along sampled directions") {
    for (const support::SmallModel& c : support::six_models) {
        CAPTURE(c.name);
        const ModelConfig config = c.config();
        const Critic critic = support::explanation_critic(c);
        const CriticBatch batch = support::explanation_batch(critic);
        const ExplainedWays ways = compare_ways({config, critic, 0}, batch.interpolated(), {}, {});
        check_ways(ways);
        // A direction per weight, none for biases, and one of all.
        CHECK(ways.directions.size() == critic.parameters().trainable.size() / 2 + 1);
        CHECK(ways.text.find("were sampled") != std::string::npos);
    }
}

TEST_CASE("penalty ways: a critic of few weights is compared weight by weight") {
    ModelConfig config = small_settings().model;
    config.width = 1.0 / 512;
    tensor::RandomStream random{7, 1, 0};
    const Critic critic = make_critics(config, random, DType::f64).front();
    tensor::RandomStream phrases{7, 2, 0};
    const Tensor point = tensor::random_normal(
        phrases, {2, config.shape.steps(), config.shape.pitches, config.shape.tracks, 1}, 1.0, DType::f64);
    const ExplainedWays ways = compare_ways({config, critic, 0}, point, {}, {});
    check_ways(ways);
    std::int64_t weights = 0;
    for (const layers::Parameter& parameter : critic.parameters().trainable)
        if (parameter.name.ends_with(".weight")) weights += parameter.variable.value().elements();
    CHECK(weights <= most_single_weights);
    CHECK(ways.directions.size() == static_cast<std::size_t>(weights));
    CHECK(ways.text.starts_with("Every one of the "));
    CHECK(ways.directions.front().parameter == "critic.conv1.weight[0]");
}

TEST_CASE("penalty ways: a one-sided penalty, layer norm and the compact critic with its private parts agree as well") {
    const auto check = [](TrainingSettings settings) {
        ExplanationSource source;
        source.settings = settings;
        source.settings.device = Device::cpu();
        ExplainOptions options;
        options.lessons = false;
        options.most_products = 1;
        options.ways = true;
        const Explanation e = explain_source(source, options);
        REQUIRE(e.ways);
        check_ways(*e.ways);
    };
    TrainingSettings settings = small_settings();
    settings.model.width = 1.0 / 32;
    settings.objective.penalty_sides = PenaltySides::one;
    SUBCASE("one-sided") { check(settings); }
    settings.objective.penalty_sides = PenaltySides::two;
    settings.model.critic_norm = NormChoice::layer;
    SUBCASE("layer norm") { check(settings); }
    TrainingSettings compact = small_settings();
    compact.model.preset = preset_named("compact");
    compact.model.width = 0.25;
    SUBCASE("compact") { check(compact); }
}

TEST_CASE("penalty ways: the tangent of the gradient is linear in the direction, and the gradient of <g, h> along it") {
    const support::SmallModel& c = support::six_models[0];
    const Critic critic = support::explanation_critic(c);
    const Tensor point = support::explanation_batch(critic).interpolated();
    std::vector<Tensor> directions, twice;
    tensor::RandomStream random{3, 1, 0};
    for (const layers::Parameter& parameter : critic.parameters().trainable) {
        directions.push_back(tensor::random_normal(random, parameter.variable.shape(), 1.0, DType::f64));
        twice.push_back(tensor::scale(directions.back(), 2.0));
    }
    const Tensor tangent = gradient_tangent(critic, point, directions);
    CHECK(tangent.shape() == point.shape());
    // Powers of two round alike.
    const std::vector<double> once = tangent.values<double>();
    const std::vector<double> doubled = gradient_tangent(critic, point, twice).values<double>();
    for (std::size_t i = 0; i < once.size(); ++i) REQUIRE(doubled[i] == 2 * once[i]);
    // <g', h> = sum over weights of <d<g, h>/dw, v>: reverse over reverse, for a random h.
    const Tensor h = tensor::random_normal(random, point.shape(), 1.0, DType::f64);
    const autograd::Variable input(point, true);
    const autograd::Variable g =
        autograd::grad(autograd::sum(autograd::Variable(critic(input))), input, {.create_graph = true});
    const autograd::Variable product = autograd::sum(autograd::multiply(g, autograd::Variable(h)));
    const auto gradients = autograd::grad(std::span(&product, 1), critic.parameters().variables());
    double expected = 0;
    for (std::size_t i = 0; i < gradients.size(); ++i)
        if (gradients[i]) expected += tensor::sum(tensor::multiply(gradients[i]->value(), directions[i])).item();
    const double got = tensor::sum(tensor::multiply(tangent, h)).item();
    CHECK(got == doctest::Approx(expected).epsilon(1e-10));
    // No direction, no tangent.
    const std::vector<Tensor> none(directions.size());
    for (const double value : gradient_tangent(critic, point, none).values<double>()) REQUIRE(value == 0);
}
