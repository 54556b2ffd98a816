// Files appear whole or not at all, errors say which file and why, and what killed processes left is removed.
#include "io/atomic_file.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "io/safetensors.hpp"
#include "tensor/error.hpp"
#include "tests/io/bytes.hpp"
#include "tests/io/full_disk.hpp"
#include "tests/support/temporary_folder.hpp"

using io::AtomicFile;
using support::Bytes;
using support::contains_all;
using support::message_of;
using support::message_on_full_disk;
using support::read_text;
using support::TemporaryFolder;
using support::write_text;

namespace {

namespace fs = std::filesystem;

void write(const fs::path& path, std::string_view text) { io::write_file_atomically(path, io::as_bytes(text)); }

/// Runs `work` in a process of its own, which is then killed. Returns its number.
template <typename Work>
pid_t run_and_kill(Work work) {
    int ready[2];
    REQUIRE(::pipe(ready) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        work();
        [[maybe_unused]] const ssize_t told = ::write(ready[1], "x", 1);
        ::pause();
        ::_exit(1);
    }
    char byte = 0;
    REQUIRE(::read(ready[0], &byte, 1) == 1);
    ::close(ready[0]);
    ::close(ready[1]);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    return child;
}

}  // namespace

TEST_CASE("a file is written, replaced, and read back") {
    const TemporaryFolder folder;
    const fs::path path = folder.path() / "x";
    write(path, "first");
    CHECK(read_text(path) == "first");
    write(path, "");
    CHECK(read_text(path).empty());
    write(path, "third");
    CHECK(read_text(path) == "third");
    CHECK(folder.files() == 1);
}

TEST_CASE("a streamed file appears at commit, and the old one stands until then") {
    const TemporaryFolder folder;
    const fs::path path = folder.path() / "x";
    write(path, "old");
    AtomicFile file = AtomicFile::open(path);
    file.write(io::as_bytes("new "));
    AtomicFile moved = std::move(file);
    moved.write(io::as_bytes("text"));
    CHECK(read_text(path) == "old");
    moved.commit();
    CHECK(read_text(path) == "new text");
    CHECK(folder.files() == 1);
    CHECK(contains_all(message_of([&] { moved.commit(); }), {"twice"}));
    CHECK(contains_all(message_of([&] { moved.write({}); }), {"after"}));
}

TEST_CASE("a file that is not committed leaves nothing") {
    const TemporaryFolder folder;
    const fs::path path = folder.path() / "x";
    {
        AtomicFile file = AtomicFile::open(path);
        file.write(io::as_bytes("half"));
        CHECK(folder.files() == 1);
    }
    CHECK(folder.files() == 0);
}

TEST_CASE("several unfinished files of one name do not meet") {
    const TemporaryFolder folder;
    const fs::path path = folder.path() / "x";
    AtomicFile first = AtomicFile::open(path), second = AtomicFile::open(path);
    first.write(io::as_bytes("1"));
    second.write(io::as_bytes("2"));
    first.commit();
    CHECK(read_text(path) == "1");
    second.commit();
    CHECK(read_text(path) == "2");
}

TEST_CASE("a full disk is an error that names the file and leaves the old one") {
    const TemporaryFolder folder;
    const fs::path path = folder.path() / "x";
    write(path, "old");
    const Bytes large(100'000, 'x');
    const std::string message = message_on_full_disk(4096, [&] { io::write_file_atomically(path, large); });
    CHECK(contains_all(message, {path.string(), "cannot be written", "File too large", "unchanged"}));
    CHECK(read_text(path) == "old");
    CHECK(folder.files() == 1);

    const fs::path fresh = folder.path() / "y.safetensors";
    io::SafetensorsWriter writer;
    writer.add_bytes("x", "U8", {100'000}, large);
    CHECK(contains_all(message_on_full_disk(4096, [&] { writer.write(fresh); }), {fresh.string(), "File too large"}));
    CHECK(folder.files() == 1);
}

TEST_CASE("places where no file can be made") {
    const TemporaryFolder folder;
    CHECK(contains_all(message_of([&] { write(folder.path() / "no" / "x", ""); }), {"x", "No such file"}));
    CHECK(contains_all(message_of([&] { write(folder.path(), ""); }), {folder.path().string(), "a folder"}));
    CHECK(contains_all(message_of([&] { write(folder.path() / "", ""); }), {"names no file"}));
    CHECK(contains_all(message_of([&] { write("/dev/null", ""); }), {"/dev/null", "device"}));
    write(folder.path() / "file", "");
    CHECK(contains_all(message_of([&] { write(folder.path() / "file" / "x", ""); }), {"Not a directory"}));
    CHECK(folder.files() == 1);
}

TEST_CASE("a symbolic link keeps pointing, and its target is replaced") {
    const TemporaryFolder folder;
    write(folder.path() / "target", "old");
    fs::create_symlink("target", folder.path() / "link");
    write(folder.path() / "link", "new");
    CHECK(fs::is_symlink(folder.path() / "link"));
    CHECK(read_text(folder.path() / "target") == "new");
}

TEST_CASE("a new file has the usual permissions, not a temporary file's") {
    const TemporaryFolder folder;
    const mode_t mask = ::umask(022);
    write(folder.path() / "x", "");
    ::umask(mask);
    struct stat status {};
    REQUIRE(::stat((folder.path() / "x").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0644);
}

TEST_CASE("a name that is too long is refused before anything is written") {
    const TemporaryFolder folder;
    const std::string longest(255, 'x'), longer(256, 'x');
    CHECK(contains_all(message_of([&] { AtomicFile::open(folder.path() / longer); }), {longer, "File name too long"}));
    write(folder.path() / longest, "text");
    CHECK(read_text(folder.path() / longest) == "text");
    CHECK(folder.files() == 1);
}

TEST_CASE("whether a file can be written is asked without a trace") {
    const TemporaryFolder folder;
    CHECK(message_of([&] { io::require_writable(folder.path() / "x"); }) == "nothing was thrown");
    CHECK(folder.files() == 0);
    write(folder.path() / "x", "old");
    CHECK(message_of([&] { io::require_writable(folder.path() / "x"); }) == "nothing was thrown");
    CHECK(read_text(folder.path() / "x") == "old");
    CHECK(contains_all(message_of([&] { io::require_writable(folder.path()); }), {"is a folder"}));
    CHECK(contains_all(message_of([&] { io::require_writable(folder.path() / "no" / "x"); }), {"No such file"}));
    CHECK(folder.files() == 1);
}

TEST_CASE("the temporary file of a killed process is removed, that of a living one is not") {
    const TemporaryFolder folder;
    const auto half_written = [&] {
        auto* const file = new AtomicFile(AtomicFile::open(folder.path() / "x"));
        file->write(io::as_bytes("half"));
    };
    const pid_t killed = run_and_kill(half_written);
    CHECK(folder.files() == 1);
    CHECK(fs::exists(folder.path() / fmt::format(".writing-{}-0", killed)));
    AtomicFile living = AtomicFile::open(folder.path() / "y");  // the first file that this process opens there
    CHECK(folder.files() == 1);
    CHECK_FALSE(fs::exists(folder.path() / fmt::format(".writing-{}-0", killed)));
    run_and_kill(half_written);
    CHECK(folder.files() == 2);
    CHECK(io::remove_abandoned_files(folder.path()) == 1);
    living.commit();
    CHECK(folder.files() == 1);
    CHECK(fs::exists(folder.path() / "y"));
}

TEST_CASE("files that only look like temporary ones are left alone") {
    const TemporaryFolder folder;
    for (const char* name :
         {".writing-", ".writing-12", ".writing-12-", ".writing-a-0", ".writing-12-0.mid", "writing-1-0"})
        write_text(folder.path() / name, "mine");
    fs::create_directory(folder.path() / ".writing-12-1");
    REQUIRE(::mkfifo((folder.path() / ".writing-12-2").c_str(), 0600) == 0);
    fs::create_symlink("writing-1-0", folder.path() / ".writing-12-3");
    CHECK(io::remove_abandoned_files(folder.path()) == 0);
    CHECK(folder.files() == 9);
    write_text(folder.path() / ".writing-12-0", "left");
    CHECK(io::remove_abandoned_files(folder.path()) == 1);
    CHECK(folder.files() == 9);
    CHECK(io::remove_abandoned_files(folder.path() / "nowhere") == 0);
}
