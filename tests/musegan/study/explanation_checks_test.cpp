// Numbers found again by the reference operators and the complex step: a wrong one is seen.
#include "musegan/study/explanation_checks.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "musegan/study/explanation_source.hpp"
#include "musegan/training/wgan_gp.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/error.hpp"
#include "tensor/execution.hpp"
#include "tensor/random.hpp"

using namespace musegan;

namespace {

/// What stands between two exact ways: rounding of some thousand terms.
constexpr double exact = 1e-10;
/// What a wrong number has at least.
constexpr double wrong = 1e-4;

const std::string by_reference = "reference operators", by_complex_step = "complex step";

ModelConfig small_paper() {
    ModelConfig config = small_settings().model;
    config.width = 1.0 / 32;
    return config;
}

Critic fresh_critic(const ModelConfig& config) {
    tensor::RandomStream random{9, 0, 0};
    return make_critics(config, random, DType::f64).front();
}

CriticBatch batch_of(const Critic& critic, const ModelConfig& config, const std::vector<double>& alpha) {
    tensor::RandomStream random{9, 1, 0};
    const auto count = static_cast<std::int64_t>(alpha.size());
    const tensor::Shape phrases{count, config.shape.steps(), config.shape.pitches, config.shape.tracks, 1};
    const Tensor real = tensor::random_normal(random, phrases, 1.0, DType::f64);
    return CriticBatch{real, tensor::random_normal(random, phrases, 1.0, DType::f64), Tensor::from(alpha, {count})}
        .seen_by(critic);
}

/// An update of a small critic as it was observed, to be checked with what may be something else.
class Observed {
  public:
    explicit Observed(ModelConfig config, const std::vector<double>& alpha = {0.25, 0.875})
        : config_(std::move(config)), critic_(fresh_critic(config_)), batch_(batch_of(critic_, config_, alpha)) {
        const tensor::ExecutionScope execution(plain());
        const tensor::ObserverScope operators(&walk_);
        const autograd::TapeObserverScope tape(&walk_);
        critic_gradients(critic_, batch_);
        walk_.finish();
    }

    static tensor::Execution plain() {
        tensor::Execution execution;
        execution.fusion = tensor::Fusion::off;
        return execution;
    }

    ExplainOptions options() const {
        ExplainOptions all;
        all.most_products = 1e300;
        return all;
    }
    WalkChecks check(const CriticBatch& batch, const ExplainOptions& options) const {
        const tensor::ExecutionScope execution(plain());
        const UpdateSymbols symbols(walk_, critic_.parameters());
        return check_walk(walk_, symbols, {config_, critic_, 0}, batch, {}, options);
    }
    WalkChecks check() const { return check(batch_, options()); }

    const Critic& critic() const { return critic_; }
    const CriticBatch& batch() const { return batch_; }
    const UpdateWalk& walk() const { return walk_; }

  private:
    ModelConfig config_;
    Critic critic_;
    CriticBatch batch_;
    UpdateWalk walk_;
};

/// The largest difference by each way.
std::map<std::string, double> largest(const WalkChecks& checks) {
    std::map<std::string, double> found;
    for (const std::vector<ExplainedCheck>& list : checks.of_event)
        for (const ExplainedCheck& check : list) {
            // max would leave a NaN out.
            REQUIRE(std::isfinite(check.beside_terms()));
            found[check.way] = std::max(found[check.way], check.beside_terms());
        }
    return found;
}

std::size_t count(const WalkChecks& checks, const std::string& way) {
    std::size_t found = 0;
    for (const std::vector<ExplainedCheck>& list : checks.of_event)
        found += static_cast<std::size_t>(std::ranges::count(list, way, &ExplainedCheck::way));
    return found;
}

void check_agrees(const WalkChecks& checks) {
    const std::map<std::string, double> found = largest(checks);
    REQUIRE(found.size() == 2);
    CHECK(found.at(by_reference) < exact);
    CHECK(found.at(by_complex_step) < exact);
}

void check_differs(const WalkChecks& checks) {
    const std::map<std::string, double> found = largest(checks);
    CHECK(found.at(by_reference) > wrong);
    CHECK(found.at(by_complex_step) > wrong);
}

}  // namespace

TEST_CASE("explanation checks: with nothing changed every number of every preset's critic is found again") {
    std::vector<ModelConfig> configs{small_paper(), small_paper(), small_paper()};
    configs[1].preset = preset_named("compact");
    configs[2].preset = preset_named("binary");
    configs[2].shape = paper_shape;
    for (const ModelConfig& config : configs) {
        CAPTURE(config.preset.name);
        const Observed observed(config, {0.375});
        const WalkChecks checks = observed.check();
        check_agrees(checks);
        CHECK(checks.of_event.size() == observed.walk().events().size());
        // Every step but those that add the penalty's gradients to the others.
        std::size_t added = 0;
        for (const WalkEvent& event : observed.walk().events())
            added += event.stage == UpdateStage::second_backward && event.rule.empty() &&
                     (std::string_view(event.scope.operation) == "accumulate" ||
                      std::string_view(event.scope.operation) == "add");
        CHECK(count(checks, by_reference) + added >= observed.walk().events().size());
        CHECK(count(checks, by_complex_step) > observed.critic().parameters().trainable.size());
    }
}

TEST_CASE("explanation checks: the phrases of another update give other numbers, by both ways") {
    const Observed observed(small_paper());
    check_agrees(observed.check());
    CriticBatch swapped = observed.batch();
    swapped.alpha = Tensor::from(std::vector<double>{0.875, 0.25}, {2});
    check_differs(observed.check(swapped, observed.options()));
    CriticBatch turned = observed.batch();
    std::swap(turned.real, turned.fake);
    check_differs(observed.check(turned, observed.options()));
}

TEST_CASE("explanation checks: a weight that changed by 0.1 % in between is seen, whichever it is") {
    const std::size_t parameters = Observed(small_paper()).critic().parameters().trainable.size();
    for (std::size_t i = 0; i < parameters; ++i) {
        const Observed observed(small_paper());
        const layers::Parameter& parameter = observed.critic().parameters().trainable[i];
        if (!parameter.name.ends_with(".weight")) continue;
        CAPTURE(parameter.name);
        Tensor live = parameter.variable.value();
        tensor::assign(tensor::scale(live, 1.001), live);
        check_differs(observed.check());
    }
}

TEST_CASE("explanation checks: a single number that is wrong stands out where it is") {
    Observed observed(small_paper());
    const std::vector<WalkEvent>& events = observed.walk().events();
    // dP/dw of the first layer: what the second backward sent to it.
    const auto& terms = observed.walk().terms();
    const std::uint64_t node = observed.critic().parameters().trainable[0].variable.node()->id;
    const auto sent = std::ranges::find_if(
        terms, [&](const WalkCotangent& t) { return t.node == node && t.stage == UpdateStage::second_backward; });
    REQUIRE(sent != terms.end());
    Tensor value = events[sent->event].value;
    tensor::assign(tensor::scale(value, 1 + 1e-6), value);
    const WalkChecks checks = observed.check();
    for (std::size_t k = 0; k < checks.of_event.size(); ++k)
        for (const ExplainedCheck& check : checks.of_event[k]) {
            CAPTURE(k);
            CAPTURE(check.way);
            if (k == sent->event) CHECK(check.beside_terms() > 1e-8);
            else CHECK(check.beside_terms() < exact);
        }
    CHECK(checks.of_event[sent->event].size() == 2);
}

TEST_CASE("explanation checks: few complex products ask for few gradients, and the text says how many of how many") {
    const Observed observed(small_paper());
    const WalkChecks all = observed.check();
    const std::size_t questions = count(all, by_complex_step);
    CHECK(all.text.find(fmt::format("{} gradients were found again", questions)) != std::string::npos);
    CHECK(all.text.starts_with(fmt::format("{} steps were computed again", count(all, by_reference))));
    CHECK(all.text.find("--all-checks") == std::string::npos);
    ExplainOptions few;
    few.most_products = 3.5 * observed.critic().flops(2);
    const WalkChecks some = observed.check(observed.batch(), few);
    CHECK(count(some, by_complex_step) == 3);
    CHECK(count(some, by_reference) == count(all, by_reference));
    CHECK(some.text.find(fmt::format("3 of {} gradients were found again", questions)) != std::string::npos);
    CHECK(some.text.find("--all-checks") != std::string::npos);
    // At least one, and the gradient by the phrase first.
    few.most_products = 1;
    const WalkChecks one = observed.check(observed.batch(), few);
    REQUIRE(count(one, by_complex_step) == 1);
    for (const std::vector<ExplainedCheck>& list : one.of_event)
        for (const ExplainedCheck& check : list)
            if (check.way == by_complex_step) CHECK(check.number == "<g, v>");
}

TEST_CASE("explanation checks: directions are of the seed, progress is told, and one can stop") {
    const Observed observed(small_paper());
    ExplainOptions options;
    options.most_products = 2.5 * observed.critic().flops(2);
    std::vector<int> done;
    int of = 0;
    options.progress = [&](const std::string& what, int part, int parts) {
        CHECK(what == "checks");
        done.push_back(part);
        of = parts;
    };
    const auto values = [&] {
        std::vector<double> found;
        for (const auto& list : observed.check(observed.batch(), options).of_event)
            for (const ExplainedCheck& check : list)
                if (check.way == by_complex_step) found.push_back(check.value);
        return found;
    };
    const std::vector<double> first = values();
    CHECK(done == std::vector<int>{0, 1, 2});
    CHECK(of == 3);
    CHECK(values() == first);
    options.seed = 1;
    CHECK(values() != first);
    int asked = 0;
    options.stop_requested = [&] { return ++asked == 3; };
    CHECK_THROWS_WITH_AS(observed.check(observed.batch(), options), "[explain] interrupted; nothing was written",
                         tensor::Error);
    CHECK(asked == 3);
}

TEST_CASE("explanation checks: an update that runs other operators is no check of this one") {
    const Observed observed(small_paper());
    ModelConfig bent = small_paper();
    bent.critic_norm = NormChoice::layer;
    const Critic other = fresh_critic(bent);
    const tensor::ExecutionScope execution(Observed::plain());
    const UpdateSymbols symbols(observed.walk(), observed.critic().parameters());
    CHECK_THROWS_WITH_AS(
        check_walk(observed.walk(), symbols, {bent, other, 0}, observed.batch(), {}, observed.options()),
        "[explain] step 3 on the reference device is normalize, expected conv3d", tensor::Error);
}
