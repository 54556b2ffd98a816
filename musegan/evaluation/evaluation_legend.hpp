// The sentences around the tables of an evaluation, in lines of evaluation_columns.
#pragma once

#include <string>

#include "musegan/evaluation/evaluation.hpp"

namespace musegan {

/// What the rows below a set's row are called.
inline constexpr const char *difference_name = "  - data", *error_name = "  +-", *floor_name = "  x floor";

/// "EB %": a metric's group with its unit.
std::string heading_of(const Metric& metric);

/// The time grid, what cannot be measured on it, and the options that are not as they are by themselves.
std::string options_text(const Evaluation& evaluation);
/// What the columns of a table mean, as they were measured.
std::string table_legend(MetricTable table, const MetricOptions& options);
/// What stands above the further tables.
std::string distance_heading(bool has_floor);
std::string histogram_heading();
/// `has_given`: whether a set is of a track-conditional model.
std::string copying_heading(double almost_same, bool has_given);
std::string mark_heading();
/// What letters and signs mean; with `published` of the paper's rows, too.
std::string common_legend(const Evaluation& evaluation, bool published);

}  // namespace musegan
