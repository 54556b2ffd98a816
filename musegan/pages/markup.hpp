// Markup that C++ writes into a page. A Markup is made of escaped words, of elements around other Markups, and of
// formulas (study/formula.hpp), which escape their names themselves. Nothing else may become one: a plain string stays
// a string until `words` has escaped it.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace musegan {

/// The text with &, <, > and quotes as references to characters, for elements and attributes.
std::string escape_html(std::string_view text);

struct Markup {
    std::string text;

    Markup& operator+=(const Markup& other) {
        text += other.text;
        return *this;
    }
};
inline Markup operator+(Markup first, const Markup& second) { return first += second; }

/// Names of attributes are the program's own; their values are escaped.
using Attributes = std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// <tag name="value">content</tag>
Markup element(std::string_view tag, Attributes attributes, const Markup& content);
/// The text, escaped.
Markup words(std::string_view text);
/// The formula as MathML; nothing for "". Throws what formula_mathml throws.
Markup formula(std::string_view notation);
/// <p>text</p>; nothing for "".
Markup paragraph(std::string_view text);

/// A name and a value; the note stands small beside the value.
struct PageFact {
    std::string name, value, note{};
};
/// A list of names and values, of class `kind`; nothing without facts.
Markup facts_list(std::string_view kind, const std::vector<PageFact>& facts);

struct MarkupColumn {
    std::string name, unit{};
    bool is_number = false;
};
/// A table with a caption, in a frame of its own that scrolls. Each row has a cell per column.
Markup plain_table(std::string_view caption, const std::vector<MarkupColumn>& columns,
                   const std::vector<std::vector<Markup>>& rows);

}  // namespace musegan
