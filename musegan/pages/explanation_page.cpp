#include "musegan/pages/explanation_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "musegan/pages/explanation_data.hpp"
#include "musegan/pages/explanation_steps.hpp"
#include "musegan/pages/numbers.hpp"
#include "musegan/pages/page.hpp"
#include "musegan/study/explanation_words.hpp"
#include "tensor/units.hpp"

namespace musegan {

namespace {

std::string plural(std::size_t count, const char* one) {
    return fmt::format("{} {}{}", tensor::count_text(static_cast<std::int64_t>(count)), one, count == 1 ? "" : "s");
}

/// "10" and not "10.0": a number that somebody chose.
std::string short_text(double number) { return fmt::format("{:g}", number); }

std::string joined(const std::vector<std::string>& texts) {
    std::string list;
    for (const std::string& text : texts) list += (list.empty() ? "" : ", ") + text;
    return list;
}

std::size_t operators_of(const Explanation& explanation, UpdateStage stage) {
    return static_cast<std::size_t>(std::ranges::count(explanation.steps, stage, &ExplainedStep::stage));
}

std::string direction_of(const std::vector<double>& slopes, bool is_one_sided) {
    const auto above = std::ranges::count_if(slopes, [](double slope) { return slope > 1; });
    if (slopes.empty()) return "";
    if (above == 0) return is_one_sided ? "below 1: left alone" : "below 1: the penalty pushes it up";
    if (static_cast<std::size_t>(above) == slopes.size()) return "above 1: the penalty pushes it down";
    return "some above 1, some below";
}

/// The number of the one phrase, or the mean over phrases, whose numbers stand in the table.
PageFact mean_figure(const std::string& name, const std::vector<double>& values, const std::string& note) {
    double sum = 0;
    for (const double value : values) sum += value;
    const std::string of = values.size() > 1 ? fmt::format("mean of {}; ", plural(values.size(), "phrase")) : "";
    return {name, values.empty() ? "" : page_number(sum / static_cast<double>(values.size())), of + note};
}

std::vector<PageFact> figures_of(const Explanation& explanation) {
    return {mean_figure("Slope", explanation.slope, direction_of(explanation.slope, explanation.is_one_sided)),
            {"Penalty", page_number(explanation.penalty),
             fmt::format("{} times the square of {}{}", short_text(explanation.penalty_weight),
                         explanation.is_one_sided ? "what the slope has above 1" : "the distance of the slope from 1",
                         explanation.slope.size() > 1 ? ", mean over phrases" : "")},
            mean_figure("Score of x\u0302", explanation.score, "the phrase in between"),
            mean_figure("\u03b1", explanation.alpha, "where between real and generated x\u0302 lies"),
            {"Operators", tensor::count_text(static_cast<std::int64_t>(explanation.steps.size())),
             fmt::format("{} forward, {} gradient, {} second backward", operators_of(explanation, UpdateStage::forward),
                         operators_of(explanation, UpdateStage::gradient),
                         operators_of(explanation, UpdateStage::second_backward))}};
}

std::vector<std::string> words_of(const Explanation& explanation) {
    std::vector<std::string> texts{
        "WGAN-GP wants the critic\u2019s score D to have slope 1 at phrases between real and generated ones. So its "
        "loss holds the length of a gradient, and to train it that length is differentiated once more: a gradient of "
        "a gradient. This page follows one such update through every operator that it called.",
        "Forward goes from the phrase to the score, the gradient back from the score to the phrase, and the second "
        "backward from the penalty along that gradient\u2019s own layers into the weights."};
    if (!explanation.checks_text.empty()) texts.push_back(explanation.checks_text);
    return texts;
}

/// A row for each phrase.
Markup phrases_table(const Explanation& explanation) {
    const auto text_at = [](const std::vector<double>& values, std::size_t k) {
        return words(k < values.size() ? page_number(values[k]) : "");
    };
    std::vector<std::vector<Markup>> rows;
    for (std::size_t k = 0; k < explanation.slope.size(); ++k) {
        rows.push_back({words(fmt::format("{}", k + 1)), text_at(explanation.alpha, k),
                        text_at(explanation.real_score, k), text_at(explanation.fake_score, k),
                        text_at(explanation.score, k), text_at(explanation.slope, k),
                        words(page_number(explanation.phrase_penalty(k)))});
    }
    return plain_table(
        "Each phrase",
        {{"phrase", "", true},
         {"\u03b1", "", true},
         {"D(real)", "", true},
         {"D(generated)", "", true},
         {"D(x\u0302)", "in between", true},
         {"slope s", "of D at x\u0302", true},
         {"penalty", explanation.is_one_sided ? "\u03bb max(0, s \u2212 1)\u00b2" : "\u03bb (s \u2212 1)\u00b2", true}},
        rows);
}

Markup numbers_markup(const Explanation& explanation) {
    Markup all;
    if (!explanation.objective.empty())
        all += element("div", {{"class", "equation objective"}},
                       element("span", {{"class", "formula"}}, formula(explanation.objective)));
    return all + phrases_table(explanation);
}

/// What each map shows; the script draws it below.
Markup maps_markup(const std::vector<ExplainedMap>& maps) {
    Markup all;
    for (std::size_t k = 0; k < maps.size(); ++k)
        all += element("article", {{"id", fmt::format("map-{}", k + 1)}},
                       element("h3", {}, words(maps[k].title)) + paragraph(maps[k].text)) +
               Markup{"\n"};
    return all;
}

Markup lessons_markup(const std::vector<Lesson>& lessons) {
    Markup all;
    for (const Lesson& lesson : lessons) {
        Markup answer, facts;
        for (const std::string& text : lesson.answer) answer += paragraph(text);
        std::vector<PageFact> list;
        for (const Lesson::Fact& fact : lesson.facts) list.push_back({fact.name, fact.value});
        all += element("article", {{"class", "lesson"}},
                       element("h3", {}, words(lesson.question)) + element("div", {{"class", "answer"}}, answer) +
                           facts_list("facts", list)) +
               Markup{"\n"};
    }
    return all;
}

Markup ways_markup(const ExplainedWays& ways) {
    Markup texts;
    std::vector<std::vector<Markup>> rows;
    for (const ExplainedWay& way : ways.ways) {
        texts += element("div", {}, element("dt", {}, words(way.name)) + element("dd", {}, words(way.text)));
        rows.push_back({words(way.name), words(way.gives), words(tensor::flops_text(way.flops)),
                        words(tensor::pace_text(way.seconds)), words(tensor::bytes_text(way.bytes)),
                        words(tensor::flops_text(way.whole_gradient_flops)), words(page_difference(way.difference))});
    }
    return plain_table("What each way costs",
                       {{"way"},
                        {"gives", "in one run"},
                        {"arithmetic", "of one run", true},
                        {"time", "of one run", true},
                        {"memory", "at most", true},
                        {"the whole gradient", "would take", true},
                        {"difference", "largest, relative", true}},
                       rows) +
           element("dl", {{"class", "ways"}}, texts);
}

std::vector<PageFact> settings_of(const Explanation& explanation) {
    const auto [steps, pitches, tracks] = explanation.extents;
    return {{"critic", explanation.critic},
            {"model", explanation.model},
            {"machine", explanation.machine},
            {"real phrases", explanation.real},
            {"generated phrases", explanation.generated},
            {"phrases", fmt::format("{}", explanation.phrases)},
            {"\u03bb", short_text(explanation.penalty_weight), "weight of the penalty"},
            {"a phrase", fmt::format("{} x {} x {}", steps, pitches, tracks), "steps, pitches, tracks"},
            {"steps of a bar", fmt::format("{}", explanation.steps_per_bar)},
            {"tracks", joined(explanation.tracks)},
            {"all of it took", tensor::pace_text(explanation.seconds)}};
}

std::vector<PageSection> sections_of(const Explanation& explanation) {
    std::vector<PageSection> sections{
        {.id = "numbers", .heading = "The update in numbers", .markup = numbers_markup(explanation)},
        {.id = "graph",
         .heading = "Graph",
         .text = "Every operator, in the row of its layer and the column of its stage. A line goes from a result to "
                 "whoever reads it; a dashed one only decides signs, and no derivative goes through it."},
        {.id = "steps",
         .heading = "Step by step",
         .text = "In the order in which they ran. " + letters_words(),
         .markup = element("div", {{"id", "listed"}}, steps_markup(explanation))},
        {.id = "maps",
         .heading = "Over the piano-roll",
         .text = "A number for each cell of the first phrase: time to the right, pitch up.",
         .markup = maps_markup(explanation.maps)},
        {.id = "pulls",
         .heading = "Who pulls at which weights",
         .text = "The loss has three terms, and each has a gradient for each parameter. A share is the part of it "
                 "along the whole gradient. The three add up to 100 %; one to the left of 0 pulls the other way."},
        {.id = "questions", .heading = "Questions", .markup = lessons_markup(explanation.lessons)}};
    if (explanation.ways)
        sections.push_back({.id = "ways",
                            .heading = "Ways",
                            .text = explanation.ways->text,
                            .markup = ways_markup(*explanation.ways)});
    sections.push_back({.id = "settings", .heading = "Settings", .facts = settings_of(explanation)});
    return sections;
}

}  // namespace

std::string explanation_page(const Explanation& explanation) {
    return html(
        {.title = "The gradient penalty, operator by operator",
         .subtitle = fmt::format("One update of {} of a {}: {} for {}. {}", explanation.critic, explanation.model,
                                 plural(explanation.steps.size(), "operator"),
                                 plural(static_cast<std::size_t>(explanation.phrases), "phrase"), explanation.machine),
         .figures = figures_of(explanation),
         .words = words_of(explanation),
         .sections = sections_of(explanation),
         .styles = {"explanation/explanation.css", "explanation/graph.css"},
         .script = "explanation/explanation.js",
         .data = explanation_data(explanation)});
}

}  // namespace musegan
