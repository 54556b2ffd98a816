// The files of presets/ as text. The build writes the list (musegan/CMakeLists.txt).
#pragma once

#include <span>

#include "io/embedded_text.hpp"

namespace musegan {

/// By name: "compact.toml" and so on.
std::span<const io::EmbeddedText> preset_texts();

}  // namespace musegan
