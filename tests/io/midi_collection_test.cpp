// The MIDI reader on real collections, where they stand beside the checkout.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "io/csv.hpp"
#include "io/file.hpp"
#include "io/midi.hpp"
#include "tensor/error.hpp"
#include "tests/support/renumbered.hpp"
#include "tests/support/skip.hpp"

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t max_bytes = 1 << 26;

/// The rows of a folder's MANIFEST.csv as maps from column to field.
std::vector<std::map<std::string, std::string>> manifest(const fs::path& folder) {
    const std::vector<std::uint8_t> bytes = io::read_file(folder / "MANIFEST.csv", max_bytes);
    const auto rows = io::parse_csv({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, "MANIFEST.csv");
    std::vector<std::map<std::string, std::string>> table;
    for (std::size_t i = 1; i < rows.size(); ++i) {
        REQUIRE(rows[i].size() == rows[0].size());
        table.emplace_back();
        for (std::size_t column = 0; column < rows[0].size(); ++column) table.back()[rows[0][column]] = rows[i][column];
    }
    return table;
}

void check_round_trip(const io::MidiFile& midi) {
    const io::MidiFile again = io::parse_midi(io::serialize_midi(midi), "again.mid");
    CHECK(again.notes == support::renumbered(midi.notes));
    CHECK(again.tempos == midi.tempos);
    CHECK(again.meters == midi.meters);
    CHECK(again.keys == midi.keys);
    CHECK(again.last_tick == midi.last_tick);
    CHECK(again.anomalies.total() == 0);
}

/// Returns the files in which drums sound on another channel than the tenth, or something else on that.
std::vector<std::string> check_collection(const fs::path& folder) {
    std::vector<std::string> switched;
    for (const auto& row : manifest(folder)) {
        const std::string& file = row.at("file");
        CAPTURE(file);
        const io::MidiFile midi = io::read_midi(folder / file);
        CHECK(std::to_string(midi.notes.size()) == row.at("n_notes"));
        CHECK(std::to_string(midi.ticks_per_quarter) == row.at("ppq"));
        CHECK(std::to_string(midi.format) == row.at("smf_type"));
        const auto on_tenth = std::ranges::count(midi.notes, 9, &io::MidiNote::channel);
        CHECK(std::to_string(on_tenth) == row.at("notes_drums"));
        if (std::ranges::any_of(midi.notes, &io::MidiNote::switches_part)) switched.push_back(file);
        check_round_trip(midi);
    }
    return switched;
}

}  // namespace

TEST_CASE("every song of the collection has the manifest's notes, and survives being written") {
    const fs::path folder = support::shared_data("midi");
    if (folder.empty()) SKIP_TEST("no shared/data/midi beside the checkout");
    // By bank 127 and a kit's number, by an XG message, by bank 127, by a GS message, by bank 127 after a reset to XG.
    CHECK(check_collection(folder) == std::vector<std::string>{"song_0271.mid", "song_0332.mid", "song_0552.mid",
                                                               "song_0847.mid", "song_1005.mid"});
}

TEST_CASE("every song of POP909's sample has the manifest's notes, and survives being written") {
    const fs::path folder = support::shared_data("pop909");
    if (folder.empty()) SKIP_TEST("no shared/data/pop909 beside the checkout");
    CHECK(check_collection(folder).empty());
}

TEST_CASE("malformed files are read or refused with their name, never worse") {
    const fs::path folder = support::shared_data("malformed");
    if (folder.empty()) SKIP_TEST("no shared/data/malformed beside the checkout");
    int read = 0, refused = 0;
    for (const auto& row : manifest(folder)) {
        const std::string& file = row.at("file");
        CAPTURE(file);
        const std::string& findings = row.at("container_findings");
        const bool is_hopeless = findings == "no_MThd" || findings == "format2";
        try {
            const io::MidiFile midi = io::read_midi(folder / file);
            CHECK_FALSE(is_hopeless);
            CHECK_FALSE(midi.notes.empty());
            check_round_trip(midi);
            ++read;
        } catch (const tensor::Error& error) {
            CHECK(std::string(error.what()).find(file) != std::string::npos);
            CHECK(is_hopeless);
            ++refused;
        }
    }
    CHECK(read == 51);
    CHECK(refused == 5);
}
