#include "musegan/evaluation/text_table.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "tensor/error.hpp"

using namespace musegan;

namespace {

/// One column under a heading of one letter.
std::string column_of(int decimals, std::vector<double> values, bool is_signed = false) {
    std::vector<TextRow> rows;
    for (const double value : values) rows.push_back({"", {value}, is_signed});
    std::string text = text_table(0, {{"x", "", decimals}}, rows);
    return text.substr(text.find('\n') + 1);
}

}  // namespace

TEST_CASE("text table: headings above labels above rows, groups apart") {
    const std::string text = text_table(
        8, {{"EB %", "B", 1}, {"EB %", "D", 1}, {"TD", "B-G", 2}, {"TD", "S-P", 2}, {"DP %", "D", 1}, {"cells", "", 0}},
        {{"data", {1, 23.45, 0.5, 1.25, 88, 12}},
         {"  - data", {-1, 2, NAN, 0.25, -0.5, 3}, true},
         {"Ü€𝄞", {100, 0, 1, 2, 3, 161280}}});
    CHECK(text ==
          "              EB %     TD         DP %   cells\n"
          "              B    D   B-G   S-P     D\n"
          "data        1.0 23.4  0.50  1.25  88.0      12\n"
          "  - data   -1.0 +2.0     - +0.25  -0.5      +3\n"
          "Ü€𝄞       100.0  0.0  1.00  2.00   3.0  161280\n");
}

TEST_CASE("text table: a heading that is wider than its columns makes room for itself") {
    CHECK(
        text_table(4, {{"notes per bar %", "B", 1}, {"notes per bar %", "D", 1}, {"x", "", 0}}, {{"row", {1, 2, 3}}}) ==
        "      notes per bar %     x\n"
        "               B    D\n"
        "row          1.0  2.0     3\n");
    CHECK(text_table(4, {{"median distance", "", 2}}, {{"row", {0.25}}}) ==
          "      median distance\n"
          "row              0.25\n");
    CHECK(text_table(4, {{"TD", "", 2}}, {}) == "        TD\n");
}

TEST_CASE("text table: a number has as many of its decimals as five characters have room for") {
    CHECK(column_of(2, {1.234, 12.345, 123.456, 1234.56, 12345.6, 123456.7}) ==
          "    1.23\n   12.35\n   123.5\n    1235\n   12346\n  123457\n");
    CHECK(column_of(1, {100.0, -100.0, 99.96}) == "  100.0\n   -100\n  100.0\n");
    CHECK(column_of(1, {100.0, -100.0, 99.9, -99.9, -99.96}, true) == "   +100\n   -100\n  +99.9\n  -99.9\n   -100\n");
    CHECK(column_of(0, {161280}) == "  161280\n");
}

TEST_CASE("text table: what rounds to zero has no sign, and what is no number is a dash") {
    CHECK(column_of(2, {0.001, -0.001, 0.0, -0.0, 0.006, -0.006}, true) ==
          "   0.00\n   0.00\n   0.00\n   0.00\n  +0.01\n  -0.01\n");
    CHECK(column_of(2, {-0.001}) == "  0.00\n");
    CHECK(column_of(0, {0.4, -0.4}, true) == "     0\n     0\n");
    const double infinity = std::numeric_limits<double>::infinity();
    CHECK(column_of(1, {NAN, infinity, -infinity}, true) == "     -\n     -\n     -\n");
}

TEST_CASE("text table: a row of another number of values is refused") {
    CHECK_THROWS_WITH_AS(text_table(8, {{"EB", "", 1}}, {{"data", {1, 2}}}),
                         "[text_table] row 'data' has 2 values, expected 1", tensor::Error);
}
