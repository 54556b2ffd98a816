// What became of each file, as a table.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "io/midi.hpp"
#include "musegan/data/song.hpp"

namespace musegan {

/// One line of the report.
struct FileReport {
    std::filesystem::path path;    ///< as FoundFile::name says
    Song song;                     ///< with `phrases` emptied
    std::int64_t phrases = 0;      ///< in the dataset
    std::int64_t song_index = -1;  ///< the number under which the dataset knows it; -1 if not kept
    io::MidiAnomalies anomalies;   ///< faults that the MIDI reader forgave
    std::int64_t bytes = 0;
};

/// Writes a CSV, atomically: a header and one line per file (path, outcome, detail, song, phrases, windows, duplicates,
/// notes and what became of them, tracks, meter, bars without four quarters, key, transposition, anomalies in all
/// and by kind, as "orphan_note_offs 3;unclosed_notes 1", and bytes).
void write_report(const std::filesystem::path& path, const std::vector<FileReport>& files);

/// What happened to several files alike.
struct ReportKind {
    std::string name;
    std::string meaning;  ///< in words; of a reason for not keeping a file, what the example says
    std::int64_t files = 0;
    std::int64_t parts = 0;         ///< over these files
    std::filesystem::path example;  ///< the first of them
};
/// The reasons for which files were not kept, in the order of Outcome, each that occurs.
std::vector<ReportKind> dropped_kinds(const std::vector<FileReport>& files);
/// What was mended in files or left out of them, kept or not: the faults that the MIDI reader forgave, bars without
/// four quarters, notes beyond max_bars; each kind that occurs.
std::vector<ReportKind> mended_kinds(const std::vector<FileReport>& files);

}  // namespace musegan
