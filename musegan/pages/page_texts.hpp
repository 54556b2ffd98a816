// The styles, scripts and the frame of pages as text. The build writes the list (musegan/CMakeLists.txt).
#pragma once

#include <span>
#include <string_view>

#include "io/embedded_text.hpp"

namespace musegan {

/// By name: "kit/style.css", "profile/timeline.js" and so on.
std::span<const io::EmbeddedText> page_texts();

/// The text of that name. Throws tensor::Error for a file that musegan/pages/ has not.
std::string_view page_text(std::string_view name);

}  // namespace musegan
