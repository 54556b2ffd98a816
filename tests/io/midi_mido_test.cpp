// The notes of real songs, beside those that another reader gives: mido, where a Python has it.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "io/midi.hpp"
#include "tests/support/command.hpp"
#include "tests/support/lines.hpp"
#include "tests/support/python.hpp"
#include "tests/support/skip.hpp"

namespace fs = std::filesystem;

namespace {

std::vector<std::string> lines_of(const io::MidiFile& midi) {
    std::vector<std::string> lines;
    for (const io::MidiNote& note : midi.notes)
        lines.push_back(fmt::format("{} {} {} {} {} {} {} {}", note.onset, note.offset, note.track, note.channel,
                                    note.program, note.pitch, note.velocity, static_cast<int>(note.port)));
    return lines;
}

/// What mido_notes.py prints of some files: the lines behind each "file PATH".
std::map<std::string, std::vector<std::string>> notes_by_mido(const std::string& python,
                                                              const std::vector<fs::path>& files) {
    std::string command = python + " " + support::quoted(MUSEGAN_SOURCE_DIR "/tests/io/mido_notes.py");
    for (const fs::path& file : files) command += " " + support::quoted(file.string());
    const auto result = support::shell(command);
    REQUIRE(result.exit_code == 0);
    std::map<std::string, std::vector<std::string>> notes;
    std::string file;
    for (const std::string& line : support::lines_of(result.output)) {
        if (line.starts_with("file ")) notes[file = line.substr(5)];
        else notes[file].push_back(line);
    }
    return notes;
}

}  // namespace

TEST_CASE("every twelfth song of the collection has the notes that mido reads") {
    const fs::path folder = support::shared_data("midi");
    if (folder.empty()) SKIP_TEST("no shared/data/midi beside the checkout");
    const std::string python = support::python_with("mido");
    if (python.empty()) SKIP_TEST("no Python with mido (pip install mido; MUSEGAN_PYTHON names another than python3)");
    std::vector<fs::path> files;
    for (int number = 1; number <= 1255; number += 12) files.push_back(folder / fmt::format("song_{:04}.mid", number));
    const auto expected = notes_by_mido(python, files);
    CHECK(expected.size() == files.size());
    for (const fs::path& file : files) {
        CAPTURE(file.filename().string());
        const std::vector<std::string> notes = lines_of(io::read_midi(file));
        REQUIRE(expected.contains(file.string()));
        const auto [ours, theirs] = std::ranges::mismatch(notes, expected.at(file.string()));
        if (ours != notes.end()) FAIL_CHECK("line ", *ours);
        if (theirs != expected.at(file.string()).end()) FAIL_CHECK("mido's line ", *theirs);
    }
}
