// log.csv as a table of numbers: one row per step.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "musegan/training/run_folder.hpp"

namespace musegan {

/// Columns of log.csv as numbers, by name: those of the one critic of all tracks, or of each critic of one, such as
/// "bass.wasserstein".
struct LogTable {
    std::vector<std::string> columns{};
    std::vector<std::vector<double>> values{};  ///< by column; steps rise
    std::int64_t damaged = 0;                   ///< lines that are no rows, or of a step that was there before
    bool is_cut = false;                        ///< its last line has no end, as a killed run leaves it: it is no row
    std::int64_t rows() const { return values.empty() ? 0 : static_cast<std::int64_t>(values.front().size()); }
    bool contains(const std::string& name) const;
    /// Throws Error where there is none of that name.
    const std::vector<double>& column(const std::string& name) const;
};
/// Every whole row of log.csv, whatever its columns; what a power cut or an edit has damaged is left out and counted.
/// Throws Error for a file that cannot be read or has no header of ours.
LogTable read_log(const RunFolder& run);

/// Makes log.csv what a run of these columns that has done `steps` steps has: one whole row per step, in order. Rows of
/// later steps go without a word: the run writes them again. What a power cut or an edit has damaged is dropped, and a
/// step without a row gets one of nan. Returns what was repaired, in words, or "". Throws Error for a log of other
/// columns, and where it cannot be read or written.
std::string repair_log(const RunFolder& run, const std::vector<std::string>& columns, std::int64_t steps);

}  // namespace musegan
