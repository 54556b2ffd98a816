// Comma-separated values, as RFC 4180 has them, for logs that a run appends to and a spreadsheet opens.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/append_file.hpp"

namespace io {

/// `text` as one field: in quotes, with inner quotes doubled, where it holds a comma, a quote or a line break; as it is
/// otherwise.
std::string csv_field(std::string_view text);
/// Fields joined by commas and ended by one line feed.
std::string csv_row(std::span<const std::string> fields);
/// The shortest decimal text that reads back to the same double; "nan", "inf" and "-inf" for the rest.
std::string csv_number(double value);

/// The rows of a text, their fields unquoted: the inverse of csv_row. Lines end in LF or CRLF. Throws tensor::Error,
/// naming `name` and the line, for a quote that is not closed or stands inside a bare field.
std::vector<std::vector<std::string>> parse_csv(std::string_view text, std::string_view name);

/// A table on disk: the header, then one row for each call of row().
class CsvWriter {
  public:
    /// Starts an empty table. Throws tensor::Error where the file cannot be made.
    CsvWriter(const std::filesystem::path& path, std::vector<std::string> header);
    /// Continues a table, or starts it where there is none. An unfinished last row, left by a killed run, is cut away.
    /// Throws tensor::Error where the header differs.
    static CsvWriter append(const std::filesystem::path& path, std::vector<std::string> header);

    /// Throws tensor::Error for another number of fields than the header has, and where writing fails: then the row is
    /// kept, and written before the next one.
    void row(std::span<const std::string> fields);
    void row(std::initializer_list<std::string> fields) {
        row(std::span<const std::string>(fields.begin(), fields.size()));
    }
    /// Makes all rows last over a power cut. Throws tensor::Error where that fails.
    void sync() { file_.sync(); }

  private:
    CsvWriter(AppendFile file, std::size_t columns);

    AppendFile file_;
    std::size_t columns_;
};

}  // namespace io
