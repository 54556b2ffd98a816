#include "musegan/pages/report_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "musegan/evaluation/evaluation_legend.hpp"
#include "tensor/units.hpp"

namespace musegan {

namespace {

using Values = std::map<std::string, double>;

/// A set of phrases, however it was read.
struct Row {
    std::string name;
    Values values, errors;
};

const double* find(const Values& values, const std::string& key) {
    const auto found = values.find(key);
    return found == values.end() || std::isnan(found->second) ? nullptr : &found->second;
}

std::vector<Row> rows_of(const ReadEvaluation& evaluation) {
    std::vector<Row> rows;
    for (const ReadSet& set : evaluation.sets) rows.push_back({set.name, set.values, set.errors});
    return rows;
}

std::vector<Row> rows_of(const MetricCurves& metrics) {
    std::vector<Row> rows{{"data", metrics.data, {}}};
    Row last{fmt::format("step {}", tensor::count_text(static_cast<std::int64_t>(metrics.steps.back()))), {}, {}};
    for (const auto& [key, values] : metrics.model)
        if (!values.empty()) last.values[key] = values.back();
    rows.push_back(last);
    return rows;
}

Markup cell_of(const Row& row, const Metric& metric) {
    const double* const value = find(row.values, metric.key);
    if (value == nullptr) return words("-");
    Markup cell = exact_number(*value, metric.decimals);
    if (const double* const error = find(row.errors, metric.key))
        cell += element("small", {}, words(" \u00b1 ") + exact_number(*error, metric.decimals));
    return cell;
}

const char* caption_of(MetricTable table) {
    switch (table) {
        case MetricTable::per_track: return "Each track";
        case MetricTable::harmony: return "Harmony: tonal distance (TD) of two tracks";
        case MetricTable::voices: return "Voices";
        case MetricTable::notes: return "Notes";
    }
    return "";
}

/// The metrics of a table that no row has a number of, such as QN and DP on a grid of 16ths, which its legend names.
std::string unmeasured_text(MetricTable table, const std::vector<Row>& rows) {
    std::vector<std::string> groups;
    std::set<std::string> measured;
    for (const Metric& metric : metric_list()) {
        if (metric.table != table) continue;
        if (std::ranges::find(groups, metric.group) == groups.end()) groups.push_back(metric.group);
        if (std::ranges::any_of(rows, [&](const Row& row) { return find(row.values, metric.key) != nullptr; }))
            measured.insert(metric.group);
    }
    std::erase_if(groups, [&](const std::string& group) { return measured.contains(group); });
    if (groups.empty()) return "";
    return fmt::format("Not here, since on this grid or in these phrases there is nothing to measure: {}.",
                       fmt::join(groups, ", "));
}

Markup table_markup(const std::vector<Row>& rows, MetricTable table, const MetricOptions& options) {
    std::vector<MarkupColumn> columns{{"set"}};
    std::vector<std::vector<Markup>> cells;
    for (const Row& row : rows) cells.push_back({words(row.name)});
    for (const Metric& metric : metric_list()) {
        const auto has_value = [&](const Row& row) { return find(row.values, metric.key) != nullptr; };
        if (metric.table != table || std::ranges::none_of(rows, has_value)) continue;
        columns.push_back({metric.group + (metric.column.empty() ? "" : " " + metric.column), metric.unit, true});
        for (std::size_t k = 0; k < rows.size(); ++k) cells[k].push_back(cell_of(rows[k], metric));
    }
    if (columns.size() == 1) return {};
    return plain_table(caption_of(table), columns, cells) +
           element("p", {{"class", "note"}}, words(table_legend(table, options) + unmeasured_text(table, rows)));
}

}  // namespace

std::string semitones_text(int semitones) {
    if (semitones == 0) return "";
    const int size = std::abs(semitones);
    return fmt::format("{} semitone{} {}", size, size == 1 ? "" : "s", semitones < 0 ? "down" : "up");
}

Markup exact_number(double value, int decimals) {
    if (!std::isfinite(value)) return words("-");
    return element("data", {{"value", fmt::format("{}", value)}}, words(fmt::format("{:.{}f}", value, decimals)));
}

Markup metric_tables_markup(const RunRecord& record) {
    std::vector<Row> rows;
    if (record.evaluation) rows = rows_of(*record.evaluation);
    else if (!record.metrics.steps.empty()) rows = rows_of(record.metrics);
    if (rows.empty()) return {};
    const MetricOptions options = record.evaluation ? record.evaluation->options : MetricOptions{};
    Markup all;
    for (const MetricTable table : metric_tables) all += table_markup(rows, table, options);
    return all;
}

Markup nearest_table(const RunRecord& record) {
    if (record.nearest.empty()) return {};
    std::vector<std::vector<Markup>> rows;
    for (const NearestSample& found : record.nearest)
        rows.push_back({words(fmt::format("{}", found.sample + 1)), exact_number(found.found.distance, 2),
                        element("data", {{"value", fmt::format("{}", found.found.phrase)}},
                                words(tensor::count_text(found.found.phrase))),
                        words(found.found.semitones == 0 ? "as it is" : semitones_text(found.found.semitones))});
    return plain_table("The nearest phrase of the data",
                       {{"sample", "", true},
                        {"distance", "0 to 1", true},
                        {"phrase", "of the data, from 0", true},
                        {"key", "of that phrase"}},
                       rows);
}

}  // namespace musegan
