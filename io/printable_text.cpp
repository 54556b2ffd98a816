#include "io/printable_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace io {

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

}  // namespace

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

}  // namespace io
