// An explanation like those of real updates, made by arithmetic: the same on every machine. The critic has two
// convolutions and a dense layer, or any number of such heads.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "musegan/study/explanation.hpp"

namespace support {

namespace detail {

using musegan::ExplainedStep;
using musegan::UpdateStage;

/// Writes the steps of one update down, and remembers which made what.
class ExampleUpdate {
  public:
    explicit ExampleUpdate(musegan::Explanation& explanation) : explanation_(explanation) {}

    /// The stage, the row and the layer of the steps that follow.
    void at(UpdateStage stage, std::size_t row, std::string layer = "") {
        stage_ = stage;
        row_ = row;
        layer_ = std::move(layer);
    }

    /// Returns the step's place.
    std::size_t step(const std::string& operation, const std::string& symbol, const std::string& right,
                     const std::string& meaning, std::vector<musegan::ExplainedOperand> operands,
                     const std::string& shape) {
        const std::size_t place = explanation_.steps.size();
        const auto number = static_cast<double>(place + 1);
        ExplainedStep step;
        step.stage = stage_;
        step.row = row_;
        step.layer = layer_;
        step.operation = operation;
        step.kernel = operation.starts_with("conv3d") ? "3 products of 672 x 128 x 64" : "";
        step.rule = stage_ == UpdateStage::forward    ? ""
                    : operation.starts_with("conv3d") ? "conv3d_input_gradient"
                                                      : "mean";
        step.symbol = symbol;
        step.formula = symbol + " = " + right;
        step.meaning = meaning;
        step.operands = std::move(operands);
        step.tape = stage_ == UpdateStage::second_backward ? std::vector<std::string>{} : std::vector{operation};
        step.shape = shape;
        step.norm = 12.5 / number + std::abs(std::sin(number));
        step.flops = operation.starts_with("conv3d") ? 2.2e7 * number : 1e4;
        step.bytes = 4e5 + 1e4 * number;
        if (operation.starts_with("conv3d")) step.code = stage_ == UpdateStage::forward ? 0 : 1;
        explanation_.steps.push_back(std::move(step));
        return place;
    }

    ExplainedStep& last() { return explanation_.steps.back(); }

    /// An operand that a step made.
    musegan::ExplainedOperand made(std::size_t step, bool decides_signs = false) const {
        const ExplainedStep& from = explanation_.steps[step];
        return {from.symbol, "result of step " + std::to_string(step + 1), from.shape, step, decides_signs};
    }

  private:
    musegan::Explanation& explanation_;
    UpdateStage stage_ = UpdateStage::forward;
    std::size_t row_ = 0;
    std::string layer_;
};

inline const std::string hidden_shape = "1 x 32 x 24 x 21 x 5", phrase_shape = "1 x 1 x 96 x 84 x 5";

/// One head's forward and gradient, and what its second backward needs of them.
struct ExampleHead {
    std::string name;                                    ///< of the critic: "critic"
    std::size_t row = 0;                                 ///< of its first layer
    std::string index;                                   ///< behind each index: "" or ", 2"
    std::array<std::size_t, 2> activations{}, masked{};  ///< h of both convolutions; m * u
    std::size_t chain = 0;                               ///< the gradient as it leaves the head
};

inline musegan::ExplainedOperand weights_of(const ExampleHead& head, int layer) {
    const std::string name = layer < 3 ? "conv" + std::to_string(layer) : "dense";
    return {"w_{" + std::to_string(layer) + head.index + "}", "weights of " + head.name + "." + name,
            layer < 3 ? "32 x 32 x 4 x 4 x 1" : "80640 x 1", std::nullopt};
}

inline std::size_t example_forward(ExampleUpdate& update, ExampleHead& head, std::size_t phrase) {
    std::size_t input = phrase;
    for (int layer = 1; layer <= 2; ++layer) {
        const std::string index = "_{" + std::to_string(layer) + head.index + "}";
        update.at(UpdateStage::forward, head.row + static_cast<std::size_t>(layer) - 1,
                  head.name + ".conv" + std::to_string(layer));
        const std::size_t product = update.step(
            "conv3d", "z" + index,
            "F(" + (layer == 1 ? std::string("x^") : "h_{1" + head.index + "}") + ", w" + index + ") + b" + index,
            "The layer's convolution and its bias.", {update.made(input), weights_of(head, layer)}, hidden_shape);
        input = update.step("leaky_relu", "h" + index, "phi(z" + index + ")",
                            "LeakyReLU keeps what is positive and scales the rest by 0.2.", {update.made(product)},
                            hidden_shape);
        head.activations[static_cast<std::size_t>(layer) - 1] = input;
    }
    update.at(UpdateStage::forward, head.row + 2, head.name + ".dense");
    return update.step("matmul_nn", "d" + (head.index.empty() ? "" : "_{" + head.index.substr(2) + "}"),
                       "h_{2" + head.index + "} w_{3" + head.index + "} + b_{3" + head.index + "}",
                       "A product with one column gives the score.", {update.made(input), weights_of(head, 3)},
                       "1 x 1");
}

inline void example_gradient(ExampleUpdate& update, ExampleHead& head) {
    update.at(UpdateStage::gradient, head.row + 2, head.name + ".dense");
    std::size_t chain =
        update.step("matmul_nt", "u_{3" + head.index + "}", "1 w_{3" + head.index + "}^T",
                    "The score changes with the last layer's input as its weights say.",
                    {{"1", "cotangent of the score", "1 x 1", std::nullopt}, weights_of(head, 3)}, hidden_shape);
    for (int layer = 2; layer >= 1; --layer) {
        const auto place = static_cast<std::size_t>(layer) - 1;
        const std::string index = "_{" + std::to_string(layer) + head.index + "}";
        update.at(UpdateStage::gradient, head.row + place, head.name + ".conv" + std::to_string(layer));
        chain = update.step("leaky_relu_mask", "v" + index, "m" + index + " * " + update.last().symbol,
                            "Back through LeakyReLU: by 1 or by 0.2.",
                            {update.made(chain), update.made(head.activations[place], true)}, hidden_shape);
        head.masked[place] = chain;
        chain = update.step("conv3d_input_gradient", layer == 1 && head.index.empty() ? "g" : "u" + index,
                            "A(v" + index + ", w" + index + ")", "Back through the convolution, to its input.",
                            {update.made(chain), weights_of(head, layer)}, layer == 1 ? phrase_shape : hidden_shape);
        update.last().checks = {{"|" + update.last().symbol + "|", "reference operators", update.last().norm,
                                 update.last().norm * (1 + 3e-7), 3e-7}};
    }
    head.chain = chain;
}

inline void example_second_backward(ExampleUpdate& update, const ExampleHead& head, std::size_t cotangent,
                                    std::size_t first_parameter) {
    std::size_t carried = cotangent;
    for (int layer = 1; layer <= 2; ++layer) {
        const auto place = static_cast<std::size_t>(layer) - 1;
        const std::string index = "_{" + std::to_string(layer) + head.index + "}";
        const std::string from = layer == 1 ? "q" : "l_{1" + head.index + "}";
        update.at(UpdateStage::second_backward, head.row + place, head.name + ".conv" + std::to_string(layer));
        update.step("conv3d_weight_gradient", "dP/dw" + index, "B(" + from + ", v" + index + ")",
                    "The penalty's share of the gradient of this layer's weights.",
                    {update.made(carried), update.made(head.masked[place])}, "32 x 32 x 4 x 4 x 1");
        update.last().parameter = first_parameter + 2 * place;
        update.last().share = 0.62 - 0.9 * static_cast<double>(place);
        update.last().checks = {{"<dP/dw" + index + ", v>", "complex step", -0.0413, -0.0413 * (1 + 2e-15), 2e-15}};
        carried = update.step("conv3d", "k" + index, "F(" + from + ", w" + index + ")",
                              "The cotangent goes on as a phrase would: through the convolution.",
                              {update.made(carried), weights_of(head, layer)}, hidden_shape);
        carried = update.step("leaky_relu_mask", "l" + index, "m" + index + " * k" + index,
                              "And through LeakyReLU's mask, which is its own derivative.",
                              {update.made(carried), update.made(head.activations[place], true)}, hidden_shape);
    }
    update.at(UpdateStage::second_backward, head.row + 2, head.name + ".dense");
    update.step("matmul_tn", "dP/dw_{3" + head.index + "}", "l_{2" + head.index + "}^T 1",
                "The last layer's share: what arrives where its input was.", {update.made(carried)}, "80640 x 1");
    update.last().parameter = first_parameter + 4;
    update.last().share = 0.08;
}

/// Slopes and the penalty; returns the step that made s and the one that made P.
inline std::array<std::size_t, 2> example_penalty(ExampleUpdate& update, std::size_t gradient) {
    update.at(UpdateStage::gradient, 1);
    const std::size_t slope = update.step("norm", "s", "sqrt(10^{-8} + <g, g>)", "The slope: how long the gradient is.",
                                          {update.made(gradient)}, "1");
    update.at(UpdateStage::gradient, 0);
    const std::size_t distance =
        update.step("affine", "r", "s - 1", "How far the slope is from 1.", {update.made(slope)}, "1");
    const std::size_t penalty = update.step("mean", "P", "lambda E(r^2)", "The penalty, which joins the critic's loss.",
                                            {update.made(distance)}, "");
    return {slope, penalty};
}

inline std::size_t example_cotangent(ExampleUpdate& update, std::array<std::size_t, 2> slope_and_penalty,
                                     std::size_t gradient) {
    update.at(UpdateStage::second_backward, 0);
    const std::size_t by_slope = update.step("affine", "dP/ds", "2 lambda (s - 1)", "The penalty by the slope.",
                                             {update.made(slope_and_penalty[0])}, "1");
    update.at(UpdateStage::second_backward, 1);
    return update.step("multiply", "q", "dP/dg = dP/ds (g) / (s)", "The penalty by the gradient: along the gradient.",
                       {update.made(by_slope), update.made(gradient), update.made(slope_and_penalty[0])}, phrase_shape);
}

inline void example_parameters(musegan::Explanation& explanation, const ExampleHead& head) {
    for (const std::string layer : {"conv1", "conv2", "dense"})
        for (const bool is_weight : {true, false}) {
            const auto number = static_cast<double>(explanation.parameters.size());
            musegan::ExplainedParameter parameter{.name = head.name + "." + layer + (is_weight ? ".weight" : ".bias"),
                                                  .shape = is_weight ? "32 x 32 x 4 x 4 x 1" : "32",
                                                  .values = is_weight ? 16384 : 32};
            const double penalty = is_weight ? 0.62 - 0.45 * number : 0;
            const double real = 0.3 + 0.05 * number;
            parameter.norms = {1.2 + 0.1 * number, 0.9, is_weight ? 2.5 : 0};
            parameter.shares = {1 - penalty - real, real, penalty};
            parameter.norm = 2.2 / (1 + number);
            parameter.is_reached = is_weight;
            explanation.parameters.push_back(std::move(parameter));
        }
}

/// Waves over time and pitch, of another length for each track.
inline std::vector<float> example_map(std::array<std::int64_t, 3> extents, bool is_signed) {
    const auto [steps, pitches, tracks] = extents;
    std::vector<float> values;
    for (std::int64_t step = 0; step < steps; ++step)
        for (std::int64_t pitch = 0; pitch < pitches; ++pitch)
            for (std::int64_t track = 0; track < tracks; ++track) {
                const double value = std::sin(0.11 * static_cast<double>(step * (track + 1))) *
                                     std::cos(0.09 * static_cast<double>(pitch * (5 - track)));
                values.push_back(static_cast<float>(is_signed ? 0.02 * value : std::abs(value)));
            }
    return values;
}

inline musegan::ExplainedWays example_ways() {
    musegan::ExplainedWays ways{
        .text = "Every direction of 6 parameters, by each way.",
        .ways = {{"reverse over reverse", "The tape of the gradient is differentiated once more: what training does.",
                  "all 20,481 derivatives", 9.3e8, 0.031, 2.1e7, 9.3e8, 0},
                 {"complex step", "One direction at a time, to the last digit; to check the others.", "one direction",
                  1.1e9, 0.042, 3.3e7, 1.1e9 * 20481, 3.1e-15},
                 {"central differences", "Two gradients a little apart; anyone can write it.", "one direction", 6.2e8,
                  0.021, 1.9e7, 6.2e8 * 20481, 4.4e-7}},
        .directions = {}};
    for (int k = 0; k < 6; ++k) {
        const double value = k == 3 ? 0 : 0.04 * (k - 2.5);
        ways.directions.push_back({"critic.conv" + std::to_string(1 + k / 4) + (k % 2 == 0 ? ".weight" : ".bias"),
                                   {value, value * (1 + 2e-15), value * (1 - 1e-7 * k) + (k == 3 ? 1e-12 : 0)}});
    }
    return ways;
}

inline std::vector<musegan::Lesson> example_lessons() {
    return {{"Why do the biases get nothing from the penalty?",
             {"A bias shifts what LeakyReLU reads. Unless a value crosses zero its mask stays, and the gradient with "
              "it.",
              "So there is no path from the penalty to a bias, and the answer is not zero but none."},
             {{"parameters without a path", "3 of 6"}, {"derivatives that are none", "97"}}},
            {"What does the second backward cost?",
             {"Each layer runs its forward operator once and its weight gradient once: two passes forward."},
             {{"arithmetic", "930 MFLOP"}}}};
}

}  // namespace detail

/// A critic of `heads` heads, which have 17 steps each, beside what they share.
inline musegan::Explanation example_explanation(int heads = 1, std::array<std::int64_t, 3> extents = {96, 84, 5}) {
    musegan::Explanation explanation;
    explanation.critic = "critic";
    explanation.model = "composer";
    explanation.machine = "Intel Xeon, 2 threads";
    explanation.real = "the first phrase of chords.npz";
    explanation.generated = "the generator of seed 7";
    explanation.objective = "L = E(D(y)) - E(D(x)) + lambda E((|grad D(x^)| - 1)^2)";
    explanation.penalty_weight = 10;
    explanation.extents = extents;
    explanation.tracks = {"drums", "piano", "guitar", "bass", "strings"};
    explanation.tracks.resize(static_cast<std::size_t>(extents[2]), "other");
    explanation.steps_per_bar = 24;
    explanation.alpha = {0.42};
    explanation.score = {-0.317};
    explanation.slope = {1.73};
    explanation.real_score = {0.512};
    explanation.fake_score = {-1.04};
    explanation.penalty = 5.329;
    explanation.rows = {"penalty", "phrase"};
    explanation.code = {{"autograd/conv3d.cpp", 41,
                         "Variable conv3d(const Variable& x, const Variable& w) {\n"
                         "    return record(\"conv3d\", tensor::conv3d(x.value(), w.value()), {...});\n}"},
                        {"autograd/conv3d.cpp", 57,
                         "Variable conv3d_input_gradient(const Variable& g, const Variable& w) {\n"
                         "    if (a < b && c > d) return rule<F>(g, w);\n}"}};

    detail::ExampleUpdate update(explanation);
    update.at(musegan::UpdateStage::forward, 1);
    const std::size_t phrase =
        update.step("interpolate", "x^", "alpha x + (1 - alpha) y", "A phrase on the way from generated to real.",
                    {{"x", "real phrases", detail::phrase_shape, std::nullopt},
                     {"y", "generated phrases", detail::phrase_shape, std::nullopt},
                     {"alpha", "a random number per phrase", "1", std::nullopt}},
                    detail::phrase_shape);
    std::vector<detail::ExampleHead> list;
    std::vector<musegan::ExplainedOperand> scores, gradients;
    for (int k = 0; k < heads; ++k) {
        detail::ExampleHead head;
        head.name = heads == 1 ? "critic" : "critic.head" + std::to_string(k + 1);
        head.row = explanation.rows.size();
        head.index = heads == 1 ? "" : ", " + std::to_string(k + 1);
        for (const std::string layer : {"conv1", "conv2", "dense"}) explanation.rows.push_back(head.name + "." + layer);
        scores.push_back(update.made(detail::example_forward(update, head, phrase)));
        list.push_back(std::move(head));
    }
    explanation.rows.push_back("score");
    update.at(musegan::UpdateStage::forward, explanation.rows.size() - 1);
    update.step("sum", "D", heads == 1 ? "d" : "sum_{k} d_{k}", "The score, summed over phrases.", scores, "1");
    for (detail::ExampleHead& head : list) {
        detail::example_gradient(update, head);
        gradients.push_back(update.made(head.chain));
    }
    std::size_t gradient = list.front().chain;
    if (heads > 1) {
        update.at(musegan::UpdateStage::gradient, 1);
        gradient = update.step("add", "g", "sum_{k} u_{1, k}", "What all heads send back to the phrase.", gradients,
                               detail::phrase_shape);
    }
    const auto slope_and_penalty = detail::example_penalty(update, gradient);
    const std::size_t cotangent = detail::example_cotangent(update, slope_and_penalty, gradient);
    for (const detail::ExampleHead& head : list) {
        detail::example_second_backward(update, head, cotangent, explanation.parameters.size());
        detail::example_parameters(explanation, head);
    }
    explanation.maps = {{"The gradient g", "How the score would change if a note were added.", true,
                         detail::example_map(extents, true)},
                        {"The phrase in between", "Where real and generated phrases have notes.", false,
                         detail::example_map(extents, false)}};
    explanation.lessons = detail::example_lessons();
    explanation.ways = detail::example_ways();
    explanation.checks_text = "5 numbers were found another way; the largest relative difference is 3.0e-07.";
    explanation.seconds = 0.84;
    return explanation;
}

/// The same with a name that is hostile wherever a name can stand.
inline musegan::Explanation hostile_explanation(const std::string& name) {
    musegan::Explanation explanation = example_explanation(1, {12, 8, 2});
    for (std::string* text : {&explanation.critic, &explanation.model, &explanation.machine, &explanation.real,
                              &explanation.generated, &explanation.checks_text})
        *text = name;
    for (std::string& track : explanation.tracks) track = name;
    for (std::string& row : explanation.rows) row = name;
    for (musegan::ExplainedStep& step : explanation.steps) {
        for (std::string* text : {&step.layer, &step.operation, &step.kernel, &step.rule, &step.meaning, &step.shape})
            *text = name;
        step.formula = step.symbol + " = \"" + (name.find('"') == std::string::npos ? name : "words") + "\"";
        for (musegan::ExplainedOperand& operand : step.operands) operand.what = operand.shape = name;
        for (std::string& entry : step.tape) entry = name;
        for (musegan::ExplainedCheck& check : step.checks) check.way = name;
    }
    for (musegan::ExplainedCode& code : explanation.code) code.file = code.text = name;
    for (musegan::ExplainedParameter& parameter : explanation.parameters) parameter.name = parameter.shape = name;
    for (musegan::ExplainedMap& map : explanation.maps) map.title = map.text = name;
    for (musegan::Lesson& lesson : explanation.lessons) {
        lesson.question = name;
        for (std::string& text : lesson.answer) text = name;
        for (musegan::Lesson::Fact& fact : lesson.facts) fact.name = fact.value = name;
    }
    explanation.ways->text = name;
    for (musegan::ExplainedWay& way : explanation.ways->ways) way.name = way.text = way.gives = name;
    for (musegan::ExplainedDirection& direction : explanation.ways->directions) direction.parameter = name;
    return explanation;
}

}  // namespace support
