#include "musegan/figures/label_places.hpp"

#include <doctest/doctest.h>

using namespace musegan;

namespace {

constexpr Box paper{0, 0, 400, 300};

}  // namespace

TEST_CASE("label places: boxes overlap, contain and touch") {
    const Box box{10, 10, 20, 10};
    CHECK(box.overlaps({29, 19, 5, 5}));
    CHECK_FALSE(box.overlaps({30, 10, 5, 5}));  // an edge in common is no overlap
    CHECK_FALSE(box.overlaps({10, 20, 5, 5}));
    CHECK(box.contains(Box{10, 10, 20, 10}));
    CHECK_FALSE(box.contains(Box{10, 10, 21, 10}));
    CHECK(box.contains(Point{30, 20}));
    CHECK_FALSE(box.contains(Point{30.5, 20}));
    CHECK(box.nearest({0, 0}).x == 10);
    CHECK(box.nearest({40, 15}).x == 30);
    CHECK(box.nearest({40, 15}).y == 15);
    CHECK(box.widened(2).overlaps({30, 10, 5, 5}));
}

TEST_CASE("label places: right of the dot where that is free, else around it") {
    const Point dot{200, 150};
    const Box own{190, 140, 20, 20};
    auto place = place_label(dot, 10, 60, 14, paper, {own}, {});
    REQUIRE(place);
    CHECK_FALSE(place->needs_line);
    CHECK(place->box.x == doctest::Approx(214));
    CHECK(place->box.y == doctest::Approx(143));
    place = place_label(dot, 10, 60, 14, paper, {own, {215, 140, 40, 20}}, {});
    REQUIRE(place);
    CHECK(place->box.x + place->box.width == doctest::Approx(186));
    place = place_label({390, 150}, 10, 60, 14, paper, {{380, 140, 20, 20}}, {});  // the paper ends right of it
    REQUIRE(place);
    CHECK(place->box.x + place->box.width == doctest::Approx(376));
}

TEST_CASE("label places: a name that would stand near something else stands further off, with a line") {
    // A neighbour left and right; above and below something that the name would touch.
    const std::vector<Box> taken{
        {190, 140, 20, 20}, {212, 140, 20, 20}, {168, 140, 20, 20}, {100, 164, 200, 4}, {100, 132, 200, 4}};
    const auto place = place_label({200, 150}, 10, 60, 14, paper, taken, {});
    REQUIRE(place);
    CHECK(place->needs_line);
    for (const Box& box : taken) CHECK_FALSE(place->box.overlaps(box));
    // Where no line may pass, there is no place.
    const std::vector<Box> bars{{100, 164, 200, 4}, {100, 132, 200, 4}, {232, 130, 4, 40}, {164, 130, 4, 40}};
    std::vector<Box> all = taken;
    all.insert(all.end(), bars.begin(), bars.end());
    CHECK(place_label({200, 150}, 10, 60, 14, paper, all, {}));
    CHECK_FALSE(place_label({200, 150}, 10, 60, 14, paper, all, bars));
    CHECK_FALSE(place_label({200, 150}, 10, 500, 14, paper, {}, {}));
}
