// musegan evaluate as a user calls it.
#include <doctest/doctest.h>

#include <filesystem>

#include "musegan/data/dataset.hpp"
#include "tests/musegan/phrase/rolls.hpp"
#include "tests/tools/shell.hpp"

using support::Outcome;
using support::quoted;
using tools_tests::check_refused;
using tools_tests::check_usage_error;

namespace {

/// Not by its name, which is also that of the library's namespace.
Outcome command(const std::string& arguments) { return tools_tests::musegan(arguments); }

/// What is printed from the table on.
std::string table_of(const Outcome& outcome) {
    CAPTURE(outcome.output);
    REQUIRE(outcome.exit_code == 0);
    const std::size_t begin = outcome.output.find("track ");
    REQUIRE(begin != std::string::npos);
    return outcome.output.substr(begin);
}

}  // namespace

TEST_CASE("evaluate: phrases of a run and of a dataset beside the data, and every way in which that fails") {
    const support::TemporaryFolder folder;
    const auto in = [&](const std::string& name) { return quoted(folder.path() / name); };
    REQUIRE(command("synth --songs 2 --seed 4 --out " + in("songs")).exit_code == 0);
    REQUIRE(command("prepare " + in("songs") + " --out " + in("data")).exit_code == 0);
    const std::string train = "train --data " + in("data") +
                              " --device cpu --threads 1 --width 0.03125 --batch 2 --critic-steps 1 --steps 1 "
                              "--preset paper --steps-per-beat 4 --run ";
    REQUIRE(command(train + in("run") + " --output stochastic").exit_code == 0);
    REQUIRE(command(train + in("given") + " --condition bass").exit_code == 0);

    const std::string against = " --against " + in("data") + " --device cpu ";
    const std::string of_run = "evaluate --run " + in("run") + against;
    const Outcome made = command(of_run + "--phrases 6 --of 5 --threads 1");
    CHECK(made.says("new: 6 phrases of "));
    CHECK(made.says("data: 5 of the "));
    CHECK(made.says(" of 16 marks missed: "));
    for (const char* name : {"bass lowest: ", "bass mostly of one voice: ", "chords that share pitches: "})
        CHECK(made.says(name));
    // The same for any number of threads, other phrases for another seed.
    CHECK(table_of(command(of_run + "--phrases 6 --of 5 --threads 3 --seed 1")) == table_of(made));
    CHECK(table_of(command(of_run + "--phrases 6 --of 5 --seed 2")) != table_of(made));
    // A track-conditional model plays to the data's bass.
    CHECK(command("evaluate --run " + in("given") + against + "--phrases 2").says(" of 16 marks missed"));

    // Data beside itself misses nothing, on any grid.
    const std::string of_data = "evaluate --data " + in("data") + against;
    const Outcome same = command(of_data);
    CHECK(same.says("\n0 of 16 marks missed\n"));
    CHECK(table_of(command(of_data + "--steps-per-beat 4")) == table_of(same));
    const Outcome finest = command(of_data + "--steps-per-beat 24");
    CHECK(finest.says("\n0 of 16 marks missed\n"));
    CHECK(table_of(finest) != table_of(same));
    CHECK(command(of_data + "--phrases 3").says("new: 3 phrases of "));

    check_usage_error(of_run + "--steps-per-beat 4",
                      {"[--steps-per-beat] with --run, whose phrases are on its own grid, expected with --data"});
    for (const char* option : {"--seed 2", "--binarize threshold", "--threshold 0.5", "--temperature 1"})
        check_usage_error(of_data + option, {"] with --data, whose phrases are there already, expected with --run"});
    // Neurons are -1 or 1: every threshold between says the same of them.
    CHECK(table_of(command(of_run + "--phrases 6 --of 5 --threshold 0.5")) == table_of(made));
    check_refused(of_run + "--threshold 0.5 --binarize bernoulli", {"[threshold] 0.5 with binarize bernoulli"});
    for (const std::string& line :
         {"evaluate" + against, of_run + "--data " + in("data"), "evaluate --run " + in("run")})
        CHECK_MESSAGE(command(line).exit_code == 2, line);
    CHECK(command(of_run + "--phrases 0").says("[--phrases] '0', expected 1 to 100000"));
    CHECK(command(of_run + "--of 0").says("[--of] '0', expected 1 to 100000"));
    CHECK(command(of_data + "--steps-per-beat 5").says("[--steps-per-beat] '5', expected 4, 8, 12 or 24"));

    std::filesystem::create_directory(folder.path() / "empty");
    for (const char* name : {"nothing", "empty"})
        check_refused("evaluate --run " + in(name) + against, {name, "no model.safetensors"});
    check_refused("evaluate --data " + in("nothing") + against, {"nothing"});
    check_refused("evaluate --run " + in("run") + " --device cpu --against " + in("nothing"), {"nothing"});
    check_refused("evaluate --run " + in("run") + " --device cpu --against " + in("run/model.safetensors"),
                  {"model.safetensors"});
    const musegan::PackedPhrases short_ones = support::random_phrases(3, 1, {.bars = 2});
    musegan::write_dataset(folder.path() / "short", short_ones, std::vector<std::int64_t>{0, 1, 2});
    const std::string against_short = " --device cpu --against " + in("short");
    check_refused("evaluate --run " + in("run") + against_short,
                  {"short] phrases of 2 bars, 24 steps per beat", "expected those of the model: 4 bars"});
    check_refused("evaluate --data " + in("data") + against_short,
                  {"short] phrases of 2 bars, 24 steps per beat", "data: 4 bars"});
}
