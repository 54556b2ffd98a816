#include "musegan/pages/page.hpp"

#include <algorithm>
#include <utility>

#include "musegan/pages/modules.hpp"
#include "musegan/pages/page_texts.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

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

Markup section_markup(const PageSection& section) {
    const std::string heading = section.id + "-heading";
    return element("section", {{"id", section.id}, {"aria-labelledby", heading}},
                   Markup{"\n"} + element("h2", {{"id", heading}}, words(section.heading)) + Markup{"\n"} +
                       paragraph(section.text) + facts_list("facts", section.facts) + section.markup) +
           Markup{"\n"};
}

/// Modules in a scope of their own, as a script.
std::string script_of(const std::string& entry) {
    return fmt::format("(() => {{\n'use strict';\n{}}})();\n", joined_modules(entry));
}

/// What stands in such an element is no markup: it goes up to the next "</script", whatever a comment in it says.
std::string text_element(const PageText& each) {
    const auto holds = [&](std::string_view part) { return each.text.find(part) != std::string::npos; };
    if (holds("</") || holds("<!--"))
        tensor::fail("page", "the text '{}' holds \"</\" or \"<!--\", expected one that ends no element", each.id);
    return fmt::format("<script type=\"text/plain\" id=\"{}\">{}</script>\n", escape_html(each.id), each.text);
}

}  // namespace

std::string escape_json(std::string_view json) {
    return replaced(
        json, {{"<", "\\u003c"}, {">", "\\u003e"}, {"&", "\\u0026"}, {"\u2028", "\\u2028"}, {"\u2029", "\\u2029"}});
}

std::string_view page_text(std::string_view name) {
    const auto texts = page_texts();
    const auto found = std::ranges::find(texts, name, &io::EmbeddedText::name);
    if (found == texts.end()) tensor::fail("page", "there is no file '{}' in musegan/pages/", name);
    return found->text;
}

std::string html(const Page& page) {
    std::string style(page_text("kit/style.css"));
    for (const std::string& name : page.styles) style += page_text(name);
    Markup links, paragraphs, sections;
    std::string texts;
    for (const std::string& text : page.words) paragraphs += paragraph(text);
    for (const PageSection& section : page.sections) {
        links += element("a", {{"href", "#" + section.id}}, words(section.heading));
        sections += section_markup(section);
    }
    for (const PageText& each : page.texts) texts += text_element(each);
    if (!page.worker.empty()) texts += text_element({"worker", script_of(page.worker)});
    return fmt::format(fmt::runtime(page_text("kit/page.html")), fmt::arg("title", escape_html(page.title)),
                       fmt::arg("subtitle", escape_html(page.subtitle)), fmt::arg("style", style),
                       fmt::arg("links", links.text), fmt::arg("figures", facts_list("figures", page.figures).text),
                       fmt::arg("words", paragraphs.text), fmt::arg("sections", sections.text),
                       fmt::arg("data", escape_json(page.data)), fmt::arg("texts", texts),
                       fmt::arg("worker_source", page.worker.empty() ? "'none'" : "blob:"),
                       fmt::arg("script", script_of(page.script)));
}

}  // namespace musegan
