#include "musegan/pages/explanation_steps.hpp"

#include <fmt/format.h>

#include <array>
#include <string>
#include <vector>

#include "musegan/pages/numbers.hpp"
#include "musegan/study/explanation_words.hpp"
#include "tensor/units.hpp"

namespace musegan {

namespace {

constexpr std::array stage_names{"Forward", "Gradient", "Second backward"};

std::string id_of(const char* kind, std::size_t k) { return fmt::format("{}-{}", kind, k + 1); }

Markup span(std::string_view kind, const Markup& content) { return element("span", {{"class", kind}}, content); }

Markup link(const std::string& id, std::string_view text) { return element("a", {{"href", "#" + id}}, words(text)); }

std::string joined(const std::vector<std::string>& texts) {
    std::string list;
    for (const std::string& text : texts) list += (list.empty() ? "" : ", ") + text;
    return list;
}

Markup operand_markup(const ExplainedOperand& operand) {
    Markup item = span("formula", formula(operand.symbol)) + Markup{" "};
    if (operand.step)
        item += link(id_of("step", *operand.step),
                     operand.what.empty() ? fmt::format("result of step {}", *operand.step + 1) : operand.what);
    else item += words(operand.what);
    if (!operand.shape.empty()) item += Markup{" "} + span("shape", words(operand.shape));
    if (operand.decides_signs) item += Markup{" "} + element("small", {}, words("decides signs, has no derivative"));
    return element("li", {}, item);
}

Markup operands_markup(const ExplainedStep& step) {
    if (step.operands.empty()) return {};
    Markup items;
    for (const ExplainedOperand& operand : step.operands) items += operand_markup(operand);
    return element("h4", {}, words("Reads")) + element("ul", {{"class", "operands"}}, items);
}

Markup checks_markup(const ExplainedStep& step) {
    if (step.checks.empty()) return {};
    Markup items;
    for (const ExplainedCheck& check : step.checks)
        items += element("li", {},
                         span("formula", formula(check.number)) +
                             words(fmt::format(" is {} here and {} by {}; relative difference ",
                                               page_number(check.value), page_number(check.other), check.way)) +
                             element("b", {}, words(page_difference(check.difference))) +
                             words(check.is_rounding() ? " (zero but for rounding: its terms cancel)" : ""));
    return element("h4", {}, words("Found another way")) + element("ul", {{"class", "checks"}}, items);
}

/// What the step's operator did, in numbers.
std::vector<PageFact> facts_of(const ExplainedStep& step, const Explanation& explanation) {
    std::vector<PageFact> facts{{"operator", step.operation}};
    const auto add = [&](const char* name, const std::string& value, const std::string& note = "") {
        if (!value.empty()) facts.push_back({name, value, note});
    };
    add("carried out by", step.kernel);
    add("called by the rule of", step.rule);
    add("layer", step.layer);
    add("shape", step.shape);
    add("norm", page_number(step.norm));
    if (step.parameter && *step.parameter < explanation.parameters.size())
        add("of the whole gradient", page_share(step.share),
            fmt::format("of {}", explanation.parameters[*step.parameter].name));
    if (step.flops >= 1e6) add("arithmetic", tensor::flops_text(step.flops));
    if (step.flops > 0 && step.flops < 1e6)
        add("arithmetic", tensor::count_text(static_cast<std::int64_t>(step.flops)) + " FLOP");
    if (step.bytes > 0) add("memory", tensor::bytes_text(step.bytes));
    add("left on the tape", joined(step.tape));
    return facts;
}

Markup more_of(const ExplainedStep& step, const Explanation& explanation) {
    Markup more = operands_markup(step) + facts_list("facts", facts_of(step, explanation)) + checks_markup(step);
    if (step.code && *step.code < explanation.code.size()) {
        const ExplainedCode& code = explanation.code[*step.code];
        more += element(
            "p", {{"class", "source"}},
            words("In the source: ") + link(id_of("code", *step.code), fmt::format("{}:{}", code.file, code.line)));
    }
    return element("div", {{"class", "more"}}, more);
}

Markup step_markup(const Explanation& explanation, std::size_t k) {
    const ExplainedStep& step = explanation.steps[k];
    const std::string kind = fmt::format("step stage{}", static_cast<int>(step.stage));
    Markup line = span("code", words(step.operation));
    for (const std::string& word : {step.layer, step.shape})
        if (!word.empty()) line += words(" \u00b7 " + word);
    line += words(fmt::format(" \u00b7 norm {}", page_number(step.norm)));
    return element("li", {{"class", kind}, {"id", id_of("step", k)}},
                   element("template", {}, formula(step.symbol)) +
                       element("div", {{"class", "equation"}},
                               span("place", words(fmt::format("{}", k + 1))) + Markup{" "} +
                                   span("formula", formula(step.formula.empty() ? step.symbol : step.formula))) +
                       element("p", {{"class", "meaning"}}, words(step.meaning)) +
                       element("details", {}, element("summary", {}, line) + more_of(step, explanation))) +
           Markup{"\n"};
}

Markup stage_markup(const Explanation& explanation, UpdateStage stage) {
    Markup items;
    for (std::size_t k = 0; k < explanation.steps.size(); ++k)
        if (explanation.steps[k].stage == stage) items += step_markup(explanation, k);
    if (items.text.empty()) return {};
    return element("h3", {}, words(stage_names[static_cast<std::size_t>(stage)])) +
           paragraph(stage_words(stage, explanation.is_piecewise_linear)) + element("ol", {{"class", "steps"}}, items);
}

Markup listing_markup(const ExplainedCode& code, std::size_t k) {
    return element("details", {{"class", "listing"}, {"id", id_of("code", k)}},
                   element("summary", {{"class", "code"}}, words(fmt::format("{}:{}", code.file, code.line))) +
                       element("pre", {{"tabindex", "0"}}, element("code", {}, words(code.text)))) +
           Markup{"\n"};
}

}  // namespace

Markup steps_markup(const Explanation& explanation) {
    Markup all;
    for (const UpdateStage stage : {UpdateStage::forward, UpdateStage::gradient, UpdateStage::second_backward})
        all += stage_markup(explanation, stage);
    if (explanation.code.empty()) return all;
    all += element("h3", {}, words("The lines of code")) + Markup{"\n"};
    for (std::size_t k = 0; k < explanation.code.size(); ++k) all += listing_markup(explanation.code[k], k);
    return all;
}

}  // namespace musegan
