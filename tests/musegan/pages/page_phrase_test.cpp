#include "musegan/pages/page_phrase.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "musegan/pages/base64.hpp"
#include "musegan/pages/page_phrase_data.hpp"

using namespace musegan;
using nlohmann::json;

namespace {

std::string base64_of(const std::vector<std::uint8_t>& bytes) { return base64(bytes); }

}  // namespace

TEST_CASE("base64: the examples of RFC 4648") {
    const std::vector<std::uint8_t> bytes{'f', 'o', 'o', 'b', 'a', 'r'};
    const std::vector<std::string> texts{"", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};
    for (std::size_t length = 0; length < texts.size(); ++length)
        CHECK(base64(std::span(bytes).first(length)) == texts[length]);
    CHECK(base64_of({255, 254, 253}) == "//79");
}

TEST_CASE("page phrase: its notes by track, begin and pitch, in numbers of seven bits") {
    PianoRoll roll(paper_shape, 500);
    roll.set_run(300, 500, 83, 0);
    roll.set_run(0, 23, 4, 0);
    roll.set_run(0, 23, 0, 0);
    roll.set(6, 12, 1);
    roll.set_run(127, 255, 36, 4);
    const json phrase = json_of({.name = "a <song>", .file = "song", .roll = roll});
    CHECK(phrase["notes"] ==
          base64_of({3, 0, 0, 23, 0, 4, 23, 0x80 | 44, 2, 83, 0x80 | 72, 1, 1, 6, 12, 1, 0, 0, 1, 127, 36, 0x80, 1}));
    CHECK(phrase["name"] == "a <song>");
    CHECK(phrase["file"] == "song");
    CHECK(phrase["steps"] == 500);
    CHECK(phrase["stepsPerBeat"] == 24);
    CHECK(phrase["lowestPitch"] == 24);
    CHECK(phrase["pitches"] == 84);
    CHECK(phrase["tempos"] == json::parse("[[0, 120.0]]"));
}

TEST_CASE("page phrase: on a coarse grid each cell of drums is a note, and tempos stand between steps") {
    const PhraseShape shape = paper_shape.on_grid(4);
    PianoRoll roll(shape, 64);
    roll.set_run(0, 3, 12, 1);
    roll.set_run(0, 3, 12, 2);
    const json phrase = json_of({.name = "", .file = "", .roll = roll, .tempos = {{0, 500'000}, {180, 750'000}}});
    CHECK(phrase["notes"] == base64_of({0, 3, 0, 12, 1, 1, 12, 1, 1, 12, 1, 1, 0, 12, 3, 0, 0}));
    CHECK(phrase["tempos"] == json::parse("[[0.0, 120.0], [1.5, 80.0]]"));
    CHECK(json_of({.name = "", .file = "", .roll = roll, .tempo = 97.5})["tempos"] == json::parse("[[0, 97.5]]"));
}

TEST_CASE("page phrase: a roll without a note has five counts of none") {
    CHECK(json_of({.name = "", .file = "", .roll = PianoRoll()})["notes"] == base64_of({0, 0, 0, 0, 0}));
}

TEST_CASE("page phrase: tracks are told in tensor order, in the papers' colours") {
    const json list = tracks_json();
    REQUIRE(list.size() == n_tracks);
    CHECK(list[0] ==
          json{{"name", "bass"}, {"program", 33}, {"channel", 0}, {"colour", "#00b7d2"}, {"isDrums", false}});
    CHECK(list[1] == json{{"name", "drums"}, {"program", 0}, {"channel", 9}, {"colour", "#8e44be"}, {"isDrums", true}});
    CHECK(list[4]["name"] == "strings");
}
