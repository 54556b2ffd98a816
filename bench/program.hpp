// What the programs of this folder share: options that more than one of them has, and the exit status.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>

#include "bench/updates.hpp"

namespace bench {

/// An option for a whole number from `least` to `most`, whose help shows the default.
template <typename Number>
void add_number(CLI::App& app, const char* name, Number& value, int least, int most, const char* help) {
    app.add_option(name, value, help)->check(CLI::Range(least, most))->capture_default_str();
}

/// --batch, --width, --precision and --plain of `settings`. The precision is kept as text, for tensor::parse_name
/// after parsing.
inline void add_settings(CLI::App& app, musegan::TrainingSettings& settings, std::string& precision) {
    add_number(app, "--batch", settings.batch, 2, 4096, "Phrases per update");
    app.add_option("--width", settings.model.width, "Factor on all channel counts")->capture_default_str();
    app.add_option("--precision", precision, "Of products: f32, or tf32")->capture_default_str();
    app.add_flag("--plain", settings.plain, "No fused layers, no masks packed into bits, no gathered launches");
}

/// The sizes with which a program measures the roofs of a device.
struct RoofSizes {
    std::int64_t side = 8192, copy_mib = 1024;
};

inline void add_roof_sizes(CLI::App& app, RoofSizes& sizes) {
    add_number(app, "--side", sizes.side, 1, 1 << 16, "Side of the roof's matrices");
    add_number(app, "--copy-mib", sizes.copy_mib, 1, 1 << 16, "Size of the roof's copy in MiB");
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
