// Command lines that make no sense: one line, exit code 2, the same form for all; and what a command line may say.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "tests/tools/shell.hpp"

using support::Outcome;
using tools_tests::check_usage_error;
using tools_tests::musegan;

namespace {

/// The command ends with 2 and prints nothing but this line.
void check_line(const std::string& arguments, const std::string& line) {
    CAPTURE(arguments);
    const Outcome outcome = musegan(arguments);
    CHECK(outcome.exit_code == 2);
    CHECK(outcome.output == "musegan: " + line + "\n");
}

}  // namespace

TEST_CASE("a word that is no command or option is named, and the nearest that is one") {
    check_line("trian --data x", "[trian] is no command, expected train? (musegan --help lists all)");
    check_line("xyzzy", "[xyzzy] is no command (musegan --help lists all)");
    check_line("--versoin", "[--versoin] is no option of musegan, expected --version? (musegan --help lists all)");
    check_line("--foo train", "[--foo] is no option of musegan (musegan --help lists all)");
    check_line("train --stpes 5",
               "[--stpes] is no option of musegan train, expected --steps? (musegan train --help lists all)");
    check_line("train --stpes=5",
               "[--stpes] is no option of musegan train, expected --steps? (musegan train --help lists all)");
    check_line("train --btach 5",  // of a group
               "[--btach] is no option of musegan train, expected --batch? (musegan train --help lists all)");
    // Rather than that --out is missing.
    check_line("generate --ou x",
               "[--ou] is no option of musegan generate, expected --out? (musegan generate --help lists all)");
    check_line("info a b", "[b] is one word too many for musegan info (musegan info --help says what it takes)");
}

TEST_CASE("what is missing, empty or stated twice is a usage error of one line") {
    check_line("generate", "[generate] no --out, expected a folder to write into");
    check_line("generate --out x", "[generate] no --run and no --weights, expected one of the two");
    check_line("generate --run x --weights y --out z", "[generate] --run and --weights, expected one of the two");
    check_line("generate --run '' --out z", "[--run] no path, expected one");
    check_line("accompany --out x --run y", "[accompany] no --input, expected the song: a MIDI file");
    check_line("prepare --out x", "[prepare] no input, expected folders or files of songs");
    check_line("prepare x", "[prepare] no --out, expected the path of the dataset to write");
    check_line("prepare x --out ''", "[--out] no path, expected one");
    check_line("evaluate", "[evaluate] nothing to measure, expected a run, a dataset or a folder of songs");
    check_line("info", "[info] no file, expected a file, or a run's folder");
    check_line("synth", "[synth] no --out, expected a folder to write the songs into");
    check_line("synth --seed", "[--seed] no value, expected one");
    check_line("synth --seed 1 --seed 2", "[--seed] stated more than once, expected once");
    check_line("profile --compare x", "[--compare] 1 value, expected 2");
}

TEST_CASE("an option with nothing behind its sign does not take the next word") {
    check_line("listen in.mid --out= other.mid", "[--out] no value, expected one");
    check_line("train --steps=", "[--steps] no value, expected one");
    CHECK(musegan("info -- --out=").exit_code == 1);  // a file of that name
}

TEST_CASE("a number is digits in base ten, the same for every option") {
    // Options of a list of settings, of a flag-like kind, positive ones and those that may be 0 or a fraction.
    for (const char* option :
         {"synth --out x --songs", "synth --out x --seed", "train --threads", "prepare x --out y --jobs",
          "explain --phrase", "explain --phrases", "profile --rounds", "profile --copy-mib", "toy --width",
          "toy --updates", "generate --run x --out y --phrases", "train --batch", "evaluate --sample"})
        for (const char* text :
             {"5.0", "''", "' 5'", "'5 '", "+5", "0x10", "1_000", "1,000", "1e3", "many", "nan", "--"}) {
            const std::string line = std::string(option) + " " + text;
            check_usage_error(line, {" is no whole number, expected "});
        }
    for (const char* option : {"generate --run x --out y --tempo", "demo --seconds", "train --rate", "train --width",
                               "toy --clip", "toy --slope-epsilon"}) {
        for (const char* text : {"''", "' 5'", "'5 '", "+5", "0x10", "1_000", "1,000", "many", "5s", "1e"})
            check_usage_error(std::string(option) + " " + text, {" is no number, expected "});
        for (const char* text : {"nan", "-nan", "inf", "-inf", "1e400", "-1"})
            check_usage_error(std::string(option) + " " + text, {"', expected "});
    }
    check_line("synth --out x --seed 18446744073709551616",
               "[--seed] '18446744073709551616', expected 0 to 18446744073709551615");
    check_line("train --threads 99999999999999999999", "[--threads] '99999999999999999999', expected 0 to 1024");
    check_line("profile --grow batch --sizes 2,nan",
               "[--sizes] '2,nan', expected numbers above 0, separated by commas");
    check_line("profile --grow batch --sizes 2,,4", "[--sizes] '2,,4', expected numbers above 0, separated by commas");
    // -0 is 0, for a seed, too; a point of a whole number and an exponent are a fraction's.
    support::TemporaryFolder folder;
    CHECK(musegan("synth --songs 1 --seed -0 --out " + support::quoted(folder / "songs")).exit_code == 0);
    CHECK(musegan("train --print-config --rate 1e-3 --seed -0").says("\nrate = 0.001\n"));
}

TEST_CASE("the command alone prints its help, and a folder may be called like a command") {
    const Outcome alone = musegan("");
    CHECK(alone.exit_code == 0);
    CHECK(alone.output == musegan("--help").output);
    CHECK(alone.says("Subcommands:"));
    check_line("prepare synth", "[prepare] no --out, expected the path of the dataset to write");
}
