// Networks that do not fit are refused by part, row and field.
#include <doctest/doctest.h>

#include "layers/network.hpp"
#include "tests/layers/small_network.hpp"
#include "tests/layers/workshop.hpp"

using namespace layers;
using support::bass_and_drums;
using support::row;
using support::two_tracks;
using support::Workshop;

namespace {

/// "part 1, row 0, kernel: fact"; "part 1, reads: fact" where the part itself is at fault.
std::string part_error(const NetworkPlan& plan, const Volumes& sources, const Volumes& joined = {}) {
    Workshop shop;
    try {
        const Network network(shop.builder, sources, plan, joined);
    } catch (const PartError& error) {
        CHECK(std::string(error.what()) == "[layers] " + error.fact());
        CHECK(shop.parameters.trainable.empty());  // nothing was made before all was looked at
        const std::string place = error.row() == PartError::no_row ? "" : fmt::format(", row {}", error.row());
        return fmt::format("part {}{}, {}: {}", error.part(), place, error.field(), error.fact());
    }
    return "nothing was thrown";
}

}  // namespace

TEST_CASE("network: a part that does not fit is named by its place, its field, what is there and what was expected") {
    const Volumes x{{"x", two_tracks}};
    const Table rows{row("conv1", 2)};
    const auto of = [&](std::vector<Part> parts) { return part_error({std::move(parts), bass_and_drums}, x); };
    CHECK(of({}) == "part 0, : a network without parts, expected one or more");
    CHECK(of({{"a", {"x"}, false, rows}, {"b", {"a"}, false, {}}}) ==
          "part 1, rows: a part without rows, expected one or more");
    CHECK(of({{"a", {}, false, rows}}) == "part 0, reads: a part that reads nothing, expected one or more names");
    CHECK(of({{"a", {"y"}, false, rows}}) == "part 0, reads: reads 'y', expected one of 'x'");
    // Neither itself nor a later part.
    CHECK(of({{"a", {"x"}, false, rows}, {"b", {"x", "b"}, false, rows}}) ==
          "part 1, reads: reads 'b', expected one of 'x', 'a'");
    CHECK(of({{"a", {"b"}, false, rows}, {"b", {"x"}, false, rows}}) ==
          "part 0, reads: reads 'b', expected one of 'x'");
    CHECK(of({{"a", {"x"}, false, {row("conv1", 2, {2, 1, 1})}}, {"b", {"x", "a"}, false, rows}}) ==
          "part 1, reads: reads 'a' of 3 x 3 x 2 x 2 beside 4 x 3 x 2 x 1, expected equal extents");
    // A part per track reads one track of a source, a shared part all.
    CHECK(of({{"a", {"x"}, true, rows}, {"b", {"a", "x"}, false, rows}}) ==
          "part 1, reads: reads 'x' of 4 x 3 x 2 x 1 beside 4 x 3 x 1 x 4, expected equal extents");
    CHECK(of({{"a", {"x"}, true, rows}, {"b", {"a", "x"}, true, rows}}) == "nothing was thrown");
    CHECK(of({{"a", {"x"}, false, rows}, {"a", {"x"}, false, rows}}) ==
          "part 1, name: a second 'a', expected another name");
    CHECK(of({{"x", {"x"}, false, rows}}) == "part 0, name: a second 'x', expected another name");
    CHECK(of({{"", {"x"}, false, rows}, {"", {""}, false, rows}}) ==
          "part 1, name: a second '', expected another name");
    // Parameters of one name, of parts of other names.
    CHECK(of({{"", {"x"}, true, rows}, {"drums", {""}, false, rows}}) ==
          "part 1, row 0, name: a second 'drums.conv1' with parameters, expected another name");
    CHECK(part_error({{{"a", {"one"}, true, rows}}, bass_and_drums}, {{"one", {{4, 3, 1}, 2}}}) ==
          "part 0, reads: one part per track reads 'one' of 4 x 3 x 1 x 2, expected one with 2 tracks");
}

TEST_CASE("network: a row that does not fit is named by its part, its place in it, its field, and what was expected") {
    const Volumes x{{"x", two_tracks}};
    const Part first{"a", {"x"}, false, {row("conv1", 2)}};
    const auto of = [&](const Table& rows, bool per_track = false) {
        return part_error({{first, {"b", {"a"}, per_track, rows}}, bass_and_drums}, x, {{"map", {{4, 3, 1}, 2}}});
    };
    LayerRow joining = row("conv2", 2), adding = row("conv2", 2, {1, 2, 1});
    joining.joins = "map";
    adding.adds = "input";
    CHECK(of({row("conv1", 2), row("conv2", 1, {9, 1, 1})})
              .starts_with("part 1, row 1, kernel: reads 4 x 3 x 2 x 2: [conv3d"));
    CHECK(of({row("conv1", 2), joining}) ==
          "part 1, row 1, joins: joins 'map' of 4 x 3 x 1 x 2, expected the extents of what it reads, 4 x 3 x 2 x 2");
    CHECK(of({adding}) ==
          "part 1, row 0, adds: adds 'input' of 4 x 3 x 2 x 2, expected what it makes itself, 4 x 2 x 2 x 2");
    CHECK(of({row("conv1", 2), {.name = "conv2", .kind = LayerKind::none}}) ==
          "part 1, row 1, kind: a layer without a product, a norm or an activation, expected one of them");
    // The second of that name is the one too many.
    CHECK(of({row("conv1", 2), row("conv2", 2), row("conv1", 2)}) ==
          "part 1, row 2, name: a second row of that name, expected another");
}
