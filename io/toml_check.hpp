// What has to be known of a text before toml++ may parse it: it must survive the text. (toml.cpp includes this.)
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "tensor/error.hpp"

namespace io::toml_detail {

/// Throws Error("[name:line] ...").
template <typename... Arguments>
[[noreturn]] void fail_at(std::string_view name, std::int64_t line, fmt::format_string<Arguments...> text,
                          Arguments&&... arguments) {
    tensor::fail(fmt::format("{}:{}", name, line), "{}", fmt::format(text, std::forward<Arguments>(arguments)...));
}

/// Tells strings and comments from the rest. Throws Error for more nesting than max_toml_nesting (toml.hpp), because
/// trees are destroyed by recursion, and a key of a hundred thousand parts makes one that overflows the stack; and for
/// bytes beyond ASCII outside of strings and comments, and behind a backslash where toml++ 3.3 looks for white space:
/// the function by which it does so is undefined for most such letters. Whatever else is no TOML is left to the parser,
/// which stops there.
void check_toml(std::string_view text, std::string_view name);

}  // namespace io::toml_detail
