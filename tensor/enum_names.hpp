// The values of an enum as text, and back: one table per enum, shared by files, messages and the command line.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tensor {

/// An enum with values 0, 1, ... beside which stands, in its own namespace, a function with their names in that order:
///     enum class Precision { f32, tf32 };
///     constexpr auto enum_names(Precision) { return std::array{"f32", "tf32"}; }
template <typename Enum>
concept NamedEnum = requires(Enum value) {
    { enum_names(value)[0] } -> std::convertible_to<std::string_view>;
};

template <NamedEnum Enum>
constexpr const char* name_of(Enum value) {
    return enum_names(value)[static_cast<std::size_t>(value)];
}

/// All names, for messages: "f32 or tf32", "automatic, off or always".
template <NamedEnum Enum>
std::string list_names() {
    constexpr auto names = enum_names(Enum{});
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
        text += names[i];
    }
    return text;
}

/// The value of that name, nothing for any other text.
template <NamedEnum Enum>
std::optional<Enum> find_name(std::string_view text) {
    constexpr auto names = enum_names(Enum{});
    for (std::size_t i = 0; i < names.size(); ++i)
        if (text == names[i]) return static_cast<Enum>(i);
    return std::nullopt;
}

}  // namespace tensor
