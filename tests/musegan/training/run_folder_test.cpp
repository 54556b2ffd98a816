#include "musegan/training/run_folder.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <utility>

#include "tensor/error.hpp"
#include "tests/support/compare.hpp"
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

TEST_CASE("run folder: one process holds it, and another learns which") {
    const support::TemporaryFolder folder;
    const RunFolder run(folder / "some" / "run");
    const auto refusal = [&] { return support::message_of([&] { RunLock lock(run.path()); }); };
    {
        RunLock lock(run.path());
        CHECK(support::contains_all(refusal(), {run.name(), fmt::format("in use by process {} since 20", ::getpid())}));
        const RunLock moved = std::move(lock);
        CHECK(support::contains_all(refusal(), {"in use by process"}));
        // Whatever stands in that file is told only if it is what we write.
        support::write_text(run.path() / ".in-use", "\033[31mhello");
        CHECK(support::contains_all(refusal(), {"in use by another `musegan train`"}));
        support::write_text(run.log(), "step\n");
    }
    CHECK(refusal() == "nothing was thrown");
    CHECK_FALSE(std::filesystem::exists(run.path() / ".in-use"));
    support::write_text(folder / "file", "x");
    CHECK_THROWS_WITH_AS(RunLock(folder / "file" / "run"), doctest::Contains("expected a folder"), tensor::Error);
}

TEST_CASE("run folder: who holds it can be asked, and asking keeps nobody from holding it") {
    const support::TemporaryFolder folder;
    const std::filesystem::path path = folder / "run";
    CHECK_FALSE(holder_of(path));
    std::filesystem::create_directory(path);
    CHECK_FALSE(holder_of(path));
    {
        const RunLock lock(path);
        const std::optional<std::string> holder = holder_of(path);
        REQUIRE(holder);
        CHECK(holder->starts_with(fmt::format("process {} since 20", ::getpid())));
        support::write_text(path / ".in-use", "\033[31mhello");
        CHECK(holder_of(path) == "another `musegan train`");
        CHECK_THROWS_AS(RunLock{path}, tensor::Error);  // which takes nothing from the holder
        CHECK(holder_of(path));
    }
    CHECK_FALSE(holder_of(path));
    // What a killed process leaves says nothing, though its number may be that of a living one.
    support::write_text(path / ".in-use", fmt::format("process {} since 2026-12-01 14:05:00\n", ::getpid()));
    CHECK_FALSE(holder_of(path));
    // Asked without a pause, it is there for each of many that begin and end.
    std::atomic<int> held = 0;
    std::jthread asking([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) held += holder_of(path) ? 1 : 0;
    });
    for (int k = 0; k < 1000 || held == 0; ++k) CHECK_NOTHROW(RunLock{path});
}

TEST_CASE("run folder: one that was made and stays empty is removed with the lock") {
    const support::TemporaryFolder folder;
    { const RunLock lock(folder / "some" / "run"); }
    CHECK(folder.files() == 0);
}

TEST_CASE("run folder: moving, removing and replacing it are seen") {
    const support::TemporaryFolder folder;
    const std::filesystem::path path = folder / "run", moved = folder / "moved";
    {
        const RunLock lock(path);
        CHECK(lock.is_in_place());
        CHECK(lock.current_path() == std::filesystem::canonical(path));
        std::filesystem::rename(path, moved);
        CHECK_FALSE(lock.is_in_place());
        CHECK(lock.current_path() == std::filesystem::canonical(moved));
        std::filesystem::create_directory(path);
        CHECK_FALSE(lock.is_in_place());
        std::filesystem::remove(path);
        std::filesystem::rename(moved, path);
        CHECK(lock.is_in_place());
        std::filesystem::remove_all(path);
        CHECK_FALSE(lock.is_in_place());
        CHECK_FALSE(lock.current_path());
        std::filesystem::create_directory(path);
        CHECK_FALSE(lock.is_in_place());
        CHECK_FALSE(lock.current_path());
    }
    CHECK(std::filesystem::exists(path));  // another's
}

TEST_CASE("run folder: what a run without a state has left is not written over") {
    const support::TemporaryFolder folder;
    const RunFolder run(folder / "run");
    std::filesystem::create_directories(run.samples());
    for (const char* kept : {"config.toml", "notes.txt"}) support::write_text(run.path() / kept, "x");
    for (const char* record : {"log.csv", "events.out.tfevents.1.host.2.0", "losses.png"})
        support::write_text(run.path() / record, "x");
    support::write_text(run.sample(3, ".mid"), "x");
    CHECK_THROWS_WITH_AS(run.require_state(), doctest::Contains("no state.safetensors"), tensor::Error);
    CHECK_THROWS_WITH_AS(run.require_no_remains(), doctest::Contains("holds the remains of a run"), tensor::Error);
    run.remove_record();
    CHECK(std::distance(std::filesystem::directory_iterator(run.path()), {}) == 3);
    CHECK(std::filesystem::is_empty(run.samples()));
    std::filesystem::remove(run.samples());
    CHECK_NOTHROW(run.require_no_remains());
}
