// The whole command on the stand-in: devices that are not there or cannot be used, memory that is not enough, a kernel
// that fails in the middle of a run; and the main job, which ends as on the CPU.
#include <doctest/doctest.h>

#if defined(MUSEGAN_STANDIN_BINARY)

#include "musegan/training/run.hpp"
#include "tests/support/command.hpp"
#include "tests/support/devices.hpp"
#include "tests/support/environment_variable.hpp"
#include "tests/support/temporary_folder.hpp"

using support::check_failed;
using support::Outcome;
using support::quoted;
using support::read_text;
using support::shell;
using tensor::Device;

namespace {

/// The command on the device that `words` describe (tests/standin/control.hpp).
Outcome command(const std::string& words, const std::string& arguments) {
    return shell("MUSEGAN_STANDIN='" + words + "' '" MUSEGAN_STANDIN_BINARY "' " + arguments + " 2>&1 </dev/null");
}

/// Only what it prints as errors.
Outcome errors_of(const std::string& words, const std::string& arguments) {
    return shell("MUSEGAN_STANDIN='" + words + "' '" MUSEGAN_STANDIN_BINARY "' " + arguments +
                 " 2>&1 >/dev/null </dev/null");
}

/// A folder with data of one song in it.
struct Workplace {
    support::TemporaryFolder folder;

    Workplace() {
        REQUIRE(command("", "synth --songs 1 --seed 4 --out " + in("songs")).exit_code == 0);
        REQUIRE(command("", "prepare " + in("songs") + " --out " + in("data.safetensors")).exit_code == 0);
    }
    std::filesystem::path path(const std::string& name) const { return folder.path() / name; }
    std::string in(const std::string& name) const { return quoted(path(name)); }
    bool empty(const std::string& name) const {
        return !std::filesystem::exists(path(name)) || std::filesystem::is_empty(path(name));
    }
    /// A training with one critic update per step, and a checkpoint at each step.
    std::string train(const std::string& run, int steps, const std::string& more = "--width 0.03125 --batch 2") const {
        return "train --device cuda --data " + in("data.safetensors") + " --run " + in(run) +
               " --critic-steps 1 --sample-every 0 --evaluate-every 0" + " --checkpoint-every 1 --steps " +
               std::to_string(steps) + " " + more;
    }
};

/// Why no GPU can be used, for every reason there is: the stand-in's settings, and parts of the one line that is
/// printed.
struct Refusal {
    std::string words;
    std::vector<std::string> parts;
};

std::vector<Refusal> refusals() {
    return {{"devices=0", {"no NVIDIA device answers"}},
            {"driver=0", {"no NVIDIA driver is installed"}},
            {"driver=11040", {"driver serves CUDA 11.4", "this build needs 13.0", "update the driver"}},
            {"capability=7.0,name=Old Card", {"Old Card", "compute capability 7.0", "expected 7.5 or later"}}};
}

}  // namespace

TEST_CASE("a device that cannot be used is refused in one line before anything is written") {
    const Workplace work;
    for (const Refusal& refusal : refusals()) {
        CAPTURE(refusal.words);
        for (const std::string& line :
             {work.train("out", 1), "generate --device cuda --weights x --out " + work.in("out"),
              "demo --device cuda --out " + work.in("out")}) {
            CAPTURE(line);
            const Outcome errors = errors_of(refusal.words, line);
            check_failed(errors, 1, refusal.parts);
            CHECK(errors.output.starts_with("musegan: [cuda] "));
            CHECK(errors.says("--device cpu"));
            CHECK_FALSE(std::filesystem::exists(work.path("out")));
        }
    }
    check_failed(errors_of("", "generate --device cuda:1 --weights x --out y"), 1,
                 {"cuda:1 is not there", "expected cuda:0"});
    const Outcome negative = errors_of("", "generate --device cuda:-1 --weights x --out y");
    CHECK(negative.exit_code != 0);
    CHECK(negative.says("cuda:-1"));
}

TEST_CASE("auto goes to the CPU where no GPU can be used, and says why in one line") {
    for (const Refusal& refusal : refusals()) {
        const Outcome outcome = command(refusal.words, "generate --weights /none --out /none/x");
        CAPTURE(outcome.output);
        const std::string first = outcome.output.substr(0, outcome.output.find('\n'));
        for (const std::string& part : refusal.parts) CHECK_MESSAGE(first.find(part) != std::string::npos, part);
        CHECK(outcome.says("device: cpu ("));
    }
    const Outcome there = command("", "generate --weights /none --out /none/x");
    CHECK(there.output.starts_with("device: cuda:0 (stand-in, compute capability 8.6"));
}

TEST_CASE("doctor lists the device, or says why there is none") {
    const Outcome there = command("name=Some Card,capability=8.9", "doctor");
    CAPTURE(there.output);
    CHECK(there.exit_code == 0);
    for (const char* part : {"CUDA devices     1", "Some Card, compute capability 8.9", "takes cuda:0"})
        CHECK(there.says(part));
    for (const Refusal& refusal : refusals()) {
        const Outcome doctor = command(refusal.words, "doctor");
        CAPTURE(doctor.output);
        CHECK(doctor.exit_code == 0);
        CHECK(doctor.says("takes cpu"));
        for (const std::string& part : refusal.parts) CHECK_MESSAGE(doctor.says(part), part);
    }
}

TEST_CASE("from songs to music on the device, which ends as on the CPU") {
    const Workplace work;
    const Outcome trained = command("", work.train("run", 2));
    CAPTURE(trained.output);
    REQUIRE(trained.exit_code == 0);
    CHECK(trained.output.starts_with("device: cuda:0 (stand-in, compute capability 8.6, 28 processors, 8.00 GiB)"));
    CHECK(trained.says("\npreset: paper, for a GPU ("));
    CHECK(trained.says("done after step 2 of 2"));
    const auto generate = [&](const std::string& words, const std::string& device, const std::string& out) {
        return command(words, "generate --run " + work.in("run") + " --phrases 2 --seed 3 --out " + work.in(out) +
                                  " --device " + device);
    };
    CHECK(generate("", "cuda", "there").exit_code == 0);
    CHECK(generate("", "cpu", "here").exit_code == 0);
    CHECK(generate("devices=0", "auto", "auto").exit_code == 0);
    // Both sum in f64 or in the same order, and no cell of these phrases is so near to 0 that its rounding shows.
    for (const char* file : {"all.mid", "phrase_001.mid", "phrase_002.mid", "phrase_002.npz", "all.png"}) {
        const std::string music = read_text(work.path("there") / file);
        CHECK(music.size() > 100);
        CHECK_MESSAGE(music == read_text(work.path("here") / file), file);
        CHECK_MESSAGE(music == read_text(work.path("auto") / file), file);
    }
    // One that was trained on the device goes on without it.
    CHECK(command("devices=0", work.train("run", 3) + " --device cpu --resume").exit_code != 0);  // --device twice
    const Outcome resumed = command("devices=0", "train --device cpu --resume --steps 3 --data " +
                                                     work.in("data.safetensors") + " --run " + work.in("run"));
    CAPTURE(resumed.output);
    CHECK(resumed.exit_code == 0);
    CHECK(resumed.says("resumed after step 2"));
}

TEST_CASE("tf32 is refused before work where the device has none, and trains where it does") {
    const Workplace work;
    check_failed(errors_of("capability=7.5", work.train("old", 1) + " --precision tf32"), 2,
                 {"tf32 on cuda:0", "compute capability 7.5", "8.0 or later"});
    CHECK_FALSE(std::filesystem::exists(work.path("old")));
    const Outcome trained = command("capability=8.6", work.train("run", 1) + " --precision tf32");
    CAPTURE(trained.output);
    CHECK(trained.exit_code == 0);
    CHECK(trained.says("tf32 products"));
    CHECK(command("", "info " + work.in("run")).says("precision              tf32"));
    // The run's own precision counts when it is resumed, so that device cannot go on with it.
    check_failed(errors_of("capability=7.5", "train --device cuda --resume --steps 2 --data " +
                                                 work.in("data.safetensors") + " --run " + work.in("run")),
                 2, {"tf32 on cuda:0"});
}

TEST_CASE("cuBLAS is loaded at the first product on the device, and not for work on the CPU") {
    const Workplace work;
    const support::EnvironmentVariable missing("MUSEGAN_CUBLAS", "/nowhere/libcublas.so");
    const std::string settings =
        " --width 0.03125 --batch 2 --critic-steps 1 --sample-every 0 --evaluate-every 0 --steps 1";
    const Outcome cpu =
        command("", "train --device cpu --data " + work.in("data.safetensors") + " --run " + work.in("cpu") + settings);
    CAPTURE(cpu.output);
    CHECK(cpu.exit_code == 0);
    CHECK(command("", "doctor").exit_code == 0);
    check_failed(errors_of("", work.train("there", 1)), 1,
                 {"[cublas] /nowhere/libcublas.so: ", "expected the CUDA toolkit's", "MUSEGAN_CUBLAS"});
}

TEST_CASE("a run that cannot fit is refused before work, naming the batch or the width that would") {
    const Workplace work;
    // 4 MiB of it are cuBLAS's workspace.
    const Outcome batch = errors_of("memory=18194304", work.train("run", 1, "--width 0.03125 --batch 8"));
    check_failed(batch, 1,
                 {"[train] the tensors need", "cuda:0 has 13.4 MiB (14000000 bytes)", "at this width --batch"});
    CHECK(work.empty("run"));
    const Outcome width = errors_of("memory=30000000", work.train("run", 1, "--width 0.5 --batch 2"));
    check_failed(width, 1, {"[train] the tensors need", "no batch fits at this width, --width", "--batch"});
    CHECK(work.empty("run"));
    // Memory that others use is not free.
    check_failed(errors_of("memory=8000000000,free=10194304", work.train("run", 1)), 1,
                 {"cuda:0 has 5.7 MiB (6000000 bytes)"});
    CHECK(work.empty("run"));
    check_failed(errors_of("fail_malloc=1", work.train("run", 1)), 1,
                 {"[arena] cuda:0 memory: out of memory for", "in use"});
}

TEST_CASE(
    "a failure in the middle of a run is one line, and the run goes on from its checkpoint to the same "
    "bytes") {
    const Workplace work;
    // Uninterrupted, in this process and on a device that nothing has used yet: the reference, and the counts that tell
    // in which step a failure falls.
    standin::reset();
    standin::device().count = 51;
    musegan::RunOptions options;
    options.data = work.path("data.safetensors");
    options.run = work.path("whole");
    options.steps = 3;
    options.sample_every = 0;
    options.evaluate_every = 0;
    options.checkpoint_every = 1;
    options.settings.model.width = 1.0 / 32;
    options.settings.batch = 2;
    options.settings.critic_steps = 1;
    options.settings.device = Device::cuda(50);
    std::vector<standin::Counters> after;
    after.push_back(standin::counters());
    musegan::RunObserver observer;
    observer.started = [&](const musegan::RunStart&) { after.push_back(standin::counters()); };
    observer.stepped = [&](const musegan::StepReport&, double) { after.push_back(standin::counters()); };
    musegan::run_training(options, observer);
    REQUIRE(after.size() == 5);
    const auto middle = [&](std::size_t step, std::uint64_t standin::Counters::*count) {
        const std::uint64_t first = after[step].*count - after[0].*count,
                            last = after[step + 1].*count - after[0].*count;
        REQUIRE(last > first + 1);
        return std::to_string(first + (last - first) / 2);
    };

    // Out of memory in step 1: nothing to go on from, and the same command begins anew.
    check_failed(errors_of("fail_malloc=" + middle(1, &standin::Counters::allocations), work.train("full", 3)), 1,
                 {"[arena] cuda:0 memory: out of memory for", "generator", "in use", "--batch or --width"});
    CHECK(command("", "info " + work.in("full")).says("step                   0\n"));
    CHECK(command("", work.train("full", 3)).exit_code == 0);
    CHECK(read_text(work.path("full") / "state.safetensors") == read_text(work.path("whole") / "state.safetensors"));

    // A kernel in step 3: the checkpoint of step 2 is whole.
    const Outcome failed = errors_of("fail_kernel=" + middle(3, &standin::Counters::launches), work.train("run", 3));
    check_failed(
        failed, 1,
        {"cudaErrorLaunchFailure", "a kernel failed while it ran", "the last checkpoint is whole", "--resume"});
    CHECK(failed.output.starts_with("musegan: ["));
    const Outcome info = command("", "info " + work.in("run"));
    CHECK(info.exit_code == 0);
    CHECK(info.says("step                   2\n"));
    CHECK(command("", "generate --device cuda --run " + work.in("run") + " --phrases 1 --out " + work.in("music"))
              .exit_code == 0);

    const Outcome resumed = command("", work.train("run", 3) + " --resume");
    CAPTURE(resumed.output);
    CHECK(resumed.exit_code == 0);
    CHECK(resumed.says("resumed after step 2"));
    for (const char* file : {"model.safetensors", "state.safetensors"}) {
        const std::string whole = read_text(work.path("whole") / file);
        CHECK(whole.size() > 1000);
        CHECK_MESSAGE(whole == read_text(work.path("run") / file), file);
    }
    CHECK(command("", "info " + work.in("run/log.csv")).says("table of 3 rows"));

    check_failed(errors_of("fail_kernel=20",
                           "generate --device cuda --run " + work.in("run") + " --phrases 1 --out " + work.in("none")),
                 1, {"cudaErrorLaunchFailure"});
    CHECK_FALSE(std::filesystem::exists(work.path("none")));
    CHECK(support::cuda_faults() == "");
    standin::reset();
}

#endif
