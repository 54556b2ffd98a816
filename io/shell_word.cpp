#include "io/shell_word.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace io {

namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 32 || c == 127; }

/// Where the next control character stands, and its bytes: U+0080 to U+009F, which are two bytes of UTF-8, are some,
/// too (U+009B begins what a terminal obeys). Null bytes where there is none.
struct Control {
    std::size_t at = 0, bytes = 0;
};
Control next_control(std::string_view text, std::size_t from) {
    for (std::size_t k = from; k < text.size(); ++k) {
        if (is_control(text[k])) return {k, 1};
        const bool has_next = k + 1 < text.size();
        const auto next = static_cast<unsigned char>(has_next ? text[k + 1] : 0);
        if (static_cast<unsigned char>(text[k]) == 0xC2 && next >= 0x80 && next < 0xA0) return {k, 2};
    }
    return {};
}

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
    if (next_control(text, 0).bytes > 0) return by_printf(text);
    if (!text.empty() && std::ranges::all_of(text, is_plain)) return text;
    return in_single_quotes(text);
}

}  // namespace io
