#include "io/csv.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "tests/io/full_disk.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/temporary_folder.hpp"

using io::CsvWriter;
using support::contains_all;
using support::message_of;
using support::read_text;
using support::TemporaryFolder;
using support::write_text;

namespace {

using Rows = std::vector<std::vector<std::string>>;

}  // namespace

TEST_CASE("fields are quoted where they must be, and only there") {
    CHECK(io::csv_field("plain text") == "plain text");
    CHECK(io::csv_field("") == "");
    CHECK(io::csv_field("a,b") == "\"a,b\"");
    CHECK(io::csv_field("say \"hi\"") == "\"say \"\"hi\"\"\"");
    CHECK(io::csv_field("two\nlines") == "\"two\nlines\"");
    CHECK(io::csv_field("\r") == "\"\r\"");
    CHECK(io::csv_row(std::vector<std::string>{"a", "", "b,c"}) == "a,,\"b,c\"\n");
}

TEST_CASE("numbers read back to themselves") {
    CHECK(io::csv_number(0.1) == "0.1");
    CHECK(io::csv_number(1e300) == "1e+300");
    CHECK(std::stod(io::csv_number(1.0 / 3.0)) == 1.0 / 3.0);
    CHECK(io::csv_number(-std::numeric_limits<double>::quiet_NaN()) == "nan");
    CHECK(io::csv_number(-std::numeric_limits<double>::infinity()) == "-inf");
}

TEST_CASE("rows written are rows parsed") {
    const Rows rows{{"a", "b,c", "d\"e"}, {"", "\r\n", "\"\""}, {"1", "2", "3"}};
    std::string text;
    for (const auto& row : rows) text += io::csv_row(row);
    CHECK(io::parse_csv(text, "x.csv") == rows);
}

TEST_CASE("other writers' habits: CRLF, and a last row without a line break") {
    CHECK(io::parse_csv("a,b\r\n1,\"2\"\r\n", "x") == Rows{{"a", "b"}, {"1", "2"}});
    CHECK(io::parse_csv("a,b\n1,2", "x") == Rows{{"a", "b"}, {"1", "2"}});
    CHECK(io::parse_csv("\n", "x") == Rows{{""}});
    CHECK(io::parse_csv("", "x").empty());
}

TEST_CASE("broken quotes are refused with file and line") {
    CHECK(contains_all(message_of([] { io::parse_csv("a\n\"b\nc", "x.csv"); }), {"[x.csv]", "line 3", "not closed"}));
    CHECK(contains_all(message_of([] { io::parse_csv("a\nb\"c\n", "x.csv"); }), {"line 2", "inside a bare field"}));
    CHECK(contains_all(message_of([] { io::parse_csv("\"a\"b\n", "x.csv"); }), {"line 1", "after a closing quote"}));
    CHECK(contains_all(message_of([] { io::parse_csv("a\rb\n", "x.csv"); }), {"line 1", "carriage return"}));
}

TEST_CASE("a table is on disk row by row") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "log.csv";
    CsvWriter writer(path, {"step", "note"});
    CHECK(read_text(path) == "step,note\n");
    writer.row({"1", "a,b"});
    CHECK(read_text(path) == "step,note\n1,\"a,b\"\n");
    CHECK(contains_all(message_of([&] { writer.row({"1"}); }), {"log.csv", "1 fields", "expected 2"}));
}

TEST_CASE("a table is continued after its whole rows") {
    const TemporaryFolder folder;
    const auto path = folder.path() / "log.csv";
    SUBCASE("no table yet") {
        CsvWriter::append(path, {"step", "x"}).row({"1", "a"});
        CHECK(read_text(path) == "step,x\n1,a\n");
    }
    SUBCASE("all rows kept") {
        write_text(path, "step,x\n1,a\n2,b\n");
        CsvWriter::append(path, {"step", "x"}).row({"3", "c"});
        CHECK(read_text(path) == "step,x\n1,a\n2,b\n3,c\n");
    }
    SUBCASE("a row that a full disk refuses is kept, and written before the next") {
        CsvWriter writer = CsvWriter::append(path, {"step", "x"});
        CHECK(contains_all(support::message_on_full_disk(10,
                                                         [&] {
                                                             writer.row({"1", "a longer field"});
                                                         }),
                           {"log.csv", "File too large"}));
        CHECK(read_text(path) == "step,x\n");
        writer.row({"2", "b"});
        CHECK(read_text(path) == "step,x\n1,a longer field\n2,b\n");
    }
    SUBCASE("a row that a killed run left unfinished is cut") {
        for (const std::string torn : {"2", "2,", "2,b", "2,\"b", "2,\"b\"", "2,b\r"}) {
            write_text(path, "step,x\n1,a\n" + torn);
            CsvWriter::append(path, {"step", "x"}).row({"2", "b"});
            CHECK(read_text(path) == "step,x\n1,a\n2,b\n");
        }
    }
    SUBCASE("a torn header is written again") {
        write_text(path, "ste");
        CsvWriter::append(path, {"step", "x"}).row({"1", "a"});
        CHECK(read_text(path) == "step,x\n1,a\n");
    }
    SUBCASE("other columns are refused, and nothing is lost") {
        write_text(path, "step,y\n1,a\n");
        CHECK(contains_all(message_of([&] {
                               CsvWriter::append(path, {"step", "x"});
                           }),
                           {"log.csv", "'step,y'", "'step,x'"}));
        CHECK(read_text(path) == "step,y\n1,a\n");
    }
}
