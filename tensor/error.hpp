// How the house reports a fault: one exception type, one way to word it.
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace tensor {

/// Thrown by every library folder; only `main` turns it into an exit code.
class Error : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Throws Error("[where] fact, got, expected"). `where` is the operator ("conv3d") or the file at fault.
template <typename... Arguments>
[[noreturn]] void fail(std::string_view where, fmt::format_string<Arguments...> text, Arguments&&... arguments) {
    throw Error(fmt::format("[{}] {}", where, fmt::format(text, std::forward<Arguments>(arguments)...)));
}

/// The text of an error without its "[where] ", for who says in another way where; whole if it names another place.
inline std::string fact_of(const Error& error, std::string_view where) {
    const std::string_view text = error.what();
    const std::string front = fmt::format("[{}] ", where);
    return std::string(text.starts_with(front) ? text.substr(front.size()) : text);
}

}  // namespace tensor
