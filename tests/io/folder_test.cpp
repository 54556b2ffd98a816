// Folders appear with the first thing in them.
#include "io/folder.hpp"

#include <doctest/doctest.h>

#include <utility>

#include "tests/support/compare.hpp"
#include "tests/support/temporary_folder.hpp"

using support::contains_all;
using support::message_of;
using support::TemporaryFolder;
using support::write_text;

namespace fs = std::filesystem;

TEST_CASE("a folder that was made and stays empty is removed again, with those above it that were made") {
    const TemporaryFolder folder;
    {
        const io::MadeFolder made(folder.path() / "a" / "b" / "c");
        CHECK(fs::is_directory(folder.path() / "a" / "b" / "c"));
    }
    CHECK(folder.files() == 0);
    {
        io::MadeFolder made(folder.path() / "a" / "b/");
        const io::MadeFolder moved = std::move(made);
        write_text(folder.path() / "a" / "kept", "text");
    }
    CHECK(fs::exists(folder.path() / "a" / "kept"));
    CHECK_FALSE(fs::exists(folder.path() / "a" / "b"));
    { const io::MadeFolder there(folder.path() / "a"); }
    CHECK(fs::exists(folder.path() / "a"));
}

TEST_CASE("a folder that cannot be made is refused, and leaves nothing") {
    const TemporaryFolder folder;
    write_text(folder.path() / "file", "text");
    const auto refusal = [](const fs::path& path) { return message_of([&] { io::MadeFolder made(path); }); };
    CHECK(contains_all(refusal(folder.path() / "file"), {"file", "is a file", "expected a folder"}));
    CHECK(contains_all(refusal(folder.path() / "file" / "a"), {"a", "is a file"}));
    CHECK(contains_all(refusal(folder.path() / "new" / std::string(256, 'x')), {"cannot make", "File name too long"}));
    CHECK(contains_all(refusal(""), {"no name"}));
    CHECK(folder.files() == 1);
}

TEST_CASE("whether files can be written into a folder is asked without a trace") {
    const TemporaryFolder folder;
    const auto answer = [](const fs::path& path) { return message_of([&] { io::require_writable_folder(path); }); };
    CHECK(answer(folder.path() / "new" / "newer") == "nothing was thrown");
    CHECK(answer(folder.path()) == "nothing was thrown");
    CHECK(folder.files() == 0);
    CHECK(contains_all(answer("/proc"), {"/proc", "written"}));
    CHECK(contains_all(answer("/dev/null"), {"/dev/null", "is a file"}));
}
