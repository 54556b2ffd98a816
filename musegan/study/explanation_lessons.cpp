#include "musegan/study/explanation_lessons.hpp"

#include <algorithm>
#include <cmath>

#include "musegan/study/penalty_ways.hpp"
#include "musegan/study/tensor_numbers.hpp"
#include "musegan/study/unit_signs.hpp"
#include "tensor/conv3d.hpp"
#include "tensor/direction.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/random.hpp"

namespace musegan {

namespace {

std::string number(double value) { return fmt::format("{:.12g}", value); }

}  // namespace

std::vector<Lesson> penalty_lessons(const LessonContext& context) {
    return {lesson_of_biases(context), lesson_of_masks(context),   lesson_of_input_gradients(context),
            lesson_of_alpha(context),  lesson_of_epsilon(context), lesson_of_batch_norm(context),
            lesson_of_fusion(context)};
}

Lesson lesson_of_biases(const LessonContext& context) {
    const layers::Parameters& parameters = context.what.critic.parameters();
    std::size_t biases = 0, reached = 0, first = parameters.trainable.size();
    for (std::size_t i = 0; i < parameters.trainable.size(); ++i) {
        if (!parameters.trainable[i].name.ends_with(".bias")) continue;
        first = std::min(first, i);
        ++biases;
        reached += context.explanation.parameters[i].is_reached;
    }
    Lesson lesson{.question = "Why does the penalty give biases no gradient?", .answer = {}, .facts = {}};
    if (context.explanation.is_piecewise_linear)
        lesson.answer = {
            "A bias shifts what its layer makes. As long as no unit crosses its kink, all masks stay, and the gradient "
            "by the phrase is a product of weights and masks alone: no bias stands in it. The score moves with a bias, "
            "its slope does not.",
            "The tape says the same without being told: among what the gradient's steps read there is no bias, and of "
            "forward values nothing but their signs; so no path leads from P to a bias, and the sweep answers with "
            "nothing instead of zeros."};
    else
        lesson.answer = {
            "They would have none if the critic were piecewise linear. This one is not: its norm bends it, "
            "so the gradient by the phrase depends on where the forward values lie, and these depend on the biases. "
            "Only a bias behind everything that bends moves the score alone."};
    lesson.facts.push_back({"biases that a path leads to from P", fmt::format("{} of {}", reached, biases)});
    if (first == parameters.trainable.size()) return lesson;
    const Critic reference = reference_critic(context.what);
    const Tensor& bias = parameters.trainable[first].variable.value();
    tensor::RandomStream random{context.options.seed, 0x62696173u, 0};
    const Tensor direction = tensor::random_normal(random, bias.shape(), 1.0, DType::f64);
    Tensor live = reference.parameters().trainable[first].variable.value();
    tensor::add_direction(live, direction);
    const Tensor point = context.batch.interpolated().to(Device::reference());
    double score = 0;
    {
        const autograd::NoGrad no_grad;
        const Tensor scores = Variable(reference(Variable(point))).value();
        for (const double each : tensor::derivative_of(scores).values<double>()) score += each;
    }
    const double penalty = tensor::derivative_of(penalty_at(reference, point, context.objective).value()).item();
    const std::string& name = parameters.trainable[first].name;
    lesson.facts.push_back(
        {fmt::format("d(sum of D) along a random direction of {}, complex step", name), fmt::format("{:.6g}", score)});
    lesson.facts.push_back({"dP along the same direction, complex step", fmt::format("{:.6g}", penalty)});
    return lesson;
}

Lesson lesson_of_masks(const LessonContext& context) {
    std::size_t units = 0, positive = 0;
    double nearest = std::numeric_limits<double>::infinity();
    for (const WalkEvent& event : context.walk.events())
        for (const WalkEntry& entry : event.entries) {
            if (event.stage != UpdateStage::forward || std::string_view(entry.node->operation) != "leaky_relu")
                continue;
            const double slope = entry.mask_slope.value_or(1.0);
            const std::vector<double> values = event.value.values<double>();
            for (const double value : values) {
                positive += value > 0;
                const double before = value > 0 ? value : slope > 0 ? std::abs(value / slope) : nearest;
                nearest = std::min(nearest, before);
            }
            units += values.size();
        }
    Lesson lesson{.question = "Why are masks not differentiated?",
                  .answer = {"LeakyReLU is x where x is positive and a part of x elsewhere. Its derivative m is 1 or "
                             "that part, and does not change when x changes a little. So in m * u only u is a "
                             "variable, and the mask's rule is the mask again: k = m * dP/du.",
                             "At the kink itself there is no derivative; that a unit lies exactly there has "
                             "probability 0, and the program takes the left side. A step so long that units cross "
                             "their kinks changes masks: below, how many do."},
                  .facts = {}};
    lesson.facts.push_back({"units with a mask", fmt::format("{}, of which {} are positive", units, positive)});
    lesson.facts.push_back({"distance of the nearest unit to its kink", fmt::format("{:.3g}", nearest)});
    const Tensor point = context.batch.interpolated();
    tensor::RandomStream random{context.options.seed, 0x6D61736Bu, 0};
    const Tensor normal = tensor::random_normal(random, point.shape(), 1.0, DType::f64);
    const Tensor direction = tensor::scale(normal, 1.0 / norm_of(normal)).to(point.device());
    const std::vector<bool> here = unit_signs(context.what.critic, point);
    for (const double step : {1e-9, 1e-3, 1.0}) {
        const std::vector<bool> there =
            unit_signs(context.what.critic, tensor::add(point, tensor::scale(direction, step)));
        std::size_t changed = 0;
        for (std::size_t i = 0; i < here.size(); ++i) changed += here[i] != there[i];
        lesson.facts.push_back({fmt::format("signs that change {:g} away from x^ in a random direction", step),
                                fmt::format("{} of {}", changed, here.size())});
    }
    return lesson;
}

namespace {

/// The convolution whose A made the event.
const tensor::Conv3dGeometry* geometry_of(const WalkEvent& event, const std::vector<tensor::Conv3dGeometry>& all) {
    const auto found = std::ranges::find_if(all, [&](const tensor::Conv3dGeometry& geometry) {
        const std::int64_t phrases = event.value.shape()[0];
        return event.value.shape() == geometry.input_shape(phrases) &&
               event.operands[1].shape() == geometry.weight_shape() &&
               event.operands[0].shape() == geometry.output_shape(phrases);
    });
    return found == all.end() ? nullptr : &*found;
}

/// Of P by the result of event e, if the result is no part of a fused operator.
const Tensor* cotangent_of(const UpdateWalk& walk, std::size_t e) {
    for (const WalkCotangent& cotangent : walk.cotangents())
        if (cotangent.stage == UpdateStage::second_backward && walk.event_of(cotangent.node) == e)
            return &cotangent.value;
    return nullptr;
}

}  // namespace

Lesson lesson_of_input_gradients(const LessonContext& context) {
    Lesson lesson{
        .question = "Why does A(g, w), when it is differentiated, need F and B?",
        .answer = {"A convolution is one trilinear form: T(x, w, g), the sum of x w g over all taps. F is its "
                   "derivative by g, A by x and B by w. So <h, A(g, w)> is T(h, w, g), and its derivatives "
                   "by g and by w can be read off: F(h, w) and B(h, g).",
                   "The gradient by the phrase is a chain of A; differentiating it runs a chain of F, and one "
                   "B per layer for its weights. No fourth operator is needed at any order, and matrix "
                   "products do the same among NN, NT and TN."},
        .facts = {}};
    std::array<int, 2> called{};
    for (const WalkEvent& event : context.walk.events()) {
        if (event.stage != UpdateStage::second_backward || event.rule != "conv3d_input_gradient") continue;
        called[0] += std::string_view(event.scope.operation) == "conv3d";
        called[1] += std::string_view(event.scope.operation) == "conv3d_weight_gradient";
    }
    lesson.facts.push_back(
        {"conv3d (F), called by the rule of conv3d_input_gradient", fmt::format("{} times", called[0])});
    lesson.facts.push_back({"conv3d_weight_gradient (B), called by the same rule", fmt::format("{} times", called[1])});
    const std::vector<tensor::Conv3dGeometry> geometries = context.what.critic.convolutions();
    // The last A on the way back has no mask behind it: its result is the gradient by the phrase, or a track's part.
    for (std::size_t e = context.walk.events().size(); e-- > 0;) {
        const WalkEvent& event = context.walk.events()[e];
        if (event.stage != UpdateStage::gradient ||
            std::string_view(event.scope.operation) != "conv3d_input_gradient" || event.operands.size() > 2)
            continue;
        const tensor::Conv3dGeometry* const geometry = geometry_of(event, geometries);
        const Tensor* const cotangent = cotangent_of(context.walk, e);
        if (!geometry || !cotangent || cotangent->shape() != event.value.shape()) continue;
        // A derivative of 0 would prove nothing: then along a random direction.
        tensor::RandomStream random{context.options.seed, 0x726E64u, 0};
        const bool is_zero = norm_of(*cotangent) == 0;
        const Tensor h =
            is_zero ? tensor::random_normal(random, cotangent->shape(), 1.0, DType::f64).to(cotangent->device())
                    : *cotangent;
        const Tensor &g = event.operands[0], &w = event.operands[1];
        const std::string layer = event.scope.layer;
        lesson.facts.push_back(
            {fmt::format("in {}, with {}: <h, A(g, w)>", layer, is_zero ? "a random h" : "h = dP by its result"),
             number(inner_product(h, event.value))});
        lesson.facts.push_back({"<F(h, w), g>", number(inner_product(tensor::conv3d(h, w, *geometry), g))});
        lesson.facts.push_back(
            {"<B(h, g), w>", number(inner_product(tensor::conv3d_weight_gradient(h, g, *geometry), w))});
        break;
    }
    return lesson;
}

}  // namespace musegan
