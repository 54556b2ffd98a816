#include "musegan/training/log_table.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "io/atomic_file.hpp"
#include "io/csv.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

constexpr std::int64_t most_bytes = std::int64_t{1} << 30;
constexpr std::int64_t most_steps = std::int64_t{1} << 53;  // whole numbers that a double holds

template <typename Number>
std::optional<Number> number_in(std::string_view field) {
    Number value = 0;
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
    if (error != std::errc{} || end != field.data() + field.size()) return std::nullopt;
    return value;
}

/// Calls visit(line) for each line that has an end. Returns whether there is something behind the last one: the
/// unfinished row of a killed run.
template <typename Visit>
bool for_each_line(std::string_view text, const Visit& visit) {
    std::size_t begin = 0;
    for (std::size_t end; (end = text.find('\n', begin)) != std::string_view::npos; begin = end + 1) {
        std::string_view line = text.substr(begin, end - begin);
        if (line.ends_with('\r')) line.remove_suffix(1);
        visit(line);
    }
    return begin < text.size();
}

/// Calls visit(field) for each field of a line without quotes, which our logs do not have.
template <typename Visit>
void for_each_field(std::string_view line, const Visit& visit) {
    for (std::size_t begin = 0; begin <= line.size();) {
        const std::size_t end = std::min(line.find(',', begin), line.size());
        visit(line.substr(begin, end - begin));
        begin = end + 1;
    }
}

/// The step of a whole row: as many numbers as there are columns, the first of which counts from 1.
std::optional<std::int64_t> step_of_row(std::string_view line, std::size_t columns) {
    std::optional<std::int64_t> step;
    std::size_t count = 0;
    bool has_numbers = true;
    for_each_field(line, [&](std::string_view field) {
        if (count++ == 0) step = number_in<std::int64_t>(field);
        else if (!number_in<double>(field)) has_numbers = false;
    });
    return has_numbers && count == columns && step && *step >= 1 ? step : std::nullopt;
}

std::vector<std::string> names_in(std::string_view line) {
    std::vector<std::string> names;
    for_each_field(line, [&](std::string_view field) { names.emplace_back(field); });
    return names;
}

/// Adds a row that step_of_row takes.
void add_row(std::string_view line, LogTable& table) {
    std::size_t column = 0;
    for_each_field(line, [&](std::string_view field) { table.values[column++].push_back(*number_in<double>(field)); });
}

/// What stands in a log: whole rows by step, and how many lines are none.
struct LogContent {
    bool has_header = false;
    std::map<std::int64_t, std::string_view> rows;
    std::int64_t damaged = 0;
};

LogContent content_of(std::string_view text, const std::string& header, std::size_t columns, const std::string& file) {
    LogContent content;
    bool is_first = true;
    for_each_line(text, [&](std::string_view line) {
        const bool is_header_line = std::exchange(is_first, false);
        if (is_header_line && line == header) content.has_header = true;
        else if (is_header_line && line.starts_with("step,"))
            tensor::fail(file, "has the header '{}', expected '{}' (move it away, or resume with the same columns)",
                         line, header);
        else if (const auto step = step_of_row(line, columns); !step || !content.rows.emplace(*step, line).second)
            ++content.damaged;
    });
    return content;
}

/// "3, 7 to 9 and 12", of steps in order.
std::string ranges_text(const std::vector<std::int64_t>& steps) {
    std::vector<std::string> ranges;
    for (std::size_t i = 0; i < steps.size();) {
        std::size_t last = i;
        while (last + 1 < steps.size() && steps[last + 1] == steps[last] + 1) ++last;
        ranges.push_back(last == i ? fmt::format("{}", steps[i]) : fmt::format("{} to {}", steps[i], steps[last]));
        i = last + 1;
    }
    constexpr std::size_t shown = 5;
    if (ranges.size() > shown)
        return fmt::format("{} and others", fmt::join(ranges.begin(), ranges.begin() + shown, ", "));
    if (ranges.size() == 1) return ranges.front();
    return fmt::format("{} and {}", fmt::join(ranges.begin(), ranges.end() - 1, ", "), ranges.back());
}

std::string repair_text(const LogContent& content, const std::vector<std::int64_t>& missing) {
    std::string text;
    if (!content.has_header) text += ", no header";
    if (content.damaged > 0)
        text += fmt::format(", {} damaged line{}", content.damaged, content.damaged > 1 ? "s" : "");
    if (!missing.empty())
        text += fmt::format(", no row of step{} {}", missing.size() > 1 ? "s" : "", ranges_text(missing));
    if (text.empty()) return text;
    return fmt::format("log.csv had {} (a full disk, a power cut or an edit): repaired{}", text.substr(2),
                       missing.empty() ? "" : ", with nan where numbers are lost");
}

}  // namespace

bool LogTable::contains(const std::string& name) const {
    return std::find(columns.begin(), columns.end(), name) != columns.end();
}

const std::vector<double>& LogTable::column(const std::string& name) const {
    const auto found = std::find(columns.begin(), columns.end(), name);
    if (found == columns.end()) tensor::fail("log.csv", "no column '{}'", name);
    return values[static_cast<std::size_t>(found - columns.begin())];
}

LogTable read_log(const RunFolder& run) {
    const std::string file = run.log().string();
    const std::vector<std::uint8_t> bytes = io::read_file(run.log(), most_bytes);
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    LogTable table;
    bool is_first = true;
    double last_step = 0;
    table.is_cut = for_each_line(text, [&](std::string_view line) {
        if (std::exchange(is_first, false)) {
            if (!line.starts_with("step,")) tensor::fail(file, "has no header, expected one that begins with 'step,'");
            table.columns = names_in(line);
            table.values.resize(table.columns.size());
            return;
        }
        const std::optional<std::int64_t> step = step_of_row(line, table.columns.size());
        if (!step || *step > most_steps || static_cast<double>(*step) <= last_step) {
            ++table.damaged;
            return;
        }
        last_step = static_cast<double>(*step);
        add_row(line, table);
    });
    if (is_first) tensor::fail(file, "is empty, expected a header");
    return table;
}

std::string repair_log(const RunFolder& run, const std::vector<std::string>& columns, std::int64_t steps) {
    const std::string header = io::csv_row(columns);
    std::error_code unused;
    std::vector<std::uint8_t> bytes;
    if (std::filesystem::exists(run.log(), unused)) bytes = io::read_file(run.log(), most_bytes);
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const LogContent content =
        content_of(text, header.substr(0, header.size() - 1), columns.size(), run.log().string());
    std::string repaired = header, lost;
    for (std::size_t c = 1; c < columns.size(); ++c) lost += ",nan";
    std::vector<std::int64_t> missing;
    for (std::int64_t step = 1; step <= steps; ++step) {
        const auto row = content.rows.find(step);
        if (row == content.rows.end()) missing.push_back(step);
        repaired += row == content.rows.end() ? fmt::format("{}{}", step, lost) : std::string(row->second);
        repaired += '\n';
    }
    if (repaired != text) io::write_file_atomically(run.log(), io::as_bytes(repaired));
    if (steps == 0 && text.empty()) return {};  // a run that was killed before it had a log
    return repair_text(content, missing);
}

}  // namespace musegan
