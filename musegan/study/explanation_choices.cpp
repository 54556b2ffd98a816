// Lessons of what WGAN-GP and this program chose: alpha, epsilon, no batch norm, fusion.
#include <algorithm>
#include <array>
#include <cmath>

#include "autograd/elementwise.hpp"
#include "autograd/grad.hpp"
#include "autograd/norm.hpp"
#include "musegan/study/explanation_lessons.hpp"
#include "musegan/study/penalty_ways.hpp"
#include "musegan/study/tensor_numbers.hpp"
#include "tensor/arena.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/execution.hpp"
#include "tensor/norm.hpp"
#include "tensor/rearrange.hpp"
#include "tensor/units.hpp"

namespace musegan {

namespace {

std::string number(double value) { return std::isnan(value) ? "NaN" : fmt::format("{:.9g}", value); }

/// The first phrase of a batch, `count` times.
Tensor repeated(const Tensor& phrases, std::int64_t count) {
    return tensor::concat(std::vector<Tensor>(static_cast<std::size_t>(count), phrases.rows(0, 1)), 0);
}

}  // namespace

Lesson lesson_of_alpha(const LessonContext& context) {
    const CriticBatch& batch = context.batch;
    const auto slopes_at = [&](const std::vector<double>& places) {
        const auto count = static_cast<std::int64_t>(places.size());
        const CriticBatch line{repeated(batch.real, count), repeated(batch.fake, count),
                               Tensor::from(places, {count}, batch.real.device())};
        return critic_slopes(context.what.critic, line.interpolated()).value().values<double>();
    };
    Lesson lesson{
        .question = "What does one alpha per phrase do?",
        .answer = {"The best critic has slope 1 almost everywhere on the straight lines between real and "
                   "generated phrases that the best transport pairs (Gulrajani et al. 2017, proposition 1). "
                   "Which those are is not known, and nobody can test a whole line, so each update tests one "
                   "random point of one line per phrase.",
                   "Each phrase draws its own alpha: a batch sees as many places as phrases, and each slope is "
                   "penalised by itself. With one alpha for all, a batch would test one place of its lines. "
                   "Below: how the slope of the first phrase moves with its own alpha, and with another's."},
        .facts = {}};
    for (const double place : {0.0, 0.25, 0.5, 0.75, 1.0})
        lesson.facts.push_back(
            {fmt::format("slope of the first phrase at alpha = {:g}", place), number(slopes_at({place}).front())});
    const double alpha = context.explanation.alpha.front();
    lesson.facts.push_back({"alpha of the first phrase in this update", number(alpha)});
    const double moved = slopes_at({alpha, 1.0}).front() - slopes_at({alpha, 0.0}).front();
    lesson.facts.push_back({"change of its slope when a second phrase's alpha goes from 0 to 1", number(moved)});
    return lesson;
}

Lesson lesson_of_epsilon(const LessonContext& context) {
    Lesson lesson{
        .question = "What is the 10^-8 under the root for?",
        .answer = {"The slope is the root of a sum of squares, and the rule of a root divides by it. Where the "
                   "gradient by the phrase is zero, as in a dead critic, that is 0 / 0: one such phrase would "
                   "turn the whole update into NaN. With 10^-8 under the root no slope is below 10^-4, and "
                   "the rule gives 0 there."},
        .facts = {}};
    const auto gradient_at_zero = [](double epsilon) {
        const Variable zero(Tensor::zeros({1, 2}, DType::f64), true);
        return autograd::grad(autograd::sum(autograd::norm(zero, epsilon)), zero).value().values<double>()[0];
    };
    for (const WalkEvent& event : context.walk.events()) {
        if (std::string_view(event.scope.operation) != "norm") continue;
        const double with = event.value.values<double>()[0];
        const double without = tensor::norm(event.operands[0], 0.0).values<double>()[0];
        lesson.answer.push_back(
            with < 1.01 * without ? "Elsewhere it changes nothing that counts: the slope grows by about 10^-8 / (2 s)."
                                  : "In this critic it does count: the gradient by the phrase is so short that the "
                                    "slope is mostly 10^-4, "
                                    "and what the penalty sends back is shorter by the same factor.");
        lesson.facts.push_back({"slope of the first phrase", fmt::format("{:.12g}", with)});
        lesson.facts.push_back({"without the 10^-8", fmt::format("{:.12g}", without)});
    }
    lesson.facts.push_back({"rule of the slope where the gradient is zero", number(gradient_at_zero(slope_epsilon))});
    lesson.facts.push_back({"the same without the 10^-8", number(gradient_at_zero(0.0))});
    return lesson;
}

namespace {

/// The norm of d D(x_0) / d x_1, relative to that of d D(x_0) / d x_0, for a batch of two phrases.
double coupling(const Critic& critic, const Tensor& two) {
    const Variable phrases(two, true);
    const Variable scores = critic(phrases);
    const Variable first(Tensor::from(std::vector<double>{1, 0}, {2}, two.device()));
    const auto gradient =
        autograd::grad(std::span(&scores, 1), std::span(&phrases, 1), std::span(&first, 1))[0]->value();
    const double own = norm_of(gradient.rows(0, 1));
    return own > 0 ? norm_of(gradient.rows(1, 2)) / own : 0.0;
}

}  // namespace

Lesson lesson_of_batch_norm(const LessonContext& context) {
    const Tensor two = tensor::concat(std::array{context.batch.real.rows(0, 1), context.batch.fake.rows(0, 1)}, 0);
    Lesson lesson{.question = "Why should a critic have no batch norm?",
                  .answer = {"Batch norm takes out the mean of the batch, so the score of one phrase depends on the "
                             "others. The penalty takes the gradient of the sum of all scores and reads row n as the "
                             "gradient of phrase n's own score; with batch norm it is something else, and the slope "
                             "that is punished is no slope of D (Gulrajani et al. 2017, section 4).",
                             "Layer norm looks at one phrase at a time and would be allowed; but it bends D, and the "
                             "second backward then needs the forward values again."},
                  .facts = {}};
    lesson.facts.push_back({"this critic: how much D of one phrase depends on another, beside its own",
                            number(coupling(context.what.critic, two))});
    ModelConfig config = context.what.config;
    config.critic_norm = NormChoice::batch;
    tensor::RandomStream random{context.options.seed, 0x6E6F726Du, 0};
    const Critic with_batch_norm = make_critics(config, random, two.dtype(), two.device())[context.what.index];
    lesson.facts.push_back(
        {"the same network with batch norm and fresh weights", number(coupling(with_batch_norm, two))});
    return lesson;
}

namespace {

struct Graph {
    std::int64_t bytes = 0;  ///< that the tape holds when the penalty is there and nothing has gone backward
    std::vector<Tensor> gradients;
};

Graph graph_with(tensor::Fusion fusion, const LessonContext& context) {
    tensor::Execution execution = tensor::execution();
    execution.fusion = fusion;
    const tensor::ExecutionScope scope(execution);
    const Tensor point = context.batch.interpolated();
    const tensor::Arena& arena = tensor::arena(point.device());
    const std::int64_t before = arena.statistics().in_use;
    Graph graph;
    {
        const Variable penalty = penalty_at(context.what.critic, point, context.objective);
        graph.bytes = arena.statistics().in_use - before;
    }
    graph.gradients = penalty_gradients(context.what.critic, point, context.objective);
    return graph;
}

}  // namespace

Lesson lesson_of_fusion(const LessonContext& context) {
    const Graph plain = graph_with(tensor::Fusion::off, context), fused = graph_with(tensor::Fusion::always, context);
    double largest = 0;
    int missing = 0;
    for (std::size_t i = 0; i < plain.gradients.size(); ++i) {
        missing += plain.gradients[i].defined() != fused.gradients[i].defined();
        if (!plain.gradients[i].defined() || !fused.gradients[i].defined()) continue;
        const double apart = norm_of(tensor::subtract(plain.gradients[i], fused.gradients[i]));
        const double size = norm_of(plain.gradients[i]);
        largest = std::max(largest, size > 0 ? apart / size : apart);
    }
    const bool is_linear = context.explanation.is_piecewise_linear;
    Lesson lesson{
        .question = "What do fused operators and masks as bits leave out, and why is nothing lost?",
        .answer = {is_linear ? "Of the forward pass the second backward needs nothing but on which side of its "
                               "kink each unit was: one bit instead of a number of 32 or 64. The product, its "
                               "bias and LeakyReLU are one pass over memory; the tape has all three entries, "
                               "of which only the last has a value."
                             : "A mask needs one bit per unit instead of a number of 32 or 64. This critic "
                               "bends, so its second backward needs the forward values themselves as well, and "
                               "little can be left out.",
                   "Where a layer is thin, it and the next one run as one operator, which computes the values "
                   "in between again instead of keeping them. Its rules are those of the two layers, written "
                   "out. In this walk masks as bits and pairs of layers are switched off, and bias, LeakyReLU "
                   "and mask go along with their product; below is what switching on the rest changes."},
        .facts = {}};
    const auto bytes = [](std::int64_t count) { return tensor::bytes_text(static_cast<double>(count)); };
    lesson.facts.push_back({"kept by the tape when the penalty is computed, plain", bytes(plain.bytes)});
    lesson.facts.push_back({"kept with masks as bits and pairs of layers as one operator", bytes(fused.bytes)});
    lesson.facts.push_back(
        {"largest relative difference of a gradient of the penalty", fmt::format("{:.2g}", largest)});
    lesson.facts.push_back({"gradients that only one of the two has", fmt::format("{}", missing)});
    return lesson;
}

}  // namespace musegan
