// From folders of MIDI files to a dataset, and a report that says what became of every file.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "musegan/data/dataset.hpp"
#include "musegan/data/prepare_report.hpp"

namespace musegan {

struct PrepareOptions {
    std::vector<std::filesystem::path> inputs;  ///< folders (searched to any depth), archives and files
    std::filesystem::path out;                  ///< the dataset to write
    std::filesystem::path report;               ///< the CSV to write; empty writes none
    SongFilter filter;
    DatasetNotes notes;
    /// Files worked on at a time; 0 takes all processors of the machine. The output does not depend on it.
    int jobs = 0;
    /// Called now and then, with the files found, while the inputs are searched. Throwing from it ends the work.
    std::function<void(std::int64_t)> looking;
    /// Called after each file with (files done, files in all), by one thread at a time. Throwing from it ends the work.
    std::function<void(std::int64_t, std::int64_t)> progress;
};

struct PrepareSummary {
    std::vector<FileReport> files;                    ///< sorted by path
    std::array<std::int64_t, n_outcomes> outcomes{};  ///< files by Outcome
    std::int64_t songs = 0;                           ///< files kept
    std::int64_t phrases = 0;
    NoteCounts counts;  ///< over the songs kept
};

/// Reads, filters, cuts and packs all files, writes the report and then the dataset (each atomically). Files are worked
/// on in parallel and taken in path order, so the bytes written depend on the input alone. In memory are at most a few
/// songs per job; the phrases wait in a nameless temporary file beside `out`. A file that cannot be read or parsed is a
/// line in the report. Throws Error when no input is given or exists, when nothing can be written, and when no phrase
/// is left: then with the number of files for each reason, after the report is written.
PrepareSummary prepare(const PrepareOptions& options);

/// "kept 1150, meter 53, ..." in the order of Outcome, without zeros.
std::string describe_outcomes(const std::array<std::int64_t, n_outcomes>& outcomes);

}  // namespace musegan
