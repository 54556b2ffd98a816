// What the paper reports of its data and models.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "musegan/evaluation/data_distance.hpp"

namespace musegan {

/// What published_rows() are.
inline constexpr const char* published_about =
    "AAAI 2018, tables 2 and 3: 20,000 bars per model, UPC and TD by the as-released fold";

/// A row of table 2 (EB, UPC, QN, DP) and the row of the same name of table 3 (TD).
struct PublishedRow {
    std::string name;  ///< "paper: composer"
    /// Of each of distance_groups, in the order of its columns in metric_list(); nan where a track was given, empty
    /// where the paper says nothing.
    std::array<std::vector<double>, distance_groups.size()> groups{};

    /// The value reported for a metric; nan where there is none.
    double value(const Metric& metric) const;
    /// Whether it has a value in a table.
    bool stands_in(MetricTable table) const;
};

/// The training data first; eight of them stand in table 2, five in table 3.
const std::vector<PublishedRow>& published_rows();

}  // namespace musegan
