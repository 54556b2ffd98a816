// Whether something of a run has changed.
#include "musegan/pages/run_stamps.hpp"

#include <doctest/doctest.h>

#include "tests/musegan/pages/made_run.hpp"

using namespace musegan;
using pages_tests::MadeRun;

namespace {

namespace fs = std::filesystem;

/// That `change` changes the stamps, and that they stay as they are from then on.
template <typename Change>
void check_seen(const MadeRun& made, const RecordSources& sources, const Change& change) {
    const std::vector<FileStamp> before = run_stamps(made.run.path(), sources);
    change();
    const std::vector<FileStamp> after = run_stamps(made.run.path(), sources);
    CHECK(before != after);
    CHECK(after == run_stamps(made.run.path(), sources));
}

/// An hour is later on every file system.
void age(const fs::path& file) { fs::last_write_time(file, fs::last_write_time(file) - std::chrono::hours(1)); }

}  // namespace

TEST_CASE("run stamps: they change with each file that a report reads") {
    const MadeRun made;
    const RecordSources none;
    CHECK(run_stamps(made.run.path()).size() == 4 + 3 * 4);  // samples have three files each
    for (const fs::path& file : {made.run.config(), made.run.log(), made.run.metrics(), made.run.model(),
                                 made.run.sample(2, ".safetensors")}) {
        CAPTURE(file);
        check_seen(made, none, [&] { support::write_text(file, support::read_text(file) + "x"); });
        check_seen(made, none, [&] { age(file); });
    }
    check_seen(made, none, [&] { fs::remove(made.run.sample(4, ".safetensors")); });
    check_seen(made, none, [&] { support::write_text(made.run.evaluation(), "x"); });
    fs::create_directory(made.run.interpolation());
    check_seen(made, none, [&] { support::write_text(made.run.interpolation() / "a.mid", "x"); });
    check_seen(made, none, [&] { fs::remove_all(made.run.path()); });
    CHECK(run_stamps(made.run.path()).empty());
}

TEST_CASE("run stamps: what a report does not read changes nothing, and a source that was named stands for the run's") {
    const MadeRun made;
    const RecordSources named{.evaluation = made.folder / "e.json", .interpolation = made.folder / "i"};
    const std::vector<FileStamp> before = run_stamps(made.run.path()),
                                 before_named = run_stamps(made.run.path(), named);
    support::write_text(made.run.report(), "x");
    support::write_text(made.run.path() / ".in-use", "x");
    support::write_text(made.run.path() / "events.out.tfevents.1", "x");
    CHECK(run_stamps(made.run.path()) == before);
    support::write_text(made.run.evaluation(), "x");
    CHECK(run_stamps(made.run.path(), named) == before_named);
    check_seen(made, named, [&] { support::write_text(named.evaluation, "x"); });
    fs::create_directory(named.interpolation);
    check_seen(made, named, [&] { support::write_text(named.interpolation / "a.mid", "x"); });
}
