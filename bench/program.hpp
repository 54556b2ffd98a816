// What the programs of this folder share: the options of an update, and the exit status.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <string>

#include "bench/updates.hpp"

namespace bench {

/// --batch, --width, --precision and --plain of `setting`; the precision as text, for read_precision after parsing.
inline void add_setting(CLI::App& app, Setting& setting, std::string& precision) {
    app.add_option("--batch", setting.batch, "Phrases per update")->check(CLI::Range(2, 4096))->capture_default_str();
    app.add_option("--width", setting.width, "Factor on all channel counts")->capture_default_str();
    app.add_option("--precision", precision, "Of products: f32, or tf32")->capture_default_str();
    app.add_flag("--plain", setting.plain, "No fused layers, no masks packed into bits, no gathered launches");
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
