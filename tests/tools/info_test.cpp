// What `musegan info` says of datasets, the sheets that it draws, and how it shows text from files.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "io/midi.hpp"
#include "io/printable_text.hpp"
#include "tensor/error.hpp"
#include "tests/tools/shell.hpp"
#include "tools/info_parts.hpp"

using support::Outcome;
using support::quoted;
using tools_tests::check_refused;
using tools_tests::check_usage_error;
using tools_tests::shell;

namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

/// The smallest phrases there are: a bar of an octave.
const musegan::PhraseShape small_shape{1, 24, 60, 12, 5};

/// A dataset of one phrase for each song number. Phrase k has a drum hit at step k.
fs::path write_small(const fs::path& path, const std::vector<std::int64_t>& songs,
                     const musegan::DatasetNotes& notes = {}) {
    const auto bytes = static_cast<std::size_t>(small_shape.bytes());
    musegan::PackedPhrases phrases{small_shape, std::vector<std::uint8_t>(bytes * songs.size())};
    for (std::size_t k = 0; k < songs.size(); ++k) {
        const std::size_t bit = k % 96 * 60 + 1;  // the lowest pitch of track 1
        phrases.bits[k * bytes + bit / 8] = static_cast<std::uint8_t>(1u << bit % 8);
    }
    musegan::write_dataset(path, phrases, songs, notes);
    return path;
}

Outcome info(const std::string& arguments) { return tools_tests::musegan("info " + arguments); }

/// The lines of `musegan info FILE` behind the first.
std::string description(const fs::path& path) {
    const Outcome outcome = info(quoted(path));
    CHECK(outcome.exit_code == 0);
    return outcome.output.substr(std::min(outcome.output.find('\n') + 1, outcome.output.size()));
}

}  // namespace

TEST_CASE("text from files cannot command a terminal") {
    CHECK(io::printable_utf8("plain") == "plain");
    CHECK(io::printable_utf8("na\xC3\xAFve \xE2\x82\xAC \xF0\x9D\x84\x9E") ==
          "na\xC3\xAFve \xE2\x82\xAC \xF0\x9D\x84\x9E");
    CHECK(io::printable_utf8("\x1b[31mred\x7f\n\t") == "?[31mred???");
    CHECK(io::printable_utf8("\xC2\x9B"
                             "31m") == "?31m");  // an escape of the upper control characters
    CHECK(io::printable_utf8("a\xE2\x80\xAE"
                             "b") == "a?b");                            // writes backwards
    CHECK(io::printable_utf8("\xE2\x80\xA8\xEF\xBB\xBF") == "??");      // a line break, a byte order mark
    CHECK(io::printable_utf8("\x80\xFF\xC0\xAF\xE2\x82") == "??????");  // no UTF-8, overlong, cut off
    CHECK(io::printable_utf8("\xED\xA0\x80") == "???");                 // half a character of UTF-16
    CHECK(io::printable_utf8("\xF4\x90\x80\x80") == "????");            // beyond Unicode
    CHECK(tools::printable("caf\xE9\x1b") == "caf??");
}

TEST_CASE("long notes are broken at blanks, and anywhere where there is none") {
    CHECK(tools::wrapped("", 10) == Lines{""});
    CHECK(tools::wrapped("one two three", 13) == Lines{"one two three"});
    CHECK(tools::wrapped("one two three", 12) == Lines{"one two", "three"});
    CHECK(tools::wrapped("  one\t two \r\n\n three ", 20) == Lines{"one two", "", "three"});
    CHECK(tools::wrapped("a bcdefghijkl mn", 4) == Lines{"a", "bcde", "fghi", "jkl", "mn"});
    CHECK(tools::wrapped("\xC3\xA4\xC3\xB6\xC3\xBC\xC3\x9F", 2) == Lines{"\xC3\xA4\xC3\xB6", "\xC3\xBC\xC3\x9F"});
    CHECK(tools::wrapped("a\x1b"
                         "b",
                         2) == Lines{"a?", "b"});
}

TEST_CASE("info says of a dataset what it holds and where that comes from") {
    const support::TemporaryFolder folder;
    const fs::path data = write_small(folder / "d.safetensors", {0, 0, 0, 2, 2, 5},
                                      {"Songs of one\n\x1b[2Jkind", "freely " + std::string(100, 'x')});
    const std::string text = description(data);
    CAPTURE(text);
    CHECK(text.starts_with(
        "  phrases                6 of 1 bars, 24 steps per beat, pitches 60 to 71, bass,drums,guitar,piano,strings\n"
        "  songs                  3, with 1 to 3 phrases each (median 2)\n"
        "  source                 Songs of one\n"
        "                         ?[2Jkind\n"
        "  licence                freely\n"
        "                         " +
        std::string(94, 'x') +
        "\n"
        "                         " +
        std::string(6, 'x') +
        "\n"
        "by track, over all phrases: share of cells on, of bars with a note, and notes per bar\n"
        "  bass       0.00 %     0.0 %    0.00\n"
        "  drums      0.09 %   100.0 %    1.00\n"));
    CHECK(text.find("\nmetrics of all phrases\ntrack        EB %") != std::string::npos);

    CHECK(description(write_small(data, {7, 7, 8, 8})).find("  songs                  2, with 2 phrases each\n") !=
          std::string::npos);
    CHECK(description(write_small(data, {7})).find("  songs                  1, with 1 phrase in all\n") !=
          std::string::npos);
    CHECK(description(data).find("  source                 not stated (musegan prepare --source)\n"
                                 "  licence                not stated (musegan prepare --licence)\n") !=
          std::string::npos);
    CHECK(description(write_small(data, {0, 1, 1, 2, 2, 2, 3, 3, 3, 3}))
              .find("4, with 1 to 4 phrases each (median 2.5)\n") != std::string::npos);
    std::string long_note;
    for (int k = 0; k < 30; ++k) long_note += fmt::format("line {}\n", k);
    CHECK(description(write_small(data, {0}, {long_note, ""}))
              .find(" line 18\n                         ... and 12 more lines\n  licence") != std::string::npos);
}

TEST_CASE("info says where its numbers look at a part of the phrases") {
    const support::TemporaryFolder folder;
    const std::string text = description(write_small(folder / "d.safetensors", std::vector<std::int64_t>(2001, 0)));
    CHECK(text.find("by track, over 2,000 of the 2,001 phrases, spread evenly: ") != std::string::npos);
    CHECK(text.find("\nmetrics of 2,000 of the 2,001 phrases, spread evenly\n") != std::string::npos);
    CHECK(description(write_small(folder / "d.safetensors", std::vector<std::int64_t>(2000, 0)))
              .find("over all phrases: ") != std::string::npos);
}

TEST_CASE("phrases of a sheet are drawn without replacement, and the seed says which") {
    std::set<std::vector<std::int64_t>> draws;
    std::set<std::int64_t> drawn;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        const std::vector<std::int64_t> phrases = tools::draw_phrases(20, 5, seed);
        CHECK(phrases == tools::draw_phrases(20, 5, seed));
        CHECK(phrases.size() == 5);
        CHECK(std::ranges::adjacent_find(phrases, std::ranges::greater_equal{}) == phrases.end());  // rising: different
        CHECK(phrases.front() >= 0);
        CHECK(phrases.back() < 20);
        const std::vector<std::int64_t> more = tools::draw_phrases(20, 9, seed);
        CHECK(std::ranges::includes(more, phrases));
        draws.insert(phrases);
        drawn.insert(phrases.begin(), phrases.end());
    }
    CHECK(draws.size() == 40);
    CHECK(drawn.size() == 20);
    CHECK(tools::draw_phrases(3, 16, 1) == std::vector<std::int64_t>{0, 1, 2});
}

TEST_CASE("info draws a sheet of a dataset's phrases") {
    const support::TemporaryFolder folder;
    const fs::path data = write_small(folder / "d.safetensors", std::vector<std::int64_t>(50, 3));
    const auto in = [&](const char* name) { return quoted(folder / name); };
    const Outcome plain = shell("cd " + quoted(folder.path()) + " && \"$musegan\" info d.safetensors --png");
    CHECK(plain.exit_code == 0);
    CHECK(plain.says("\nmetrics of all phrases\n"));
    CHECK(plain.output.ends_with("\nd.phrases.png: 16 of 50 phrases, drawn with seed 0\n"));
    CHECK(info(in("d.safetensors") + " --seed 0 --png " + in("a.png")).exit_code == 0);
    CHECK(info(in("d.safetensors") + " --png=" + in("b.png") + " --seed 1").exit_code == 0);
    CHECK(info("--phrases 60 --png " + in("c.png") + " " + in("d.safetensors"))
              .says("c.png: 50 of 50 phrases, drawn with seed 0\n"));
    const std::string sheet = support::read_text(folder / "d.phrases.png");
    CHECK(sheet.starts_with("\x89PNG"));
    CHECK(sheet == support::read_text(folder / "a.png"));
    CHECK(sheet != support::read_text(folder / "b.png"));
    CHECK(info(in("c.png")).says("c.png: picture of "));
    CHECK(folder.files() == 5);
}

TEST_CASE("a sheet fits into a picture whatever the phrases are like") {
    const support::TemporaryFolder folder;
    musegan::PhraseShape wide{1, 24, 0, 120, 5};
    for (const int bars : {1, 4, 64}) {
        wide.bars = bars;
        const musegan::PackedPhrases phrases{wide,
                                             std::vector<std::uint8_t>(3 * static_cast<std::size_t>(wide.bytes()))};
        musegan::write_dataset(folder / "d", phrases, std::vector<std::int64_t>{0, 0, 1});
        const musegan::Dataset data = musegan::Dataset::open(folder / "d");
        std::vector<std::int64_t> many;
        for (std::size_t count : {1, 2, 16, 64}) {
            many.resize(count, 2);
            CHECK(tools::phrase_sheet(data, many).width() >= wide.steps());
        }
    }
}

TEST_CASE("a sheet is refused where it makes no sense, before anything is printed") {
    const support::TemporaryFolder folder;
    const auto in = [&](const char* name) { return quoted(folder / name); };
    const std::string data = quoted(write_small(folder / "d.png", {0, 1}));  // told apart by content
    io::write_midi(folder / "song.mid", io::MidiFile{});
    check_refused("info " + in("song.mid") + " --png " + in("s.png"), {"song.mid] is no dataset, expected one"});
    check_refused("info " + quoted(folder.path()) + " --png " + in("s.png"), {"is no dataset, expected one"});
    check_refused("info " + data + " --png " + in("d.png"), {"d.png] is the file that is described"});
    fs::create_symlink(folder / "d.png", folder / "link.png");
    check_refused("info " + data + " --png " + in("link.png"), {"link.png] is the file that is described"});
    check_refused("info " + data + " --png " + in("none/s.png"), {"none/s.png"});
    check_usage_error("info " + data + " --png " + in("s.svg"), {"s.svg', expected a path that ends in .png"});
    check_usage_error("info --png " + data + "s",
                      {"s', expected a path that ends in .png, or none: musegan info FILE --png"});
    check_usage_error("info " + data + " --seed 3", {"[--seed] without --png"});
    check_usage_error("info " + data + " --phrases 3", {"[--phrases] without --png"});
    check_usage_error("info " + data + " --png --phrases 65", {"[--phrases] '65', expected 1 to 64"});
    for (const std::string name : {"song.mid", "d.png"})
        CHECK(info(in(name.c_str()) + " --png " + in("s.txt")).output.starts_with("musegan: ["));
    CHECK(folder.files() == 3);
    CHECK(info(data).says("  songs                  2, with 1 phrase each\n"));
}
