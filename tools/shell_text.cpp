#include "tools/shell_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace tools {

namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 32 || c == 127; }

/// Means nothing to a shell, wherever it stands. A tilde means something in front alone, but is rare elsewhere.
bool is_plain(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("_-./,:=@%+").find(c) != std::string_view::npos;
}

std::string in_single_quotes(std::string_view text) {
    std::string quoted = "'";
    for (const char c : text) {
        if (c == '\'') quoted += "'\\''";
        else quoted += c;
    }
    return quoted + "'";
}

/// "$(printf 'a\033b')". Line ends at the end, which $(...) takes off, stand behind it.
std::string by_printf(std::string_view text) {
    const std::size_t body = text.find_last_not_of('\n') + 1;
    std::string format;
    for (const char c : text.substr(0, body)) {
        if (c != '%' && is_plain(c)) format += c;
        else format += fmt::format("\\{:03o}", static_cast<unsigned char>(c));
    }
    return "\"$(printf '" + format + "')" + std::string(text.substr(body)) + "\"";
}

}  // namespace

std::string shell_quoted(std::string_view path) {
    const std::string text = (path.starts_with('-') ? "./" : "") + std::string(path);
    if (std::ranges::any_of(text, is_control)) return by_printf(text);
    if (!text.empty() && std::ranges::all_of(text, is_plain)) return text;
    return in_single_quotes(text);
}

std::string shown_path(std::string_view path) {
    std::string text(path);
    std::ranges::replace_if(text, is_control, '?');
    return text;
}

}  // namespace tools
