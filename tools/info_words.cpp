// Text from files, made safe and readable.
#include <algorithm>
#include <array>
#include <utility>

#include "tensor/units.hpp"
#include "tools/info_parts.hpp"
#include "tools/standard_output.hpp"

namespace tools {

namespace {

/// A character of UTF-8: its number and its bytes, 0 for bytes that are none (cut off, overlong, beyond Unicode).
struct Character {
    std::uint32_t number = 0;
    std::size_t bytes = 0;
};

Character first_character(std::string_view text) {
    const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(text[at]); };
    const std::uint8_t lead = byte(0);
    if (lead < 0x80) return {lead, 1};
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
    if (lead < 0xC0 || lead >= 0xF8 || text.size() < length) return {};
    std::uint32_t number = lead & (0x7Fu >> length);
    for (std::size_t at = 1; at < length; ++at) {
        if ((byte(at) & 0xC0) != 0x80) return {};
        number = number << 6 | (byte(at) & 0x3Fu);
    }
    if (number < least[length] || number > 0x10FFFF || (number >= 0xD800 && number < 0xE000)) return {};
    return {number, length};
}

/// Whether a terminal shows a character, rather than doing what it says.
bool is_shown(std::uint32_t character) {
    using Range = std::pair<std::uint32_t, std::uint32_t>;
    constexpr std::array obeyed{Range{0, 0x1F},         Range{0x7F, 0x9F},     Range{0xAD, 0xAD},
                                Range{0x61C, 0x61C},    Range{0x200B, 0x200F}, Range{0x2028, 0x202E},
                                Range{0x2060, 0x206F},  Range{0xFEFF, 0xFEFF}, Range{0xFFF0, 0xFFFB},
                                Range{0xE0000, 0xE0FFF}};
    return std::ranges::none_of(
        obeyed, [&](const Range& range) { return character >= range.first && character <= range.second; });
}

/// How many bytes the first `count` characters of UTF-8 take, or all where there are fewer.
std::size_t bytes_of_characters(std::string_view text, std::size_t count) {
    std::size_t at = 0;
    for (; at < text.size(); ++at)
        if ((text[at] & 0xC0) != 0x80 && count-- == 0) break;
    return at;
}

bool is_longer(std::string_view text, std::size_t width) { return bytes_of_characters(text, width) < text.size(); }

/// One line of a text, by words.
void wrap_line(std::string text, std::size_t width, std::vector<std::string>& lines) {
    std::ranges::replace_if(
        text, [](char c) { return c == '\t' || c == '\r'; }, ' ');
    text = printable_utf8(text);
    std::string line;
    for (std::string_view rest = text; !rest.empty();) {
        rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
        std::string_view word = rest.substr(0, rest.find(' '));
        rest.remove_prefix(word.size());
        if (word.empty()) break;
        if (!line.empty() && (is_longer(word, width) || is_longer(line + " " + std::string(word), width)))
            lines.push_back(std::exchange(line, {}));
        for (; is_longer(word, width); word.remove_prefix(bytes_of_characters(word, width)))
            lines.emplace_back(word.substr(0, bytes_of_characters(word, width)));
        line += (line.empty() ? "" : " ") + std::string(word);
    }
    lines.push_back(line);
}

}  // namespace

std::string printable(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < 32 || c > 126; }, '?');
    return text;
}

std::string printable_utf8(std::string_view text) {
    std::string shown;
    while (!text.empty()) {
        const Character character = first_character(text);
        const std::size_t bytes = std::max<std::size_t>(character.bytes, 1);
        if (character.bytes > 0 && is_shown(character.number)) shown += text.substr(0, bytes);
        else shown += '?';
        text.remove_prefix(bytes);
    }
    return shown;
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
    std::vector<std::string> lines;
    for (;;) {
        const std::size_t end = text.find('\n');
        wrap_line(std::string(text.substr(0, end)), width, lines);
        if (end == text.npos) return lines;
        text.remove_prefix(end + 1);
    }
}

void print_note(std::string_view name, std::string_view text) {
    constexpr std::size_t width = 94, most_lines = 20;
    std::vector<std::string> lines = wrapped(text, width);
    const std::size_t shown = lines.size() > most_lines ? most_lines - 1 : lines.size();
    for (std::size_t k = 0; k < shown; ++k) print_out("  {:22} {}\n", k == 0 ? printable_utf8(name) : "", lines[k]);
    if (shown < lines.size())
        print_out("  {:22} ... and {} more lines\n", "",
                  tensor::count_text(static_cast<std::int64_t>(lines.size() - shown)));
}

}  // namespace tools
