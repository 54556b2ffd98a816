#include "musegan/evaluation/evaluation_text.hpp"

#include <algorithm>
#include <limits>

#include "io/printable_text.hpp"
#include "musegan/evaluation/comparison.hpp"
#include "musegan/evaluation/data_distance.hpp"
#include "musegan/evaluation/evaluation_legend.hpp"
#include "musegan/evaluation/plain_text.hpp"
#include "musegan/evaluation/published_rows.hpp"
#include "musegan/evaluation/text_table.hpp"
#include "tensor/units.hpp"

namespace musegan {

namespace {

using tensor::count_text;
using Sets = std::vector<const EvaluatedSet*>;

std::string row_name(const EvaluatedSet& set) { return shortened(io::printable_utf8(set.name), longest_row_name); }

/// The sets that there are besides the data: held-out songs first.
Sets other_sets(const Evaluation& evaluation, bool with_shuffled) {
    Sets sets;
    if (evaluation.held_out) sets.push_back(&*evaluation.held_out);
    if (evaluation.shuffled && with_shuffled) sets.push_back(&*evaluation.shuffled);
    for (const EvaluatedSet& set : evaluation.sets) sets.push_back(&set);
    return sets;
}

/// As wide as the longest name.
std::size_t name_width(const Evaluation& evaluation, bool published) {
    std::size_t width = 8;
    const auto include = [&](const std::string& name) { width = std::max(width, characters(name)); };
    for (const char* const name : {difference_name, error_name, floor_name}) include(name);
    if (evaluation.data) include(row_name(*evaluation.data));
    for (const EvaluatedSet* const set : other_sets(evaluation, true)) include(row_name(*set));
    for (const PublishedRow& row : published_rows())
        if (published) include(row.name);
    return width;
}

/// A name, then text in a column of its own.
std::string named_text(std::size_t width, const std::string& name, const std::string& text) {
    return hanging_text(name + std::string(width - characters(name) + 2, ' '), text, evaluation_columns);
}

std::string set_lines(const Evaluation& evaluation, std::size_t width) {
    std::string text;
    const auto add = [&](const EvaluatedSet& set) {
        text += named_text(width, row_name(set),
                           fmt::format("{} ({} bars)", io::printable_utf8(set.about),
                                       count_text(set.metrics.phrases * evaluation.shape.bars)));
    };
    if (evaluation.data) add(*evaluation.data);
    for (const EvaluatedSet* const set : other_sets(evaluation, true)) add(*set);
    return text;
}

/// The metrics of one table, by columns, and rows of them.
class MetricRows {
  public:
    explicit MetricRows(MetricTable table) {
        for (const Metric& metric : metric_list())
            if (metric.table == table) metrics_.push_back(&metric);
    }

    std::vector<TextColumn> columns() const {
        std::vector<TextColumn> columns;
        for (const Metric* const metric : metrics_)
            columns.push_back({heading_of(*metric), metric->column, metric->decimals});
        return columns;
    }
    /// `number` of each metric.
    template <typename Number>
    void add(std::string name, const Number& number, bool is_signed = false) {
        TextRow& row = rows_.emplace_back(TextRow{std::move(name), {}, is_signed});
        for (const Metric* const metric : metrics_) row.values.push_back(number(*metric));
    }
    /// The row of a set, and below it its standard errors and what it differs from the data by, where there are any.
    void add(const EvaluatedSet& set, const EvaluatedSet* data) {
        const auto value = [](const EvaluatedSet& of, const Metric& metric) { return of.mean(metric).value(); };
        add(row_name(set), [&](const Metric& metric) { return value(set, metric); });
        if (set.is_sample()) add(error_name, [&](const Metric& metric) { return set.error(set.mean(metric)); });
        if (data != nullptr)
            add(
                difference_name, [&](const Metric& metric) { return value(set, metric) - value(*data, metric); }, true);
    }
    std::string text(std::size_t width) const { return text_table(width, columns(), rows_); }

  private:
    std::vector<const Metric*> metrics_;
    std::vector<TextRow> rows_;
};

/// Shuffled bars stand where the papers have them: what a track does within a bar is as it was.
std::string metric_table(const Evaluation& evaluation, MetricTable table, std::size_t width, bool published) {
    MetricRows rows(table);
    // The other tables describe; these two are compared.
    const bool compares = table == MetricTable::per_track || table == MetricTable::harmony;
    const EvaluatedSet* const data = evaluation.data && compares ? &*evaluation.data : nullptr;
    if (evaluation.data) rows.add(*evaluation.data, nullptr);
    if (evaluation.shuffled && table == MetricTable::harmony) rows.add(*evaluation.shuffled, data);
    if (evaluation.held_out) rows.add(*evaluation.held_out, data);
    for (const PublishedRow& row : published_rows())
        if (published && row.stands_in(table))
            rows.add(row.name, [&](const Metric& metric) { return row.value(metric); });
    for (const EvaluatedSet& set : evaluation.sets) rows.add(set, data);
    return rows.text(width);
}

std::string distance_table(const Evaluation& evaluation, std::size_t width) {
    std::vector<TextColumn> columns;
    for (const char* const group : distance_groups)
        columns.push_back({heading_of(*std::ranges::find(metric_list(), group, &Metric::group)), "", 2});
    std::vector<TextRow> rows;
    for (const EvaluatedSet* const set : other_sets(evaluation, true)) {
        const GroupNumbers own = distances(*set, *evaluation.data);
        rows.push_back({row_name(*set), {own.begin(), own.end()}});
        if (!evaluation.held_out || set == &*evaluation.held_out) continue;
        const GroupNumbers times = times_floor(*set, *evaluation.data, *evaluation.held_out);
        rows.push_back({floor_name, {times.begin(), times.end()}});
    }
    return text_table(width, columns, rows);
}

std::string histogram_table(const Evaluation& evaluation, std::size_t width) {
    std::vector<TextColumn> columns;
    std::vector<std::pair<const HistogramKind*, std::size_t>> places;
    for (const HistogramKind& kind : histogram_kinds) {
        for (std::size_t track = 0; track < n_tracks; ++track) {
            if (is_drums(static_cast<int>(track)) && !kind.of_drums) continue;
            columns.push_back({fmt::format("{} %", kind.text), track_letter(track), 0});
            places.push_back({&kind, track});
        }
    }
    std::vector<TextRow> rows;
    for (const EvaluatedSet* const set : other_sets(evaluation, false)) {
        TextRow& row = rows.emplace_back(TextRow{row_name(*set)});
        for (const auto& [kind, track] : places)
            row.values.push_back(shared_area(*set, *evaluation.data, *kind, track));
    }
    return text_table(width, columns, rows);
}

/// "" where nothing was looked for.
std::string copying_part(const Evaluation& evaluation, std::size_t width) {
    std::vector<TextRow> rows;
    double almost_same = 0;
    for (const EvaluatedSet* const set : other_sets(evaluation, false)) {
        if (!set->copying) continue;
        const Copying& copying = *set->copying;
        almost_same = copying.almost_same;
        double least = std::numeric_limits<double>::quiet_NaN();
        for (const std::size_t first : copying.nearest_first(1)) least = copying.nearest[first].distance;
        rows.push_back(
            {row_name(*set), {static_cast<double>(copying.phrases.size()), copying.share(), copying.median(), least}});
    }
    if (rows.empty()) return {};
    const std::vector<TextColumn> columns{
        {"phrases", "", 0}, {"almost the same %", "", 1}, {"median distance", "", 2}, {"least distance", "", 2}};
    return copying_heading(almost_same, evaluation.has_given()) + text_table(width, columns, rows) + "\n";
}

std::string mark_lines(const Evaluation& evaluation, std::size_t width) {
    std::string text;
    for (const EvaluatedSet* const set : other_sets(evaluation, false)) {
        const Comparison comparison = compare(set->metrics, evaluation.data->metrics);
        text += named_text(width, row_name(*set), missed_line(comparison));
        for (const Fact& fact : comparison.facts)
            text +=
                named_text(width, "", fmt::format("{}: {} ({})", fact.name, fact.holds ? "yes" : "no", fact.figures));
    }
    return text;
}

}  // namespace

std::string evaluation_text(const Evaluation& evaluation, bool published) {
    const std::size_t width = name_width(evaluation, published);
    std::string text = set_lines(evaluation, width) + options_text(evaluation) + "\n";
    for (const MetricTable table : metric_tables) {
        text += metric_table(evaluation, table, width, published) + "\n";
        text += table_legend(table, evaluation.options) + "\n";
    }
    if (evaluation.data && !other_sets(evaluation, true).empty())
        text += distance_heading(evaluation.held_out.has_value()) + distance_table(evaluation, width) + "\n";
    if (evaluation.data && !other_sets(evaluation, false).empty()) {
        text += histogram_heading() + histogram_table(evaluation, width) + "\n";
        text += copying_part(evaluation, width);
        text += mark_heading() + mark_lines(evaluation, width) + "\n";
    }
    return text + common_legend(evaluation, published);
}

}  // namespace musegan
