// The `musegan` command as a user calls it: exit codes, one clear line for bad input, the main job end to end.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/tools/shell.hpp"

using support::Outcome;
using support::quoted;
using tools_tests::check_refused;
using tools_tests::musegan;
using tools_tests::shell;

TEST_CASE("usage errors end with 2, help and version with 0") {
    CHECK(musegan("compose").exit_code == 2);
    CHECK(musegan("train --no-such-option").exit_code == 2);
    CHECK(musegan("train --data x").exit_code == 2);
    CHECK(musegan("train --data x --run y --batch many").exit_code == 2);
    CHECK(musegan("generate --out x").exit_code == 2);
    CHECK(musegan("generate --run x --weights y --out z").exit_code == 2);
    CHECK(musegan("generate --run x --out z --binarize maybe").exit_code == 2);
    CHECK(musegan("generate --run x --out z --figures bmp").exit_code == 2);
    CHECK(musegan("accompany --run x --out y").exit_code == 2);
    CHECK(musegan("accompany --input x --run y --out z --keep flute")
              .says("[--keep] 'flute', expected names out of bass,drums,guitar,piano,strings"));
    CHECK(musegan("interpolate --run x --out z --way along").says("[--way] 'along', expected linear or spherical"));
    CHECK(musegan("interpolate --run x --out z --steps 1").says("[--steps] '1', expected 2 to 512"));
    CHECK(musegan("vary --run x --out z --redraw all").says("[--redraw] 'all', expected names out of bass,drums"));
    CHECK(musegan("synth --songs 0 --out x").exit_code == 2);
    for (const char* value :
         {"--width nan", "--width 0", "--batch 1", "--steps 0", "--steps 99999999999999999999", "--seed -1",
          "--seed 18446744073709551616", "--rate inf", "--model duet", "--schedule often", "--device gpu",
          "--steps-per-beat 5", "--fusion sometimes", "--gather-launches perhaps", "--passes two", "--dtype u8"})
        CHECK_MESSAGE(musegan("train --data x --run y " + std::string(value)).exit_code == 2, value);
    CHECK(musegan("train --data x --run y --steps-per-beat 5").says("[--steps-per-beat] '5', expected 4, 8, 12 or 24"));
    CHECK(musegan("train --data x --run y --schedule often").says("[--schedule] 'often', expected constant or 2017"));
    CHECK(musegan("train --data x --run y --dtype u8").says("[--dtype] 'u8', expected f32 or f64"));
    CHECK(musegan("prepare x --out y --require flute").says("[--require] 'flute', expected names out of bass,drums"));
    CHECK(musegan("prepare x --out y --min-active-bars 5").says("[--min-active-bars] '5', expected 1 to 4"));
    CHECK(musegan("--version").says("musegan "));
    for (const char* name : {"doctor", "synth", "prepare", "info", "train", "generate", "accompany", "interpolate",
                             "vary", "evaluate", "demo"}) {
        const Outcome help = musegan(std::string(name) + " --help");
        CHECK(help.exit_code == 0);
        CHECK(help.says("Example: musegan " + std::string(name)));
    }
}

TEST_CASE("a precision is f32, tf32 or bf16, and needs a device that has it") {
    for (const char* command : {"train --data x --run y", "generate --weights x --out y", "demo --out /dev/null/x"}) {
        CAPTURE(command);
        const Outcome unknown = musegan(std::string(command) + " --device cpu --precision fp8");
        CHECK(unknown.exit_code == 2);
        CHECK(unknown.says("'fp8', expected f32, tf32 or bf16"));
    }
    for (const char* command : {"train --data x --run y", "generate --weights x --out y"}) {
        CAPTURE(command);
        const Outcome refused = musegan(std::string(command) + " --device cpu --precision tf32");
        CHECK(refused.exit_code == 2);
        CHECK(refused.says("tf32 on cpu"));
        CHECK(refused.says("tf32 needs --device cuda with compute capability 8.0 or later"));
    }
}

TEST_CASE("doctor says what was built and what auto takes") {
    const Outcome doctor = musegan("doctor");
    CHECK(doctor.exit_code == 0);
    for (const char* part : {"compiler", "f32 products", ", products in f32", "CUDA code", "--device auto"})
        CHECK(doctor.says(part));
}

TEST_CASE("from songs to music: synth, prepare, info, train, resume, generate") {
    support::TemporaryFolder folder;
    const auto in = [&](const char* name) { return quoted(folder.path() / name); };
    CHECK(musegan("synth --songs 3 --seed 4 --out " + in("songs")).exit_code == 0);
    const Outcome prepared =
        musegan("prepare " + in("songs") + " --out " + in("data.safetensors") + " --report " + in("report.csv"));
    CHECK(prepared.exit_code == 0);
    CHECK(prepared.says("kept 3"));
    CHECK(musegan("info " + in("data.safetensors")).says("phrases"));
    std::filesystem::copy_file(folder.path() / "data.safetensors", folder.path() / "data");
    CHECK(musegan("info " + in("data")).says("phrases"));  // by content, not by name
    CHECK(musegan("info " + in("songs/song_0001.mid")).says("kept"));
    const std::string train = "train --data " + in("data.safetensors") + " --run " + in("run") +
                              " --preset paper --width 0.03125 --batch 2 --critic-steps 1 --device cpu ";
    const Outcome trained = musegan(train + "--steps 2");
    CAPTURE(trained.output);
    CHECK(trained.exit_code == 0);
    CHECK(trained.output.starts_with("device: cpu ("));
    CHECK(trained.says("\nmemory: "));
    CHECK(trained.says(" MiB for networks and batch (a smaller --batch or --width needs less), "));
    CHECK(trained.says("peak memory of the tensors"));
    CHECK(trained.says("done after step 2 of 2"));
    CHECK(musegan("info " + in("run")).says("precision              f32"));
    CHECK(musegan(train + "--steps 3 --resume").says("resumed after step 2"));
    // A resumed run whose command line states no settings keeps its own.
    CHECK(musegan("train --data " + in("data.safetensors") + " --run " + in("run") + " --steps 4 --resume --device cpu")
              .says("resumed after step 3"));
    CHECK(musegan("info " + in("run/log.csv")).says("table of 4 rows"));
    CHECK(musegan("info " + in("run")).says("generator.bar.conv1.weight"));
    CHECK(musegan("generate --run " + in("run") + " --phrases 2 --out " + in("music")).exit_code == 0);
    CHECK(musegan("info " + in("music/all.png")).says("picture of"));
    CHECK(musegan("info " + in("music/phrase_002.npz"))
              .says("piano-rolls of pypianoroll, 5 tracks of 384 steps, 24 per beat, 4 downbeats"));
    CHECK(musegan("info " + in("music/all.npz")).says("cells, program 48  strings"));
    CHECK(std::filesystem::exists(folder.path() / "music" / "all.mid"));
    CHECK(std::filesystem::exists(folder.path() / "music" / "phrase_002.png"));
    CHECK(musegan("generate --run " + in("run") + " --phrases 1 --figures svg --pypianoroll no --out " + in("vectors"))
              .exit_code == 0);
    CHECK(std::filesystem::exists(folder.path() / "vectors" / "phrase_001.svg"));
    CHECK_FALSE(std::filesystem::exists(folder.path() / "vectors" / "phrase_001.png"));
    CHECK_FALSE(std::filesystem::exists(folder.path() / "vectors" / "phrase_001.npz"));
}

TEST_CASE("a coarser time grid: trained, described, resumed and played") {
    support::TemporaryFolder folder;
    const auto in = [&](const char* name) { return quoted(folder.path() / name); };
    CHECK(musegan("synth --songs 2 --seed 4 --out " + in("songs")).exit_code == 0);
    CHECK(musegan("prepare " + in("songs") + " --out " + in("data")).exit_code == 0);
    const std::string train = "train --data " + in("data") + " --run " + in("run") + " --device cpu ";
    const std::string settings = "--width 0.03125 --batch 2 --critic-steps 1 --preset paper --steps-per-beat 4 ";
    const Outcome trained = musegan(train + settings + "--steps 1");
    CAPTURE(trained.output);
    CHECK(trained.exit_code == 0);
    CHECK(trained.says("reduced to 4 steps per beat: "));
    CHECK(trained.says("became one with the note before"));
    CHECK(musegan("info " + in("run")).says("resolution             4"));
    // Only what the command line states is compared with the run: what it leaves out stays.
    CHECK(musegan(train + "--steps 2 --resume").says("resumed after step 1"));
    CHECK(musegan(train + "--steps 3 --resume --batch 2 --steps-per-beat 4").says("resumed after step 2"));
    const std::string plain = "train --data " + in("data") + " --run " + in("plain") + " --device cpu ";
    CHECK(musegan(plain + settings + "--steps 1 --plain --fusion always --start-at-densities").exit_code == 0);
    for (const char* said :
         {"fusion                 always", "gather_launches        no", "passes                 in_turn"})
        CHECK(musegan("info " + in("plain")).says(said));
    CHECK(musegan(plain + "--steps 2 --resume --gather-launches no").says("resumed after step 1"));
    check_refused(plain + "--steps 2 --resume --plain", {"fusion is always in this run, now off"});
    check_refused(train + "--steps 4 --resume --batch 3", {"batch is 2 in this run, now 3"});
    check_refused(train + "--steps 4 --resume --steps-per-beat 12", {"resolution is 4 in this run, now 12"});
    const Outcome played = musegan("generate --run " + in("run") + " --phrases 1 --out " + in("music"));
    CHECK(played.says("drum pattern (DP)         - %"));
    CHECK(musegan("info " + in("music/all.mid")).says("480 ticks per quarter note"));
}

TEST_CASE("bad input gets one clear line and exit code 1") {
    support::TemporaryFolder folder;
    const auto in = [&](const char* name) { return quoted(folder.path() / name); };
    support::write_text(folder.path() / "noise.mid", "this is no music");
    support::write_text(folder.path() / "cut.png", "\x89PNG\r\n\x1a\n...IHDR");
    support::write_text(folder.path() / "noise.safetensors", "neither is this, nor is it long enough to be");
    support::write_text(folder.path() / "empty.mid", "");
    support::write_text(folder.path() / "cut.npz", "PK\x03\x04 and no more");
    check_refused("prepare " + in("nothing") + " --out " + in("d.safetensors"), {"nothing"});
    check_refused("prepare " + in("noise.mid") + " --out " + in("d.safetensors"), {"malformed 1: no MThd header"});
    check_refused("info " + in("noise.mid"), {"noise.mid"});
    check_refused("info " + in("empty.mid"), {"empty.mid"});
    support::write_text(folder.path() / "empty.csv", "");
    check_refused("info " + in("empty.csv"), {"empty.csv] is empty, expected a table"});
    check_refused("info " + in("noise.safetensors"), {"noise.safetensors"});
    check_refused("info " + in("cut.npz"), {"cut.npz", "without a ZIP directory"});
    check_refused("info " + in("cut.png"), {"cut.png", "no readable PNG"});
    check_refused("info " + in("nothing"), {"nothing"});
    check_refused("train --data " + in("noise.safetensors") + " --run " + in("run"), {"noise.safetensors"});
    check_refused("generate --run " + in("run") + " --out " + in("music"), {"no model.safetensors"});
    CHECK_FALSE(std::filesystem::exists(folder.path() / "d.safetensors"));
    CHECK_FALSE(std::filesystem::exists(folder.path() / "music"));
}

TEST_CASE("a closed output does not end up in the run's files, and a dead pipe does not end training") {
    support::TemporaryFolder folder;
    const auto in = [&](const char* name) { return quoted(folder.path() / name); };
    REQUIRE(musegan("synth --songs 2 --out " + in("songs")).exit_code == 0);
    REQUIRE(musegan("prepare " + in("songs") + " --out " + in("d.safetensors")).exit_code == 0);
    const std::string train =
        "\"$musegan\" train --data " + in("d.safetensors") +
        " --preset paper --width 0.03125 --batch 2 --critic-steps 1 --device cpu --steps 3 --run ";
    shell(train + in("closed") + " >&- 2>&- <&-");
    shell(train + in("piped") + " | head -c 1");
    for (const char* name : {"closed/log.csv", "piped/log.csv"})
        CHECK(musegan("info " + in(name)).says("table of 3 rows"));
    CHECK(std::filesystem::exists(folder.path() / "piped" / "model.safetensors"));
}

TEST_CASE("outputs are not inputs") {
    support::TemporaryFolder folder;
    const auto in = [&](const char* name) { return quoted(folder.path() / name); };
    REQUIRE(musegan("synth --songs 1 --out " + in("songs")).exit_code == 0);
    check_refused("prepare " + in("songs") + " --out " + in("songs/song_0001.mid"), {"is one of the inputs"});
    check_refused("prepare " + in("songs") + " --out " + in("d") + " --report " + in("d"), {"one file, expected two"});
    const Outcome twice = musegan("prepare " + in("songs") + " " + in("songs/../songs") + " " +
                                  in("songs/song_0001.mid") + " --out " + in("d"));
    CHECK(twice.says("1 files"));
}

TEST_CASE("a demo does not touch a folder that it did not make") {
    support::TemporaryFolder folder;
    support::write_text(folder.path() / "run", "somebody's");
    check_refused("demo --out " + quoted(folder.path()), {"was not made by", "another --out"});
    CHECK(support::read_text(folder.path() / "run") == "somebody's");
}

TEST_CASE("a demo, as small as it gets: music, pictures and the table that evaluate prints of its run") {
    support::TemporaryFolder folder;
    const auto in = [&](const std::string& name) { return quoted(folder.path() / "demo" / name); };
    const auto there = [&](const char* name) { return std::filesystem::exists(folder.path() / "demo" / name); };
    const std::string demo = "demo --songs 2 --device cpu --threads 1 --out " + in("");
    const Outcome made = musegan(demo + " --steps 2");
    CAPTURE(made.output);
    REQUIRE(made.exit_code == 0);
    CHECK(made.says("2 steps in "));
    for (const char* name :
         {"music/all.mid", "music/all.png", "music/phrase_008.mid", "run/evolution.png", "run/losses.png",
          "run/evaluation.json", "run/interpolation/point_5_5.mid", "run/interpolation/all.png", "run/report.html"})
        CHECK_MESSAGE(there(name), name);
    CHECK_FALSE(there("music/phrase_009.mid"));
    // Nothing but the preset decides what is trained; the dataset is named in a comment.
    CHECK(support::read_text(folder.path() / "demo" / "run" / "config.toml") ==
          musegan("train --preset compact --seed 1 --steps 2 --sample-every 1 --print-config").output +
              fmt::format("# with --data \"{}\"\n", (folder.path() / "demo" / "data.safetensors").string()));
    // The report has all of it, and is the first to look at.
    CHECK(made.says("Look and listen\n  " + (folder.path() / "demo" / "run" / "report.html").string()));
    const std::string report = support::read_text(folder.path() / "demo" / "run" / "report.html");
    for (const char* part : {"400 phrases by the run", "of the data", "\"rows\":5,\"columns\":5"})
        CHECK_MESSAGE(report.find(part) != std::string::npos, part);
    CHECK(report.find("class=\"missing\"") == std::string::npos);
    const std::string table = support::read_text(folder.path() / "demo" / "table.txt");
    CHECK(table.find(" of 16 marks missed") != std::string::npos);
    CHECK(made.says(table));
    const Outcome evaluated = musegan("evaluate " + in("run") + " --against " + in("data.safetensors") +
                                      " --phrases 400 --sample 600 --copies 0 --device cpu --threads 1");
    const std::size_t missed = table.find(" of 16 marks missed"), line = table.rfind('\n', missed) + 1;
    CHECK(evaluated.says(table.substr(line, missed - line) + " of 16 marks missed"));
    // Again in its own folder, where the time ends the training.
    const Outcome again = musegan(demo + " --steps 100000 --seconds 0.001 --wav");
    CHECK(again.exit_code == 0);
    CHECK(again.says("1 steps in "));
    // With sound, where there is any; where not, that is said before the work.
    const Outcome doctor = musegan("doctor");
    const bool has_sound = !doctor.says("[fluidsynth]") && !doctor.says("[sound font]");
    CHECK(there("music/all.wav") == has_sound);
    CHECK(again.says("eight new phrases (all.wav: to listen to)") == has_sound);
    CHECK(again.output.starts_with("no WAV files: [") != has_sound);
    CHECK_FALSE(there("run/interpolation/all.wav"));
}

TEST_CASE("a device that is asked for by name is never replaced in silence") {
    const Outcome doctor = musegan("doctor");
    if (!doctor.says("CUDA devices     0")) return;  // a machine with a device has nothing to refuse
    support::TemporaryFolder folder;
    check_refused("generate --weights x --out " + quoted(folder.path() / "music") + " --device cuda",
                  {"[cuda]", "--device cpu"});
}
