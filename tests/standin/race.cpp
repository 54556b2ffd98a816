// The race check: a record for every 4-byte word of device and shared memory says which thread accessed it last, and
// when. The compiler's calls arrive through race_calls.cpp; neither file may be instrumented itself.
//
// Time is counted in eras: one begins with each block and with each barrier of a block. Two accesses of a block in the
// same era are unordered unless one thread made both, or two lanes of one warp did and the warp met in between. Blocks
// of one launch are never ordered; launches always are. Accesses smaller than a word are distinguished by a mask of
// bytes. Of a graph with branches, two nodes are unordered unless edges lead from one to the other. Where two threads
// access different bytes of one word, only the later access is remembered, so a race can be missed there, but no false
// one is reported.
#include <dlfcn.h>
#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "block.hpp"
#include "control.hpp"
#include "hooks.hpp"
#include "memory.hpp"

namespace standin {

namespace {

/// One access, in 8 bytes. A record of zeros stands for no access: era 0 is before every launch.
struct Record {
    std::uint64_t era : 34;
    std::uint64_t thread : 10;
    std::uint64_t meetings : 14;  // how often its warp met in this era before the access
    std::uint64_t bytes : 4;      // which bytes of the word
    std::uint64_t atomic : 1;
    std::uint64_t under_way : 1;  // an asynchronous copy that has not landed
};
static_assert(sizeof(Record) == 8);

/// The last write; two readers of the newest block, from different warps where there were such; a reader of an older
/// block of this launch.
struct Cell {
    Record write, reader, second_reader, earlier_block_reader;
};

struct Clock {
    std::uint64_t era = 1, block_began = 1, launch_began = 1;
    std::array<std::uint32_t, max_threads / lanes> meetings{};
    std::vector<std::uint64_t> block_eras;  // the era in which each block of the launch began, to name the block
};
Clock clock_;

/// A graph with branches while it runs.
struct GraphRun {
    const std::vector<std::vector<bool>>* ancestors = nullptr;
    std::vector<std::pair<std::uint64_t, std::size_t>> begun;  // the first era of each node that has begun, and it
};
GraphRun graph_run;

std::byte* cells = nullptr;  // one Cell for each word of the region, from the first
using Site = std::tuple<const void*, const void*, Access, bool, bool, bool>;
std::set<Site> reported;
std::set<std::pair<std::size_t, std::size_t>> reported_nodes;
std::set<std::pair<const void*, const void*>> reported_early;
constexpr std::size_t most_reports = 50;

Cell* cell_of(std::uintptr_t word) { return reinterpret_cast<Cell*>(cells) + word; }

enum class Order { same_thread, before, unordered, unordered_block, unordered_node, stale };

/// The node of the running graph that made an access before the current one did; nothing if none of them.
std::optional<std::size_t> node_of(const Record& record) {
    const auto after = std::ranges::upper_bound(graph_run.begun, record.era, {}, [](const auto& n) { return n.first; });
    if (after == graph_run.begun.begin()) return std::nullopt;
    return std::prev(after)->second;
}

Order order_of_earlier_launch(const Record& record) {
    if (graph_run.begun.empty()) return Order::stale;
    const std::optional<std::size_t> node = node_of(record);
    const std::size_t current = graph_run.begun.back().second;
    if (!node || *node == current || (*graph_run.ancestors)[current][*node]) return Order::stale;
    return Order::unordered_node;
}

Order order_of(const Record& record) {
    if (record.era < clock_.launch_began) return order_of_earlier_launch(record);
    if (record.era < clock_.block_began) return Order::unordered_block;
    if (record.thread == running.thread) return Order::same_thread;
    if (record.era < clock_.era) return Order::before;
    const bool one_warp = record.thread / lanes == running.thread / lanes;
    const std::uint64_t now = clock_.meetings[running.thread / lanes] & 0x3fff;
    return one_warp && record.meetings != now ? Order::before : Order::unordered;
}

bool unordered(Order order) { return order != Order::same_thread && order != Order::before && order != Order::stale; }

/// "program+0x1234", which addr2line turns into a line.
std::string describe_place(const void* place) {
    Dl_info info;
    if (place == nullptr || dladdr(place, &info) == 0) return "";
    const auto offset = reinterpret_cast<std::uintptr_t>(place) - reinterpret_cast<std::uintptr_t>(info.dli_fbase);
    const char* const slash = std::strrchr(info.dli_fname, '/');
    return fmt::format(" at {}+{:#x}", slash == nullptr ? info.dli_fname : slash + 1, offset - 1);
}

const char* describe(Access access) {
    constexpr const char* words[] = {"reads", "writes", "updates atomically", "begins a copy into"};
    return words[static_cast<int>(access)];
}

const char* describe(const Record& record, bool read) {
    if (read) return "read";
    return record.under_way ? "began a copy not yet waited for into" : record.atomic ? "updated atomically" : "wrote";
}

/// Of two nodes of a graph with no path between them.
[[gnu::noinline, gnu::cold]] void report_nodes(const Record& earlier, bool earlier_read, const void* address,
                                               Access access) {
    const bool inside_kernel = std::exchange(running.inside_kernel, false);
    const std::size_t node = graph_run.begun.back().second, other = *node_of(earlier);
    if (reported_nodes.size() < most_reports && reported_nodes.emplace(node, other).second)
        add_fault(
            fmt::format("race between nodes of a graph: node {} ({}) {} {}, which node {} {} with nothing to "
                        "order them",
                        node, current_range(), describe(access), describe_address(address), other,
                        describe(earlier, earlier_read)));
    running.inside_kernel = inside_kernel;
}

[[gnu::noinline, gnu::cold]] void report(const Record& earlier, bool earlier_read, const void* address, Access access,
                                         const void* place) {
    if (order_of(earlier) == Order::unordered_node) return report_nodes(earlier, earlier_read, address, access);
    const bool between_blocks = earlier.era < clock_.block_began;
    running.inside_kernel = false;  // functions called from here may be instrumented copies, inlined elsewhere
    const Site site{running.kernel, place, access, earlier_read, between_blocks, earlier.under_way != 0};
    if (reported.size() < most_reports && reported.insert(site).second) {
        const auto after = std::upper_bound(clock_.block_eras.begin(), clock_.block_eras.end(), earlier.era);
        const auto block = after - clock_.block_eras.begin() - 1;
        const std::string other = between_blocks ? fmt::format("block {}, {}", block, describe_thread(earlier.thread))
                                                 : describe_thread(earlier.thread);
        add_fault(fmt::format("race{}: {} {} {}{}, which {} {} with nothing to order them",
                              between_blocks ? " between blocks" : "", describe_running(), describe(access),
                              describe_address(address), describe_place(place), other,
                              describe(earlier, earlier_read)));
    }
    running.inside_kernel = true;
}

void note_read(Cell& cell, const Record& now) {
    Record& first = cell.reader;
    Record& second = cell.second_reader;
    if (first.era >= clock_.launch_began && first.era < clock_.block_began) cell.earlier_block_reader = first;
    const auto warp = [](const Record& r) { return r.thread / lanes; };
    if (first.era < clock_.era || (first.thread == now.thread && first.era == now.era)) {
        if (first.era < clock_.era) second = {};
        first = {now.era, now.thread, now.meetings, now.bytes | (first.era == now.era ? first.bytes : 0), 0, 0};
    } else if (second.era < clock_.era || second.thread == now.thread) {
        second = now;
    } else if (warp(now) != warp(first)) {
        second = now;
    } else if (warp(second) != warp(first)) {
        first = now;
    } else {
        first = second;  // all three are of one warp: keeps the two newest
        second = now;
    }
}

void touch_word(Cell& cell, unsigned bytes, Access access, const void* address, const void* place) {
    const Record now{clock_.era, running.thread,           clock_.meetings[running.thread / lanes] & 0x3fff,
                     bytes,      access == Access::atomic, access == Access::begun_copy};
    const Record& write = cell.write;
    if ((write.bytes & bytes) != 0) {
        const Order order = order_of(write);
        const bool both_atomic = write.atomic && access == Access::atomic;
        if ((unordered(order) && !both_atomic) || (write.under_way && order != Order::stale)) {
            report(write, false, address, access, place);
        }
    }
    if (access == Access::read) {
        note_read(cell, now);
        return;
    }
    for (const Record* reader : {&cell.reader, &cell.second_reader, &cell.earlier_block_reader}) {
        if ((reader->bytes & bytes) != 0 && unordered(order_of(*reader))) {
            report(*reader, true, address, access, place);
            break;
        }
    }
    const bool widens = write.era == now.era && write.thread == now.thread && write.atomic == now.atomic &&
                        write.under_way == now.under_way;
    const std::uint64_t earlier_bytes = widens ? cell.write.bytes : 0;
    cell.write = now;
    cell.write.bytes = now.bytes | (earlier_bytes & 0xf);
}

template <typename Visit>
void for_each_word(const void* address, std::size_t bytes, Visit visit) {
    std::uintptr_t offset = reinterpret_cast<std::uintptr_t>(address) - region.begin;
    while (bytes != 0) {
        const std::size_t skip = offset % 4, here = std::min<std::size_t>(4 - skip, bytes);
        visit(offset / 4, static_cast<unsigned>(((1u << here) - 1) << skip));
        offset += here;
        bytes -= here;
    }
}

bool is_shared(const void* address) {
    return static_cast<std::size_t>(static_cast<const std::byte*>(address) - shared_memory()) < shared_bytes();
}

/// Of a kernel that may have begun early, before it has waited for its predecessors.
[[gnu::noinline, gnu::cold]] void report_early(const void* address, Access access, const void* place) {
    running.inside_kernel = false;
    if (reported_early.size() < most_reports && reported_early.emplace(running.kernel, place).second)
        add_fault(
            fmt::format("{} {} {}{} before it has waited for the kernels before it, although its launch may begin "
                        "early",
                        describe_running(), describe(access), describe_address(address), describe_place(place)));
    running.inside_kernel = true;
}

void access(const void* address, std::size_t bytes, Access kind, const void* place) {
    if (!in_region(address) || !running.inside_kernel) return;
    if (running.starts_early && !Block::the().has_waited() && !is_shared(address)) report_early(address, kind, place);
    for_each_word(address, bytes,
                  [&](std::uintptr_t word, unsigned mask) { touch_word(*cell_of(word), mask, kind, address, place); });
}

void copy_landed(const void* address, std::size_t bytes) {
    for_each_word(address, bytes, [&](std::uintptr_t word, unsigned) { cell_of(word)->write.under_way = 0; });
    access(address, bytes, Access::write, nullptr);
}

void allocated(void* begin, std::size_t bytes) {
    constexpr std::size_t widening = sizeof(Cell) / 4;
    if (cells == nullptr) {
        void* const memory =
            mmap(nullptr, region.bytes * widening, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED) throw std::bad_alloc();
        cells = static_cast<std::byte*>(memory);
    }
    const std::size_t offset = reinterpret_cast<std::uintptr_t>(begin) - region.begin;
    mprotect(cells + offset * widening, bytes * widening, PROT_READ | PROT_WRITE);
}

void freed(void* begin, std::size_t bytes) {
    constexpr std::size_t widening = sizeof(Cell) / 4;
    std::byte* const first = cells + (reinterpret_cast<std::uintptr_t>(begin) - region.begin) * widening;
    madvise(first, bytes * widening, MADV_DONTNEED);
    mprotect(first, bytes * widening, PROT_NONE);
}

void next_era() {
    ++clock_.era;
    clock_.meetings.fill(0);
}

void launch_begins() {
    clock_.launch_began = clock_.era + 1;
    clock_.block_eras.clear();
}

void block_begins() {
    next_era();
    clock_.block_began = clock_.era;
    clock_.block_eras.push_back(clock_.era);
}

// The next block has its own shared memory: no record of this one's may meet it.
void block_ends() {
    const auto first = (reinterpret_cast<std::uintptr_t>(shared_memory()) - region.begin) / 4;
    std::memset(cell_of(first), 0, (shared_bytes() + 3) / 4 * sizeof(Cell));
}

void warp_synchronised(unsigned warp) { ++clock_.meetings[warp]; }

void faults_taken() {
    reported.clear();
    reported_nodes.clear();
    reported_early.clear();
}

void graph_begins(const std::vector<std::vector<bool>>* ancestors) { graph_run = {ancestors, {}}; }

// A launch of one thread, for a node that is no kernel; a kernel's own launch begins after it.
void node_begins(std::size_t node) {
    launch_begins();
    block_begins();
    graph_run.begun.emplace_back(clock_.era, node);
}

void graph_ends() { graph_run = {}; }

void node_access(const void* address, std::size_t bytes, Access kind) {
    if (graph_run.begun.empty() || !in_region(address)) return;
    for_each_word(address, bytes, [&](std::uintptr_t word, unsigned mask) {
        touch_word(*cell_of(word), mask, kind, address, nullptr);
    });
}

constexpr RaceHooks hooks{allocated,         freed,       launch_begins, block_begins, block_ends,  next_era,
                          warp_synchronised, access,      copy_landed,   graph_begins, node_begins, graph_ends,
                          node_access,       faults_taken};

const bool installed = (race_hooks = &hooks, true);

}  // namespace

}  // namespace standin

/// The compiler's calls come here (race_calls.cpp).
void standin_race_access(const void* address, std::size_t bytes, standin::Access kind, const void* place) {
    standin::access(address, bytes, kind, place);
}
