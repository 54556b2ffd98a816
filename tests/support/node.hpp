// Runs a script that imports modules of pages in node, without a document, and brings back what it prints.
#pragma once

#include <doctest/doctest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/command.hpp"
#include "tests/support/temporary_folder.hpp"

namespace support {

inline bool has_node() { return shell("command -v node >/dev/null").exit_code == 0; }

inline constexpr const char* no_node = "no node, in which modules of pages compute (tools/setup --browser installs it)";

/// What the module `script` gives to `done(value)`: it stands beside the folders of musegan/pages/, so that it begins
/// with import {nearestPlace} from './report/chart_lines.js'; and so on. A script that fails is a failure.
inline nlohmann::json run_in_node(const std::string& script) {
    const TemporaryFolder folder;
    std::filesystem::copy(MUSEGAN_SOURCE_DIR "/musegan/pages", folder / "pages",
                          std::filesystem::copy_options::recursive);
    write_text(folder / "pages/package.json", R"({"type": "module"})");
    write_text(folder / "pages/script.js", "const done = value => console.log(JSON.stringify(value));\n" + script);
    const Outcome outcome = shell("cd " + quoted(folder / "pages") + " && timeout 100 node script.js 2>&1");
    INFO(outcome.output);
    REQUIRE(outcome.exit_code == 0);
    return nlohmann::json::parse(outcome.output);
}

}  // namespace support
