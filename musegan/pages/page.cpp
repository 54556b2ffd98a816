#include "musegan/pages/page.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "musegan/pages/page_texts.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

/// In the order in which they need each other.
constexpr std::array kit_scripts{"kit/elements.js", "kit/numbers.js", "kit/controls.js", "kit/table.js",
                                 "kit/tooltip.js",  "kit/figure.js",  "kit/theme.js"};

using Replacement = std::pair<std::string_view, std::string_view>;

/// `text` with each of the strings that stand first replaced, in one pass.
std::string replaced(std::string_view text, std::initializer_list<Replacement> replacements) {
    std::string result;
    result.reserve(text.size() + text.size() / 8);
    while (!text.empty()) {
        const auto found =
            std::ranges::find_if(replacements, [&](const Replacement& pair) { return text.starts_with(pair.first); });
        if (found == replacements.end()) {
            result += text.front();
            text.remove_prefix(1);
        } else {
            result += found->second;
            text.remove_prefix(found->first.size());
        }
    }
    return result;
}

std::string_view text_of(std::string_view name) {
    const auto texts = page_texts();
    const auto found = std::ranges::find(texts, name, &io::EmbeddedText::name);
    if (found == texts.end()) tensor::fail("page", "there is no file '{}' in musegan/pages/", name);
    return found->text;
}

template <typename Names>
void append_texts(const Names& names, std::string& texts) {
    for (const auto& name : names) texts += text_of(name);
}

std::string facts_html(const char* kind, const std::vector<PageFact>& facts) {
    if (facts.empty()) return "";
    std::string list = fmt::format("<dl class=\"{}\">\n", kind);
    for (const PageFact& fact : facts) {
        const std::string note = fact.note.empty() ? "" : fmt::format(" <small>{}</small>", escape_html(fact.note));
        list +=
            fmt::format("<div><dt>{}</dt><dd>{}{}</dd></div>\n", escape_html(fact.name), escape_html(fact.value), note);
    }
    return list + "</dl>\n";
}

std::string paragraph_html(const std::string& text) {
    return text.empty() ? "" : fmt::format("<p>{}</p>\n", escape_html(text));
}

std::string section_html(const PageSection& section) {
    const std::string id = escape_html(section.id);
    return fmt::format(
        "<section id=\"{0}\" aria-labelledby=\"{0}-heading\">\n<h2 id=\"{0}-heading\">{1}</h2>\n{2}{3}"
        "</section>\n",
        id, escape_html(section.heading), paragraph_html(section.text), facts_html("facts", section.facts));
}

}  // namespace

std::string escape_html(std::string_view text) {
    return replaced(text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&#39;"}});
}

std::string escape_json(std::string_view json) {
    return replaced(
        json, {{"<", "\\u003c"}, {">", "\\u003e"}, {"&", "\\u0026"}, {"\u2028", "\\u2028"}, {"\u2029", "\\u2029"}});
}

std::string html(const Page& page) {
    std::string style(text_of("kit/style.css")), script, links, words, sections;
    append_texts(page.styles, style);
    append_texts(kit_scripts, script);
    append_texts(page.scripts, script);
    for (const std::string& paragraph : page.words) words += paragraph_html(paragraph);
    for (const PageSection& section : page.sections) {
        links += fmt::format("<a href=\"#{}\">{}</a>", escape_html(section.id), escape_html(section.heading));
        sections += section_html(section);
    }
    return fmt::format(fmt::runtime(text_of("kit/page.html")), fmt::arg("title", escape_html(page.title)),
                       fmt::arg("subtitle", escape_html(page.subtitle)), fmt::arg("style", style),
                       fmt::arg("links", links), fmt::arg("figures", facts_html("figures", page.figures)),
                       fmt::arg("words", words), fmt::arg("sections", sections),
                       fmt::arg("data", escape_json(page.data)), fmt::arg("script", script));
}

}  // namespace musegan
