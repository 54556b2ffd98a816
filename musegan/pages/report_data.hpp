// What the scripts of a report draw and play, as JSON.
#pragma once

#include <string>
#include <vector>

#include "musegan/pages/report_charts.hpp"
#include "musegan/pages/run_record.hpp"

namespace musegan {

/// Bytes that all phrases of a page may take. A phrase of the paper's grid that is noise has 160 kB.
inline constexpr std::size_t most_phrase_bytes = 2'500'000;

struct ReportData {
    /// {"tracks", "figureOrder", "phrases": [phrase, ...],
    ///  "samples": {"step", "phrases": [place, ...]} or null,
    ///  "evolution": {"stages": [{"step", "phrase"}, ...], "marked": [step, ...]} or null,
    ///  "nearest": [{"phrase", "data", "number", "semitones", "distance"}, ...],
    ///  "interpolation": {"rows", "columns", "phrases": [place, ...], "captions": [...]} or null,
    ///  "charts": [{"id", "section", "title", "unit", "words", "range": [low, high], "curves":
    ///              [{"name", "colour", "x", "y", "median": {"x", "y"}, "reference"}, ...]}, ...],
    ///  "model": that of model_data.hpp or null,
    ///  "live": {"every", "step", "steps" or null, "left": "2.1 min" or null, "written": "12:03:05", "writtenAt"}}
    /// Phrases are those of page_phrase_data.hpp, and are named by their places. What is not finite is null.
    /// "live" is there in a page alone that is rewritten while its run trains: "every" so many seconds, last "written"
    /// at this time of the machine that trains, which is "writtenAt" in milliseconds since 1970.
    std::string json;
    std::vector<std::string> left_out{};  ///< what did not fit, a sentence each
};

ReportData report_data(const RunRecord& record, const std::vector<ReportChart>& charts);

}  // namespace musegan
