#include "musegan/study/explanation_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <sstream>

#include "musegan/study/explanation_tables.hpp"
#include "musegan/study/explanation_words.hpp"
#include "musegan/study/formula.hpp"
#include "tensor/units.hpp"

namespace musegan {

namespace {

const char* heading_of(UpdateStage stage) {
    switch (stage) {
        case UpdateStage::forward: return "2. Forward: the score, layer by layer";
        case UpdateStage::gradient: return "3. The gradient by the phrase, layer by layer back";
        case UpdateStage::second_backward: break;
    }
    return "4. The second backward: the gradient of the penalty by the weights";
}

/// Of what stands below a step's equation.
constexpr std::size_t step_indent = 5;

std::string number(double value) { return fmt::format("{:.5g}", value); }

/// "0.23, 0.41, ... (64 phrases, mean 0.3)": of more than four as many as there is room for.
std::string list_of(const std::vector<double>& values, std::size_t room) {
    constexpr std::size_t most = 4;
    const auto first = [&](std::size_t count) {
        std::string text;
        for (std::size_t k = 0; k < count; ++k) text += fmt::format("{}{}", k ? ", " : "", number(values[k]));
        return text;
    };
    if (values.size() <= most) return first(values.size());
    const double sum = std::accumulate(values.begin(), values.end(), 0.0);
    const std::string rest =
        fmt::format(", ... ({} phrases, mean {})", values.size(), number(sum / static_cast<double>(values.size())));
    std::size_t shown = most;
    while (shown > 1 && first(shown).size() + rest.size() > room) --shown;
    return first(shown) + rest;
}

/// A list behind its name, and perhaps something behind it, in one line.
std::string named_list(const std::string& name, const std::vector<double>& values, const std::string& end = "") {
    return name + list_of(values, explanation_columns - name.size() - end.size()) + end + "\n";
}

/// "private.bass.conv1" of "critic.private.bass.conv1": a layer without the critic's name.
std::string own_name(const std::string& layer, const std::string& critic) {
    return layer.starts_with(critic + ".") ? layer.substr(critic.size() + 1) : layer;
}

/// Number, layer, formula, shape and norm; what does not fit into one line is continued below.
std::string equation_text(std::size_t k, const Explanation& e) {
    const ExplainedStep& step = e.steps[k];
    const std::string count = fmt::format("{:>3}", k + 1);
    const std::size_t room = 35 - count.size();  // more digits take theirs from the formula
    const std::string formula = one_line(formula_text(step.formula)), shape = one_line(step.shape);
    const std::string place = fmt::format("{}  {:<21.21}  ", count, one_line(own_name(step.layer, e.critic)));
    const std::string values = fmt::format("{:>26}  {:>10}", shape, number(step.norm));
    if (formula.size() <= room && shape.size() <= 26)
        return fmt::format("{}{:<{}}  {}\n", place, formula, room, values);
    const std::string below = values.size() <= explanation_columns
                                  ? fmt::format("{:>{}}\n", values, explanation_columns)
                                  : wrapped(values, step_indent);
    if (place.size() + formula.size() <= explanation_columns) return place + formula + "\n" + below;
    return place.substr(0, place.find_last_not_of(' ') + 1) + "\n" + wrapped(formula, step_indent) + below;
}

std::string check_text(const ExplainedCheck& check) {
    const std::string apart = check.is_rounding()     ? "zero but for rounding, as its terms cancel"
                              : check.difference == 0 ? "equal"
                                                      : fmt::format("{:.1e} apart", check.difference);
    return wrapped(fmt::format("{} = {}, and {} by the complex step: {}", formula_text(check.number),
                               number(check.value), number(check.other), apart),
                   step_indent);
}

/// A line of what a step computes, and below it what that is, how it was computed and how surely. `said` are the
/// meanings that earlier steps have told.
std::string step_text(std::size_t k, const Explanation& e, std::set<std::string>& said) {
    const ExplainedStep& step = e.steps[k];
    std::string text = equation_text(k, e);
    if (said.insert(step.meaning).second) text += wrapped(step.meaning, step_indent);
    const bool says_how = !step.kernel.empty() && step.kernel != "a loop" && step.kernel != step.operation;
    text += wrapped(step.operation + (says_how ? ": " + step.kernel : "") +
                        (step.rule.empty() ? "" : ", called by the rule of " + step.rule),
                    step_indent);
    for (const ExplainedCheck& check : step.checks)
        if (check.way == "complex step") text += check_text(check);
    if (step.parameter)
        text += wrapped(fmt::format("{:.1f} % of the loss's whole gradient of {}", 100 * step.share,
                                    e.parameters[*step.parameter].name),
                        step_indent);
    return text;
}

std::string stage_text(const Explanation& e, UpdateStage stage, std::set<std::string>& said) {
    std::string text =
        fmt::format("\n{}\n\n", heading_of(stage)) + wrapped(stage_words(stage, e.is_piecewise_linear)) +
        fmt::format("\n{:>3}  {:<21}  {:<32}  {:>26}  {:>10}\n", "", "layer", "formula", "shape", "norm");
    for (std::size_t k = 0; k < e.steps.size(); ++k)
        if (e.steps[k].stage == stage) text += step_text(k, e, said);
    return text;
}

/// What the three stages were for: the penalty's gradient by all weights, beside that of the whole loss.
std::string gradient_text(const Explanation& e) {
    double penalty = 0, whole = 0;
    for (const ExplainedParameter& parameter : e.parameters) {
        penalty += parameter.norms[2] * parameter.norms[2];
        whole += parameter.norm * parameter.norm;
    }
    return fmt::format("\n  |dP/dw| = {} over all weights and biases; |dL/dw| = {} with the scores' terms\n",
                       number(std::sqrt(penalty)), number(std::sqrt(whole)));
}

std::string point_text(const Explanation& e) {
    return "\n1. The point\n\n" +
           wrapped(
               "x^ = x + alpha (G(z) - x): a random point of the straight line between a real phrase x and a "
               "generated one G(z), with one alpha in [0, 1) per phrase.") +
           named_list("  alpha               ", e.alpha) + named_list("  D of the real       ", e.real_score) +
           named_list("  D of the generated  ", e.fake_score);
}

std::string heading_text(const Explanation& e) {
    std::int64_t values = 0;
    for (const ExplainedParameter& parameter : e.parameters) values += parameter.values;
    return wrapped(fmt::format("One update of {} of a {}: {} parameters; phrases of {} steps x {} pitches x {} {}",
                               e.critic, e.model, tensor::count_text(values), e.extents[0], e.extents[1], e.extents[2],
                               e.extents[2] == 1 ? "track" : "tracks")) +
           wrapped("real: " + e.real) + wrapped("generated: " + e.generated) +
           wrapped("loss: L = S + P, " + formula_text(e.scores_objective) + ", " + formula_text(e.objective)) +
           wrapped("in f64 on " + e.machine) + "\n" + wrapped(letters_words());
}

/// Names and values in two columns, with dots from one to the other; what is too long for that is wrapped.
std::string facts_text(const std::vector<Lesson::Fact>& facts) {
    constexpr std::size_t indent = 4, most = 76;
    std::size_t width = 0;
    for (const Lesson::Fact& fact : facts) width = std::max(width, std::min(fact.name.size() + 2, most));
    std::string text;
    for (const Lesson::Fact& fact : facts) {
        const bool fits =
            fact.name.size() + 2 <= width && indent + width + 1 + fact.value.size() <= explanation_columns;
        text +=
            fits ? fmt::format("{:{}}{:.<{}} {}\n", "", indent, one_line(fact.name) + " ", width, one_line(fact.value))
                 : wrapped(fmt::format("{}: {}", fact.name, fact.value), indent);
    }
    return text;
}

std::string lessons_text(const std::vector<Lesson>& lessons) {
    if (lessons.empty()) return "";
    std::string text = "\n6. Questions\n";
    for (const Lesson& lesson : lessons) {
        text += "\n" + wrapped(lesson.question);
        for (const std::string& paragraph : lesson.answer) text += wrapped(paragraph, 2);
        text += facts_text(lesson.facts);
    }
    return text;
}

std::string checks_text(const Explanation& e) {
    std::map<std::string, double> largest;
    int roundings = 0;
    for (const ExplainedStep& step : e.steps)
        for (const ExplainedCheck& check : step.checks) {
            roundings += check.is_rounding();
            if (!check.is_rounding()) largest[check.way] = std::max(largest[check.way], check.beside_terms());
        }
    std::string text = e.checks_text;
    if (e.penalty == 0) text += " P is 0: no phrase is punished here, and what comes of it proves nothing.";
    if (roundings > 0)
        text += fmt::format(" {} numbers are zero but for rounding, and are left out of what follows.", roundings);
    for (const auto& [way, difference] : largest)
        text += fmt::format(" Largest relative difference by {}: {:.1e}.", way, difference);
    return "\n" + wrapped(text + fmt::format(" All of it took {}.", tensor::pace_text(e.seconds)));
}

}  // namespace

std::string one_line(std::string text) {
    const auto byte = [&](std::size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0; };
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (byte(at) < 32 || byte(at) == 127) text[at] = ' ';
        // U+0080 to U+009F in UTF-8: the second half of control characters, of which U+009B begins a command.
        if (byte(at) == 0xc2 && byte(at + 1) >= 0x80 && byte(at + 1) < 0xa0) text.replace(at, 2, " ");
    }
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
    std::set<std::string> said;
    std::string text = heading_text(e) + point_text(e);
    text += stage_text(e, UpdateStage::forward, said) + "\n" + named_list("  D(x^) = ", e.score);
    text += stage_text(e, UpdateStage::gradient, said) + "\n" +
            named_list("  slope = ", e.slope, fmt::format("; P = {}", number(e.penalty)));
    text += stage_text(e, UpdateStage::second_backward, said) + gradient_text(e);
    text += parameters_text(e) + lessons_text(e.lessons);
    if (e.ways) text += ways_text(*e.ways);
    return text + checks_text(e);
}

}  // namespace musegan
