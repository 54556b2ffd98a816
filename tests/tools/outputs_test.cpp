// Outputs of the commands: looked at before any work, rid of the files of earlier calls, whole after Ctrl-C.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "tensor/units.hpp"
#include "tests/support/skip.hpp"
#include "tests/tools/shell.hpp"

using support::Outcome;
using support::quoted;
using tools_tests::check_refused;
using tools_tests::musegan;
using tools_tests::shell;

namespace {

namespace fs = std::filesystem;

/// Songs, a dataset and two runs as small as they get.
class Workplace {
  public:
    Workplace() {
        REQUIRE(musegan("synth --songs 2 --seed 4 --out " + in("songs")).exit_code == 0);
        REQUIRE(musegan("prepare " + in("songs") + " --out " + in("data")).exit_code == 0);
        for (const char* run : {"hybrid", "piano"})
            REQUIRE(musegan("train --data " + in("data") + " --run " + in(run) +
                            " --device cpu --width 0.03125 --batch 2 --critic-steps 1 --steps 1 --preset paper " +
                            "--steps-per-beat 4 --model hybrid" +
                            (run == std::string("piano") ? " --condition piano" : ""))
                        .exit_code == 0);
    }

    fs::path path(const std::string& name) const { return folder_ / name; }
    std::string in(const std::string& name) const { return quoted(path(name)); }
    bool has(const std::string& name) const { return fs::exists(path(name)); }
    /// The names in a folder, sorted, the list of ours aside.
    std::vector<std::string> names_in(const std::string& folder) const {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator(path(folder)))
            if (entry.path().filename() != ".musegan-files") names.push_back(entry.path().filename());
        std::ranges::sort(names);
        return names;
    }

  private:
    support::TemporaryFolder folder_;
};

const std::string small = " --device cpu --pypianoroll no ";

}  // namespace

TEST_CASE("an output that cannot be written is refused before the work, and leaves nothing") {
    const Workplace work;
    support::write_text(work.path("file"), "theirs");
    REQUIRE(shell("mkfifo " + work.in("fifo")).exit_code == 0);
    const std::string run = small + "--run " + work.in("hybrid"), piano = small + "--run " + work.in("piano");
    const std::string song = work.in("songs/song_0001.mid");
    const std::string long_name(300, 'n');
    // Into a folder. The run comes after the output: a model is not loaded for nothing.
    for (const std::string& command :
         {"generate --run " + work.in("no-run") + small, "generate" + run, "interpolate" + run,
          "vary --redraw bass" + run, "accompany --input " + song + piano, std::string("synth --songs 2"),
          std::string("toy --device cpu")}) {
        check_refused(command + " --out " + work.in("file"), {"file] is a file, expected a folder"});
        check_refused(command + " --out " + work.in("file/below"), {"expected a folder"});
        check_refused(command + " --out " + work.in("fifo"), {"fifo]"});
        check_refused(command + " --out " + work.in(long_name), {"name"});
        check_refused(command + " --out /proc/new", {"/proc/new"});
    }
    // Into a file.
    const std::vector<std::string> commands{"prepare " + work.in("songs") + " --out ",
                                            "prepare " + work.in("songs") + " --out " + work.in("d") + " --report ",
                                            "explain --html ",
                                            "explain --dot ",
                                            "profile --device cpu --json ",
                                            "profile --device cpu --trace "};
    for (const std::string& command : commands)
        for (const char* output : {"songs", "fifo", "none/d", "file/d"})
            check_refused(command + work.in(output), {"]"});
    for (const std::string& command : commands) check_refused(command + work.in(long_name), {"ame"});
    CHECK_FALSE(work.has("d"));
    CHECK_FALSE(work.has("none"));
    CHECK(work.names_in(".") == std::vector<std::string>{"data", "fifo", "file", "hybrid", "piano", "songs"});
    CHECK(support::read_text(work.path("file")) == "theirs");
}

TEST_CASE("a folder that may not be written is refused before the work") {
    if (::geteuid() == 0) SKIP_TEST("the superuser may write into any folder");
    const Workplace work;
    const std::string run = small + "--run " + work.in("hybrid");
    fs::create_directory(work.path("locked"));
    fs::permissions(work.path("locked"), fs::perms::owner_read | fs::perms::owner_exec);
    check_refused("generate" + run + " --out " + work.in("locked"), {"Permission denied"});
    check_refused("generate" + run + " --out " + work.in("locked/new"), {"Permission denied"});
}

TEST_CASE("a later call leaves no file of an earlier one beside its own") {
    const Workplace work;
    const std::string run = small + "--run " + work.in("hybrid") + " --out " + work.in("music");
    const auto names = [](std::vector<std::string> list) {
        std::ranges::sort(list);
        return list;
    };
    CHECK(musegan("generate --phrases 3" + run).exit_code == 0);
    support::write_text(work.path("music/theirs.mid"), "theirs");
    const Outcome shorter = musegan("generate --phrases 1 --figures svg" + run);
    CHECK(shorter.exit_code == 0);
    CHECK(shorter.says("music: removed 6 files of an earlier call\n"));
    CHECK(work.names_in("music") == names({"all.mid", "all.svg", "phrase_001.mid", "phrase_001.svg", "theirs.mid"}));
    CHECK(musegan("interpolate --steps 2" + run).says("music: removed 3 files of an earlier call\n"));
    CHECK(work.names_in("music") == names({"all.mid", "all.png", "point_001.mid", "point_001.png", "point_002.mid",
                                           "point_002.png", "theirs.mid"}));
    CHECK(musegan("vary --redraw bass --phrases 2" + run).says("music: removed 4 files of an earlier call\n"));
    // Song by song, and beside phrases.
    const std::string accompany = "accompany --device cpu --run " + work.in("piano") + " --out " + work.in("music") +
                                  " --input " + work.in("songs/song_000");
    CHECK(musegan(accompany + "1.mid").exit_code == 0);
    CHECK_FALSE(musegan(accompany + "2.mid").says("removed"));
    CHECK(
        musegan(accompany + "1.mid --figures svg --pypianoroll no").says("music: removed 2 files of an earlier call"));
    CHECK(work.names_in("music") == names({"all.mid", "all.png", "song_0001.mid", "song_0001.svg", "song_0002.mid",
                                           "song_0002.npz", "song_0002.png", "theirs.mid", "variant_000.mid",
                                           "variant_000.png", "variant_001.mid", "variant_001.png"}));
    CHECK(musegan("synth --songs 3 --out " + work.in("new")).exit_code == 0);
    CHECK(musegan("synth --songs 1 --out " + work.in("new")).says("new: removed 2 files of an earlier call"));
    CHECK(work.names_in("new") == names({"song_0001.mid"}));
    // What somebody else put there is not replaced.
    support::write_text(work.path("new/phrase_001.mid"), "theirs");
    check_refused("generate" + small + "--run " + work.in("hybrid") + " --out " + work.in("new"),
                  {"phrase_001.mid] is there, and musegan did not write it, expected a new name or another folder"});
    CHECK(work.names_in("new") == names({"phrase_001.mid", "song_0001.mid"}));
}

TEST_CASE("a signal ends the writing of files soon, says how many there are, and leaves whole ones") {
    const Workplace work;
    struct Signal {
        const char* name;
        int exit_code;
    };
    const std::vector<std::string> commands{"generate --phrases 400 --run " + work.in("hybrid") + small,
                                            "synth --songs 100000"};
    for (const Signal signal : {Signal{"INT", 130}, Signal{"TERM", 143}})
        for (const std::string& command : commands) {
            CAPTURE(command);
            CAPTURE(signal.name);
            const std::string third = command.starts_with("synth") ? "song_0003.mid" : "phrase_003.mid";
            const Outcome outcome =
                shell("\"$musegan\" " + command + " --out " + work.in("out") + " > " + work.in("said") + " 2>&1 & " +
                      "until [ -e " + work.in("out/" + third) + " ]; do sleep 0.02; done; kill -" + signal.name +
                      " $!; wait $!; code=$?; cat " + work.in("said") + "; exit $code");
            CHECK(outcome.exit_code == signal.exit_code);
            const std::vector<std::string> names = work.names_in("out");
            CHECK(outcome.says("interrupted; " + tensor::count_text(static_cast<std::int64_t>(names.size())) + " of "));
            CHECK(outcome.says(" files were written into "));
            for (const std::string& name : names)
                if (name.ends_with(".mid")) CHECK(musegan("info " + work.in("out/" + name)).exit_code == 0);
            const std::string list = support::read_text(work.path("out/.musegan-files"));
            CHECK(std::ranges::count(list, '\n') == static_cast<std::ptrdiff_t>(names.size()) + 1);
            fs::remove_all(work.path("out"));
        }
    // While phrases are made nothing is written yet, and no folder is made.
    const Outcome early =
        shell("\"$musegan\" generate --phrases 100000 --device cpu --run " + work.in("hybrid") + " --out " +
              work.in("early") + " > " + work.in("said") + " 2>&1 & " + "until grep -q device " + work.in("said") +
              "; do sleep 0.02; done; kill -INT $!; wait $!; code=$?; cat " + work.in("said") + "; exit $code");
    CHECK(early.exit_code == 130);
    CHECK(early.says("musegan: [generate] interrupted; nothing was written\n"));
    CHECK_FALSE(work.has("early"));
}
