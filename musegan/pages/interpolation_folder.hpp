// The phrases that `musegan interpolate` wrote, read back from its folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "musegan/phrase/packing.hpp"

namespace musegan {

/// A grid of phrases, or a line of them as one row.
struct InterpolationFolder {
    std::int64_t rows = 0, columns = 0;
    PackedPhrases phrases{};              ///< row after row
    std::vector<std::string> captions{};  ///< as interpolate has them
    std::vector<std::string> faults{};    ///< a file that is damaged or gone, a sentence each: its phrase is silent
    std::int64_t left_out = 0;            ///< phrases of a line behind the first 64
};

/// Reads point_R_C.mid of a grid of at most 8 x 8, or else point_001.mid and so on of a line, as phrases of a shape.
/// Throws Error for a folder that cannot be listed or has no such file.
InterpolationFolder read_interpolation(const std::filesystem::path& folder, const PhraseShape& shape);

}  // namespace musegan
