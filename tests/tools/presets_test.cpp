// Presets on the command line: trained, printed, taken back, changed, resumed and begun from, and what is refused.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "io/safetensors.hpp"
#include "tests/tools/shell.hpp"

using support::Outcome;
using support::quoted;
using tools_tests::check_refused;
using tools_tests::check_usage_error;
using tools_tests::musegan;

namespace {

std::string read_text(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    REQUIRE(file);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// A dataset of one song, and the least that trains.
struct Studio {
    Studio() {
        REQUIRE(musegan("synth --songs 1 --seed 4 --out " + in("songs")).exit_code == 0);
        REQUIRE(musegan("prepare " + in("songs") + " --out " + in("data")).exit_code == 0);
    }
    std::filesystem::path at(const std::string& name) const { return folder.path() / name; }
    std::string in(const std::string& name) const { return quoted(at(name)); }
    std::string train(const std::string& run) const {
        return "train --data " + in("data") + " --run " + in(run) + " --device cpu --threads 1 ";
    }
    void must_train(const std::string& run, const std::string& options) const {
        const Outcome trained = musegan(train(run) + options);
        CAPTURE(options);
        CAPTURE(trained.output);
        REQUIRE(trained.exit_code == 0);
    }
    /// Writes a file whose name ends in ".toml".
    std::string write(const std::string& name, const std::string& text) const {
        std::ofstream(at(name), std::ios::binary) << text;
        return in(name);
    }
    std::string printed(const std::string& options) const {
        const Outcome outcome = musegan("train --print-config " + options);
        CAPTURE(outcome.output);
        REQUIRE(outcome.exit_code == 0);
        return outcome.output;
    }
    void check_same_file(const std::string& one, const std::string& other, const char* file) const {
        CAPTURE(file);
        CHECK(read_text(at(one) / file) == read_text(at(other) / file));
    }

    support::TemporaryFolder folder;
    std::string small = "--width 0.03125 --batch 2 --critic-steps 1 --sample-every 0 --steps 1 ";
};

/// The least preset of a user; `last` is what the generator ends with.
std::string sketch(const std::string& last = R"(kernel = [64, 84, "tracks"], activation = "tanh")",
                   const std::string& settings = "") {
    return "name = \"mine\"\nmakes = \"phrases\"\ngrids = [4]\n\n[settings]\nsteps_per_beat = 4\nbatch = 2\n" +
           settings + "\n[[generator]]\nrows = [\n    { kind = \"transposed\", channels = 1, " + last +
           " },\n]\n\n[[critic]]\nrows = [{ kind = \"dense\", channels = 1 }]\n";
}

}  // namespace

TEST_CASE("a printed configuration is taken back as it is, and its run has the same bytes") {
    const Studio studio;
    const std::string options = "--preset compact --seed 5 --loss hinge " + studio.small;
    const std::string text = studio.printed(options);
    CHECK(text.starts_with("name = \"compact\"\n"));
    CHECK(text.find("\nsteps_per_beat = 4\n") != std::string::npos);
    CHECK(text.find("\naverage = 0.98\n") != std::string::npos);
    CHECK(text.find("\nloss = \"hinge\"\n") != std::string::npos);
    const std::string file = studio.write("printed.toml", text);
    CHECK(studio.printed("--preset " + file) == text);

    studio.must_train("run", options);
    studio.must_train("again", "--preset " + file);
    // A comment behind it names the dataset.
    const std::string kept = read_text(studio.at("run") / "config.toml");
    CHECK(kept.starts_with(text + "# with --data \""));
    CHECK(std::ranges::count(kept, '\n') == std::ranges::count(text, '\n') + 1);
    for (const char* each : {"model.safetensors", "state.safetensors", "config.toml"})
        studio.check_same_file("run", "again", each);
    // What the run keeps is itself a preset.
    CHECK(studio.printed("--preset " + studio.in("run/config.toml")) == text);
}

TEST_CASE("a run keeps the networks of its preset, is described, resumed and played") {
    const Studio studio;
    studio.must_train("run", "--preset compact --average 0.5 " + studio.small);
    const Outcome described = musegan("info " + studio.in("run"));
    CHECK(described.says("compact composer, width 0.03125\n"));
    CHECK(described.says("  average                0.5\n"));
    CHECK(described.says("z (128)"));
    const std::string resume = studio.train("run") + "--resume --steps 2 ";
    check_refused(resume + "--preset paper",
                  {"networks is those of preset 'compact' in this run, now those of preset 'paper'"});
    CHECK(musegan(resume + "--preset compact --average 0.5 --width 0.03125 --batch 2 --sample-every 0")
              .says("done after step 2 of 2"));
    CHECK(musegan(studio.train("run") + "--resume --steps 3").says("done after step 3 of 3"));
    // The average is what makes music: its weights are those of the model file, and not those that train.
    const io::SafetensorsFile model = io::SafetensorsFile::open(studio.at("run") / "model.safetensors");
    const io::SafetensorsFile state = io::SafetensorsFile::open(studio.at("run") / "state.safetensors");
    const std::string weight = "generator.shared.conv1.weight";
    const auto values = model.tensor(weight).values<double>();
    CHECK(values == state.tensor("average." + weight).values<double>());
    CHECK(values != state.tensor(weight).values<double>());
    CHECK(musegan("generate --phrases 2 --run " + studio.in("run") + " --out " + studio.in("music"))
              .says("2 phrases of 4 bars"));
}

TEST_CASE(
    "without a preset a CPU takes the compact one, or the paper's for a time grid that compact lacks, and says so") {
    const Studio studio;
    const std::string text = studio.printed("--device cpu");
    CHECK(text.starts_with("name = \"compact\"\n"));
    CHECK(text == studio.printed("--preset compact"));
    CHECK(text == studio.printed("--device cpu --preset auto"));
    CHECK(text == studio.printed("--device cpu --steps-per-beat 4"));
    CHECK(studio.printed("--device cpu --width 0.25 --batch 4") ==
          studio.printed("--preset compact --width 0.25 --batch 4"));
    CHECK(studio.printed("--device cpu --steps-per-beat 12") == studio.printed("--preset paper --steps-per-beat 12"));

    const auto trained = [&](const std::string& run, const std::string& options) {
        return musegan(studio.train(run) + studio.small + options);
    };
    const Outcome small = trained("run", "");
    CAPTURE(small.output);
    CHECK(small.exit_code == 0);
    CHECK(small.says("\npreset: compact, for a CPU (--preset paper: the paper's networks)\ncompact composer; "));
    const Outcome papers = trained("papers", "--steps-per-beat 8 --model hybrid");
    CAPTURE(papers.output);
    CHECK(papers.says("\npreset: paper, since compact has no layers for 8 steps per beat, only for 4\nhybrid; "));
    CHECK_FALSE(trained("chosen", "--preset compact").says("preset: "));
    // A run goes on with its own networks, whatever would be taken now.
    const Outcome resumed = musegan(studio.train("papers") + "--resume --steps 2");
    CAPTURE(resumed.output);
    CHECK_FALSE(resumed.says("preset: "));
    CHECK(resumed.says("\nhybrid; "));
    CHECK(resumed.says("done after step 2 of 2"));
}

TEST_CASE("weights to begin with bring their networks along, unless a preset is named") {
    const Studio studio;
    studio.must_train("papers", "--steps-per-beat 8 --condition piano " + studio.small);
    const std::string begin = "--start-from " + studio.in("papers");
    const Outcome begun = musegan(studio.train("begun") + begin + " --batch 2 --critic-steps 1 --steps 1");
    CAPTURE(begun.output);
    CHECK(begun.exit_code == 0);
    CHECK(begun.says("\npreset: paper, as in "));
    CHECK(begun.says("\ncomposer given piano; "));
    const std::string text = studio.printed("--device cpu " + begin);
    CHECK(text.starts_with("name = \"paper\"\n"));
    for (const char* line : {"\nwidth = 0.03125\n", "\nsteps_per_beat = 8\n", "\ncondition = \"piano\"\n"})
        CHECK_MESSAGE(text.find(line) != std::string::npos, line);
    check_refused(studio.train("other") + studio.small + "--preset compact " + begin,
                  {"model.safetensors] holds a composer given piano, expected a compact composer with the same"});
    check_refused(studio.train("none") + "--start-from " + studio.in("nothing"), {"nothing] cannot be opened"});
}

TEST_CASE("after its first steps a run says once how long it will take") {
    const Studio studio;
    const Outcome trained = musegan(studio.train("run") +
                                    "--width 0.03125 --batch 2 --critic-steps 1 --sample-every 0 "
                                    "--steps 30");
    CAPTURE(trained.output);
    const std::size_t at = trained.output.find(" per step: 30 steps take ");
    REQUIRE(at != std::string::npos);
    CHECK(trained.output.find("done at about ", at) < trained.output.find('\n', at));
    CHECK(trained.output.find(" per step: ", at + 1) == std::string::npos);
    CHECK_FALSE(trained.says("shorter: "));
    CHECK_FALSE(musegan(studio.train("run") + "--resume --steps 30").says(" steps take "));
}

TEST_CASE("a preset of one's own gives networks and settings, and options of the command line win over it") {
    const Studio studio;
    const std::string file = studio.write("mine.toml", sketch());
    const std::string text = studio.printed("--preset " + file);
    CHECK(text.find("\nbatch = 2\n") != std::string::npos);
    CHECK(studio.printed("--batch 4 --preset " + file).find("\nbatch = 4\n") != std::string::npos);
    CHECK(studio.printed("--preset " + file + " --batch 4").find("\nbatch = 4\n") != std::string::npos);
    CHECK(studio.printed("--preset compact").find("\nbatch = 16\n") != std::string::npos);
    studio.must_train("run", "--preset " + file + " --critic-steps 1 --steps 1 --sample-every 0");
    CHECK(musegan("info " + studio.in("run")).says("mine composer, width 1\n"));
}

TEST_CASE("a preset that there is not, or that does not fit, is refused by file and line before anything is read") {
    const Studio studio;
    check_usage_error("train --print-config --preset compct",
                      {"[preset] there is no 'compct', expected paper, binary, compact or the path of a .toml file",
                       "(did you mean 'compact'?)"});
    check_usage_error("train --print-config --preset " + studio.in("none.toml"), {"none.toml] cannot be opened"});
    const auto refused = [&](const std::string& text, const std::vector<std::string>& parts,
                             const std::string& options = "") {
        check_usage_error("train --data x --run y " + options + " --preset " + studio.write("bad.toml", text), parts);
    };
    refused("name = \"mine\n", {"bad.toml:1] "});
    refused(sketch("kernal = [64, 84, 1]"), {"bad.toml:11] unknown key 'kernal'", "(did you mean 'kernel'?)"});
    refused(sketch("kernel = 7"), {"bad.toml:11] kernel is an integer, expected three sizes: [time, pitch, track]"});
    refused(sketch(R"(kernel = [65, 84, "tracks"], activation = "tanh")"),
            {"bad.toml:11] conv1 makes 65 x 84 x 5 x 1, expected 64 x 84 x 5 x 1 of the network"});
    refused(sketch(R"(kernel = [64, 84, "tracks"], joins = "m", activation = "tanh")") +
                "\n[[encoder]]\nrows = [{ channels = 2, kernel = [1, 12, 1], map = \"m\" }]\n",
            {"bad.toml:11] joins: joins 'm' of 64 x 7 x 1 x 2, expected the extents of what it reads"},
            "--condition piano");
    const std::string fits = R"(kernel = [64, 84, "tracks"], activation = "tanh")";
    refused(sketch(fits, "rat = 0.001\n"), {"bad.toml:8] ", "'rat'", "(did you mean 'rate'?)"});
    refused(sketch(fits, "rate = \"high\"\n"), {"bad.toml:8] rate is ", "expected "});
    refused(sketch(), {"[train] 24 steps per beat, expected 4"}, "--steps-per-beat 24");
}

TEST_CASE("training asks for a dataset and a folder, and printing its configuration for neither") {
    check_usage_error("train --run y", {"[train] no --data, expected the dataset that `musegan prepare` made"});
    check_usage_error("train --data x", {"[train] no --run, expected a folder to train in"});
    check_usage_error("train --print-config --resume", {"[train] no --run, expected"});
    CHECK(musegan("train --print-config").exit_code == 0);
}

TEST_CASE("binary neurons are trained in two stages, of which the second can leave the generator as it is") {
    const Studio studio;
    studio.must_train("first", "--preset binary --output tanh " + studio.small);
    studio.must_train("second", "--preset binary --start-from " + studio.in("first") +
                                    " --freeze-generator --output deterministic " + studio.small);
    const io::SafetensorsFile first = io::SafetensorsFile::open(studio.at("first") / "model.safetensors");
    const io::SafetensorsFile second = io::SafetensorsFile::open(studio.at("second") / "model.safetensors");
    int equal = 0, refined = 0;
    for (const auto& entry : second.entries()) {
        CAPTURE(entry.name);
        refined += entry.name.starts_with("refiner.");
        if (!entry.name.starts_with("generator.")) continue;
        CHECK(first.tensor(entry.name).values<double>() == second.tensor(entry.name).values<double>());
        ++equal;
    }
    CHECK(equal > 0);
    CHECK(refined > 0);
    CHECK_FALSE(first.contains("refiner.conv1.weight"));
    check_refused(studio.train("third") + "--preset compact --start-from " + studio.in("first") + " " + studio.small,
                  {"model.safetensors] holds a binary composer, expected a compact composer with the same networks"});
    CHECK_FALSE(std::filesystem::exists(studio.at("third") / "state.safetensors"));
}

TEST_CASE("nothing is left to train in a frozen generator without a refiner in front of neurons") {
    check_usage_error("train --data x --run y --preset compact --freeze-generator",
                      {"[train] freeze_generator yes leaves nothing to train"});
}

TEST_CASE("batch norm in a critic under the penalty is refused with the reason, unless it is allowed") {
    const Studio studio;
    const std::string options = "--preset compact --critic-norm batch " + studio.small;
    check_usage_error(studio.train("run") + options,
                      {"[train] batch norm in a critic under the gradient penalty: it couples the phrases of a batch",
                       "--critic-norm layer", "--allow-critic-batch-norm"});
    studio.must_train("run", options + "--allow-critic-batch-norm");
    studio.must_train("without", options + "--penalty 0 --clip 0.01");
}

TEST_CASE("without a penalty the log has no columns of one, and clipped critics keep their bound") {
    const Studio studio;
    studio.must_train("run", "--preset compact --loss hinge --penalty 0 --clip 0.05 " + studio.small);
    const std::string log = read_text(studio.at("run") / "log.csv");
    CHECK(log.starts_with("step,negative_critic_loss,wasserstein,real_score,fake_score,generator_loss,"));
    const io::SafetensorsFile model = io::SafetensorsFile::open(studio.at("run") / "model.safetensors");
    for (const auto& entry : model.entries())
        if (entry.name.starts_with("critic."))
            for (const double value : model.tensor(entry.name).values<double>()) CHECK(std::abs(value) <= 0.0500001);
    studio.must_train("penalised", "--preset compact " + studio.small);
    CHECK(read_text(studio.at("penalised") / "log.csv").find(",penalty,slope_mean,slope_deviation,") !=
          std::string::npos);
}
