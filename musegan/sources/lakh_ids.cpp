#include "musegan/sources/lakh_ids.hpp"

#include <algorithm>

namespace musegan {

namespace {

/// The value of a hex digit, or -1.
int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_id_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

}  // namespace

std::string Md5::text() const {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

std::string MsdId::text() const { return "TR" + std::string(letters.begin(), letters.end()); }

std::optional<Md5> md5_of(std::string_view text) {
    Md5 md5;
    if (text.size() != 2 * md5.bytes.size()) return {};
    for (std::size_t i = 0; i < md5.bytes.size(); ++i) {
        const int high = hex_value(text[2 * i]), low = hex_value(text[2 * i + 1]);
        if (high < 0 || low < 0) return {};
        md5.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return md5;
}

std::optional<MsdId> msd_id_of(std::string_view text) {
    MsdId id;
    if (text.size() != 2 + id.letters.size() || !text.starts_with("TR")) return {};
    if (!std::ranges::all_of(text, is_id_letter)) return {};
    std::ranges::copy(text.substr(2), id.letters.begin());
    return id;
}

NamedIds ids_of_name(std::string_view name) {
    NamedIds ids;
    const std::size_t folders = name.find_last_of('/') + 1;  // npos + 1 is 0
    const std::string_view file = name.substr(folders);
    ids.md5 = md5_of(file.substr(0, file.find_last_of('.')));
    for (std::size_t end = folders; end > 0 && !ids.song;) {
        const std::size_t slash = end - 1;
        const std::size_t begin = slash == 0 ? 0 : name.find_last_of('/', slash - 1) + 1;
        ids.song = msd_id_of(name.substr(begin, slash - begin));
        end = begin;
    }
    return ids;
}

std::string excerpt(std::string_view text) {
    constexpr std::size_t most = 40;
    std::string shown(text.substr(0, most));
    std::ranges::replace_if(
        shown, [](unsigned char c) { return c < 32 || c > 126; }, '?');
    return text.size() > most ? shown + "..." : shown;
}

}  // namespace musegan
