// The curves of a report: what log.csv and metrics.csv have, few enough to draw.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "musegan/figures/chart_values.hpp"
#include "musegan/phrase/tracks.hpp"
#include "musegan/training/log_table.hpp"
#include "musegan/training/metric_log.hpp"

namespace musegan {

/// Points of a curve, by generator updates.
struct ReportPoints {
    std::vector<double> x{}, y{};
};

struct ReportCurve {
    std::string name{};
    Color color{};
    ReportPoints points{};  ///< rows of the file; at most most_points
    ReportPoints median{};  ///< the running median of all rows, at every so many of them; none of a few rows
    std::optional<double> reference{};
};

struct ReportChart {
    std::string id{}, section{};  ///< the section of the page that it stands in: losses or metrics
    std::string title{}, unit{}, words{};
    std::vector<ReportCurve> curves{};  ///< at least one

    /// Of the y axis: all points but what lies far out (range_of of chart_values.hpp) and all references, with a
    /// margin.
    Range range() const;
    /// Whether a point is beyond it.
    bool is_cut() const;
};

inline constexpr std::size_t most_points = 600, most_medians = 300;

/// The rows of a curve to draw where there are more than most_points: of each of as many stretches the first, the
/// lowest, the highest and the last, and one that is not finite, if there is one, so that gaps stay.
std::vector<std::size_t> thinned_rows(const std::vector<double>& values);

/// Critic, slopes, penalty and generator, of the critic of all tracks or of each track's; a quantity that the log does
/// not have is left out.
std::vector<ReportChart> loss_charts(const LogTable& log);
/// EB, UPC, QN, DP, notes per bar and TD, as far as they say anything, beside the data's value.
std::vector<ReportChart> metric_report_charts(const MetricCurves& metrics);

}  // namespace musegan
