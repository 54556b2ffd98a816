// Source files of this project as text, for explanations that show the lines that ran. The build writes the list
// (musegan/CMakeLists.txt).
#pragma once

#include <span>

#include "io/embedded_text.hpp"

namespace musegan {

/// By path from the root of the project: "autograd/conv3d.cpp" and so on.
std::span<const io::EmbeddedText> source_texts();

}  // namespace musegan
