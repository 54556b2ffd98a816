// The six models on the command line: trained, described, resumed and played, and what is refused.
#include <doctest/doctest.h>

#include <array>
#include <string>

#include "tests/tools/shell.hpp"

using support::Outcome;
using support::quoted;
using tools_tests::check_refused;
using tools_tests::check_usage_error;
using tools_tests::musegan;

namespace {

/// A dataset of two songs, and the least that trains.
struct Studio {
    Studio() {
        REQUIRE(musegan("synth --songs 2 --seed 4 --out " + in("songs")).exit_code == 0);
        REQUIRE(musegan("prepare " + in("songs") + " --out " + in("data")).exit_code == 0);
    }
    std::string in(const std::string& name) const { return quoted(folder.path() / name); }
    std::string train(const std::string& run) const { return "train --data " + in("data") + " --run " + in(run) + " "; }

    support::TemporaryFolder folder;
    std::string small = "--width 0.03125 --batch 2 --critic-steps 1 --preset paper --steps-per-beat 4 --device cpu ";
};

}  // namespace

TEST_CASE("each of the six models is trained, described, resumed and played") {
    const Studio studio;
    for (const std::string model : {"jamming", "composer", "hybrid"})
        for (const std::string condition : {"none", "guitar"}) {
            CAPTURE(model);
            CAPTURE(condition);
            const std::string run = model + condition;
            const std::string name = condition == "none" ? model : model + " given guitar";
            const Outcome trained =
                musegan(studio.train(run) + studio.small + "--steps 1 --model " + model + " --condition " + condition);
            CAPTURE(trained.output);
            CHECK(trained.exit_code == 0);
            CHECK(trained.says(name + "; "));
            CHECK(trained.says("FLOP per critic update, "));
            const Outcome described = musegan("info " + studio.in(run));
            CHECK(described.says(name + ", width 0.03125\n  latents "));
            CHECK(described.says("guitar, read by an encoder of 5 maps") == (condition != "none"));
            const std::array tracks{"bass; drums; guitar; piano; strings", "bass; drums; piano; strings"};
            if (model != "composer") CHECK(described.says(tracks[condition == "none" ? 0 : 1]));
            CHECK(described.says("batch 2 "));
            CHECK(musegan(studio.train(run) + "--steps 2 --resume --device cpu").says("done after step 2 of 2"));
            CHECK(musegan("info " + studio.in(run + "/log.csv")).says("table of 2 rows"));
            const std::string data = condition == "none" ? "" : " --data " + studio.in("data");
            CHECK(musegan("generate --phrases 2 --run " + studio.in(run) + data + " --out " + studio.in(run + "/music"))
                      .says("2 phrases of 4 bars"));
        }
}

TEST_CASE("a run whose signal comes twice, as timeout sends it, is saved and goes on") {
    const Studio studio;
    const std::string out = studio.in("out.txt");
    // The signals wait for the line that says what is trained, however slow the machine is.
    const Outcome stopped = tools_tests::shell(
        "\"$musegan\" " + studio.train("run") + studio.small + "--steps 1000000 --checkpoint-every 1000000 >" + out +
        " 2>&1 </dev/null & run=$!; while kill -0 $run && ! grep -q 'composer; ' " + out +
        "; do sleep 0.1; done; kill -INT $run; sleep 0.1; kill -INT $run 2>/dev/null; wait $run; cat " + out);
    CAPTURE(stopped.output);
    const std::string before = "stopped after step ";
    REQUIRE(stopped.says(before));
    const auto step = std::stoll(stopped.output.substr(stopped.output.find(before) + before.size()));
    const std::string next = std::to_string(step + 1);
    CHECK(musegan(studio.train("run") + "--resume --device cpu --steps " + next).says("done after step " + next));
}

TEST_CASE("a run goes on as the model that it is") {
    const Studio studio;
    REQUIRE(musegan(studio.train("run") + studio.small + "--steps 1 --model hybrid --condition bass").exit_code == 0);
    const std::string resume = studio.train("run") + "--steps 2 --resume --device cpu ";
    check_refused(resume + "--model jamming", {"model is hybrid in this run, now jamming (resume with the settings"});
    check_refused(resume + "--latent-length 256", {"latent_length is 128 in this run, now 256"});
    check_refused(resume + "--latent-shared 16", {"latent_shared is 32 in this run, now 16"});
    check_refused(resume + "--condition drums", {"condition is bass in this run, now drums (resume with the settings"});
    check_refused(resume + "--condition none", {"condition is bass in this run, now none"});
    CHECK(musegan(resume + "--model hybrid --condition bass --latent-shared 32").exit_code == 0);
}

TEST_CASE("models that there are not, and latents that do not add up, are refused before anything is read") {
    check_usage_error("train --data x --run y --preset paper --model composer --latent-shared 100 --latent-temporal 64",
                      {"[train] latents do not add up: z 100 + z_t 64 = 164, expected 128 in all", "--latent-length"});
    check_usage_error("train --data x --run y --preset paper --model jamming --latent-shared 16",
                      {"[train] z has length 16, expected 0: a jamming has no such vector"});
    check_usage_error("train --data x --run y --device cpu --latent-temporal 32",
                      {"[train] z_t has length 32, expected 0: a compact composer has no such vector",
                       "it makes whole phrases (--preset paper makes bars)"});
    for (const char* option : {"--model band", "--condition flute", "--latent-length 0", "--latent-track -1"}) {
        const Outcome refused = musegan("train --data x --run y " + std::string(option));
        CHECK_MESSAGE(refused.exit_code == 2, option);
        CHECK_MESSAGE(refused.says("expected"), option);
    }
    CHECK(musegan("train --data x --run y --condition flute")
              .says("[--condition] 'flute', expected none, bass, drums, guitar, piano or strings"));
}

TEST_CASE("a track-conditional model asks for the tracks that it is given, and a model from scratch refuses them") {
    const Studio studio;
    REQUIRE(musegan(studio.train("given") + studio.small + "--steps 1 --condition piano").exit_code == 0);
    REQUIRE(musegan(studio.train("scratch") + studio.small + "--steps 1").exit_code == 0);
    check_usage_error("generate --run " + studio.in("given") + " --out " + studio.in("music"),
                      {"composer given piano", "--data DATASET", "musegan accompany"});
    check_usage_error(
        "generate --run " + studio.in("scratch") + " --data " + studio.in("data") + " --out " + studio.in("music"),
        {"composer", "from scratch"});
}
