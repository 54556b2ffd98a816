// Tables of numbers as lines of text.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace musegan {

struct TextColumn {
    std::string group;  ///< its heading; columns of one group stand next to each other
    std::string label;  ///< below it; "" for none
    int decimals = 1;   ///< fewer where a number would else take more than 5 characters
};

struct TextRow {
    std::string name;
    std::vector<double> values{};  ///< one per column; "-" for what is no finite number
    bool is_signed = false;        ///< a plus before what is above 0
};

/// A line of group headings, a line of labels (if there are any), and a line per row, ended by line feeds: names to the
/// left in `name_width` characters, then the columns as wide as they need, groups further apart than columns. What
/// rounds to 0 has no sign. No blanks at the ends of lines. Throws Error for a row with another number of values than
/// there are columns.
std::string text_table(std::size_t name_width, const std::vector<TextColumn>& columns,
                       const std::vector<TextRow>& rows);

}  // namespace musegan
