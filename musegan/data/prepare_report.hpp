// What became of each file, as a table.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "musegan/data/song.hpp"

namespace musegan {

/// One line of the report.
struct FileReport {
    std::filesystem::path path;
    Song song;                     ///< with `phrases` emptied
    std::int64_t phrases = 0;      ///< in the dataset
    std::int64_t song_index = -1;  ///< the number under which the dataset knows it; -1 if not kept
    int anomalies = 0;             ///< faults that the MIDI reader forgave
    std::int64_t bytes = 0;
};

/// Writes a CSV, atomically: a header and one line per file (path, outcome, detail, song, phrases, windows, duplicates,
/// notes and what became of them, tracks, meter, key, transposition, anomalies, bytes).
void write_report(const std::filesystem::path& path, const std::vector<FileReport>& files);

}  // namespace musegan
