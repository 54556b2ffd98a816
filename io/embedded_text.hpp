// A text file that the build put into a library (embed_texts of CMakeLists.txt), so that the program needs no files
// beside it.
#pragma once

#include <string_view>

namespace io {

struct EmbeddedText {
    std::string_view name;  ///< its path below the folder that was embedded: "kit/table.js"
    std::string_view text;
};

}  // namespace io
