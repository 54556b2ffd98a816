#include "musegan/data/dataset.hpp"

#include <doctest/doctest.h>

#include "tensor/error.hpp"
#include "tests/musegan/phrase/rolls.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace musegan;
using support::random_phrases;

namespace {

/// A dataset file whose metadata differ from a good one in one key ("" leaves the key out).
void write_variant(const std::filesystem::path& path, const std::string& key, const std::string& value) {
    const std::filesystem::path good = path.string() + ".good";
    write_dataset(good, random_phrases(1, 1), std::vector<std::int64_t>{0});
    const io::SafetensorsFile file = io::SafetensorsFile::open(good);
    io::SafetensorsWriter writer;
    for (const auto& [name, text] : file.metadata()) {
        if (name != key) writer.metadata(name, text);
    }
    if (!value.empty()) writer.metadata(key, value);
    for (const io::SafetensorsEntry& entry : file.entries()) {
        writer.add_bytes(entry.name, entry.dtype, entry.shape, entry.bytes);
    }
    writer.write(path);
}

std::string message_of(const std::filesystem::path& path) {
    try {
        Dataset::open(path);
    } catch (const tensor::Error& error) {
        return error.what();
    }
    return "opened";
}

}  // namespace

TEST_CASE("dataset: what is written comes back, bytes, songs and notes") {
    const support::TemporaryFolder folder;
    const PackedPhrases phrases = random_phrases(5, 3);
    write_dataset(folder / "a.safetensors", phrases, std::vector<std::int64_t>{0, 0, 1, 3, 3}, {"two bands", "CC0"});
    const Dataset data = Dataset::open(folder / "a.safetensors");
    CHECK(data.count() == 5);
    CHECK(data.shape() == paper_shape);
    CHECK(std::ranges::equal(data.phrases().bits(), phrases.bits));
    CHECK(std::ranges::equal(data.phrases()[4], phrases.view()[4]));
    CHECK(data.song(2) == 1);
    CHECK(data.song(4) == 3);
    CHECK(data.metadata().at("source") == "two bands");
    CHECK(data.metadata().at("licence") == "CC0");
    CHECK(data.metadata().at("track_names") == "bass,drums,guitar,piano,strings");
    CHECK(data.metadata().at("resolution") == "24");
    CHECK(data.metadata().at("song_count") == "3");
    CHECK(data.metadata().at("phrase_count") == "5");
    CHECK_THROWS_AS(data.phrases()[5], tensor::Error);
    CHECK_THROWS_AS(data.phrases()[-1], tensor::Error);
    CHECK_THROWS_AS(data.song(5), tensor::Error);
    CHECK_THROWS_AS(write_dataset(folder / "b", phrases, std::vector<std::int64_t>{0}), tensor::Error);
    CHECK_THROWS_AS(write_dataset(folder / "b", PackedPhrases{}, {}), tensor::Error);
    CHECK_THROWS_WITH_AS(
        write_dataset(folder / "b", random_phrases(1, 1, paper_shape.on_grid(12)), std::vector<std::int64_t>{0}),
        doctest::Contains("phrases of 12 steps per beat, expected 24"), tensor::Error);
    CHECK_FALSE(std::filesystem::exists(folder / "b"));
}

TEST_CASE("dataset: another resolution, track order or version is told in one line") {
    const support::TemporaryFolder folder;
    const auto path = folder / "d.safetensors";
    write_variant(path, "resolution", "12");
    CHECK(
        message_of(path) ==
        fmt::format("[{}] resolution is '12', expected '24': datasets are kept on the finest grid (make it again with "
                    "'musegan prepare')",
                    path.string()));
    write_variant(path, "resolution", "7");
    CHECK(message_of(path).find("resolution is '7', expected 4, 8, 12 or 24") != std::string::npos);
    write_variant(path, "resolution", "many");
    CHECK(message_of(path).find("resolution is 'many', expected 4, 8, 12 or 24") != std::string::npos);
    write_variant(path, "pitches", "83");
    CHECK(message_of(path).find("83 pitches from MIDI pitch 24 on, expected whole octaves") != std::string::npos);
    write_variant(path, "bars", "8");
    CHECK(message_of(path).find("steps is '384', expected '768'") != std::string::npos);
    write_variant(path, "track_names", "drums,piano,guitar,bass,strings");
    CHECK(message_of(path).find("track_names is 'drums,piano") != std::string::npos);
    write_variant(path, "format_version", "2");
    CHECK(message_of(path).find("format_version is '2', expected '1'") != std::string::npos);
    write_variant(path, "format", "");
    CHECK(message_of(path).find("no 'format' in the metadata") != std::string::npos);
    write_variant(path, "source", "anything");
    CHECK(message_of(path) == "opened");
}

TEST_CASE("dataset: wrong shapes and types, cut files and other files are refused") {
    const support::TemporaryFolder folder;
    const auto path = folder / "d.safetensors";
    write_dataset(path, random_phrases(2, 1), std::vector<std::int64_t>{0, 1});
    const std::string whole = support::read_text(path);
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{7}, std::size_t{100}, whole.size() / 2, whole.size() - 1}) {
        CAPTURE(size);
        support::write_text(path, whole.substr(0, size));
        CHECK(message_of(path) != "opened");
    }
    support::write_text(path, "MThd is no dataset");
    CHECK(message_of(path) != "opened");
    CHECK(message_of(folder / "absent") != "opened");
    CHECK(message_of(folder.path()) != "opened");

    const auto with_shapes = [&](std::int64_t rows, std::int64_t bytes, const std::string& dtype, std::int64_t songs) {
        write_dataset(path, random_phrases(2, 1), std::vector<std::int64_t>{0, 1});
        io::SafetensorsWriter writer;
        const io::SafetensorsFile good = io::SafetensorsFile::open(path);
        for (const auto& [key, value] : good.metadata()) writer.metadata(key, value);
        writer.add_bytes("phrases", dtype, {rows, bytes},
                         std::vector<std::uint8_t>(static_cast<std::size_t>(rows * bytes)));
        writer.add_bytes("song", "I64", {songs}, std::vector<std::uint8_t>(static_cast<std::size_t>(songs * 8)));
        writer.write(path);
        return message_of(path);
    };
    CHECK(with_shapes(2, paper_shape.bytes(), "U8", 2) == "opened");
    CHECK(with_shapes(2, 10080, "U8", 2).find("expected [N, 20160]") != std::string::npos);
    CHECK(with_shapes(2, paper_shape.bytes(), "BOOL", 2).find("BOOL") != std::string::npos);
    CHECK(with_shapes(2, paper_shape.bytes(), "U8", 3).find("song [3]") != std::string::npos);
    CHECK(with_shapes(0, paper_shape.bytes(), "U8", 0).find("1 or more") != std::string::npos);
}

TEST_CASE("dataset: densities of a phrase counted by hand") {
    CHECK_THROWS_AS(densities_of(PackedPhrases{}), tensor::Error);
    PianoRoll roll(paper_shape, paper_shape.steps());
    roll.set_run(0, 24, 10, 0);
    roll.set_run(90, 102, 20, 0);  // over the bar line
    roll.set(300, 30, 1);
    const auto densities = densities_of({paper_shape, roll.bits()});
    CHECK(densities[0].cells_on == doctest::Approx(100.0 * 36 / (384 * 84)));
    CHECK(densities[0].active_bars == 50.0);
    CHECK(densities[0].notes_per_bar == 0.5);
    CHECK(densities[1].active_bars == 25.0);
    CHECK(densities[4].cells_on == 0.0);
}
