// What the programs of this folder share: options that more than one of them has, and the exit status.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>

#include "bench/updates.hpp"
#include "musegan/networks/presets.hpp"
#include "musegan/training/config.hpp"
#include "tensor/roofs.hpp"
#include "tools/setting_options.hpp"

namespace bench {

/// An option for a whole number from `least` to `most`, whose help shows the default.
template <typename Number>
void add_number(CLI::App& app, const char* name, Number& value, int least, int most, const char* help) {
    app.add_option(name, value, help)->check(CLI::Range(least, most))->capture_default_str();
}

/// How the updates run that a program times: the settings of `musegan train`, each an option with its name, --preset
/// and --plain.
class UpdateOptions {
  public:
    UpdateOptions(CLI::App& app, const musegan::TrainingSettings& defaults) : defaults_(defaults), parsed_(defaults) {
        stated_.add_to(app, settings_of(parsed_));
        app.add_option("--preset", preset_, "Networks and settings to begin with, by name or file (paper)");
        app.add_flag("--plain", plain_, "--fusion off --gather-launches no --passes in_turn");
    }
    UpdateOptions(const UpdateOptions&) = delete;
    UpdateOptions& operator=(const UpdateOptions&) = delete;

    /// What was parsed.
    musegan::TrainingSettings settings() const {
        musegan::RunOptions begin{.settings = defaults_};
        if (!preset_.empty()) musegan::take_preset(musegan::find_preset(preset_), begin);
        musegan::TrainingSettings settings = begin.settings;
        if (plain_) settings.make_plain();
        stated_.apply(settings_of(settings));
        return settings;
    }
    bool states(const std::string& key) const { return stated_.states(key); }

  private:
    musegan::TrainingSettings defaults_, parsed_;
    tools::SettingOptions stated_;
    std::string preset_;
    bool plain_ = false;
};

/// The options --side and --copy-mib; `sizes` must live until the parsing is over.
inline void add_roof_sizes(CLI::App& app, tensor::RoofSizes& sizes) {
    add_number(app, "--side", sizes.side, 1, 1 << 16, "Side of the roof's matrices on a GPU");
    app.add_option_function<std::int64_t>(
           "--copy-mib", [&sizes](std::int64_t mib) { sizes.copy_bytes = mib << 20; }, "Size of the roof's copy in MiB")
        ->check(CLI::Range(1, 1 << 16))
        ->default_str(fmt::format("{}", sizes.copy_bytes >> 20));
}

/// What a table of convolutions measures: the layers whose name matches a regular expression, at a batch.
struct LayerSelection {
    std::int64_t batch = 64;
    std::string filter = ".";
    double milliseconds = 10;  ///< per case
    double seconds = 120;      ///< in all
};

inline void add_layers(CLI::App& app, LayerSelection& layers) {
    add_number(app, "--batch", layers.batch, 1, 4096, "Phrases");
    app.add_option("--filter", layers.filter, "Layers by a regular expression")->capture_default_str();
    app.add_option("--milliseconds", layers.milliseconds, "Milliseconds for which a case is measured, about")
        ->capture_default_str();
    app.add_option("--seconds", layers.seconds, "Begin no layer after so many seconds")->capture_default_str();
}

/// Parses, then runs. The exit status: that of run(), 2 for wrong usage, 1 for an error, which is printed in one line.
template <typename Run>
int run_program(CLI::App& app, int argument_count, char** arguments, Run run) {
    try {
        app.parse(argument_count, arguments);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    try {
        return run();
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}: {}\n", app.get_name(), error.what());
        return 1;
    }
}

}  // namespace bench
