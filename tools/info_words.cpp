// Text from files, made safe and readable.
#include <algorithm>
#include <array>
#include <utility>

#include "io/printable_text.hpp"
#include "tensor/units.hpp"
#include "tools/info_parts.hpp"
#include "tools/standard_output.hpp"

namespace tools {

namespace {

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
    text = io::printable_utf8(text);
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
    for (std::size_t k = 0; k < shown; ++k) print_out("  {:22} {}\n", k == 0 ? io::printable_utf8(name) : "", lines[k]);
    if (shown < lines.size())
        print_out("  {:22} ... and {} more lines\n", "",
                  tensor::count_text(static_cast<std::int64_t>(lines.size() - shown)));
}

}  // namespace tools
