#include "musegan/phrase/tracks.hpp"

#include <doctest/doctest.h>

#include <set>

#include "io/settings.hpp"
#include "tensor/error.hpp"

using namespace musegan;

TEST_CASE("tracks: every program has the family that the papers give it") {
    for (int program = 0; program < 128; ++program) {
        CAPTURE(program);
        CHECK(family_of(program, true) == Family::drums);
        const auto family = family_of(program, false);
        const bool is_left_out_by_lpd5 = (program >= 96 && program <= 103) || program >= 112;
        CHECK(family_of(program, false, FamilyRule::lpd5) == (is_left_out_by_lpd5 ? std::nullopt : family));
        CHECK(family_of(program, true, FamilyRule::lpd5) == Family::drums);
        if (program < 8) {
            CHECK(family == Family::piano);
        } else if (program / 8 == 3) {
            CHECK(family == Family::guitar);
        } else if (program / 8 == 4) {
            CHECK(family == Family::bass);
        } else if (program >= 112) {
            CHECK_FALSE(family.has_value());
        } else {
            CHECK(family == Family::strings);
        }
    }
    CHECK_THROWS_AS(family_of(128, false), tensor::Error);
    CHECK_THROWS_AS(family_of(128, false, FamilyRule::lpd5), tensor::Error);
    CHECK_THROWS_AS(family_of(-1, true), tensor::Error);
}

TEST_CASE("tracks: the table is in tensor order and each output program lies in its own family") {
    std::set<int> channels;
    for (int track = 0; track < n_tracks; ++track) {
        const Track& entry = tracks[static_cast<std::size_t>(track)];
        CHECK(index_of(entry.family) == track);
        CHECK(track_index(entry.name) == track);
        CHECK(family_of(entry.program, entry.channel == 9) == entry.family);
        CHECK((entry.channel == 9) == is_drums(track));
        channels.insert(entry.channel);
    }
    CHECK(channels.size() == n_tracks);
    CHECK(track_names() == "bass,drums,guitar,piano,strings");
    CHECK(std::set<int>(figure_order.begin(), figure_order.end()).size() == n_tracks);
    CHECK(tracks[static_cast<std::size_t>(figure_order[3])].name == "strings");
}

TEST_CASE("tracks: lists are parsed by name, and an unknown name is told which there are") {
    CHECK(parse_track_list("") == std::vector<int>{});
    CHECK(parse_track_list("drums") == std::vector<int>{1});
    CHECK(parse_track_list("strings,bass") == std::vector<int>{4, 0});
    CHECK_THROWS_WITH_AS(track_index("flute"),
                         "[tracks] no track is called 'flute', expected one of bass,drums,guitar,piano,strings",
                         tensor::Error);
    CHECK_THROWS_AS(parse_track_list("bass,"), tensor::Error);
    CHECK_THROWS_AS(parse_track_list("bass,,drums"), tensor::Error);
}

TEST_CASE("tracks: a list of them as a setting") {
    std::vector<int> list{1};
    io::SettingList settings;
    const io::Setting& setting = add_track_list(settings, "keep", list, "Tracks to keep");
    CHECK(setting.option == "--keep");
    CHECK(setting.text() == "drums");
    CHECK(setting.parse("strings,bass"));
    CHECK(list == std::vector<int>{4, 0});
    CHECK(setting.text() == "strings,bass");
    for (const char* wrong : {"flute", "bass,", "bass;drums"}) CHECK_FALSE(setting.parse(wrong));
    CHECK(list == std::vector<int>{4, 0});
    CHECK(setting.parse(""));
    CHECK(list.empty());
    list = {2, 5};
    CHECK_FALSE(setting.is_valid());
    CHECK(setting.text() == "guitar,no track");
}
