// A file that is cut short while it is mapped: one line and exit code 1, and any other bus error as before.
#include "io/mapped_file.hpp"

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <vector>

#include "io/atomic_file.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/temporary_folder.hpp"

namespace {

namespace fs = std::filesystem;

/// How a process of its own that does `work` ended, and what it said on standard error.
struct Ending {
    int status = 0;
    std::string said;
};
template <typename Work>
Ending ending_of(Work work) {
    int said[2];
    REQUIRE(::pipe(said) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::dup2(said[1], STDERR_FILENO);
        std::signal(SIGBUS, SIG_DFL);  // not the test program's
        io::exit_where_a_mapping_fails("program");
        work();
        ::_exit(0);
    }
    ::close(said[1]);
    Ending ending;
    std::array<char, 256> buffer;
    for (ssize_t got; (got = ::read(said[0], buffer.data(), buffer.size())) > 0;)
        ending.said.append(buffer.data(), static_cast<std::size_t>(got));
    ::close(said[0]);
    ::waitpid(child, &ending.status, 0);
    // QEMU adds a line of its own where a signal ends the process (arm/emulate).
    if (ending.said.starts_with("qemu: uncaught target signal")) ending.said.clear();
    return ending;
}

fs::path file_of(const support::TemporaryFolder& folder, const std::string& name, std::size_t bytes) {
    io::write_file_atomically(folder / name, std::vector<std::uint8_t>(bytes, 7));
    return folder / name;
}

/// Reads every byte, so that the compiler cannot leave it out.
void read_all(const io::MappedFile& file) {
    unsigned sum = 0;
    for (const std::uint8_t byte : file.bytes()) sum += byte;
    volatile unsigned kept = sum;
    (void)kept;
}

}  // namespace

TEST_CASE("a mapped file has the bytes of the file, its name, and none of its own after it is gone") {
    const support::TemporaryFolder folder;
    const fs::path path = file_of(folder, "x", 10'000);
    const std::uint8_t* inside = nullptr;
    {
        const io::MappedFile file(io::open_for_reading(path), "a name");
        REQUIRE(file.bytes().size() == 10'000);
        inside = file.bytes().data() + 9'999;
        CHECK(*inside == 7);
        CHECK(std::string(io::mapped_file_at(inside)) == "a name");
        CHECK(io::mapped_file_at(inside + 1) == nullptr);
        CHECK(io::mapped_file_at(&file) == nullptr);
        const io::MappedFile other(io::open_for_reading(file_of(folder, "y", 1)), "other\nline");
        CHECK(std::string(io::mapped_file_at(other.bytes().data())) == "other?line");
    }
    CHECK(io::mapped_file_at(inside) == nullptr);
    CHECK(io::MappedFile(io::open_for_reading(file_of(folder, "empty", 0)), "empty").bytes().empty());
}

TEST_CASE("a file that is cut short while it is read is named, and the process exits with 1") {
    const support::TemporaryFolder folder;
    const fs::path path = file_of(folder, "x", 100'000);
    const Ending cut = ending_of([&] {
        const io::MappedFile before(io::open_for_reading(file_of(folder, "y", 5'000)), "y");
        const io::MappedFile file(io::open_for_reading(path), "data.safetensors");
        if (::truncate(path.c_str(), 5'000) != 0) ::_exit(7);
        read_all(file);
    });
    CHECK(cut.said == "program: [data.safetensors] was cut short (or its disk failed) while it was read\n");
    REQUIRE(WIFEXITED(cut.status));
    CHECK(WEXITSTATUS(cut.status) == 1);
    // Replacing it by a rename is harmless.
    const Ending replaced = ending_of([&] {
        const fs::path whole = file_of(folder, "z", 100'000);
        const io::MappedFile file(io::open_for_reading(whole), "z");
        file_of(folder, "z", 10);
        read_all(file);
    });
    CHECK(replaced.said.empty());
    CHECK(WIFEXITED(replaced.status));
}

TEST_CASE("a bus error elsewhere, or one that was sent, ends the process as before") {
    const support::TemporaryFolder folder;
    const fs::path path = file_of(folder, "x", 100'000);
    const Ending elsewhere = ending_of([&] {
        const io::OpenedFile file = io::open_for_reading(path);
        void* const address = ::mmap(nullptr, 100'000, PROT_READ, MAP_PRIVATE, file.descriptor.get(), 0);
        if (address == MAP_FAILED || ::truncate(path.c_str(), 0) != 0) ::_exit(7);
        volatile unsigned char byte = *static_cast<volatile unsigned char*>(address);
        (void)byte;
    });
    const Ending sent = ending_of([] { std::raise(SIGBUS); });
    for (const Ending* ending : {&elsewhere, &sent}) {
        CHECK(ending->said.empty());
        CHECK(WIFSIGNALED(ending->status));
        CHECK(WTERMSIG(ending->status) == SIGBUS);
    }
}
