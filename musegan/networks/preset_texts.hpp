// The files of presets/ as text. The build writes the list (musegan/CMakeLists.txt).
#pragma once

#include <span>
#include <string_view>

namespace musegan {

struct PresetText {
    const char* name;  ///< of the file, without its ending
    std::string_view text;
};
std::span<const PresetText> preset_texts();

}  // namespace musegan
