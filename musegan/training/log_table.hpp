// log.csv as a table of numbers: one row per step.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "musegan/training/run_folder.hpp"

namespace musegan {

/// Columns of log.csv as numbers, by name: those of the one critic of all tracks, or of each critic of one, such as
/// "bass.wasserstein". Throws Error for a file that is no log of ours.
struct LogTable {
    std::vector<std::string> columns;
    std::vector<std::vector<double>> values;  ///< by column
    bool contains(const std::string& name) const;
    /// Throws Error where there is none of that name.
    const std::vector<double>& column(const std::string& name) const;
};
LogTable read_log(const RunFolder& run);

/// Makes log.csv what a run of these columns that has done `steps` steps has: one whole row per step, in order. Rows of
/// later steps go without a word: the run writes them again. What a power cut or an edit has damaged is dropped, and a
/// step without a row gets one of nan. Returns what was repaired, in words, or "". Throws Error for a log of other
/// columns, and where it cannot be read or written.
std::string repair_log(const RunFolder& run, const std::vector<std::string>& columns, std::int64_t steps);

}  // namespace musegan
