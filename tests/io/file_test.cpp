// Reading whole files: errors say which file and why.
#include "io/file.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/compare.hpp"
#include "tests/support/temporary_folder.hpp"

using support::contains_all;
using support::message_of;
using support::TemporaryFolder;
using support::write_text;

namespace fs = std::filesystem;

TEST_CASE("reading what is missing, a folder, a pipe, a device, or too long") {
    const TemporaryFolder folder;
    const fs::path path = folder.path() / "x";
    const auto refusal = [&](const fs::path& where) { return message_of([&] { io::read_file(where, 4); }); };
    CHECK(contains_all(refusal(path), {path.string(), "cannot be opened", "No such file"}));
    CHECK(contains_all(refusal(folder.path()), {folder.path().string(), "is a folder"}));
    CHECK(contains_all(refusal("/dev/zero"), {"/dev/zero", "no regular file"}));
    REQUIRE(::mkfifo((folder.path() / "pipe").c_str(), 0600) == 0);
    CHECK(contains_all(refusal(folder.path() / "pipe"),
                       {"no regular file"}));  // which is refused without waiting for a writer
    write_text(path, "1234");
    CHECK(refusal(path) == "nothing was thrown");
    write_text(path, "12345");
    CHECK(contains_all(refusal(path), {path.string(), "5 bytes", "at most 4"}));
}

TEST_CASE("an unreadable file is refused") {
    if (::geteuid() == 0) return;  // root reads everything
    const TemporaryFolder folder;
    write_text(folder.path() / "x", "1");
    REQUIRE(::chmod((folder.path() / "x").c_str(), 0) == 0);
    CHECK(contains_all(message_of([&] { io::read_file(folder.path() / "x", 4); }), {"Permission denied"}));
}
