#include "musegan/study/explanation_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>

#include "musegan/study/explanation_tables.hpp"
#include "musegan/study/explanation_words.hpp"
#include "musegan/study/formula.hpp"
#include "tensor/units.hpp"

namespace musegan {

namespace {

const char* heading_of(Stage stage) {
    switch (stage) {
        case Stage::forward: return "2. Forward: the score, layer by layer";
        case Stage::gradient: return "3. The gradient by the phrase, layer by layer back";
        case Stage::second_backward: break;
    }
    return "4. The second backward: the gradient of the penalty by the weights";
}

std::string number(double value) { return fmt::format("{:.5g}", value); }

/// "0.23, 0.41, ... (64 phrases, mean 0.3)".
std::string list_of(const std::vector<double>& values) {
    constexpr std::size_t most = 4;
    std::string text;
    double sum = 0;
    for (std::size_t k = 0; k < values.size(); ++k) {
        if (k < most) text += fmt::format("{}{}", k ? ", " : "", number(values[k]));
        sum += values[k];
    }
    if (values.size() > most)
        text +=
            fmt::format(", ... ({} phrases, mean {})", values.size(), number(sum / static_cast<double>(values.size())));
    return text;
}

/// "private.bass.conv1" of "critic.private.bass.conv1": a layer without the critic's name.
std::string own_name(const std::string& layer, const std::string& critic) {
    return layer.starts_with(critic + ".") ? layer.substr(critic.size() + 1) : layer;
}

/// A line of what a step computes, and below it how and how surely.
std::string step_text(std::size_t k, const Explanation& e) {
    constexpr std::size_t indent = 5;
    const std::string count = fmt::format("{:>3}", k + 1);
    const std::size_t room = 35 - count.size();  // more digits take theirs from the formula
    const ExplainedStep& step = e.steps[k];
    const std::string formula = one_line(formula_text(step.formula));
    const std::string place = fmt::format("{}  {:<21.21}  ", count, one_line(own_name(step.layer, e.critic)));
    const std::string values = fmt::format("{:>26}  {:>10}", one_line(step.shape), number(step.norm));
    std::string text = formula.size() <= room ? fmt::format("{}{:<{}}  {}\n", place, formula, room, values)
                                              : place + formula + "\n" + fmt::format("{:>100}\n", values);
    const bool says_how = !step.kernel.empty() && step.kernel != "a loop" && step.kernel != step.operation;
    text += wrapped(step.operation + (says_how ? ": " + step.kernel : "") +
                        (step.rule.empty() ? "" : ", called by the rule of " + step.rule),
                    indent);
    for (const ExplainedCheck& check : step.checks)
        if (check.way == "complex step")
            text += wrapped(fmt::format("{} = {}, and {} by the complex step: {:.1e} apart", formula_text(check.number),
                                        number(check.value), number(check.other), check.difference),
                            indent);
    if (step.parameter)
        text += wrapped(fmt::format("{:.1f} % of the loss's whole gradient of {}", 100 * step.share,
                                    e.parameters[*step.parameter].name),
                        indent);
    return text;
}

std::string stage_text(const Explanation& e, Stage stage) {
    std::string text =
        fmt::format("\n{}\n\n", heading_of(stage)) + wrapped(stage_words(stage, e.is_piecewise_linear)) +
        fmt::format("\n{:>3}  {:<21}  {:<32}  {:>26}  {:>10}\n", "", "layer", "formula", "shape", "norm");
    for (std::size_t k = 0; k < e.steps.size(); ++k)
        if (e.steps[k].stage == stage) text += step_text(k, e);
    return text;
}

std::string point_text(const Explanation& e) {
    return "\n1. The point\n\n" +
           wrapped(
               "x^ = x + alpha (G(z) - x): a random point of the straight line between a real phrase x and a "
               "generated one G(z), with one alpha in [0, 1) per phrase.") +
           fmt::format("  alpha          {}\n  D of the real  {}\n  D of the new   {}\n", list_of(e.alpha),
                       list_of(e.real_score), list_of(e.fake_score));
}

std::string heading_text(const Explanation& e) {
    std::int64_t values = 0;
    for (const ExplainedParameter& parameter : e.parameters) values += parameter.values;
    return wrapped(fmt::format("One update of {} of a {}: {} parameters; phrases of {} steps x {} pitches x {} {}",
                               e.critic, e.model, tensor::count_text(values), e.extents[0], e.extents[1], e.extents[2],
                               e.extents[2] == 1 ? "track" : "tracks")) +
           wrapped("real: " + e.real) + wrapped("generated: " + e.generated) +
           wrapped(fmt::format("penalty: {}; in f64 on {}", formula_text(e.objective), e.machine)) + "\n" +
           wrapped(letters_words());
}

std::string lessons_text(const std::vector<Lesson>& lessons) {
    if (lessons.empty()) return "";
    std::string text = "\n6. Questions\n";
    for (const Lesson& lesson : lessons) {
        text += "\n" + wrapped(lesson.question);
        for (const std::string& paragraph : lesson.answer) text += wrapped(paragraph, 2);
        for (const Lesson::Fact& fact : lesson.facts)
            text += wrapped(fmt::format("- {}: {}", fact.name, fact.value), 4);
    }
    return text;
}

std::string checks_text(const Explanation& e) {
    std::map<std::string, double> largest;
    for (const ExplainedStep& step : e.steps)
        for (const ExplainedCheck& check : step.checks)
            largest[check.way] = std::max(largest[check.way], check.difference);
    std::string text = e.checks_text;
    for (const auto& [way, difference] : largest)
        text += fmt::format(" Largest relative difference by {}: {:.1e}.", way, difference);
    return "\n" + wrapped(text + fmt::format(" All of it took {}.", tensor::pace_text(e.seconds)));
}

}  // namespace

std::string one_line(std::string text) {
    for (char& c : text)
        if (static_cast<unsigned char>(c) < 32 || c == 127) c = ' ';
    return text;
}

std::string wrapped(const std::string& text, std::size_t indent) {
    const std::string blanks(indent, ' ');
    std::istringstream words(one_line(text));
    std::string word, line = blanks, all;
    while (words >> word) {
        if (line.size() > indent && line.size() + 1 + word.size() > explanation_columns) {
            all += line + "\n";
            line = blanks;
        }
        line += (line.size() > indent ? " " : "") + word;
    }
    return line.size() > indent ? all + line + "\n" : all;
}

std::string explanation_text(const Explanation& e) {
    std::string text = heading_text(e) + point_text(e) + stage_text(e, Stage::forward) +
                       fmt::format("\n  D(x^) = {}\n", list_of(e.score)) + stage_text(e, Stage::gradient) +
                       fmt::format("\n  slope = {}; P = {}\n", list_of(e.slope), number(e.penalty)) +
                       stage_text(e, Stage::second_backward) + parameters_text(e) + lessons_text(e.lessons);
    if (e.ways) text += ways_text(*e.ways);
    return text + checks_text(e);
}

}  // namespace musegan
