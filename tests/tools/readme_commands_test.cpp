// Every command on a page of the project has a subcommand and options that exist. None of them is run.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/house/project.hpp"
#include "tests/support/markdown.hpp"
#include "tests/support/project_files.hpp"
#include "tests/tools/readme_commands.hpp"
#include "tests/tools/shell.hpp"

using tools_tests::Options;
using Faults = std::vector<std::string>;

namespace {

/// What `musegan --help` and `musegan SUBCOMMAND --help` list.
Options options_of_musegan() {
    const std::string help = tools_tests::musegan("--help").output;
    Options options{{"", tools_tests::options_of(help)}};
    for (const std::string& name : tools_tests::subcommands_of(help))
        options[name] = tools_tests::options_of(tools_tests::musegan(name + " --help").output);
    return options;
}

/// The faults of a page of a small project, whose `musegan` has a subcommand `train` with --data and --steps.
Faults faults(const std::string& text) {
    house::Project project;
    house::add_file(project, "CMakePresets.json", "{\"name\": \"release\"}");
    house::add_file(project, "tools/setup", "#!/bin/sh\ncase $1 in --preset) ;; -L | --browser-path) ;; esac\n");
    house::add_file(project, "bench/main.cpp", "const char* name = \"--midi\";  // --once\n");
    house::add_file(project, "bench/peers/update.py", "parser.add_argument('--check')\n");
    house::add_file(project, "bench/CMakeLists.txt", "add_executable(timing main.cpp)\nadd_custom_target(all_of_it)\n");
    house::add_file(project, "tests/CMakeLists.txt", "house_tests(io)\n");
    project.executables = {"tools/setup"};
    const Options musegan{{"", {"-h", "--help"}}, {"train", {"--help", "--data", "--steps"}}};
    return tools_tests::PageCommands(project, musegan, support::parse_page("bench/README.md", text)).check().faults;
}

}  // namespace

TEST_CASE("pages: every subcommand and every option in a command exists") {
    const house::Project project = house::read_project(MUSEGAN_SOURCE_DIR);
    const Options musegan = options_of_musegan();
    CHECK(musegan.size() > 10);
    int looked_at = 0;
    for (const auto& [path, text] : project.pages) {
        if (!support::is_living_page(path)) continue;
        const support::Page page = support::parse_page(path, text);
        const house::Findings findings = tools_tests::PageCommands(project, musegan, page).check();
        for (const std::string& fault : findings.faults) FAIL_CHECK(fault);
        looked_at += findings.looked_at;
    }
    MESSAGE(looked_at, " subcommands, options and presets looked at");
    CHECK(looked_at > 200);
}

TEST_CASE("checks of pages: help texts are read for what they list") {
    CHECK(tools_tests::options_of("Usage: x --no\n\n  -h,--help    Print\n    --steps=10  Steps, see --rate\n") ==
          std::set<std::string>{"-h", "--help", "--steps"});
    CHECK(tools_tests::subcommands_of("  no  x\nSubcommands:\n  train    Train\n           more\n  info     Say\n") ==
          Faults{"train", "info"});
}

TEST_CASE("checks of pages: a subcommand or an option of musegan that does not exist is found") {
    CHECK(faults("`musegan train --data x --steps=5 -1`, `build/bin/musegan --help`, `train --steps`, `--data x`, "
                 "`musegan`, `train`, `training --fast`")
              .empty());
    CHECK(faults("`musegan trian`") == Faults{"bench/README.md:1: musegan has no subcommand trian"});
    CHECK(faults("`build/bin/musegan train --step 5`") ==
          Faults{"bench/README.md:1: musegan train has no option --step"});
    CHECK(faults("`train --rate 1`").size() == 1);
    CHECK(faults("`--rate`") == Faults{"bench/README.md:1: nothing has an option --rate"});
    CHECK(faults("`musegan --data x`").size() == 1);
    CHECK(faults("text\n\n    A=1 musegan train --data x \\\n      --rate 5\n") ==
          Faults{"bench/README.md:3: musegan train has no option --rate"});
    CHECK(faults("```\necho; musegan info  # --rate\n```") ==
          Faults{"bench/README.md:2: musegan has no subcommand info"});
    CHECK(faults("text\n\n    musegan train --data '--rate;' # --rate\n").size() == 1);
}

TEST_CASE("checks of pages: an option of a script or of a program, or a preset, that does not exist is found") {
    CHECK(
        faults("`tools/setup --preset release -L --browser-path timing all_of_it`, `python3 peers/update.py --check`, "
               "`build/bin/timing --midi x --benchmark_filter=y`, `g++ --any`, `build/bin/io_tests -s`, `--midi`")
            .empty());
    CHECK(faults("`tools/setup --browser`") == Faults{"bench/README.md:1: tools/setup has no option --browser"});
    CHECK(faults("`tools/setup -M`").size() == 1);
    CHECK(faults("`peers/update.py --check-all`").size() == 1);
    CHECK(faults("`build/bin/timing --once`") == Faults{"bench/README.md:1: build/bin/timing has no option --once"});
    CHECK(faults("`--once`").size() == 1);
    CHECK(faults("`cmake --preset debug`") == Faults{"bench/README.md:1: CMakePresets.json has no debug"});
    CHECK(faults("`tools/setup --preset debug`").size() == 1);
    CHECK(faults("`tools/setup --preset release timer`") == Faults{"bench/README.md:1: no target timer"});
    CHECK(faults("`ninja -C build timing && cmake --build --preset release --target timing`").empty());
    CHECK(faults("`ninja -C build timer`").size() == 1);
    CHECK(faults("`cmake --build build --target timer`").size() == 1);
}
