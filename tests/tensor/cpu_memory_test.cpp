// What the host has for this process: limits of control groups and of the address space.
#include "tensor/cpu/memory.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <limits>
#include <string>

#include "tensor/backend.hpp"
#include "tensor/error.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/threads.hpp"

using tensor::cpu::container_limit;
using tensor::cpu::free_address_space;

namespace {

/// A file system with the files of control groups.
struct Groups {
    support::TemporaryFolder root;

    explicit Groups(const std::string& own) { write("proc/self/cgroup", own); }
    void write(const std::string& file, const std::string& text) const {
        const std::filesystem::path path = root / file;
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path) << text << '\n';
    }
    std::optional<std::int64_t> limit() const { return container_limit(root.path()); }
};

/// Exit code of a child process that runs `work` within `bytes` of address space more than it has.
template <typename Work>
int child_with(std::int64_t bytes, Work work) {
    const pid_t child = fork();
    if (child == 0) {
        long pages = 0;
        std::ifstream("/proc/self/statm") >> pages;
        rlimit limit{};
        limit.rlim_cur = limit.rlim_max = static_cast<rlim_t>(pages * sysconf(_SC_PAGESIZE) + bytes);
        setrlimit(RLIMIT_AS, &limit);
        _exit(work());
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

constexpr std::int64_t mebibyte = std::int64_t{1} << 20;

/// Whether a process gets the limit that it sets: QEMU keeps it from the programs that it runs (arm/emulate).
bool limits_hold() {
    return child_with(300 * mebibyte, [] {
               rlimit limit{};
               return getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY ? 0 : 1;
           }) == 0;
}

}  // namespace

TEST_CASE("the limit of a container counts, the least of its group and of those above it") {
    const Groups groups("0::/slice/unit");
    CHECK_FALSE(groups.limit());
    groups.write("sys/fs/cgroup/slice/unit/memory.max", "max");
    CHECK_FALSE(groups.limit());
    groups.write("sys/fs/cgroup/slice/memory.max", "3000");
    CHECK(groups.limit() == 3000);
    groups.write("sys/fs/cgroup/slice/unit/memory.max", "2000");
    CHECK(groups.limit() == 2000);
    groups.write("sys/fs/cgroup/memory.max", "1000");
    CHECK(groups.limit() == 1000);
}

TEST_CASE("of version 1, the group of the memory controller counts, and a container that sees the machine's path") {
    const Groups groups("5:cpu,cpuacct:/a\n4:memory:/docker/0123\n0::/");
    groups.write("sys/fs/cgroup/cpu,cpuacct/a/memory.limit_in_bytes", "10");
    CHECK_FALSE(groups.limit());
    groups.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712");  // none, in pages
    CHECK(groups.limit() == 9223372036854771712);
    groups.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "5000");
    CHECK(groups.limit() == 5000);
}

TEST_CASE("no control groups, or lines that are none, are no limit") {
    const Groups groups("nonsense\n\n::\n4:memory");
    CHECK_FALSE(groups.limit());
    CHECK_FALSE(container_limit("/nowhere"));
    CHECK(tensor::cpu::physical_memory() > 0);
    CHECK(tensor::cpu::available_memory() <= tensor::cpu::physical_memory());
}

TEST_CASE("what is left of an address space is known, and the arena keeps some of it back") {
    CHECK(free_address_space() == std::numeric_limits<std::int64_t>::max());
    const support::ThreadCount threads(2);  // for each, something is kept back
    if (tensor::cpu::host_source().guarded) SKIP_TEST("the address sanitizer needs address space without limit");
    if (!limits_hold()) SKIP_TEST("no limit of address space holds here, as under QEMU");
    CHECK(child_with(300 * mebibyte, [] {
              const std::int64_t there = free_address_space();
              return there <= 300 * mebibyte && there > 290 * mebibyte ? 0 : 1;
          }) == 0);
    CHECK(child_with(300 * mebibyte, [] {
              const tensor::Arena::Source source = tensor::cpu::host_source();
              const auto limit = static_cast<std::int64_t>(source.limit);
              const bool keeps = limit < 290 * mebibyte && limit > 100 * mebibyte;
              return keeps && source.granularity <= source.limit / 4 && source.reserve(280 * mebibyte) == nullptr &&
                             source.reserve(source.limit / 2) != nullptr
                         ? 0
                         : 1;
          }) == 0);
    CHECK(child_with(8 * mebibyte, [] {
              const std::string text = support::message_of([] { tensor::cpu::require_spare_memory("gemm"); });
              return support::contains_all(text, {"[gemm] ", "of address space are left", "ulimit -v"}) ? 0 : 1;
          }) == 0);
}
