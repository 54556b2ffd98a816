#include "musegan/evaluation/text_table.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "musegan/evaluation/plain_text.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

constexpr std::size_t least_width = 4, usual_width = 5;

std::string number(double value, int decimals, bool is_signed) {
    if (!std::isfinite(value)) return "-";
    std::string text;
    do text = is_signed ? fmt::format("{:+.{}f}", value, decimals) : fmt::format("{:.{}f}", value, decimals);
    while (text.size() > usual_width && decimals-- > 0);
    const bool is_zero = text.find_first_of("123456789") == std::string::npos;
    return is_zero ? text.substr(text.find('0')) : text;
}

/// The texts of a table, before it is known how wide they are.
struct Cells {
    std::vector<std::vector<std::string>> rows;  // of each row its values
    std::vector<std::size_t> widths;             // of each column
};

Cells cells_of(const std::vector<TextColumn>& columns, const std::vector<TextRow>& rows) {
    Cells cells;
    for (const TextColumn& column : columns) cells.widths.push_back(std::max(least_width, column.label.size()));
    for (const TextRow& row : rows) {
        if (row.values.size() != columns.size())
            tensor::fail("text_table", "row '{}' has {} values, expected {}", row.name, row.values.size(),
                         columns.size());
        std::vector<std::string>& texts = cells.rows.emplace_back();
        for (std::size_t k = 0; k < columns.size(); ++k) {
            texts.push_back(number(row.values[k], columns[k].decimals, row.is_signed));
            cells.widths[k] = std::max(cells.widths[k], texts.back().size());
        }
    }
    return cells;
}

/// Columns [begin, end) of one heading.
using Group = std::pair<std::size_t, std::size_t>;

std::vector<Group> groups_of(const std::vector<TextColumn>& columns) {
    std::vector<Group> groups;
    for (std::size_t k = 0; k < columns.size(); ++k) {
        if (k == 0 || columns[k].group != columns[k - 1].group) groups.push_back({k, k});
        ++groups.back().second;
    }
    return groups;
}

constexpr const char* between_groups = "  ";

/// The headings; widens the first column of a group that is narrower than its heading.
std::string heading_line(const std::vector<TextColumn>& columns, const std::vector<Group>& groups,
                         std::vector<std::size_t>& widths) {
    std::string line;
    for (const auto& [begin, end] : groups) {
        std::size_t width = end - begin - 1;  // blanks between its columns
        for (std::size_t k = begin; k < end; ++k) width += widths[k];
        const std::string& heading = columns[begin].group;
        if (heading.size() > width) {
            widths[begin] += heading.size() - width;
            width = heading.size();
        }
        // A heading begins over its first label; that of a single column ends where its numbers do.
        const std::size_t label = columns[begin].label.size();
        const std::size_t left = end - begin > 1 ? (label == 0 ? 0 : widths[begin] - label) : width;
        const std::string placed = std::string(std::min(left, width - heading.size()), ' ') + heading;
        line += between_groups + fmt::format("{:<{}}", placed, width);
    }
    return line;
}

std::string line_of(const std::vector<Group>& groups, const std::vector<std::size_t>& widths,
                    const std::vector<std::string>& texts) {
    std::string line;
    for (const auto& [begin, end] : groups) {
        line += between_groups;
        for (std::size_t k = begin; k < end; ++k)
            line += fmt::format("{}{:>{}}", k == begin ? "" : " ", texts[k], widths[k]);
    }
    return line;
}

void add_line(std::string& text, std::size_t name_width, const std::string& name, const std::string& rest) {
    const std::size_t own = characters(name);
    text += name + std::string(name_width > own ? name_width - own : 0, ' ') + rest;
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
}

}  // namespace

std::string text_table(std::size_t name_width, const std::vector<TextColumn>& columns,
                       const std::vector<TextRow>& rows) {
    Cells cells = cells_of(columns, rows);
    const std::vector<Group> groups = groups_of(columns);
    std::string text;
    add_line(text, name_width, "", heading_line(columns, groups, cells.widths));
    std::vector<std::string> labels;
    for (const TextColumn& column : columns) labels.push_back(column.label);
    if (std::ranges::any_of(labels, [](const std::string& label) { return !label.empty(); }))
        add_line(text, name_width, "", line_of(groups, cells.widths, labels));
    for (std::size_t row = 0; row < rows.size(); ++row)
        add_line(text, name_width, rows[row].name, line_of(groups, cells.widths, cells.rows[row]));
    return text;
}

}  // namespace musegan
