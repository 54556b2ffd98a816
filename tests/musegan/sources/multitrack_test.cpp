// pypianoroll files read: every cell as the library itself reads it, and what a damaged file costs.
#include "musegan/sources/multitrack.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "io/file.hpp"
#include "musegan/phrase/pypianoroll.hpp"
#include "tensor/error.hpp"
#include "tests/musegan/phrase/rolls.hpp"
#include "tests/musegan/sources/multitrack_files.hpp"
#include "tests/support/command.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/python.hpp"
#include "tests/support/skip.hpp"

using namespace musegan;
using support::MultitrackFile;
using support::run;
using support::TrackCells;

namespace {

Multitrack read(const std::vector<std::uint8_t>& bytes, const MultitrackLimits& limits = {}) {
    return parse_multitrack(bytes, io::read_zip_directory(bytes, "x.npz"), "x.npz", limits);
}
Multitrack read(const MultitrackFile& file, const MultitrackLimits& limits = {}) { return read(file.bytes(), limits); }

std::string refusal(const MultitrackFile& file, const MultitrackLimits& limits = {}) {
    return support::message_of([&] { read(file, limits); });
}

/// "damaged_tracks 1, cells_outside 2".
std::string text_of(const Faults& faults) {
    std::string text;
    for (const Fault& fault : faults) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", fault.name, fault.count);
    return text;
}

std::vector<TrackCells> two_tracks() {
    return {{R"({"program": 0, "is_drum": true, "name": "Drums"})", 200, {{0, 36}, {48, 36}}},
            {R"({"program": 33, "is_drum": false, "name": "B\u00e4ss"})", 200, run(0, 25, 40)}};
}

std::vector<std::filesystem::path> lakh_files() {
    std::vector<std::filesystem::path> files;
    const std::filesystem::path folder = support::shared_data("lpd");
    if (folder.empty()) return files;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        if (entry.path().filename().string().starts_with("song_")) files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
}

Multitrack read_file(const std::filesystem::path& path) { return read(io::read_file(path, 1 << 24)); }

/// As load_multitracks.py prints it.
std::string text_of(const Multitrack& song) {
    std::string text = fmt::format("resolution {} downbeats", song.steps_per_beat);
    for (const std::int64_t step : song.downbeats) text += fmt::format(" {}", step);
    text += "\n";
    for (const MultitrackTrack& track : song.tracks) {
        text += fmt::format("{} {} {} {}\n", track.name, track.program, track.is_drum ? "True" : "False", track.steps);
        for (int pitch = 0; pitch < midi_pitches; ++pitch)
            for (const std::int64_t step : track.of_pitch(pitch)) text += fmt::format("{} {}\n", pitch, step);
    }
    return text;
}

}  // namespace

TEST_CASE("multitrack: cells, programs, names, resolution and downbeats of a small file") {
    MultitrackFile file(two_tracks(), R"("beat_resolution": 12, "name": "song")");
    std::vector<std::uint8_t> downbeats(200);
    downbeats[0] = downbeats[48] = 1;
    file.set_array("downbeat.npy", io::npy_bools(downbeats));
    const Multitrack song = read(file);
    CHECK(song.steps_per_beat == 12);
    CHECK(song.downbeats == std::vector<std::int64_t>{0, 48});
    CHECK(song.has_downbeats);
    CHECK(song.faults.empty());
    REQUIRE(song.tracks.size() == 2);
    CHECK(song.tracks[0].is_drum);
    CHECK(song.tracks[0].cells == std::vector<std::int32_t>{0, 48});
    CHECK(song.tracks[1].name == "B\u00e4ss");
    CHECK(song.tracks[1].program == 33);
    CHECK(song.tracks[1].steps == 200);
    CHECK(song.tracks[1].of_pitch(40).size() == 25);
    CHECK(song.tracks[1].of_pitch(39).empty());
    CHECK(song.tracks[1].of_pitch(40).back() == 24);
}

TEST_CASE("multitrack: what we write for pypianoroll reads back, cell by cell") {
    for (const int steps_per_beat : {4, 8, 12, 24}) {
        const PianoRoll roll = support::random_roll(7, 3, 50, paper_shape.on_grid(steps_per_beat));
        const Multitrack song = read(pypianoroll_npz(roll));
        CHECK(song.steps_per_beat == steps_per_beat);
        REQUIRE(song.tracks.size() == n_tracks);
        PianoRoll again(roll.shape(), roll.steps());
        for (std::size_t m = 0; m < song.tracks.size(); ++m)
            for (int pitch = 0; pitch < midi_pitches; ++pitch)
                for (const std::int64_t step : song.tracks[m].of_pitch(pitch))
                    again.set(step, pitch - roll.shape().lowest_pitch, static_cast<int>(m));
        CHECK(again == roll);
    }
}

TEST_CASE("multitrack: values of 0, unsorted rows and cells named twice") {
    MultitrackFile file(two_tracks());
    file.array("pianoroll_1_csc_indices", std::vector<std::int32_t>{9, 3, 9, 5});
    file.array("pianoroll_1_csc_data", std::vector<double>{0.5, 2.0, 1.0, 0.0});
    std::vector<std::int64_t> pointers(129, 4);
    std::fill(pointers.begin(), pointers.begin() + 41, 0);
    file.array("pianoroll_1_csc_indptr", pointers);
    const Multitrack song = read(file);
    CHECK(song.faults.empty());
    CHECK(song.tracks.at(1).cells == std::vector<std::int32_t>{3, 9});
}

TEST_CASE("multitrack: a cell outside its matrix costs that cell, a damaged track that track") {
    MultitrackFile file(two_tracks());
    file.array("pianoroll_0_csc_indices", std::vector<std::int32_t>{-1, 200});
    Multitrack song = read(file);
    CHECK(text_of(song.faults) == "cells_outside 2");
    CHECK(song.tracks.at(0).cells.empty());
    CHECK(song.tracks.at(1).cells.size() == 25);

    const auto only_bass = [&](const MultitrackFile& damaged, const std::string& faults) {
        const Multitrack left = read(damaged);
        CHECK(text_of(left.faults) == faults);
        REQUIRE(left.tracks.size() == 1);
        CHECK(left.tracks[0].program == 33);
    };
    for (const char* part : {"data", "indices", "indptr", "shape"}) {
        MultitrackFile cut(two_tracks());
        CAPTURE(part);
        cut.remove(fmt::format("pianoroll_0_csc_{}.npy", part));
        only_bass(cut, "damaged_tracks 1");
        cut.set(fmt::format("pianoroll_0_csc_{}.npy", part), "no array");
        only_bass(cut, "damaged_tracks 1");
        cut.array(fmt::format("pianoroll_0_csc_{}", part), std::vector<double>{0.5, 1.5, 2.5});
        only_bass(cut, "damaged_tracks 1");
    }
    MultitrackFile pickled(two_tracks());
    pickled.set("pianoroll_0_csc_data.npy", std::string("\x93NUMPY\x01\x00", 8) + std::string("\x36\x00", 2) +
                                                "{'descr': '|O', 'fortran_order': False, 'shape': (2,)}" +
                                                "\x80\x04K\x01.");
    only_bass(pickled, "damaged_tracks 1");
    MultitrackFile falling(two_tracks());
    std::vector<std::int64_t> pointers(129, 2);
    pointers[0] = 0, pointers[7] = 1;
    falling.array("pianoroll_0_csc_indptr", pointers);
    only_bass(falling, "damaged_tracks 1");
    pointers.assign(129, 0);
    falling.array("pianoroll_0_csc_indptr", pointers);  // two cells that no column has
    only_bass(falling, "damaged_tracks 1");
    MultitrackFile narrow(two_tracks());
    narrow.array("pianoroll_0_csc_shape", std::vector<std::int64_t>{200, 88});
    only_bass(narrow, "damaged_tracks 1");
    auto two = two_tracks();
    for (const char* info : {R"({"program": 128, "is_drum": false})", R"({"is_drum": "no"})", "7", R"({})"}) {
        two[0].info = info;
        only_bass(MultitrackFile(two), "damaged_tracks 1");
    }
    MultitrackFile downbeats(two_tracks());
    downbeats.set("downbeat.npy", "x");
    song = read(downbeats);
    CHECK(text_of(song.faults) == "damaged_downbeats 1");
    CHECK(song.tracks.size() == 2);
    CHECK_FALSE(song.has_downbeats);
}

TEST_CASE("multitrack: a track that info.json does not name, and one that only it names, count as damaged") {
    MultitrackFile file(two_tracks());
    file.set("info.json", R"({"resolution": 24, "1": {"program": 33}, "2": {"program": 1}})");
    const Multitrack song = read(file);
    CHECK(text_of(song.faults) == "damaged_tracks 2");
    REQUIRE(song.tracks.size() == 1);
    CHECK(song.tracks[0].program == 33);
}

TEST_CASE("multitrack: files without meaning are refused in one line") {
    MultitrackFile file(two_tracks());
    file.remove("info.json");
    CHECK(refusal(file) == "[x.npz] has no 'info.json'");
    file.set("info.json", "{\"resolution\": 24");
    CHECK(refusal(file) == "[x.npz] info.json is no JSON object, expected what pypianoroll writes");
    file.set("info.json", "[]");
    CHECK(refusal(file) == "[x.npz] info.json is no JSON object, expected what pypianoroll writes");
    file.set("info.json", std::string(100'000, '['));
    CHECK(refusal(file) == "[x.npz] info.json is no JSON object, expected what pypianoroll writes");
    file.set("info.json", "{}");
    CHECK(refusal(file) == "[x.npz] info.json names no resolution, expected 'resolution' or 'beat_resolution'");
    for (const char* resolution : {"0", "-24", "24.5", "\"24\"", "1e9", "99999999999999999999"}) {
        file.set("info.json", fmt::format("{{\"resolution\": {}}}", resolution));
        CHECK(refusal(file) == "[x.npz] resolution of info.json is no number of steps per beat, expected 1 or more");
    }
    file.set("info.json", R"({"resolution": 24})");
    CHECK(refusal(file) == "[x.npz] none of 2 tracks can be read: info.json does not say what track 0 plays");
}

TEST_CASE("multitrack: the limits hold") {
    MultitrackFile file(two_tracks());
    CHECK(refusal(file, {.tracks = 1}) == "[x.npz] more than 1 tracks");
    CHECK(refusal(file, {.steps = 199}) ==
          "[x.npz] none of 2 tracks can be read: track 0 has 200 time steps, expected at most 199");
    CHECK(refusal(file, {.entry_bytes = 10}) ==
          "[x.npz] none of 2 tracks can be read: [x.npz/pianoroll_0_csc_shape.npy] 144 bytes, expected at most 10");
    CHECK(refusal(file, {.info_bytes = 133}) == "[x.npz/info.json] 134 bytes, expected at most 133");
    CHECK(read(file, {.all_bytes = 1500}).faults.size() == 1);  // as far as the bytes go
    // 2 cells and 25.
    CHECK(read(file, {.cells = 27}).faults.empty());
    CHECK(text_of(read(file, {.cells = 26}).faults) == "damaged_tracks 1");
    CHECK(refusal(file, {.cells = 1}) ==
          "[x.npz] none of 2 tracks can be read: [x.npz/pianoroll_0_csc_data.npy] has 2 elements, expected at most 1");
    file.set_array("downbeat.npy", io::npy_bools(std::vector<std::uint8_t>(201, 1)));
    CHECK(read(file, {.steps = 201}).downbeats.size() == 201);
    const Multitrack long_marks = read(file, {.steps = 200});
    CHECK(text_of(long_marks.faults) == "damaged_downbeats 1");
    CHECK(long_marks.downbeats.empty());
}

TEST_CASE("multitrack: values that are not above 0 are off, whatever their type") {
    const std::vector<std::pair<int, int>> cells = run(0, 5, 40);
    MultitrackFile file({{R"({"program": 0})", 100, cells}});
    constexpr double infinity = std::numeric_limits<double>::infinity();
    file.array("pianoroll_0_csc_data",
               std::vector<double>{std::numeric_limits<double>::quiet_NaN(), -infinity, -0.5, infinity, 1e-300});
    CHECK(read(file).tracks.at(0).cells == std::vector<std::int32_t>{3, 4});
    file.array("pianoroll_0_csc_data", std::vector<std::int8_t>{-1, 0, 1, -128, 127});
    CHECK(read(file).tracks.at(0).cells == std::vector<std::int32_t>{2, 4});
    file.array("pianoroll_0_csc_data", std::vector<std::uint8_t>{255, 0, 1, 128, 127});
    CHECK(read(file).tracks.at(0).cells == std::vector<std::int32_t>{0, 2, 3, 4});
}

TEST_CASE("multitrack: an entry counts as unpacked whether or not it is whole, and entries share no bytes") {
    // Track 0's values are damaged: what they claim is spent, and nothing is left for track 1.
    MultitrackFile file(two_tracks());
    file.array("pianoroll_0_csc_data", std::vector<double>(1000, 1.0));
    std::vector<std::uint8_t> bytes = file.bytes();
    const auto directory_of = [&](std::string_view name) {  // behind the name in front of the entry
        const auto first = std::search(bytes.begin(), bytes.end(), name.begin(), name.end());
        return std::search(first + 1, bytes.end(), name.begin(), name.end()) - 46;
    };
    directory_of("pianoroll_0_csc_data.npy")[16] ^= 1;  // its checksum
    CHECK(text_of(read(bytes).faults) == "damaged_tracks 1");
    CHECK(support::contains_all(support::message_of([&] { read(bytes, {.all_bytes = 9000}); }),
                                {"none of 2 tracks can be read: [x.npz/pianoroll_0_csc_data.npy] has the CRC-32"}));
    // The first two entries claim all bytes up to the directory.
    bytes = file.bytes();
    const auto directory = directory_of("info.json");
    for (const char* name : {"info.json", "pianoroll_0_csc_data.npy"}) {
        const auto entry = directory_of(name);
        const auto packed = directory - bytes.begin() - entry[42] - (entry[43] << 8) - 30;
        for (int k = 0; k < 4; ++k) entry[20 + k] = static_cast<std::uint8_t>(packed >> (8 * k));
    }
    CHECK(support::contains_all(support::message_of([&] { read(bytes); }),
                                {"[x.npz] claims ", "bytes of packed entries, expected at most"}));
}

TEST_CASE("multitrack: every file of the Lakh layout has the cells that pypianoroll counted") {
    const auto files = lakh_files();
    if (files.empty()) SKIP_TEST("no shared data");
    const std::string text = [&] {
        const auto bytes = io::read_file(files.front().parent_path() / "EXPECTED.json", 1 << 20);
        return std::string(bytes.begin(), bytes.end());
    }();
    int compared = 0;
    for (const auto& expected : nlohmann::json::parse(text)) {
        CAPTURE(expected["file"].get<std::string>());
        const Multitrack song = read_file(files.front().parent_path() / expected["file"].get<std::string>());
        CHECK(song.faults.empty());
        CHECK(song.steps_per_beat == expected["beat_resolution"].get<int>());
        REQUIRE(song.tracks.size() == expected["tracks"].size());
        for (std::size_t m = 0; m < song.tracks.size(); ++m) {
            const auto& facts = expected["tracks"][m];
            const MultitrackTrack& track = song.tracks[m];
            CHECK(track.name == facts["name"].get<std::string>());
            CHECK(track.program == facts["program"].get<int>());
            CHECK(track.is_drum == facts["is_drum"].get<bool>());
            CHECK(track.steps == facts["shape"][0].get<std::int64_t>());
            CHECK(static_cast<std::int64_t>(track.cells.size()) == facts["nonzero"].get<std::int64_t>());
            if (track.cells.empty()) continue;
            CHECK(std::ranges::min(track.cells) == facts["first_active_step"].get<std::int64_t>());
            CHECK_FALSE(track.of_pitch(facts["lowest_pitch"].get<int>()).empty());
            CHECK_FALSE(track.of_pitch(facts["highest_pitch"].get<int>()).empty());
            CHECK(track.begin[facts["lowest_pitch"].get<std::size_t>()] == 0);
            CHECK(track.begin[facts["highest_pitch"].get<std::size_t>() + 1] == track.begin.back());
            ++compared;
        }
    }
    CHECK(compared > 60);
}

TEST_CASE("multitrack: every file of the Lakh layout has the very cells that pypianoroll loads") {
    const std::string python = support::python_with("pypianoroll");
    if (python.empty())
        SKIP_TEST("no Python with pypianoroll (pip install pypianoroll; MUSEGAN_PYTHON names another than python3)");
    const auto files = lakh_files();
    if (files.empty()) SKIP_TEST("no shared data");
    std::string names, expected;
    for (const auto& file : files) {
        names += " " + support::quoted(file.string());
        expected += text_of(read_file(file));
    }
    const auto loaded =
        support::shell(python + " " MUSEGAN_SOURCE_DIR "/tests/musegan/sources/load_multitracks.py" + names);
    CHECK(loaded.exit_code == 0);
    CHECK_MESSAGE(loaded.output == expected, loaded.output.size() << " bytes, " << expected.size());
}
