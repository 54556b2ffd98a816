// Track orders of arrays, by short names and in full.
#include "musegan/sources/track_order.hpp"

#include <doctest/doctest.h>

#include "io/settings.hpp"
#include "tests/support/compare.hpp"

using musegan::Family;
using musegan::index_of;
using musegan::parse_track_order;
using musegan::TrackOrder;
using support::contains_all;
using support::message_of;

TEST_CASE("track order: short names and lists") {
    CHECK(musegan::to_string(musegan::v1_order) == "bass,drums,guitar,strings,piano");
    CHECK(musegan::to_string(musegan::lpd_order) == "drums,piano,guitar,bass,strings");
    CHECK(parse_track_order("v1") == musegan::v1_order);
    CHECK(parse_track_order("lpd") == musegan::lpd_order);
    CHECK(parse_track_order("strings,piano,guitar,drums,bass") ==
          TrackOrder{index_of(Family::strings), index_of(Family::piano), index_of(Family::guitar),
                     index_of(Family::drums), index_of(Family::bass)});
    for (const TrackOrder& order : {musegan::v1_order, musegan::lpd_order})
        CHECK(parse_track_order(musegan::to_string(order)) == order);
}

TEST_CASE("track order: anything but each track once is refused") {
    for (const char* const text : {"", "v2", "V1", "bass", "bass,drums,guitar,piano", "bass,drums,guitar,piano,piano",
                                   "bass,drums,guitar,piano,strings,bass", "bass,drums,guitar,piano,organ",
                                   "bass,drums,guitar,piano,strings,", "bass, drums,guitar,piano,strings"}) {
        CAPTURE(text);
        CHECK(contains_all(message_of([&] { parse_track_order(text); }),
                           {fmt::format("[track order] '{}', expected v1, lpd, or the five tracks", text)}));
    }
}

TEST_CASE("track order: as a setting it is none by default") {
    std::optional<TrackOrder> order;
    io::SettingList list;
    musegan::add_track_order(list, "track_order", order, "Order of the tracks in arrays");
    const io::Setting* const setting = list.find("track_order");
    REQUIRE(setting != nullptr);
    CHECK(setting->option == "--track-order");
    CHECK(setting->text() == "auto");
    CHECK(setting->parse("v1"));
    CHECK(order == musegan::v1_order);
    CHECK(setting->text() == "bass,drums,guitar,strings,piano");
    CHECK_FALSE(setting->parse("piano"));
    CHECK(order == musegan::v1_order);
    CHECK(setting->parse(setting->text()));
    CHECK(setting->parse("auto"));
    CHECK_FALSE(order.has_value());
    CHECK(contains_all(message_of([&] { setting->set("x", "prepare"); }), {"[prepare]", "auto, v1, lpd, or the five"}));
}
