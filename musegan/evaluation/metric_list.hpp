// All metrics, each named once: tables, CSV, JSON, logs and TensorBoard follow from this list.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "musegan/evaluation/metrics.hpp"

namespace musegan {

/// The table that a metric stands in.
enum class MetricTable {
    per_track,  ///< the papers' first: EB, UPC, QN, DP
    harmony,    ///< their second: TD
    voices,     ///< pitches used, polyphony, one voice, in scale
    notes,      ///< mean pitch, notes per bar, drums on 8ths, distance of two phrases
};

inline constexpr std::array metric_tables{MetricTable::per_track, MetricTable::harmony, MetricTable::voices,
                                          MetricTable::notes};

/// "B" for the bass, and so on.
std::string track_letter(std::size_t track);

struct Metric {
    std::string key;     ///< its place in a JSON file: "tracks.bass.EB", "DP", "TD.B-G"
    std::string group;   ///< metrics of one kind: "EB", "UPC", "TD"
    std::string column;  ///< of which track or pair: "B", "B-G"; for a metric of the whole "D" (drums) or "" (all)
    std::string unit;    ///< "%" or ""
    int decimals = 0;    ///< in a table
    MetricTable table = MetricTable::per_track;
    std::function<const Mean&(const Metrics&)> mean;
    std::optional<int> track{};  ///< where it says something of one track alone
};

/// In the order of the tables, of a table in the order of its columns: groups stay together.
const std::vector<Metric>& metric_list();

/// Of the metric with that key. Throws Error for another key.
const Metric& metric_named(const std::string& key);

}  // namespace musegan
