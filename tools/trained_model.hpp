// What the subcommands that make music with a trained model share: where the model comes from, where a
// track-conditional one takes its given tracks from, progress that Ctrl-C ends, and what is said of the phrases made.
#pragma once

#include <CLI/CLI.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "musegan/data/dataset.hpp"
#include "musegan/music/files.hpp"
#include "musegan/networks/model.hpp"
#include "tools/commands.hpp"
#include "tools/terminal.hpp"

namespace tools {

/// The options --run, --weights, --device and --threads.
struct ModelOptions {
    std::string run, weights;
    ComputeOptions compute;

    void add_to(CLI::App& command);
    /// Prints the line of the device, and loads the model onto it. Throws UsageError for a precision that the device
    /// does not have, Error for a device or a model that is not there.
    musegan::Model load(tensor::Precision precision) const;
};

/// The option --data: the dataset whose phrases a track-conditional model is given a track of.
struct GivenOptions {
    std::string data;

    void add_to(CLI::App& command);
    /// Nothing for a model from scratch. Throws UsageError where the model needs --data and there is none, or the other
    /// way round.
    std::optional<musegan::Dataset> open(const musegan::Model& model, const std::string& command) const;
};
/// All phrases of a dataset, if there is one.
std::optional<musegan::PhraseView> phrases_of(const std::optional<musegan::Dataset>& data);

/// Runs `check`; an Error of it becomes a UsageError: what it checks was said on the command line.
void check_usage(const std::function<void()>& check);

/// Writes phrases, prints their metrics, and says what to listen to and to look at.
void write_music(const std::string& folder, const musegan::PhraseView& phrases, const musegan::WriteOptions& options,
                 musegan::PhraseSheet sheet = {});

/// The progress of a library function that makes phrases and writes nothing: it shows how many are done, and Ctrl-C
/// ends it with an Error that says so.
std::function<void(std::int64_t)> show_phrases(Progress& progress, const std::string& command);

}  // namespace tools
