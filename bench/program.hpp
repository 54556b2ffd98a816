// What the programs of this folder share: options that more than one of them has, and the exit status.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>

#include "tensor/roofs.hpp"
#include "tools/commands.hpp"

namespace bench {

/// An option for a whole number from `least` to `most`, whose help shows the default.
template <typename Number>
void add_number(CLI::App& app, const char* name, Number& value, int least, int most, const char* help) {
    app.add_option(name, value, help)->check(CLI::Range(least, most))->capture_default_str();
}

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

/// Parses, then runs. The exit status: that of run(), 2 for wrong usage, 1 for another error; each is printed in one
/// line.
template <typename Run>
int run_program(CLI::App& app, int argument_count, char** arguments, Run run) {
    try {
        app.parse(argument_count, arguments);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    try {
        return run();
    } catch (const tools::UsageError& error) {
        fmt::print(stderr, "{}: {}\n", app.get_name(), error.what());
        return 2;
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}: {}\n", app.get_name(), error.what());
        return 1;
    }
}

}  // namespace bench
