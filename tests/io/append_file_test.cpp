// Logs grow at their end and lose no record.
#include "io/append_file.hpp"

#include <doctest/doctest.h>

#include "tests/io/full_disk.hpp"
#include "tests/support/temporary_folder.hpp"

using io::AppendFile;
using support::contains_all;
using support::message_of;
using support::message_on_full_disk;
using support::read_text;
using support::TemporaryFolder;

namespace fs = std::filesystem;

TEST_CASE("a log on a full disk keeps its records, and leaves no half of one") {
    const TemporaryFolder folder;
    const fs::path path = folder.path() / "log";
    AppendFile file(path, AppendFile::Mode::create_new);
    file.write("first\n");
    file.flush();
    file.write(std::string(10'000, 'x'));
    CHECK(contains_all(message_on_full_disk(4096, [&] { file.flush(); }), {"log", "File too large"}));
    CHECK(read_text(path) == "first\n");
    CHECK(contains_all(message_on_full_disk(4096, [&] { file.flush(); }), {"log", "File too large"}));
    file.write("last\n");
    file.flush();
    CHECK(read_text(path) == "first\n" + std::string(10'000, 'x') + "last\n");
}

TEST_CASE("a log is synced to the disk, and a device that cannot be is no fault") {
    const TemporaryFolder folder;
    AppendFile file(folder.path() / "log", AppendFile::Mode::create_new);
    file.write("row\n");
    file.sync();
    CHECK(read_text(folder.path() / "log") == "row\n");
    AppendFile nowhere("/dev/null", AppendFile::Mode::append);
    nowhere.write("row\n");
    CHECK(message_of([&] { nowhere.sync(); }) == "nothing was thrown");
    CHECK(contains_all(message_on_full_disk(2,
                                            [&] {
                                                file.write("row\n");
                                                file.sync();
                                            }),
                       {"log", "File too large"}));
}

TEST_CASE("a full device is reported too") {
    if (!fs::exists("/dev/full")) return;  // only Linux has it
    AppendFile file("/dev/full", AppendFile::Mode::append);
    file.write("x");
    CHECK(contains_all(message_of([&] { file.flush(); }), {"/dev/full", "No space left"}));
}

TEST_CASE("a log grows over several openings, and can be cut") {
    const TemporaryFolder folder;
    const fs::path path = folder.path() / "log";
    {
        AppendFile file(path, AppendFile::Mode::create_new);
        file.write("one,");
    }
    CHECK(read_text(path) == "one,");
    CHECK(contains_all(message_of([&] { AppendFile(path, AppendFile::Mode::create_new); }), {"log", "File exists"}));
    {
        AppendFile file(path, AppendFile::Mode::append);
        file.write("two,");
        file.truncate(6);
        file.write("three");
        file.flush();
        CHECK(read_text(path) == "one,twthree");
    }
    AppendFile(path, AppendFile::Mode::truncate);
    CHECK(read_text(path).empty());
}
