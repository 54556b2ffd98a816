#include "musegan/evaluation/plain_text.hpp"

#include <algorithm>

namespace musegan {

namespace {

/// Whether a byte of UTF-8 goes on with a character.
bool is_inside(char byte) { return (byte & 0xC0) == 0x80; }

}  // namespace

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char byte) { return !is_inside(byte); }));
}

std::string shortened(const std::string& text, std::size_t most) {
    constexpr std::string_view dots = "...";
    std::size_t count = characters(text);
    if (count <= most) return text;
    std::size_t begin = 0;
    while (count > most - dots.size()) {
        do ++begin;
        while (begin < text.size() && is_inside(text[begin]));
        --count;
    }
    return std::string(dots) + text.substr(begin);
}

std::string hanging_text(const std::string& front, std::string_view text, std::size_t columns) {
    const std::size_t indent = characters(front);
    std::string all, line = front;
    bool has_words = false;  // in the line
    const auto end_line = [&] { all += line.substr(0, line.find_last_not_of(' ') + 1) + '\n'; };
    while (true) {
        text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
        if (text.empty()) break;
        const std::string_view word = text.substr(0, text.find(' '));
        if (has_words && characters(line) + 1 + characters(word) > columns) {
            end_line();
            line = std::string(indent, ' ');
            has_words = false;
        }
        if (has_words) line += ' ';
        line += word;
        has_words = true;
        text.remove_prefix(word.size());
    }
    end_line();
    return all;
}

}  // namespace musegan
