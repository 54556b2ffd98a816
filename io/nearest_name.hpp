// For hints: which name was meant.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace io {

/// The name of `known` that takes the fewest changes of one letter (put in, left out or replaced) to become `name`, the
/// first of several. Empty where even that takes more than max(2, a third of its letters), or nothing of it would stay.
std::string nearest_name(std::string_view name, std::span<const std::string> known);

}  // namespace io
