// A walk through an update: its numbers are PyTorch's, and those found another way; its steps are the update's own.
#include "musegan/study/explanation_run.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "musegan/study/explanation_source.hpp"
#include "musegan/study/penalty_ways.hpp"
#include "tensor/elementwise.hpp"
#include "tests/musegan/study/explanation_cases.hpp"

using namespace musegan;

namespace {

/// Layers of 48,384 rows add up as many rounding errors; PyTorch and ours differ by less than 1e-12.
constexpr double tolerance = 1e-10;
/// What stands between two exact ways: rounding of some thousand terms.
constexpr double exact = 1e-10;

Explanation explained(const support::SmallModel& c, const ExplainOptions& options = {}) {
    const ModelConfig config = c.config();
    const Critic critic = support::explanation_critic(c);
    return explain_update({config, critic, 0}, support::explanation_batch(critic), {}, options);
}

ExplainOptions quick() {
    ExplainOptions options;
    options.lessons = false;
    options.most_products = 1;  // one gradient by the complex step
    return options;
}

const ExplainedStep& step_named(const Explanation& e, const std::string& symbol) {
    const auto found = std::ranges::find(e.steps, symbol, &ExplainedStep::symbol);
    REQUIRE_MESSAGE(found != e.steps.end(), symbol);
    return *found;
}

/// Of the steps called PREFIX_{1}, PREFIX_{2}, ...; one that is not there has 0.
std::vector<double> norms(const Explanation& e, const std::string& prefix, std::size_t count) {
    std::vector<double> found(count);
    for (const ExplainedStep& step : e.steps)
        for (std::size_t l = 0; l < count; ++l)
            if (step.symbol == fmt::format("{}_{{{}}}", prefix, l + 1)) found[l] = step.norm;
    return found;
}

}  // namespace

TEST_CASE("explanation: every number of the walk is PyTorch's, for a critic of each of the six models") {
    const support::Fixture fixture(support::explanation_fixture);
    for (const support::SmallModel& c : support::six_models) {
        CAPTURE(c.name);
        const Explanation e = explained(c, quick());
        const auto values = [&](const char* array) { return fixture.values(fmt::format("{}/{}", c.name, array)); };
        const auto check = [&](const char* array, const std::vector<double>& got, const std::vector<double>& expected) {
            CHECK(support::mismatch(array, got, expected, 0, tolerance) == "");
        };
        const std::vector<double> forward = values("forward");
        const std::size_t layers = forward.size();
        check("forward", norms(e, "h", layers), forward);
        check("gradient", norms(e, "u", layers), values("gradient"));
        check("input_gradient", {step_named(e, "g").norm}, values("input_gradient"));
        check("slopes", e.slope, values("slopes"));
        check("penalty", {e.penalty, step_named(e, "P").norm}, {values("penalty")[0], values("penalty")[0]});
        check("penalty_by_gradient", {step_named(e, "k").norm}, values("penalty_by_gradient"));
        // Nobody asks for the derivative by the score's own cotangent, which is 1.
        std::vector<double> masked = values("masked");
        masked.back() = 0;
        check("masked", norms(e, "k", layers), masked);
        check("scores", e.score, fixture.row(fmt::format("{}/scores", c.name), 0));
        check("real scores", e.real_score, fixture.row(fmt::format("{}/scores", c.name), 1));
        check("fake scores", e.fake_score, fixture.row(fmt::format("{}/scores", c.name), 2));
        for (std::size_t i = 0; i < e.parameters.size(); ++i) {
            CAPTURE(e.parameters[i].name);
            const ExplainedParameter& parameter = e.parameters[i];
            const std::vector<double> expected =
                fixture.row(fmt::format("{}/parameter_norms", c.name), static_cast<std::int64_t>(i));
            check("norms", {parameter.norms[0], parameter.norms[1], parameter.norms[2], parameter.norm}, expected);
            const std::vector<double> shares =
                fixture.row(fmt::format("{}/parameter_shares", c.name), static_cast<std::int64_t>(i));
            // Relative to 1: a share of nothing is rounding.
            CHECK(support::mismatch("shares", std::vector(parameter.shares.begin(), parameter.shares.end()), shares, 1,
                                    tolerance) == "");
            CHECK(parameter.is_reached == parameter.name.ends_with(".weight"));
        }
    }
}

TEST_CASE("explanation: every step agrees with the reference operators, every gradient with the complex step") {
    for (const support::SmallModel& c : support::six_models) {
        // 24 steps per beat take a while by plain loops; two critics see one track and five.
        if (std::string(c.name) != "jamming" && std::string(c.name) != "composer") continue;
        CAPTURE(c.name);
        ExplainOptions options = quick();
        options.most_products = 1e300;
        const Explanation e = explained(c, options);
        std::map<std::string, int> counts;
        for (const ExplainedStep& step : e.steps)
            for (const ExplainedCheck& check : step.checks) {
                CAPTURE(step.symbol);
                CAPTURE(check.way);
                CHECK(check.beside_terms() <= exact);
                ++counts[check.way];
            }
        // 10 layers: x^ and 10 forward, 2 seeds and 10 back, ... All weights, all k, all u, g, and the scalars between.
        CHECK(counts["reference operators"] > 50);
        CHECK(counts["complex step"] > 35);
        CHECK(e.checks_text.find("of 1 gradients") == std::string::npos);
    }
}

TEST_CASE("explanation: the steps of a weight's gradient add up to the penalty's share, and all shares to 1") {
    const Explanation e = explained(support::six_models[2], quick());
    std::vector<double> of_steps(e.parameters.size());
    for (const ExplainedStep& step : e.steps)
        if (step.parameter) of_steps[*step.parameter] += step.share;
    for (std::size_t i = 0; i < e.parameters.size(); ++i) {
        CAPTURE(e.parameters[i].name);
        const ExplainedParameter& parameter = e.parameters[i];
        CHECK(of_steps[i] == doctest::Approx(parameter.shares[2]).epsilon(1e-12));
        if (parameter.norm > 0)
            CHECK(parameter.shares[0] + parameter.shares[1] + parameter.shares[2] == doctest::Approx(1).epsilon(1e-12));
    }
}

TEST_CASE("explanation: the graph is the one of autograd's README: A back, then F and B, each where it belongs") {
    const Explanation e = explained(support::six_models[2], quick());
    const auto operation = [&](const std::string& symbol) { return step_named(e, symbol).operation; };
    CHECK(operation("x^") == "interpolate");
    CHECK(step_named(e, "h_{2}").formula == "h_{2} = phi(F(h_{1}, w_{2}) + b_{2})");
    CHECK(step_named(e, "h_{2}").tape == std::vector<std::string>{"conv3d (no value)", "add (no value)", "leaky_relu"});
    CHECK(step_named(e, "u_{2}").formula == "u_{2} = m_{2} * A(u_{3}, w_{3})");
    CHECK(step_named(e, "u_{2}").rule == "conv3d");
    CHECK(step_named(e, "g").formula == "g = A(u_{1}, w_{1})");
    CHECK(step_named(e, "s").formula == "s = sqrt(sum(g^2) + 10^{-8})");
    CHECK(step_named(e, "k_{2}").formula == "k_{2} = m_{2} * F(k_{1}, w_{2})");
    CHECK(step_named(e, "k_{2}").rule == "conv3d_input_gradient");
    CHECK(step_named(e, "dP/dw_{2}").formula == "dP/dw_{2} = B(k_{1}, u_{2})");
    CHECK(step_named(e, "dP/dw_{10}").formula == "dP/dw_{10} = k_{9}^T u_{10}");
    CHECK(step_named(e, "dL/dw_{2}").formula == "dL/dw_{2} = dS/dw_{2} + dP/dw_{2}");
    // Masks come from the forward pass and decide signs; nothing else of it is read later.
    for (const ExplainedStep& step : e.steps)
        for (const ExplainedOperand& operand : step.operands) {
            if (!operand.step) continue;
            CHECK(*operand.step < e.steps.size());
            const ExplainedStep& from = e.steps[*operand.step];
            const bool is_of_point = from.symbol.starts_with("h_") && step.stage != UpdateStage::forward;
            if (is_of_point && step.operation != "sum_to") CHECK(operand.decides_signs);
        }
    CHECK(e.rows.front() == "penalty");
    CHECK(e.rows[2] == "critic.conv1");
    CHECK(e.rows.back() == "score");
    for (const ExplainedStep& step : e.steps) {
        REQUIRE(step.code);
        CHECK(!e.code[*step.code].text.empty());
        CHECK(!step.meaning.empty());
    }
    const ExplainedCode& rule = e.code[*step_named(e, "dP/dw_{2}").code];
    CHECK(rule.file == "autograd/conv3d.cpp");
    CHECK(rule.text.find("conv3d_weight_gradient(h, g, geometry)") != std::string::npos);
}

TEST_CASE("explanation: what is explained is the update that training runs") {
    const support::SmallModel& c = support::six_models[2];
    const Critic critic = support::explanation_critic(c);
    const CriticBatch batch = support::explanation_batch(critic);
    const CriticGradients update = critic_gradients(critic, batch);
    const Explanation e = explained(c, quick());
    CHECK(e.penalty == update.penalty.item());
    CHECK(e.slope == update.slopes.values<double>());
    for (std::size_t i = 0; i < e.parameters.size(); ++i) {
        double squares = 0;
        for (const double value : update.gradients[i].values<double>()) squares += value * value;
        CHECK(e.parameters[i].norm == std::sqrt(squares));
    }
    // In f64 at this size nothing is fused on a CPU, so the two are one computation, bit for bit.
}

TEST_CASE("explanation: maps are per cell of the first phrase, and the pull is how |grad D| changes") {
    const support::SmallModel& c = support::six_models[0];
    const ModelConfig config = c.config();
    const Critic critic = support::explanation_critic(c);
    const CriticBatch batch = support::explanation_batch(critic);
    const Explanation e = explain_update({config, critic, 0}, batch, {}, quick());
    const std::size_t cells = 384 * 84;
    REQUIRE(e.maps.size() == 3);
    for (const ExplainedMap& map : e.maps) CHECK(map.values.size() == cells);
    CHECK(e.extents == std::array<std::int64_t, 3>{384, 84, 1});
    CHECK(e.tracks == std::vector<std::string>{"bass"});
    // The slope is the root of the sum of squares of the map.
    double squares = 1e-8;
    for (const float value : e.maps[1].values) squares += static_cast<double>(value) * static_cast<double>(value);
    CHECK(std::sqrt(squares) == doctest::Approx(e.slope[0]).epsilon(1e-6));
    // d/dt of the slope down the penalty: <g, g'> / s, from the map, beside a difference of slopes.
    double along = 0;
    for (std::size_t i = 0; i < cells; ++i)
        along += static_cast<double>(e.maps[1].values[i]) * static_cast<double>(e.maps[2].values[i]);
    along /= e.slope[0];
    const std::vector<Tensor> downhill = penalty_gradients(critic, batch.interpolated(), {});
    const auto slope_at = [&](double t) {
        std::vector<Tensor> before;
        for (std::size_t i = 0; i < downhill.size(); ++i) {
            Tensor live = critic.parameters().trainable[i].variable.value();
            before.push_back(live.clone());
            if (downhill[i].defined()) tensor::assign(tensor::subtract(live, tensor::scale(downhill[i], t)), live);
        }
        const double slope = critic_slopes(critic, batch.interpolated()).value().values<double>()[0];
        for (std::size_t i = 0; i < before.size(); ++i) {
            Tensor live = critic.parameters().trainable[i].variable.value();
            tensor::assign(before[i], live);
        }
        return slope;
    };
    const double step = 1e-7;
    CHECK((slope_at(step) - slope_at(-step)) / (2 * step) == doctest::Approx(along).epsilon(1e-4));
    CHECK(along > 0);  // the slopes are below 1: the penalty pulls them up
}

TEST_CASE("explanation: a critic that bends reaches biases, and the walk still agrees with the other ways") {
    ExplanationSource source;
    source.settings = small_settings();
    source.settings.device = Device::cpu();
    source.settings.model.width = 1.0 / 32;
    source.settings.model.critic_norm = NormChoice::layer;
    ExplainOptions options = quick();
    options.lessons = true;
    options.most_products = 1e300;
    const Explanation e = explain_source(source, options);
    std::size_t reached = 0;
    for (const ExplainedParameter& parameter : e.parameters)
        reached += parameter.name.ends_with(".bias") && parameter.is_reached;
    CHECK(reached > 0);
    CHECK(e.lessons[0].answer[0].find("not") != std::string::npos);
    // Between a norm's own steps stand sums that are zero but for rounding; what comes of them has all its digits.
    int compared = 0;
    for (const ExplainedStep& step : e.steps) {
        if (step.stage != UpdateStage::forward && !step.parameter) continue;
        for (const ExplainedCheck& check : step.checks) {
            CAPTURE(step.symbol);
            CAPTURE(check.way);
            CHECK(check.beside_terms() <= exact);
            ++compared;
        }
    }
    CHECK(compared > 40);
}

TEST_CASE("explanation: what cannot be explained is said") {
    const support::SmallModel& c = support::six_models[0];
    const ModelConfig config = c.config();
    const Critic critic = support::explanation_critic(c);
    const CriticBatch batch = support::explanation_batch(critic);
    CHECK_THROWS_WITH_AS(explain_update({config, critic, 0}, batch, {.penalty_weight = 0}),
                         "[explain] a loss without a penalty, expected --penalty above 0: there is nothing to explain",
                         tensor::Error);
    ExplainOptions options;
    options.most_bytes = 1 << 20;
    try {
        explain_update({config, critic, 0}, batch, {}, options);
        FAIL("more memory than allowed");
    } catch (const tensor::Error& error) {
        const std::string text = error.what();
        CHECK(text.starts_with("[explain] the values of the update take "));
        CHECK(text.find("1.0 MiB are free on this machine, expected a smaller --width or --phrases") !=
              std::string::npos);
    }
    const CriticBatch single{batch.real.cast(DType::f32), batch.fake.cast(DType::f32), batch.alpha.cast(DType::f32)};
    CHECK_THROWS_WITH_AS(explain_update({config, critic, 0}, single, {}), "[explain] phrases of f32, expected f64",
                         tensor::Error);
    ExplainOptions stopped;
    stopped.stop_requested = [] { return true; };
    CHECK_THROWS_WITH_AS(explain_update({config, critic, 0}, batch, {}, stopped),
                         "[explain] interrupted; nothing was written", tensor::Error);
}
