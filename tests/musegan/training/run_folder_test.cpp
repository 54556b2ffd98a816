#include "musegan/training/run_folder.hpp"

#include <doctest/doctest.h>

#include "tensor/error.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace musegan;

TEST_CASE("run folder: samples are named by their step and found in its order") {
    const support::TemporaryFolder folder;
    const RunFolder run(folder / "run");
    CHECK(run.sample(100, ".mid") == folder / "run" / "samples" / "step_000100.mid");
    CHECK(run.packed_samples().empty());
    std::filesystem::create_directories(run.samples());
    for (const std::int64_t step : {1'000'000, 20, 999'999, 0})
        for (const char* ending : {".safetensors", ".mid", ".png"}) support::write_text(run.sample(step, ending), "x");
    for (const char* other : {"step_.safetensors", "step_12x.safetensors", "notes.txt"})
        support::write_text(run.samples() / other, "x");
    CHECK(run.packed_samples() == std::vector{run.sample(0, ".safetensors"), run.sample(20, ".safetensors"),
                                              run.sample(999'999, ".safetensors"),
                                              run.sample(1'000'000, ".safetensors")});
    run.remove_samples([](std::int64_t step) { return step > 20; });
    CHECK(run.packed_samples().size() == 2);
    CHECK_FALSE(std::filesystem::exists(run.sample(999'999, ".mid")));
    CHECK(std::filesystem::exists(run.samples() / "step_12x.safetensors"));
}

TEST_CASE("run folder: a new run needs a free folder, a resumed one a state, and both lock it") {
    const support::TemporaryFolder folder;
    const RunFolder run(folder / "some" / "run");
    CHECK_THROWS_WITH_AS(run.claim_existing(), doctest::Contains("no state.safetensors"), tensor::Error);
    CHECK_FALSE(std::filesystem::exists(run.path()));
    {
        const RunLock lock = run.claim_new();
        CHECK_THROWS_WITH_AS(run.claim_new(), doctest::Contains("in use by another"), tensor::Error);
        // A run that has not saved yet looks like remains, but is in use.
        support::write_text(run.log(), "step\n");
        CHECK_THROWS_WITH_AS(run.claim_new(), doctest::Contains("in use by another"), tensor::Error);
        CHECK_THROWS_WITH_AS(run.claim_existing(), doctest::Contains("in use by another"), tensor::Error);
        std::filesystem::remove(run.log());
    }
    CHECK_NOTHROW(run.claim_new());
    support::write_text(run.log(), "step\n");
    CHECK_THROWS_WITH_AS(run.claim_new(), doctest::Contains("holds the remains of a run"), tensor::Error);
    support::write_text(run.state(), "x");
    CHECK_THROWS_WITH_AS(run.claim_new(), doctest::Contains("already holds a run"), tensor::Error);
    const RunLock lock = run.claim_existing();
    CHECK_THROWS_WITH_AS(run.claim_existing(), doctest::Contains("in use by another"), tensor::Error);
    support::write_text(folder / "file", "x");
    CHECK_THROWS_WITH_AS(RunFolder(folder / "file" / "run").claim_new(), doctest::Contains("cannot make this folder"),
                         tensor::Error);
}
