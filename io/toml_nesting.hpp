// How deep a TOML text goes, before it is parsed. (toml.cpp includes this.)
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

/// Throws Error for more nesting than max_toml_nesting (toml.hpp): trees are destroyed by recursion, and a key of a
/// hundred thousand parts makes one that overflows the stack. Tells strings and comments from the rest; what is no TOML
/// is left to the parser, which stops there.
void check_toml_nesting(std::string_view text, std::string_view name);

}  // namespace io::toml_detail
