// A check of markup: are its elements closed in the order in which they were opened?
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace support {

/// "" for well-formed markup of elements, attributes in double quotes, and references to characters; else what is
/// wrong, and where. Elements that HTML never closes need no end.
inline std::string fault_of_markup(std::string_view markup) {
    constexpr std::array<std::string_view, 4> without_end{"meta", "br", "img", "input"};
    const auto at = [](std::size_t place, std::string text) { return text + " at " + std::to_string(place); };
    std::vector<std::string_view> open;
    for (std::size_t k = 0; k < markup.size();) {
        const char c = markup[k];
        if (c == '>') return at(k, "a > that ends nothing");
        if (c == '&') {
            const std::size_t end = markup.find(';', k);
            if (end == std::string_view::npos || end - k > 8) return at(k, "an & that begins no reference");
        }
        if (c != '<') {
            ++k;
            continue;
        }
        const bool is_end = k + 1 < markup.size() && markup[k + 1] == '/';
        const std::size_t start = k + (is_end ? 2 : 1);
        const std::size_t after =
            std::min(markup.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789", start), markup.size());
        const std::string_view name = markup.substr(start, after - start);
        if (name.empty()) return at(k, "a < without a name");
        std::size_t end = after;
        for (bool is_quoted = false; end < markup.size() && (is_quoted || markup[end] != '>'); ++end) {
            if (markup[end] == '"') is_quoted = !is_quoted;
            if (markup[end] == '<') return at(end, "a < inside of an element's marks");
        }
        if (end == markup.size()) return at(k, "an element whose marks have no end");
        if (is_end) {
            if (open.empty() || open.back() != name) return at(k, "an end of " + std::string(name) + " not open");
            open.pop_back();
        } else if (std::ranges::find(without_end, name) == without_end.end()) {
            open.push_back(name);
        }
        k = end + 1;
    }
    return open.empty() ? "" : "no end of " + std::string(open.back());
}

}  // namespace support
