#include "musegan/figures/text_layout.hpp"

#include <doctest/doctest.h>

#include "musegan/figures/palette.hpp"

using namespace musegan;

namespace {

const TextStyle style{.size = 12};

}  // namespace

TEST_CASE("text layout: what fits stays, what does not ends in an ellipsis and fits then") {
    const std::string text = "critic.shared.conv1";
    CHECK(ellipsized(text, text_width(text, style), style) == text);
    const std::string shorter = ellipsized(text, 60, style);
    CHECK(shorter.ends_with("\u2026"));
    CHECK(text.starts_with(shorter.substr(0, shorter.size() - 3)));
    CHECK(text_width(shorter, style) <= 60);
    CHECK(text_width(text.substr(0, shorter.size() - 2) + "\u2026", style) > 60);  // a letter more does not fit
    CHECK(ellipsized(text, 1, style).empty());
    CHECK(ellipsized(text, 30, style, 10).empty());
    // No letter of UTF-8 is cut in two.
    for (double room = 10; room < 60; room += 1) {
        const std::string cut = ellipsized("\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9", room, style);
        CHECK(cut.size() % 2 == (cut.ends_with("\u2026") ? 1 : 0));
    }
}

TEST_CASE("text layout: words fill lines in order, none of them too long") {
    const std::string text = "each dot is an operator in a layer and averyveryverylongwordthatfitsnowhere at all";
    const std::vector<std::string> lines = wrapped(text, 120, style);
    CHECK(lines.size() > 4);
    std::string joined;
    for (std::size_t k = 0; k < lines.size(); ++k) {
        CHECK(text_width(lines[k], style) <= 120);
        joined += (k > 0 ? " " : "") + lines[k];
        if (k + 1 == lines.size()) break;
        const std::string next = lines[k + 1].substr(0, lines[k + 1].find(' '));
        CHECK(text_width(lines[k] + " " + next, style) > 120);  // it would not have fitted
    }
    CHECK(joined.starts_with("each dot is an operator in a layer and avery"));
    CHECK(joined.ends_with("\u2026 at all"));
    CHECK(wrapped("", 100, style).empty());
    CHECK(wrapped("two words", 1000, style) == std::vector<std::string>{"two words"});
}

TEST_CASE("palette: nine different colours, and ink that is read on each") {
    for (std::size_t k = 0; k < palette.size(); ++k)
        for (std::size_t j = 0; j < k; ++j) CHECK(palette[k] != palette[j]);
    CHECK(palette_color(9) == palette[0]);
    CHECK(ink_on(white) == black);
    CHECK(ink_on(black) == white);
    CHECK(ink_on({221, 204, 119}) == black);  // sand
    CHECK(ink_on({51, 34, 136}) == white);    // indigo
}
