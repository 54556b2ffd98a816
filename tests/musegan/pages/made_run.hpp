// A small run that was trained, for tests of what is read of it and told.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "io/atomic_file.hpp"
#include "io/safetensors.hpp"
#include "musegan/data/dataset.hpp"
#include "musegan/training/run.hpp"
#include "tests/musegan/training/small_run.hpp"
#include "tests/support/temporary_folder.hpp"

namespace pages_tests {

namespace fs = std::filesystem;
using namespace musegan;

/// Options of a run in `folder`, beside its dataset, which is made.
inline RunOptions small_options(const fs::path& folder, const std::string& name = "run") {
    RunOptions options;
    options.data = folder / "data.safetensors";
    if (!fs::exists(options.data)) {
        const PackedPhrases song = support::small_song();
        write_dataset(options.data, song, std::vector<std::int64_t>(static_cast<std::size_t>(song.count()), 0));
    }
    options.run = folder / name;
    options.settings = support::small_settings(4);
    options.settings.critic_steps = 1;
    options.settings.model.preset = preset_named("compact");
    options.steps = 6;
    options.sample_every = 2;
    options.evaluate_every = 2;
    options.checkpoint_every = 6;
    return options;
}

/// A run of six steps, trained once and copied for each test.
struct MadeRun {
    support::TemporaryFolder folder;
    RunFolder run{folder / "run"};

    MadeRun() {
        static const support::TemporaryFolder trained;
        static const bool is_trained = (run_training(small_options(trained.path()), {}), true);
        CHECK(is_trained);
        fs::copy(trained / "run", run.path(), fs::copy_options::recursive);
        fs::copy(trained / "data.safetensors", data());
        // The copy's own dataset.
        std::string config = support::read_text(run.config());
        const std::string before = (trained / "data.safetensors").string();
        const std::size_t place = config.find(before);
        REQUIRE(place != std::string::npos);
        support::write_text(run.config(), config.replace(place, before.size(), data().string()));
    }
    fs::path data() const { return folder / "data.safetensors"; }
};

/// Writes phrases as a sample of a step.
inline void write_sample(const RunFolder& run, std::int64_t step, const PackedPhrases& phrases) {
    fs::create_directories(run.samples());
    PhraseShape shape = phrases.shape;
    io::SafetensorsWriter writer;
    writer.metadata("step", fmt::format("{}", step));
    for (const auto& [key, value] : settings_of(shape).to_metadata()) writer.metadata(key, value);
    writer.add_bytes("phrases", "U8", {phrases.count(), shape.bytes()}, phrases.bits);
    writer.write(run.sample(step, ".safetensors"));
}

/// Phrases whose every bit is that of a fixed pattern: about half of all cells are on.
inline PackedPhrases noise(const PhraseShape& shape, std::int64_t count, std::uint32_t seed = 1) {
    PackedPhrases phrases{shape, std::vector<std::uint8_t>(static_cast<std::size_t>(count * shape.bytes()))};
    for (std::uint8_t& byte : phrases.bits)
        byte = static_cast<std::uint8_t>((seed = seed * 1664525 + 1013904223) >> 24);
    return phrases;
}

/// A log of so many steps with these columns behind the step; the value in row r and column c is r + c / 8.
inline void write_log(const RunFolder& run, std::int64_t steps, const std::vector<std::string>& columns) {
    std::string text = "step";
    for (const std::string& column : columns) text += "," + column;
    text += "\n";
    for (std::int64_t step = 1; step <= steps; ++step) {
        text += fmt::format("{}", step);
        for (std::size_t c = 0; c < columns.size(); ++c)
            text += fmt::format(",{}", static_cast<double>(step) + static_cast<double>(c) / 8);
        text += "\n";
    }
    support::write_text(run.log(), text);
}

}  // namespace pages_tests
