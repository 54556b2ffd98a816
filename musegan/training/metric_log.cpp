#include "musegan/training/metric_log.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "io/atomic_file.hpp"
#include "io/file.hpp"
#include "io/settings.hpp"
#include "musegan/evaluation/metric_list.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

constexpr std::int64_t most_bytes = std::int64_t{1} << 30;
constexpr std::int64_t most_steps = std::int64_t{1} << 53;  // whole numbers that a double holds
constexpr const char* of_data = "data";
constexpr const char* of_model = "model";

const std::vector<std::string>& header() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all{"step", "source"};
        for (const Metric& metric : metric_list()) all.push_back(metric.key);
        return all;
    }();
    return names;
}

std::vector<std::string> row_of(std::int64_t step, const char* source, const Metrics& metrics) {
    std::vector<std::string> fields{fmt::format("{}", step), source};
    for (const Metric& metric : metric_list()) {
        const double value = metric.mean(metrics).value();
        fields.push_back(std::isnan(value) ? std::string() : io::csv_number(value));
    }
    return fields;
}

/// "EB/bass" of tracks.bass.EB, "TD/B-G" of TD.B-G, "metrics/DP" of DP: TensorBoard keeps those with one beginning
/// together.
std::string tag_of(const std::string& key) {
    const std::size_t first = key.find('.'), last = key.rfind('.');
    if (first == std::string::npos) return "metrics/" + key;
    if (first == last) return key.substr(0, first) + "/" + key.substr(first + 1);
    return key.substr(last + 1) + "/" + key.substr(first + 1, last - first - 1);
}

void add_scalars(const Metrics& metrics, std::int64_t step, io::EventWriter& events) {
    for (const Metric& metric : metric_list())
        if (const double value = metric.mean(metrics).value(); !std::isnan(value))
            events.scalar(tag_of(metric.key), value, step);
}

/// The step of a whole row of the model; none for any other line.
std::optional<std::int64_t> step_of(const std::vector<std::string>& row) {
    if (row.size() != header().size() || row[1] != of_model) return std::nullopt;
    for (std::size_t k = 2; k < row.size(); ++k)
        if (!row[k].empty() && !io::parse_number<double>(row[k])) return std::nullopt;
    const auto step = io::parse_number<std::int64_t>(row[0]);
    return step && *step >= 0 ? step : std::nullopt;
}

/// Calls visit(row) for each line of metrics.csv, parsed by itself, so that a damaged one costs no other: a row without
/// fields stands for one with a quote, which ours do not have, or longer than any of ours. Nothing is kept, however
/// many lines there are. An unfinished last line, which a killed run leaves, is none.
/// Returns whether there is such a line.
template <typename Visit>
bool for_each_row(const RunFolder& run, const Visit& visit) {
    constexpr std::size_t longest = 1 << 14;
    std::error_code unused;
    if (!std::filesystem::exists(run.metrics(), unused)) return false;
    const std::vector<std::uint8_t> bytes = io::read_file(run.metrics(), most_bytes);
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    for (std::size_t begin = 0, end; (end = text.find('\n', begin)) != std::string_view::npos; begin = end + 1) {
        const std::string_view line = text.substr(begin, end + 1 - begin);
        std::vector<std::vector<std::string>> rows;
        try {
            if (line.size() <= longest && line.find('"') == std::string_view::npos)
                rows = io::parse_csv(line, run.metrics().string());
        } catch (const tensor::Error&) {  // a carriage return in its middle
        }
        visit(rows.size() == 1 ? rows.front() : std::vector<std::string>{});
    }
    return !text.empty() && !text.ends_with('\n');
}

}  // namespace

MetricLog::MetricLog(const RunFolder& run, const Metrics& data, bool resume, std::int64_t steps)
    : data_(data), csv_(open(run, resume, steps)), data_events_(run.data_events()) {}

io::CsvWriter MetricLog::open(const RunFolder& run, bool resume, std::int64_t steps) {
    std::string kept = io::csv_row(header()) + io::csv_row(row_of(0, of_data, data_));
    std::int64_t damaged = 0;
    bool is_first = true;
    const auto look_at = [&](const std::vector<std::string>& row) {
        if (std::exchange(is_first, false) && row.size() > 1 && row[0] == "step" && row != header())
            tensor::fail(run.metrics().string(),
                         "has other columns than this version writes (move it away, or --evaluate-every 0)");
        if (row == header() || (row.size() > 1 && row[1] == of_data)) return;  // written anew
        const std::optional<std::int64_t> step = step_of(row);
        if (!step || (*step <= steps && *step <= last_step_)) ++damaged;
        else if (*step <= steps) {
            kept += io::csv_row(row);
            last_step_ = *step;
        }
    };
    if (resume) for_each_row(run, look_at);
    if (damaged > 0)
        repaired_ = fmt::format("metrics.csv had {} damaged line{} (a full disk, a power cut or an edit): removed",
                                damaged, damaged > 1 ? "s" : "");
    io::write_file_atomically(run.metrics(), io::as_bytes(kept));
    return io::CsvWriter::append(run.metrics(), header());
}

void MetricLog::add(const Metrics& model, std::int64_t step, io::EventWriter& events) {
    last_step_ = step;
    csv_.row(row_of(step, of_model, model));
    add_scalars(model, step, events);
    add_scalars(data_, step, data_events_);
    data_events_.flush();
}

void MetricLog::sync() {
    csv_.sync();
    data_events_.sync();
}

namespace {

/// Where a file has its step, its source and the metrics that this version knows.
struct Columns {
    std::size_t count = 0;
    std::vector<std::pair<std::size_t, std::string>> metrics{};  ///< place and key
};

Columns columns_of(const std::vector<std::string>& names, const std::string& file) {
    if (names.size() < 2 || names[0] != "step" || names[1] != "source")
        tensor::fail(file, "has no header, expected one that begins with 'step,source'");
    Columns columns{names.size()};
    for (std::size_t k = 2; k < names.size(); ++k)
        if (std::ranges::find(metric_list(), names[k], &Metric::key) != metric_list().end())
            columns.metrics.emplace_back(k, names[k]);
    return columns;
}

/// The metrics of a row, nan for an empty field; nothing for a row that is none.
std::optional<std::map<std::string, double>> values_of(const std::vector<std::string>& row, const Columns& columns) {
    if (row.size() != columns.count) return std::nullopt;
    std::map<std::string, double> values;
    for (const auto& [place, key] : columns.metrics) {
        const std::optional<double> value = io::parse_number<double>(row[place]);
        if (!value && !row[place].empty()) return std::nullopt;
        values[key] = value.value_or(std::numeric_limits<double>::quiet_NaN());
    }
    return values;
}

/// Adds a row, or says that it is damaged.
bool add_row(const std::vector<std::string>& row, const Columns& columns, MetricCurves& curves) {
    const std::optional<std::map<std::string, double>> values = values_of(row, columns);
    if (!values) return false;
    if (row[1] == of_data) {
        curves.data = *values;
        return true;
    }
    const auto step = io::parse_number<std::int64_t>(row[0]);
    const double last = curves.steps.empty() ? -1 : curves.steps.back();
    if (row[1] != of_model || !step || *step > most_steps || static_cast<double>(*step) <= last) return false;
    curves.steps.push_back(static_cast<double>(*step));
    for (const auto& [key, value] : *values) curves.model[key].push_back(value);
    return true;
}

}  // namespace

MetricCurves read_metric_log(const RunFolder& run) {
    const std::string file = run.metrics().string();
    MetricCurves curves;
    Columns columns;
    bool is_first = true;
    curves.is_cut = for_each_row(run, [&](const std::vector<std::string>& row) {
        if (std::exchange(is_first, false)) columns = columns_of(row, file);
        else if (!add_row(row, columns, curves)) ++curves.damaged;
    });
    if (is_first) tensor::fail(file, "is empty, expected the metrics of a run");
    return curves;
}

}  // namespace musegan
