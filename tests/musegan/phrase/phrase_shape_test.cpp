#include "musegan/phrase/phrase_shape.hpp"

#include <doctest/doctest.h>

#include "io/settings.hpp"
#include "tensor/error.hpp"
#include "tests/support/compare.hpp"

using namespace musegan;
using support::message_of;

TEST_CASE("phrase shape: sizes follow from the five numbers") {
    CHECK(paper_shape.steps() == 384);
    CHECK(paper_shape.cells() == 161280);
    CHECK(paper_shape.bytes() == 20160);
    CHECK(paper_shape.finest_steps() == 1);
    CHECK(paper_shape.octaves() == 7);
    const PhraseShape coarse = paper_shape.on_grid(4);
    CHECK(coarse.steps_per_bar() == 16);
    CHECK(coarse.bytes() == 3360);
    CHECK(coarse.finest_steps() == 6);
    CHECK(coarse.on_grid(24) == paper_shape);
    CHECK(paper_shape.to_string() == "4 bars, 24 steps per beat, pitches 24 to 107, bass,drums,guitar,piano,strings");
    for (const int steps : {4, 8, 12, 24}) CHECK(paper_shape.on_grid(steps).bytes_per_bar() % 40 == 0);
}

TEST_CASE("phrase shape: what is none is refused with the fact and what was expected") {
    const auto refused = [](const PhraseShape& shape) { return message_of([&] { shape.validate("here"); }); };
    CHECK(refused(paper_shape).find("expected") == std::string::npos);
    for (const int steps : {0, -24, 1, 6, 16, 48})
        CHECK(refused({.steps_per_beat = steps}) ==
              fmt::format("[here] resolution {}, expected 4, 8, 12 or 24", steps));
    CHECK(refused({.bars = 0}) == "[here] bars 0, expected 1 to 64");
    CHECK(refused({.lowest_pitch = 25}) ==
          "[here] 84 pitches from MIDI pitch 25 on, expected whole octaves from a C on, within 0 to 127");
    CHECK(refused({.lowest_pitch = 60}).find("84 pitches from MIDI pitch 60 on") != std::string::npos);
    CHECK(refused({.pitches = 85}).find("85 pitches") != std::string::npos);
    CHECK(refused({.tracks = 4}) == "[here] track_names 4 tracks, expected bass,drums,guitar,piano,strings");
}

TEST_CASE("phrase shape: files say it and read it back") {
    PhraseShape shape{.bars = 2, .steps_per_beat = 8, .lowest_pitch = 36, .pitches = 60};
    const io::Metadata metadata = settings_of(shape).to_metadata();
    CHECK(metadata == io::Metadata{{"resolution", "8"},
                                   {"bars", "2"},
                                   {"lowest_pitch", "36"},
                                   {"pitches", "60"},
                                   {"track_names", "bass,drums,guitar,piano,strings"}});
    PhraseShape read;
    settings_of(read).from_metadata(metadata, "file");
    CHECK(read == shape);
}
