// What the subcommands that make music with a trained model share: where the model comes from, where a
// track-conditional one takes its given tracks from, progress that Ctrl-C ends, and what is said of the phrases made.
#pragma once

#include <CLI/CLI.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "musegan/data/dataset.hpp"
#include "musegan/music/files.hpp"
#include "musegan/networks/model.hpp"
#include "tools/commands.hpp"
#include "tools/output_folder.hpp"
#include "tools/setting_options.hpp"
#include "tools/sound_output.hpp"
#include "tools/terminal.hpp"
#include "tools/usage.hpp"

namespace tools {

/// The options --run, --weights, --device and --threads.
struct ModelOptions {
    std::string run, weights;
    ComputeOptions compute;

    void add_to(CLI::App& command);
    /// Throws UsageError unless exactly one of --run and --weights was stated.
    void require_source(std::string_view command) const;
    /// Prints the line of the device, and one where the weights carry no checksums, and loads the model onto the
    /// device. Throws UsageError for a precision that the device does not have, Error for a device or a model that is
    /// not there.
    musegan::Model load(tensor::Precision precision) const;
};

/// The model file of a run. Throws Error for a folder without one.
std::filesystem::path run_model(const std::filesystem::path& run);
/// The model of a file, on a device; a line says where its weights carry no checksums. Throws Error for a file that
/// holds no model.
musegan::Model open_model(const std::filesystem::path& file, tensor::Device device);

/// The option --data: the dataset whose phrases a track-conditional model is given a track of.
struct GivenOptions {
    std::string data;

    void add_to(CLI::App& command);
    /// Nothing for a model from scratch. Throws UsageError where the model needs --data and there is none, or the other
    /// way round.
    std::optional<musegan::Dataset> open(const musegan::Model& model, const std::string& command) const;
};
/// Opens a dataset; a line says where it carries no checksums.
musegan::Dataset open_dataset(const std::string& path);
/// All phrases of a dataset, if there is one.
std::optional<musegan::PhraseView> phrases_of(const std::optional<musegan::Dataset>& data);

/// Writes phrases into a folder that the files of earlier calls leave, prints their metrics, and says what to listen to
/// and to look at. `command` names the subcommand.
void write_music(const std::string& command, OutputFolder& folder, const musegan::PhraseView& phrases,
                 const musegan::WriteOptions& options, const musegan::PhraseSheet& sheet);

/// How long the WAV file of all phrases is, at most_in_song phrases of four bars.
std::int64_t frames_of_all(std::int64_t phrases, double tempo);

/// The progress of a library function that makes phrases and writes nothing: it shows how many are done, and Ctrl-C
/// ends it with an Error that says so.
std::function<void(std::int64_t)> show_phrases(Progress& progress, const std::string& command);

/// A subcommand that makes phrases with a trained model: what generate, interpolate and vary have in common. Options is
/// that of the library function, with `sampling` and `progress`.
template <typename Options>
struct PhrasesCommand {
    std::string out;
    ModelOptions model;
    GivenOptions given;
    Options options;
    musegan::WriteOptions files;
    SettingOptions settings;

    void add_to(CLI::App& command) {
        add_path(command, "--out", out, "Folder to write into");
        given.add_to(command);
        settings.add_to(command, settings_of(options));
        settings.add_to(command, settings_of(files));
        model.add_to(command);
    }

    /// Looks at all outputs, loads the model, lets `check` refuse its config, and writes what library(model, options,
    /// given phrases) makes: `count` phrases, called as `sheet` says. `name` is the subcommand's.
    template <typename Library, typename Check>
    void run(const std::string& name, std::int64_t count, const musegan::PhraseSheet& sheet, Library library,
             Check check) {
        require_stated(out, name, "--out", "a folder to write into");
        model.require_source(name);
        settle_sound(files.beside.sound, "all.wav", frames_of_all(count, files.tempo));
        OutputFolder folder(out, "phrases", musegan::phrase_files(count, files.beside, sheet));
        watch_interrupt("ending soon");
        const musegan::Model loaded = model.load(options.sampling.execution.precision);
        check_usage([&] { check(loaded.config()); });
        const std::optional<musegan::Dataset> data = given.open(loaded, name);
        write_music(name, folder, make(name, count, loaded, data, library), files, sheet);
    }

  private:
    template <typename Library>
    musegan::PackedPhrases make(const std::string& name, std::int64_t count, const musegan::Model& loaded,
                                const std::optional<musegan::Dataset>& data, Library library) {
        Progress progress(name, "phrases", count);
        options.progress = show_phrases(progress, name);
        return library(loaded, options, phrases_of(data));
    }
};

}  // namespace tools
