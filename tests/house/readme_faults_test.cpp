// The checks of pages, held against small projects with one fault each.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/house/known_names.hpp"
#include "tests/house/page_links.hpp"
#include "tests/house/page_listing.hpp"
#include "tests/house/page_proofs.hpp"
#include "tests/house/page_words.hpp"
#include "tests/house/project.hpp"
#include "tests/support/markdown.hpp"

namespace {

house::Project small_project() {
    house::Project project;
    house::add_file(project, "README.md", "# Top\n\n## What it costs\n");
    house::add_file(project, "engine/README.md", "# Engine\n");
    house::add_file(project, "engine/wheel.hpp", "struct Wheel { void turn_left(int); };  // only_in_a_comment\n");
    house::add_file(project, "engine/brake.cpp", "void brake() { open(\"brakes.csv\"); /* gone_long_ago */ }\n");
    house::add_file(project, "engine/wheel.png", "");
    house::add_file(project, "tests/CMakeLists.txt",
                    "house_tests(engine musegan_engine)\nhouse_tests(brakes)\n"
                    "set(readers oil air)\nforeach(reader IN LISTS readers)\n  add_executable(${reader}_fuzz a.cpp)\n"
                    "function(course_program program)\nadd_executable(${program} a.cpp)\n");
    house::add_file(project, "tests/course/CMakeLists.txt", "course_program(course start)\n");
    house::add_file(project, "tests/course/start/chapter_1.hpp", "");
    house::add_file(project, "tests/engine/wheel_test.cpp",
                    "TEST_CASE(\"wheel: it \\\"turns\\\" \"\n  \"and stops\") {}\nTEST_CASE(\"story 10\") {}\n");
    house::add_file(project, "tests/brakes/brakes_test.cpp", "TEST_CASE_TEMPLATE(\"brakes: hold\", T, float) {}\n");
    house::add_file(project, "tools/drive", "#!/bin/sh\nmkdir -p out/trips\n");
    project.executables.insert("tools/drive");
    return project;
}

using Faults = std::vector<std::string>;

Faults links(const std::string& text) {
    return house::check_links(small_project(), support::parse_page("engine/README.md", text)).faults;
}

Faults proofs(const std::string& text) {
    return house::check_proofs(small_project(), support::parse_page("a.md", text)).faults;
}

Faults patterns(const std::string& text) {
    return house::check_patterns(small_project(), support::parse_page("a.md", text)).faults;
}

Faults words(const std::string& text, const house::KnownNames& known = {}) {
    const house::Project project = small_project();
    const support::Page page = support::parse_page("engine/README.md", text);
    return house::PageWords(project, known, page).check().faults;
}

Faults programs(const std::string& text) { return words("text\n\n    " + text + "\n"); }

Faults listing(const std::string& page, const std::string& text) {
    return house::check_listing(small_project(), support::parse_page(page, text)).faults;
}

}  // namespace

TEST_CASE("checks of pages: a link to a file or a heading that does not exist is found") {
    CHECK(
        links("[a](wheel.hpp) [b](../README.md#what-it-costs) [c](../engine/) [d](https://x.org/y.md) ![e](wheel.png)")
            .empty());
    CHECK(links("x\n\n[a](wheels.hpp)") == Faults{"engine/README.md:3: a link to wheels.hpp, which does not exist"});
    CHECK(links("![a](../wheel.png)").size() == 1);
    CHECK(links("[a](README.md)").empty());
    CHECK(links("[a](README.md#engines)") ==
          Faults{"engine/README.md:1: a link to #engines, which is no heading of engine/README.md"});
    CHECK(links("[a](#top)").size() == 1);
    CHECK(links("[a](wheel.hpp#engine)").size() == 1);
}

TEST_CASE("checks of pages: a proof that quotes no test, or one of another file, is found") {
    CHECK(proofs("*Proof: \"wheel\"; \"brakes: hold\" (`brakes_test.cpp`); \"wheel: i...\".*").empty());
    CHECK(proofs("(*\"story 10\"*) *\"no proof\nof a test*").empty());
    CHECK(proofs("\n*Proof: \"wheels\".*") == Faults{"a.md:2: no test \"wheels\""});
    CHECK(proofs("*Proof: \"story 1\".*") == Faults{"a.md:1: no test \"story 1\""});  // story 10 is another
    CHECK(proofs("*Proof: \"brakes\" (`engine/wheel_test.cpp`).*") ==
          Faults{"a.md:1: no test \"brakes\" in engine/wheel_test.cpp"});
    CHECK(proofs("*Proof: by hand.*") == Faults{"a.md:1: a proof that quotes no test"});
    CHECK(proofs("(*\"story 5\"*)").size() == 1);
}

TEST_CASE("checks of pages: a pattern of tests that matches none of its program is found") {
    CHECK(
        patterns("`build/bin/engine_tests -tc=\"wheel*stops\" -s`\n\n    build/bin/brakes_tests -tc=*hold\n").empty());
    CHECK(patterns("`-tc='brakes*'`").empty());
    CHECK(patterns("`build/bin/engine_tests -tc=\"brakes*\"`") ==
          Faults{"a.md:1: no test of tests/engine/ is named like \"brakes*\""});
    CHECK(patterns("text\n\n    build/bin/brakes_tests -tc=hold\n").size() == 1);
    CHECK(patterns("`-tc=\"wheel*,nothing\"`").size() == 1);
}

TEST_CASE("checks of pages: a name that no source has is found, also where a comment has it") {
    CHECK(words("`Wheel`, `Wheel::turn_left(int)`, `turn_NAME`, `turn_*`, `brake()` and `-DWheel=2`, `42x`, `--any`")
              .empty());
    CHECK(words("`Wheels`") == Faults{"engine/README.md:1: no source has Wheels"});
    CHECK(words("x\n`f(turn_right, Wheel)`") == Faults{"engine/README.md:2: no source has turn_right"});
    CHECK(words("`only_in_a_comment`").size() == 1);
    CHECK(words("`gone_long_ago`").size() == 1);
    CHECK(words("`roll_NAME`").size() == 1);
    CHECK(words("`roll_*`").size() == 1);
    CHECK(words("`Wheel::brake`") == Faults{"engine/README.md:1: no source has Wheel::brake"});  // in no one file
    CHECK(words("```cpp\nWheel w;  // of nobody\nw.spin();\n```\n") ==
          Faults{"engine/README.md:3: no source has spin"});
    CHECK(words("text\n\n    what turn_left prints\n    what turn_back prints\n") ==
          Faults{"engine/README.md:4: no source has turn_back"});
    CHECK(words("```math\n\\lambda_of_wheel\n```\n").empty());
}

TEST_CASE("checks of pages: a file, a place in a file or a folder that does not exist is found") {
    CHECK(words("`wheel.hpp`, `engine/wheel.{hpp,png}`, `brakes_test.cpp`, `tests/FOLDER/NAME_test.cpp`, `whe*.hpp`, "
                "`tests/engine/`, `tests/engine`, `brakes.csv`, `../README.md`, `1/2`, `km/h`")
              .empty());
    CHECK(words("`tests/course/mine/chapter_1.hpp`, `chapter_N.hpp`, `tests/course/mine/`").empty());
    CHECK(words("`tests/course/mine/chapter_2.hpp`").size() == 1);
    CHECK(words("`wheels.hpp`") == Faults{"engine/README.md:1: no file or folder wheels.hpp"});
    CHECK(words("`engine/wheel.{hpp,cpp}`").size() == 1);
    CHECK(words("`tests/FOLDER/NAME_fuzz.cpp`").size() == 1);
    CHECK(words("`tests/gearbox`").size() == 1);
    CHECK(words("`gearbox/`").size() == 1);
    CHECK(words("`gears.csv`").size() == 1);
    CHECK(words("`wheel.hpp:Wheel::turn_left`, `tests/engine/wheel_test.cpp:TEST_CASE`").empty());
    CHECK(words("`wheel.hpp:Wheel::brake`") == Faults{"engine/README.md:1: wheel.hpp has no Wheel::brake"});
    CHECK(words("`gear.hpp:Wheel`") == Faults{"engine/README.md:1: no file gear.hpp"});
}

TEST_CASE("checks of pages: a program that nothing builds, or a script that does not exist, is found") {
    CHECK(programs("build/bin/engine_tests -s > ~/x.txt; build-fuzz/bin/air_fuzz my/songs").empty());
    CHECK(programs("cp -r tests/course/start tests/course/mine && build/bin/course").empty());
    CHECK(programs("build/bin/program").size() == 1);  // the parameter of a function of CMake
    CHECK(programs("tools/drive --far engine/wheel.hpp anything/else  # any_word here").empty());
    CHECK(programs("build/bin/gearbox_tests") == Faults{"engine/README.md:3: no program build/bin/gearbox_tests"});
    CHECK(programs("build-fuzz/bin/water_fuzz").size() == 1);
    CHECK(programs("tools/fly") == Faults{"engine/README.md:3: no program tools/fly"});
    CHECK(programs("engine/wheel.hpp").size() == 1);  // exists, and is no program
    CHECK(programs("tools/drive engine/gear.hpp") == Faults{"engine/README.md:3: no file or folder engine/gear.hpp"});
    CHECK(words("`build/bin/gearbox_tests`").size() == 1);
    CHECK(words("`build/bin/engine_tests`, `out/trips/`, `out/trips/brakes.csv`").empty());
    CHECK(words("`out/tours/brakes.csv`") == Faults{"engine/README.md:1: no file or folder out/tours/brakes.csv"});
}

TEST_CASE("checks of pages: a known name is accepted, and its row is a fault where it has no reason or no use") {
    const house::KnownNames known("# about\n\nsteam    an old way to drive\ncoal.csv  of the reader's own\nwind\n");
    CHECK(words("`steam`, `coal.csv`", known).empty());
    CHECK(known.faults() == std::set<std::string>{"wind has no reason", "wind is needed by no page"});
}

TEST_CASE("checks of pages: what a build or a student made is no file of the project") {
    for (const char* path : {"tests/course/mine/chapter_1.hpp", "build/a.cpp", "build-asan/a.cpp", "out/demo/a.md",
                             "tools/__pycache__/a.py", ".git/config"})
        CHECK_FALSE(support::is_of_the_project(path));
    for (const char* path : {"tests/course/start/chapter_1.hpp", "tools/build.cpp", "README.md", ".clang-format"})
        CHECK(support::is_of_the_project(path));
}

TEST_CASE("checks of pages: the files that git lists are those that lie there") {
    const std::filesystem::path root = MUSEGAN_SOURCE_DIR;
    const std::vector<std::string> listed = support::files_listed_by_git(root), found = support::files_found_in(root);
    CHECK(found.size() >= listed.size());
    const std::set<std::string> all(found.begin(), found.end());
    for (const std::string& path : listed) CHECK_MESSAGE(all.count(path) == 1, path);
    CHECK(all.count("README.md") == 1);
}

TEST_CASE("checks of pages: a header or a script that its folder's page does not name is found") {
    for (const char* text :
         {"`wheel`", "`engine/wheel.hpp`", "`whe*.hpp`", "`wheel.cpp:turn`", "`NAME_x`, `a/wheel.{hpp}`"})
        CHECK(listing("engine/README.md", text).empty());
    CHECK(listing("engine/README.md", "wheel, `wheels`, `NAME.hpp`") ==
          Faults{"engine/README.md:1: does not name wheel.hpp"});
    CHECK(listing("tools/README.md", "`drives`") == Faults{"tools/README.md:1: does not name drive"});
    CHECK(listing("tools/README.md", "`drive`").empty());
    CHECK(listing("README.md", "").empty());          // whose folder has neither
    CHECK(listing("engine/history.md", "").empty());  // no page of a folder
}
