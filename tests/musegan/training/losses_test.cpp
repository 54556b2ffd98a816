// Losses against their formulas, and the critic's gradients of them however it sees its phrases.
#include "musegan/training/losses.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "autograd/elementwise.hpp"
#include "autograd/grad.hpp"
#include "musegan/training/wgan_gp.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/observer.hpp"
#include "tensor/random.hpp"
#include "tests/support/compare.hpp"

using namespace musegan;
using autograd::Variable;

namespace {

constexpr std::array all_losses{Loss::wasserstein, Loss::hinge, Loss::non_saturating};

/// On both sides of the kinks at -1 and 1, and far out.
const std::vector<double> scores{-40, -3, -1.5, -0.75, 0, 0.5, 1.25, 2, 60};
constexpr double score_count = 9;

/// A loss of scores is the mean of a formula of one score.
struct Case {
    Variable (*loss)(Loss, const Variable&);
    Loss kind;
    std::function<double(double)> value, derivative;
};

double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }
double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

std::vector<Case> cases() {
    const auto one = [](double) { return 1.0; };
    const auto minus_one = [](double) { return -1.0; };
    const auto negative = [](double s) { return -s; };
    const auto softplus_of_negative = [](double s) { return softplus(-s); };
    const auto its_derivative = [](double s) { return -sigmoid(-s); };
    return {{fake_loss, Loss::wasserstein, [](double f) { return f; }, one},
            {real_loss, Loss::wasserstein, negative, minus_one},
            {generator_loss, Loss::wasserstein, negative, minus_one},
            {fake_loss, Loss::hinge, [](double f) { return std::max(0.0, 1 + f); },
             [](double f) { return f > -1 ? 1.0 : 0.0; }},
            {real_loss, Loss::hinge, [](double r) { return std::max(0.0, 1 - r); },
             [](double r) { return r < 1 ? -1.0 : 0.0; }},
            {generator_loss, Loss::hinge, negative, minus_one},
            {fake_loss, Loss::non_saturating, softplus, sigmoid},
            {real_loss, Loss::non_saturating, softplus_of_negative, its_derivative},
            {generator_loss, Loss::non_saturating, softplus_of_negative, its_derivative}};
}

Variable leaf(const std::vector<double>& values) {
    return Variable(Tensor::from(values, {static_cast<std::int64_t>(values.size())}), true);
}

}  // namespace

TEST_CASE("losses: E f, -E r, E max(0, 1 + f), E max(0, 1 - r), E log(1 + e^f), E log(1 + e^-r), and their gradients") {
    const std::vector<Case> all = cases();
    for (std::size_t i = 0; i < all.size(); ++i) {
        CAPTURE(i);
        const Case& each = all[i];
        double sum = 0, magnitude = 0;
        std::vector<double> gradient;
        for (const double score : scores) {
            sum += each.value(score);
            magnitude += std::abs(each.value(score));
            gradient.push_back(each.derivative(score) / score_count);
        }
        const Variable x = leaf(scores), loss = each.loss(each.kind, x);
        CHECK(loss.shape() == tensor::Shape{});
        // Nine terms, each a few roundings off, added and divided.
        constexpr double roundings = 16 * support::eps<double>;
        CHECK(std::abs(loss.item() - sum / score_count) <= roundings * magnitude / score_count);
        std::vector<double> tolerance;
        for (const double expected : gradient) tolerance.push_back(roundings * std::abs(expected));
        CHECK(support::difference(autograd::grad(loss, x).value().values<double>(), gradient, tolerance) == "");
    }
}

TEST_CASE("losses: the penalty is weight E (slope - 1)^2, of one side weight E max(0, slope - 1)^2, exactly") {
    const std::vector<double> slopes{0.25, 1, 1.5, 3};  // binary fractions: nothing rounds
    const auto of = [&](PenaltySides sides, const Variable& x) {
        return gradient_penalty(x, {.penalty_weight = 10.0, .penalty_sides = sides});
    };
    const Variable x = leaf(slopes);
    const Variable two = of(PenaltySides::two, x), one = of(PenaltySides::one, x);
    CHECK(two.item() == 10 * (0.5625 + 0 + 0.25 + 4) / 4);
    CHECK(one.item() == 10 * (0 + 0 + 0.25 + 4) / 4);
    // weight 2 (slope - 1) / N.
    CHECK(autograd::grad(two, x).value().values<double>() == std::vector<double>{-3.75, 0, 2.5, 10});
    CHECK(autograd::grad(one, x).value().values<double>() == std::vector<double>{0, 0, 2.5, 10});
    const Variable low = leaf({0.0, 0.5, 0.75});
    CHECK(of(PenaltySides::one, low).item() == 0);
    CHECK(of(PenaltySides::two, low).item() > 0);
    CHECK(Objective{}.has_penalty());
    CHECK_FALSE(Objective{.penalty_weight = 0}.has_penalty());
}

namespace {

// Factors on the weights of the last layer: with the first, slopes lie on both sides of 1; with the second, scores on
// both sides of -1 and 1.
constexpr double for_slopes = 3, for_scores = 40;

ModelConfig small_config(NormChoice norm = NormChoice::table) {
    ModelConfig config;
    config.shape.steps_per_beat = 4;
    config.width = 1.0 / 32;
    config.weight_start = layers::WeightStart::fan_in;
    config.critic_norm = norm;
    return config;
}

/// A critic in f64.
Critic critic_of(const ModelConfig& config, double spread = for_slopes) {
    tensor::RandomStream stream{5};
    std::vector<Critic> critics = make_critics(config, stream, DType::f64);
    for (const layers::Parameter& each : critics.front().parameters().trainable)
        if (each.name.ends_with("dense2.weight")) {
            Tensor live = each.variable.value();
            tensor::assign(tensor::scale(live, spread), live);
        }
    return critics.front();
}

CriticBatch random_batch() {
    constexpr std::int64_t phrases = 4;
    tensor::RandomStream stream{3};
    const PhraseShape shape = small_config().shape;
    const tensor::Shape cells{phrases, shape.steps(), shape.pitches, n_tracks, 1};
    const auto draw = [&](const tensor::Shape& s) { return tensor::random_uniform(stream, s, DType::f64); };
    const Tensor real = tensor::affine(draw(cells), 2.0, -1.0), fake = tensor::affine(draw(cells), 2.0, -1.0);
    return {real, fake, draw({phrases})};
}

double largest(const Tensor& x) {
    double most = 0;
    for (const double value : x.values<double>()) most = std::max(most, std::abs(value));
    return most;
}

/// "" if the two agree to 1e-12 of the expected ones' largest, the rounding of sums in another order.
std::string differ(const Tensor& got, const Tensor& expected) {
    return support::difference(got.values<double>(), expected.values<double>(), 1e-12 * largest(expected));
}

/// The gradients of a scalar; zeros where no path leads.
std::vector<Tensor> gradients_of(const Critic& critic, const Variable& loss) {
    std::vector<Tensor> gradients;
    const std::vector<Variable> variables = critic.parameters().variables();
    const auto found = autograd::grad(std::span(&loss, 1), variables);
    for (std::size_t i = 0; i < found.size(); ++i)
        gradients.push_back(found[i] ? found[i]->value() : Tensor::zeros(variables[i].shape(), DType::f64));
    return gradients;
}

void check_gradients(const Critic& critic, const std::vector<Tensor>& got, const std::vector<Tensor>& expected) {
    REQUIRE(got.size() == expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
        CAPTURE(critic.parameters().trainable[i].name);
        CHECK(differ(got[i], expected[i]) == "");
    }
}

/// The phases in which operators ran.
class Phases final : public tensor::Observer {
  public:
    void begin(const tensor::Event&) override {}
    void end(const tensor::Event& event) override { names.insert(event.scope.phase); }
    bool any_of_penalty() const {
        return std::ranges::any_of(names, [](const std::string& name) { return name.find("penalty") != name.npos; });
    }
    std::set<std::string> names;

  private:
    tensor::ObserverScope scope_{this};
};

}  // namespace

namespace {

bool on_both_sides(const Tensor& x, double kink) {
    const std::vector<double> all = x.values<double>();
    return std::ranges::min(all) < kink && kink < std::ranges::max(all);
}

/// All that critic_gradients leaves, against one graph of the whole loss.
void check_update(const Critic& critic, const CriticBatch& batch, const Objective& objective) {
    const Variable fake = critic(Variable(batch.fake)), real = critic(Variable(batch.real)),
                   slopes = critic_slopes(critic, batch.interpolated()),
                   lost = autograd::add(fake_loss(objective.loss, fake), real_loss(objective.loss, real)),
                   penalty = gradient_penalty(slopes, objective);
    const Tensor fake_mean = autograd::mean(fake).value(), real_mean = autograd::mean(real).value();
    const std::vector<Tensor> expected = gradients_of(critic, autograd::add(lost, penalty));
    for (const CriticPasses passes :
         {CriticPasses::in_turn, CriticPasses::scores_together, CriticPasses::all_together}) {
        CAPTURE(std::string(tensor::name_of(passes)));
        const CriticGradients update = critic_gradients(critic, batch, objective, passes);
        check_gradients(critic, update.gradients, expected);
        CHECK(differ(update.slopes, slopes.value()) == "");
        CHECK(differ(update.penalty, penalty.value()) == "");
        CHECK(differ(update.fake_score, fake_mean) == "");
        CHECK(differ(update.real_score, real_mean) == "");
        REQUIRE(update.score_loss.defined() == (objective.loss != Loss::wasserstein));
        if (update.score_loss.defined()) CHECK(differ(update.score_loss, lost.value()) == "");
    }
}

}  // namespace

TEST_CASE("losses: the critic's gradients are those of fake_loss + real_loss + penalty, however it sees its phrases") {
    const CriticBatch batch = random_batch();
    for (const double spread : {for_slopes, for_scores}) {
        const Critic critic = critic_of(small_config(), spread);
        // So that every kink has both its sides.
        if (spread == for_slopes) CHECK(on_both_sides(critic_slopes(critic, batch.interpolated()).value(), 1));
        if (spread == for_scores) CHECK(on_both_sides(critic(Variable(batch.fake)).value(), -1));
        if (spread == for_scores) CHECK(on_both_sides(critic(Variable(batch.real)).value(), 1));
        for (const Loss loss : all_losses)
            for (const PenaltySides sides : {PenaltySides::two, PenaltySides::one}) {
                CAPTURE(spread);
                CAPTURE(std::string(tensor::name_of(loss)));
                CAPTURE(std::string(tensor::name_of(sides)));
                check_update(critic, batch, {.loss = loss, .penalty_sides = sides});
            }
    }
}

TEST_CASE("losses: weight 0 computes no slopes, and its gradients are what the penalty's are added to") {
    const Critic critic = critic_of(small_config());
    const CriticBatch batch = random_batch();
    for (const Loss loss : all_losses)
        for (const CriticPasses passes :
             {CriticPasses::in_turn, CriticPasses::scores_together, CriticPasses::all_together}) {
            CAPTURE(std::string(tensor::name_of(loss)));
            CAPTURE(std::string(tensor::name_of(passes)));
            const Objective with{.loss = loss}, without{.loss = loss, .penalty_weight = 0};
            const CriticGradients full = critic_gradients(critic, batch, with, passes);
            const Phases phases;
            const CriticGradients bare = critic_gradients(critic, batch, without, passes);
            CHECK_FALSE(phases.names.empty());
            CHECK_FALSE(phases.any_of_penalty());
            CHECK_FALSE(bare.slopes.defined());
            CHECK_FALSE(bare.penalty.defined());
            CHECK(bare.fake_score.item() == full.fake_score.item());
            CHECK(bare.real_score.item() == full.real_score.item());
            if (loss != Loss::wasserstein) CHECK(bare.score_loss.item() == full.score_loss.item());
            const std::vector<Tensor> of_penalty =
                gradients_of(critic, gradient_penalty(critic_slopes(critic, batch.interpolated()), with));
            std::vector<Tensor> sum;
            for (std::size_t i = 0; i < of_penalty.size(); ++i)
                sum.push_back(tensor::add(bare.gradients[i], of_penalty[i]));
            check_gradients(critic, full.gradients, sum);
        }
    const Phases phases;
    critic_gradients(critic, batch, {});
    CHECK(phases.any_of_penalty());
}

TEST_CASE("losses: a critic with layer norm sees phrases in turn or beside each other, but not in parts") {
    const Critic critic = critic_of(small_config(NormChoice::layer));
    CHECK_FALSE(critic.takes_parts());
    CHECK_FALSE(critic.has_batch_norm());
    const CriticBatch batch = random_batch();
    for (const Loss loss : all_losses) {
        CAPTURE(std::string(tensor::name_of(loss)));
        const Objective objective{.loss = loss};
        const CriticGradients in_turn = critic_gradients(critic, batch, objective, CriticPasses::in_turn);
        check_gradients(critic, critic_gradients(critic, batch, objective, CriticPasses::scores_together).gradients,
                        in_turn.gradients);
    }
    CHECK(support::message_of([&] { critic_gradients(critic, batch, {}, CriticPasses::all_together); }) ==
          "[batch] 2 parts, expected one variable");
}

TEST_CASE("losses: a critic that looks at onsets or chroma takes no batch in parts, however plain its layers") {
    const auto takes = [](const char* source) {
        const ModelConfig config = small_config();
        layers::LayerRow row{.name = "dense1", .kind = layers::LayerKind::dense};
        const TrackNetwork network{"", {0, 1, 2, 3, 4}, {{{"", {source}, false, {row}}}, {}}};
        tensor::RandomStream stream{1};
        return Critic(config, network, stream).takes_parts();
    };
    CHECK(takes("phrases"));
    CHECK_FALSE(takes("onsets"));
    CHECK_FALSE(takes("chromas"));
}

namespace {

/// d/dt of the penalty at t = 0 where a parameter moves by t v, by a central difference of fourth order. Among some
/// thousand values in front of a LeakyReLU a step this small crosses no kink.
double moved_penalty(const Critic& critic, const Tensor& interpolated, const Variable& parameter, const Tensor& v) {
    constexpr double h = 0x1p-18;
    const Tensor start = parameter.value().clone();
    Tensor live = parameter.value();
    const auto at = [&](double t) {
        tensor::assign(tensor::add(start, tensor::scale(v, t)), live);
        return gradient_penalty(critic_slopes(critic, interpolated), Objective{}).item();
    };
    const double slope = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
    tensor::assign(start, live);
    return slope;
}

}  // namespace

TEST_CASE("losses: the penalty of a critic with layer norm has the gradients by its parameters that differences show") {
    const Critic critic = critic_of(small_config(NormChoice::layer));
    const Tensor interpolated = random_batch().interpolated();
    const Variable penalty = gradient_penalty(critic_slopes(critic, interpolated), Objective{});
    const std::vector<Tensor> gradients = gradients_of(critic, penalty);
    tensor::RandomStream stream{31};
    std::size_t norms_reached = 0;
    for (std::size_t i = 0; i < gradients.size(); ++i) {
        const layers::Parameter& parameter = critic.parameters().trainable[i];
        CAPTURE(parameter.name);
        const Tensor random = tensor::random_normal(stream, parameter.variable.shape(), 1.0, DType::f64);
        const std::vector<double> direction = random.values<double>();
        const double length = std::sqrt(support::inner_product(direction, direction));
        const Tensor v = tensor::scale(random, 1 / length);
        const double rule = support::inner_product(gradients[i].values<double>(), v.values<double>());
        const double expected = moved_penalty(critic, interpolated, parameter.variable, v);
        const double size = penalty.item() + std::sqrt(support::inner_product(gradients[i].values<double>(),
                                                                              gradients[i].values<double>()));
        CHECK(std::abs(rule - expected) <= 1e-8 * size);
        if (parameter.name.find(".norm.") != std::string::npos && largest(gradients[i]) > 0) ++norms_reached;
    }
    // Gamma of every layer, and beta of all but the last: what is added there moves no slope.
    CHECK(norms_reached == 2 * 7 - 1);
}
