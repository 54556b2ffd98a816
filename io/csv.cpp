#include "io/csv.hpp"

#include <algorithm>
#include <cmath>
#include <system_error>
#include <utility>

#include "tensor/error.hpp"

namespace io {
namespace {

constexpr std::int64_t max_table_bytes = std::int64_t{1} << 30;

/// Reads a table row by row and knows where the next row begins.
class RowReader {
  public:
    RowReader(std::string_view text, std::string_view name) : text_(text), name_(name) {}

    bool at_end() const { return position_ == text_.size(); }
    std::size_t position() const { return position_; }

    /// The next row; `is_complete` is false where the text ends before the row's line break.
    std::vector<std::string> next(bool& is_complete) {
        std::vector<std::string> fields;
        while (true) {
            fields.push_back(peek() == '"' ? quoted() : bare());
            if (!unclosed_ && peek() == ',') {
                ++position_;
                continue;
            }
            if (!unclosed_ && peek() == '\r') ++position_;
            is_complete = !unclosed_ && peek() == '\n';
            if (is_complete) {
                ++position_;
                ++line_;
            }
            return fields;
        }
    }
    bool is_unclosed() const { return unclosed_; }
    [[noreturn]] void fail_at(const char* fact) const { tensor::fail(name_, "line {}: {}", line_, fact); }

  private:
    char peek() const { return at_end() ? '\0' : text_[position_]; }

    std::string bare() {
        const std::size_t end = std::min(text_.find_first_of(",\r\n\"", position_), text_.size());
        if (end < text_.size() && text_[end] == '"') fail_at("a quote inside a bare field");
        std::string field(text_.substr(position_, end - position_));
        position_ = end;
        return field;
    }

    std::string quoted() {
        std::string field;
        ++position_;
        while (!at_end()) {
            const char c = text_[position_++];
            if (c == '\n') ++line_;
            if (c != '"') {
                field += c;
                continue;
            }
            if (peek() != '"') {
                expect_field_end();
                return field;
            }
            field += '"';
            ++position_;
        }
        unclosed_ = true;
        return field;
    }

    void expect_field_end() const {
        const char c = peek();
        if (!at_end() && c != ',' && c != '\r' && c != '\n') fail_at("text after a closing quote");
    }

    std::string_view text_;
    std::string_view name_;
    std::size_t position_ = 0;
    int line_ = 1;
    bool unclosed_ = false;
};

/// Bytes of the table's whole rows; 0 where not even the header is whole.
std::size_t kept_bytes(std::string_view text, const std::string& name, const std::vector<std::string>& header) {
    RowReader reader(text, name);
    std::size_t kept = 0;
    bool is_complete = true;
    while (!reader.at_end()) {
        const std::vector<std::string> row = reader.next(is_complete);
        if (!is_complete) break;
        if (kept == 0 && row != header)
            tensor::fail(name, "has the header '{}', expected '{}' (move it away, or resume with the same columns)",
                         fmt::join(row, ","), fmt::join(header, ","));
        kept = reader.position();
    }
    return kept;
}

}  // namespace

std::string csv_field(std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
    std::string quoted = "\"";
    for (char c : text) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted += '"';
}

std::string csv_row(std::span<const std::string> fields) {
    std::string row;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (i > 0) row += ',';
        row += csv_field(fields[i]);
    }
    return row += '\n';
}

std::string csv_number(double value) { return std::isnan(value) ? "nan" : fmt::format("{}", value); }

std::vector<std::vector<std::string>> parse_csv(std::string_view text, std::string_view name) {
    std::vector<std::vector<std::string>> rows;
    RowReader reader(text, name);
    bool is_complete = true;
    while (!reader.at_end()) {
        rows.push_back(reader.next(is_complete));
        if (reader.is_unclosed()) reader.fail_at("a quote is not closed before the end");
        if (!is_complete && !reader.at_end()) reader.fail_at("a carriage return without a line feed");
    }
    return rows;
}

CsvWriter::CsvWriter(AppendFile file, std::size_t columns) : file_(std::move(file)), columns_(columns) {}

CsvWriter::CsvWriter(const std::filesystem::path& path, std::vector<std::string> header)
    : CsvWriter(AppendFile(path, AppendFile::Mode::truncate), header.size()) {
    row(header);
}

CsvWriter CsvWriter::append(const std::filesystem::path& path, std::vector<std::string> header) {
    std::error_code unused;
    if (!std::filesystem::exists(path, unused)) return CsvWriter(path, std::move(header));
    const std::vector<std::uint8_t> bytes = read_file(path, max_table_bytes);
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const std::size_t kept = kept_bytes(text, path.string(), header);
    CsvWriter writer(AppendFile(path, AppendFile::Mode::append), header.size());
    if (kept < bytes.size()) writer.file_.truncate(static_cast<std::int64_t>(kept));
    if (kept == 0) writer.row(header);
    return writer;
}

void CsvWriter::row(std::span<const std::string> fields) {
    if (fields.size() != columns_)
        tensor::fail(file_.path().string(), "a row of {} fields, expected {}", fields.size(), columns_);
    file_.write(csv_row(fields));
    file_.flush();
}

}  // namespace io
