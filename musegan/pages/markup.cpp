#include "musegan/pages/markup.hpp"

#include <fmt/format.h>

#include "musegan/study/formula.hpp"

namespace musegan {

std::string escape_html(std::string_view text) {
    std::string result;
    result.reserve(text.size() + text.size() / 8);
    for (const char c : text) {
        switch (c) {
            case '&': result += "&amp;"; break;
            case '<': result += "&lt;"; break;
            case '>': result += "&gt;"; break;
            case '"': result += "&quot;"; break;
            case '\'': result += "&#39;"; break;
            default: result += c;
        }
    }
    return result;
}

Markup element(std::string_view tag, Attributes attributes, const Markup& content) {
    std::string start = fmt::format("<{}", tag);
    for (const auto& [name, value] : attributes) start += fmt::format(" {}=\"{}\"", name, escape_html(value));
    return {fmt::format("{}>{}</{}>", start, content.text, tag)};
}

Markup words(std::string_view text) { return {escape_html(text)}; }

Markup formula(std::string_view notation) { return notation.empty() ? Markup{} : Markup{formula_mathml(notation)}; }

Markup paragraph(std::string_view text) {
    return text.empty() ? Markup{} : element("p", {}, words(text)) + Markup{"\n"};
}

Markup facts_list(std::string_view kind, const std::vector<PageFact>& facts) {
    if (facts.empty()) return {};
    Markup list{"\n"};
    for (const PageFact& fact : facts) {
        Markup value = words(fact.value);
        if (!fact.note.empty()) value += Markup{" "} + element("small", {}, words(fact.note));
        list += element("div", {}, element("dt", {}, words(fact.name)) + element("dd", {}, value)) + Markup{"\n"};
    }
    return element("dl", {{"class", kind}}, list) + Markup{"\n"};
}

Markup plain_table(std::string_view caption, const std::vector<MarkupColumn>& columns,
                   const std::vector<std::vector<Markup>>& rows) {
    const auto kind_of = [&](std::size_t k) { return k < columns.size() && columns[k].is_number ? "number" : "text"; };
    Markup heads, body{"\n"};
    for (std::size_t k = 0; k < columns.size(); ++k) {
        Markup name = words(columns[k].name);
        if (!columns[k].unit.empty()) name += element("small", {}, words(columns[k].unit));
        heads += element("th", {{"scope", "col"}, {"class", kind_of(k)}}, name);
    }
    for (const std::vector<Markup>& row : rows) {
        Markup cells;
        for (std::size_t k = 0; k < row.size(); ++k) cells += element("td", {{"class", kind_of(k)}}, row[k]);
        body += element("tr", {}, cells) + Markup{"\n"};
    }
    const Markup table = element("caption", {}, words(caption)) + element("thead", {}, element("tr", {}, heads)) +
                         element("tbody", {}, body);
    return element("div", {{"class", "scroll"}, {"tabindex", "0"}, {"role", "region"}, {"aria-label", caption}},
                   element("table", {{"class", "plain"}}, table)) +
           Markup{"\n"};
}

}  // namespace musegan
