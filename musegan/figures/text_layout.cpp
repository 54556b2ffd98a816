#include "musegan/figures/text_layout.hpp"

#include <fmt/format.h>

#include <sstream>

namespace musegan {

std::string ellipsized(const std::string& text, double room, const TextStyle& style, std::size_t fewest) {
    if (text_width(text, style) <= room) return text;
    for (std::size_t length = text.size(); length-- > fewest;) {
        if ((text[length] & 0xC0) == 0x80) continue;  // amid a letter of UTF-8
        const std::string shorter = text.substr(0, length) + "\u2026";
        if (text_width(shorter, style) <= room) return shorter;
    }
    return "";
}

std::vector<std::string> wrapped(const std::string& text, double room, const TextStyle& style) {
    std::vector<std::string> lines;
    std::istringstream words(text);
    for (std::string word; words >> word;) {
        if (!lines.empty() && text_width(lines.back() + " " + word, style) <= room) lines.back() += " " + word;
        else lines.push_back(ellipsized(word, room, style));
    }
    return lines;
}

std::string share_text(double share) { return fmt::format("{:.1f} %", 100 * share); }

}  // namespace musegan
