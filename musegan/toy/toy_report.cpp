#include "musegan/toy/toy_report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "io/csv.hpp"

namespace musegan {

namespace {

using Row = std::vector<std::string>;

std::string short_number(double value) { return fmt::format("{:.3g}", value); }

Row row_of(const ToyRun& run) {
    if (run.records.empty()) return {run.name, "-", "-", "-", "-", "-", "-", "-", "-", "-", "-", "-"};
    const ToyRecord& last = run.records.back();
    const std::size_t modes = modes_of(run.settings.data).size();
    return {run.name,
            short_number(last.estimate),
            short_number(last.penalty),
            short_number(last.slope_mean),
            short_number(last.slope_least),
            short_number(last.slope_most),
            fmt::format("{:.3f}", last.distance),
            modes == 0 ? "-" : fmt::format("{} of {}", last.modes, modes),
            fmt::format("{:.1f} %", 100 * last.share_near),
            run.row_error ? short_number(run.row_error->true_length) : "-",
            run.row_error ? short_number(run.row_error->difference) : "-",
            fmt::format("{:.1f}", run.seconds)};
}

std::string line_of(const Row& row, const std::vector<std::size_t>& widths) {
    std::string line = fmt::format("{:<{}}", row.front(), widths.front());
    for (std::size_t i = 1; i < row.size(); ++i) line += fmt::format("  {:>{}}", row[i], widths[i]);
    return line;
}

std::string floors_text(const std::vector<ToyRun>& runs) {
    const auto [least, most] = std::ranges::minmax(runs, {}, &ToyRun::distance_floor);
    if (least.distance_floor == most.distance_floor) return fmt::format("{:.3f}", least.distance_floor);
    return fmt::format("{:.3f} to {:.3f}", least.distance_floor, most.distance_floor);
}

/// A line for each group of runs that have the same numbers.
std::string equal_text(const std::vector<ToyRun>& runs) {
    std::string text;
    for (const std::vector<std::size_t>& group : groups_of_equal(runs)) {
        if (group.size() < 2) continue;
        text += "the same numbers all along: " + runs[group.front()].name;
        for (std::size_t k = 1; k < group.size(); ++k) text += ", " + runs[group[k]].name;
        text += "\n";
    }
    return text;
}

}  // namespace

std::string toy_table(const std::vector<ToyRun>& runs) {
    std::vector<Row> rows{{"run", "estimate", "penalty", "slope", "least", "most", "distance", "modes", "near",
                           "gradient", "row error", "seconds"}};
    for (const ToyRun& run : runs) rows.push_back(row_of(run));
    std::vector<std::size_t> widths(rows.front().size());
    for (const Row& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    std::string text;
    for (std::size_t r = 0; r < rows.size(); ++r) {
        text += line_of(rows[r], widths);
        if (r > 0 && runs[r - 1].broken_update)
            text += fmt::format("  not finite from update {} on", *runs[r - 1].broken_update);
        text += "\n";
    }
    return text + equal_text(runs) +
           fmt::format(
               "estimate: E D(real) - E D(fake). penalty: of the slopes ||grad D||, with its weight, whether or "
               "not\nweights feel it. distance: sliced Wasserstein, of fake to real points; of real to real ones "
               "{}.\nnear: fake points within 4 deviations of a centre. row error: how far row n of the gradient "
               "of all\nscores' sum is from the gradient of score n, whose mean length stands before it.\n",
               floors_text(runs));
}

std::string toy_csv(const std::vector<ToyRun>& runs) {
    const Row header{"run",         "update",     "estimate", "penalty", "slope_mean",
                     "slope_least", "slope_most", "distance", "modes",   "share_near"};
    std::string text = io::csv_row(header);
    for (const ToyRun& run : runs)
        for (const ToyRecord& record : run.records) {
            Row row{run.name, fmt::format("{}", record.update)};
            for (const double value : {record.estimate, record.penalty, record.slope_mean, record.slope_least,
                                       record.slope_most, record.distance})
                row.push_back(io::csv_number(value));
            row.push_back(fmt::format("{}", record.modes));
            row.push_back(io::csv_number(record.share_near));
            text += io::csv_row(row);
        }
    return text;
}

}  // namespace musegan
