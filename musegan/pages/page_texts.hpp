// The styles, scripts and the frame of pages as text. The build writes the list (musegan/CMakeLists.txt).
#pragma once

#include <span>

#include "io/embedded_text.hpp"

namespace musegan {

/// By name: "kit/style.css", "profile/timeline.js" and so on.
std::span<const io::EmbeddedText> page_texts();

}  // namespace musegan
