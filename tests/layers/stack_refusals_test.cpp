// Tables that do not fit are refused by row and field.

#include <doctest/doctest.h>

#include "layers/stack.hpp"

using namespace layers;

namespace {

/// What the RowError says of a one-row or longer table: "row, field: fact".
std::string row_error(const Table& table, const Volume& input, const Volumes& maps = {}) {
    try {
        volumes_of(table, input, maps);
    } catch (const RowError& error) {
        CHECK(std::string(error.what()) == "[layers] " + error.row() + ": " + error.fact());
        return error.row() + ", " + error.field() + ": " + error.fact();
    }
    return "nothing was thrown";
}

}  // namespace

TEST_CASE("a row that does not fit says which it is, the field at fault, what is there and what was expected") {
    const Volume input{{4, 3, 2}, 2};
    CHECK(row_error({{.name = "up", .kind = LayerKind::transposed, .dilation = {2, 1, 1}}}, input) ==
          "up, dilation: a transposed layer with a dilation, expected none");
    const std::string padding = "row, padding: padding 'same', expected it of a convolution without dilation alone";
    CHECK(row_error({{.name = "row", .dilation = {1, 2, 1}, .padding = Padding::same}}, input) == padding);
    CHECK(row_error({{.name = "row", .kind = LayerKind::dense, .padding = Padding::same}}, input) == padding);
    CHECK(row_error({{.name = "row", .kind = LayerKind::transposed, .padding = Padding::same}}, input) == padding);
    for (const LayerKind kind : {LayerKind::convolution, LayerKind::dense})
        CHECK(row_error({{.name = "row", .kind = kind, .bias_per_track = true}}, input) ==
              "row, bias_per_track: a bias per track, expected it of a transposed layer alone");
    CHECK(row_error({{.name = "row"}, {.name = "empty", .kind = LayerKind::none}}, input) ==
          "empty, kind: a layer without a product, a norm or an activation, expected one of them");
    CHECK(row_error({{.name = "row", .joins = "map"}}, input) == "row, joins: there is no map 'map' to join");
    CHECK(row_error({{.name = "row", .joins = "map"}}, input, {{"map", {{4, 3, 1}, 7}}}) ==
          "row, joins: joins 'map' of 4 x 3 x 1 x 7, expected the extents of what it reads, 4 x 3 x 2 x 2");
    const std::string kernel = row_error({{.name = "a"}, {.name = "b", .kernel = {5, 1, 1}}}, input);
    CHECK(kernel.starts_with("b, kernel: reads 4 x 3 x 2 x 1: [conv3d"));
    const std::string values =
        row_error({{.name = "up", .kind = LayerKind::transposed, .channels = 16, .stride = {5'000'000, 1, 1}}}, input);
    CHECK(values == "up, kernel: makes 15000001 x 3 x 2 x 16, expected 1 to 1000000000 values");
    CHECK(row_error({{.name = "wide", .kind = LayerKind::dense, .result = {1, 0, 1}}}, input) ==
          "wide, result: makes 1 x 0 x 1 x 1, expected 1 to 1000000000 values");
}

TEST_CASE("an addition of what is not there yet, or has another volume, is refused, and so are two rows of one name") {
    const Volume input{{4, 3, 2}, 2};
    CHECK(row_error({{.name = "row", .adds = "next"}, {.name = "next"}}, input) ==
          "row, adds: adds 'next', expected 'input' or an earlier row");
    CHECK(row_error({{.name = "row", .channels = 2, .adds = "row"}}, input) ==
          "row, adds: adds 'row', expected 'input' or an earlier row");
    CHECK(row_error({{.name = "row", .channels = 3, .adds = "input"}}, input) ==
          "row, adds: adds 'input' of 4 x 3 x 2 x 2, expected what it makes itself, 4 x 3 x 2 x 3");
    CHECK(row_error({{.name = "a"}, {.name = "b", .kernel = {2, 1, 1}, .adds = "a"}}, input) ==
          "b, adds: adds 'a' of 4 x 3 x 2 x 1, expected what it makes itself, 3 x 3 x 2 x 1");
    CHECK(row_error({{.name = "a"}, {.name = "b"}, {.name = "a"}}, input) ==
          "a, name: a second row of that name, expected another");
    CHECK(row_error({{.name = "a", .channels = 2, .adds = "input"}, {.name = "b", .channels = 2, .adds = "a"}},
                    input) == "nothing was thrown");
}
