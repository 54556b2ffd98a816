// Files appear whole or not at all, and errors say which file and why.
#include "io/file.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "io/safetensors.hpp"
#include "tensor/error.hpp"
#include "tests/io/bytes.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/temporary_folder.hpp"

using io::AppendFile;
using io::AtomicFile;
using support::Bytes;
using support::contains_all;
using support::message_of;
using support::read_text;
using support::TemporaryFolder;

namespace {

namespace fs = std::filesystem;

void write(const fs::path& path, std::string_view text) { io::write_file_atomically(path, io::as_bytes(text)); }

/// While it lives, no file of this process can grow beyond `bytes`, as on a full disk.
class FullDisk {
  public:
    explicit FullDisk(rlim_t bytes) {
        handler_ = std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit now{bytes, before_.rlim_max};
        REQUIRE(::setrlimit(RLIMIT_FSIZE, &now) == 0);
    }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;
    ~FullDisk() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }

  private:
    rlimit before_{};
    void (*handler_)(int) = nullptr;
};

/// The error message of `action` on a disk with room for `bytes` per file.
template <typename Action>
std::string message_on_full_disk(rlim_t bytes, Action action) {
    const FullDisk disk(bytes);
    return message_of(action);
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

TEST_CASE("a full disk under a log is reported once") {
    const TemporaryFolder folder;
    AppendFile file(folder.path() / "log", AppendFile::Mode::create_new);
    file.write(std::string(10'000, 'x'));
    CHECK(contains_all(message_on_full_disk(4096, [&] { file.flush(); }), {"log", "File too large"}));
    CHECK(message_of([&] { file.flush(); }) == "nothing was thrown");
    CHECK(read_text(folder.path() / "log").size() == 4096);
}

TEST_CASE("a full device is reported too") {
    if (!fs::exists("/dev/full")) return;  // only Linux has it
    AppendFile file("/dev/full", AppendFile::Mode::append);
    file.write("x");
    CHECK(contains_all(message_of([&] { file.flush(); }), {"/dev/full", "No space left"}));
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
    write(path, "1234");
    CHECK(refusal(path) == "nothing was thrown");
    write(path, "12345");
    CHECK(contains_all(refusal(path), {path.string(), "5 bytes", "at most 4"}));
}

TEST_CASE("an unreadable file is refused") {
    if (::geteuid() == 0) return;  // root reads everything
    const TemporaryFolder folder;
    write(folder.path() / "x", "1");
    REQUIRE(::chmod((folder.path() / "x").c_str(), 0) == 0);
    CHECK(contains_all(message_of([&] { io::read_file(folder.path() / "x", 4); }), {"Permission denied"}));
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
