#include "tensor/arena.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <map>
#include <random>
#include <thread>
#include <vector>

#include "tensor/error.hpp"
#include "tensor/observer.hpp"
#include "tests/support/compare.hpp"
#include "tests/tensor/fake_source.hpp"

using support::contains_all;
using support::FakeSource;
using support::message_of;
using tensor::Arena;
using tensor::Error;

TEST_CASE("blocks are aligned, distinct and taken from segments of the source's granularity") {
    FakeSource fake;
    Arena arena(fake.source());
    std::map<std::uintptr_t, std::size_t> blocks;
    for (const std::size_t bytes : {1u, 0u, 255u, 256u, 257u, 1000u})
        blocks[reinterpret_cast<std::uintptr_t>(arena.allocate(bytes))] = std::max<std::size_t>(bytes, 1);
    CHECK(blocks.size() == 6);
    std::uintptr_t end = 0;
    for (const auto& [address, bytes] : blocks) {
        CHECK(address % Arena::alignment == 0);
        CHECK(address >= end);
        end = address + bytes;
    }
    CHECK(fake.reserved == std::vector<std::size_t>{4096});
    arena.allocate(5000);
    CHECK(fake.reserved == std::vector<std::size_t>{4096, 8192});
}

TEST_CASE("statistics count rounded bytes, live blocks, reserved bytes and the peak") {
    FakeSource fake;
    Arena arena(fake.source());
    CHECK(arena.statistics().reserved == 0);
    void* const a = arena.allocate(300);
    void* const b = arena.allocate(1);
    CHECK(arena.statistics().in_use == 512 + 256);
    CHECK(arena.statistics().live_blocks == 2);
    CHECK(arena.statistics().reserved == 4096);
    arena.free(a);
    CHECK(arena.statistics().in_use == 256);
    CHECK(arena.statistics().peak == 768);
    arena.reset_peak();
    CHECK(arena.statistics().peak == 256);
    arena.free(arena.allocate(1024));
    CHECK(arena.statistics().peak == 256 + 1024);
    arena.free(b);
    CHECK(arena.statistics().in_use == 0);
    CHECK(arena.statistics().live_blocks == 0);
    CHECK(arena.statistics().reserved == 4096);
}

TEST_CASE("an arena knows what its bytes are for, now and at the peak") {
    FakeSource fake;
    Arena arena(fake.source());
    using tensor::bytes_for;
    using tensor::Purpose;
    void* weights = nullptr;
    {
        const tensor::PurposeScope purpose(Purpose::weights);
        weights = arena.allocate(512);
        const tensor::PurposeScope inner(Purpose::masks);
        arena.free(arena.allocate(256));
    }
    void* const values = arena.allocate(1000);  // 1024 with what it is rounded up by
    arena.free(values);
    arena.free(arena.allocate(1024));  // as many bytes once more are no new peak
    const tensor::ArenaStatistics statistics = arena.statistics();
    CHECK(statistics.peak == 512 + 1024);
    CHECK(statistics.peak_for == tensor::BytesByPurpose{1024, 512, 0, 0, 0, 0});
    CHECK(statistics.in_use_for == tensor::BytesByPurpose{0, 512, 0, 0, 0, 0});
    CHECK(bytes_for(Purpose::weights, statistics.peak_for) == 512);
    arena.reset_peak();
    CHECK(arena.statistics().peak_for == tensor::BytesByPurpose{0, 512, 0, 0, 0, 0});
    arena.free(weights);
    CHECK(arena.statistics().in_use_for == tensor::BytesByPurpose{});
    CHECK(std::string(name_of(Purpose::masks)) == "masks");
}

TEST_CASE("the smallest block that fits is taken, not the first") {
    FakeSource fake;
    Arena arena(fake.source());
    void* const large = arena.allocate(1024);
    arena.allocate(256);  // keeps its neighbours apart
    void* const small = arena.allocate(512);
    arena.allocate(256);
    arena.free(large);
    arena.free(small);
    CHECK(arena.allocate(400) == small);
    CHECK(arena.allocate(400) == large);
}

TEST_CASE("a freed block is reused, and neighbours become one whatever the order of frees") {
    std::array<std::size_t, 3> order{0, 1, 2};
    do {
        CAPTURE(order[0]);
        CAPTURE(order[1]);
        CAPTURE(order[2]);
        FakeSource fake{.capacity = 4096};
        Arena arena(fake.source());
        std::array<void*, 3> blocks{};
        for (void*& block : blocks) block = arena.allocate(1024);
        void* const rest = arena.allocate(1024);
        for (const std::size_t i : order) arena.free(blocks[i]);
        CHECK(arena.allocate(3 * 1024) == blocks[0]);  // the source is empty: only one merged block can serve this
        arena.free(blocks[0]);
        arena.free(rest);
        CHECK(arena.allocate(4096) == blocks[0]);
    } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("segments that happen to touch are never merged: each goes back to the source whole") {
    FakeSource fake{.capacity = 4 * 4096};
    {
        Arena arena(fake.source());
        void* const a = arena.allocate(4096);
        void* const b = arena.allocate(4096);
        arena.free(a);
        arena.free(b);
        arena.allocate(8192);
        CHECK(fake.reserved == std::vector<std::size_t>{4096, 4096, 8192});
    }
    CHECK(fake.reserved.empty());
    CHECK(fake.out == 0);
}

TEST_CASE("out of memory is an error that says how much, and leaves the arena usable") {
    FakeSource fake{.capacity = 8192};
    Arena arena(fake.source());
    void* const block = arena.allocate(1000);
    const std::string message = message_of([&] { arena.allocate(100000); });
    CHECK(contains_all(message, {"[arena]", "fake memory: out of memory", "a tensor", "1.0 KiB (1024 bytes) in use",
                                 "4.0 KiB (4096 bytes) reserved", "--batch"}));
    CHECK(contains_all(message, {"97.8 KiB (100096 bytes)"}));  // the request, rounded up to whole blocks
    CHECK(arena.statistics().in_use == 1024);
    CHECK(arena.statistics().live_blocks == 1);
    CHECK_NOTHROW(arena.allocate(3000));
    CHECK_NOTHROW(arena.free(block));
}

TEST_CASE("a request so large that rounding would wrap around is out of memory too") {
    FakeSource fake;
    Arena arena(fake.source());
    constexpr std::size_t largest = std::numeric_limits<std::size_t>::max();
    for (const std::size_t bytes :
         {largest, largest - 100, largest - 255, largest - 256, largest - 4000, largest / 2}) {
        CAPTURE(bytes);
        CHECK_THROWS_AS(arena.allocate(bytes), Error);
    }
    CHECK(arena.statistics().in_use == 0);
    CHECK(arena.statistics().live_blocks == 0);
}

TEST_CASE("freeing what is not in use is an error: twice, foreign, inside a block, null") {
    FakeSource fake;
    Arena arena(fake.source());
    auto* const a = static_cast<char*>(arena.allocate(1024));
    void* const b = arena.allocate(1024);
    CHECK_THROWS_AS(arena.free(a + 256), Error);
    CHECK_THROWS_AS(arena.free(nullptr), Error);
    CHECK_THROWS_AS(arena.free(&fake), Error);
    arena.free(a);
    CHECK_THROWS_AS(arena.free(a), Error);
    arena.free(b);
    CHECK_THROWS_AS(arena.free(b), Error);  // merged into a's block by now
    CHECK(contains_all(message_of([&] { arena.free(b); }), {"[arena]", "fake memory"}));
    CHECK(arena.statistics().live_blocks == 0);
}

// Best fit depends on what is free: the first round grows the arena from nothing, the second starts with its pieces and
// may still need one more. From then on every round finds what the one before it left.
TEST_CASE("a loop that repeats its requests settles: rounds reserve no more after the second") {
    FakeSource fake{.capacity = std::size_t{1} << 30};
    Arena arena(fake.source());
    std::int64_t reserved = 0;
    for (int round = 0; round < 50; ++round) {
        std::mt19937 generator(17);
        std::vector<void*> live;
        for (int i = 0; i < 300; ++i) {
            if (!live.empty() && generator() % 3 == 0) {
                const std::size_t victim = generator() % live.size();
                arena.free(live[victim]);
                live.erase(live.begin() + static_cast<std::ptrdiff_t>(victim));
            } else {
                live.push_back(arena.allocate(generator() % 20000));
            }
        }
        for (void* const address : live) arena.free(address);
        if (round == 1) reserved = arena.statistics().reserved;
        if (round > 1) CHECK(arena.statistics().reserved == reserved);
        CHECK(arena.statistics().in_use == 0);
    }
}

TEST_CASE("live blocks never overlap, through a thousand random requests") {
    FakeSource fake{.capacity = std::size_t{1} << 30};
    Arena arena(fake.source());
    std::map<std::uintptr_t, std::size_t> live;
    std::mt19937 generator(3);
    for (int i = 0; i < 3000; ++i) {
        if (live.size() > 40) {
            const auto victim = std::next(live.begin(), static_cast<std::ptrdiff_t>(generator() % live.size()));
            arena.free(reinterpret_cast<void*>(victim->first));
            live.erase(victim);
            continue;
        }
        const std::size_t bytes = 1 + generator() % (generator() % 8 == 0 ? 30000 : 700);
        const auto address = reinterpret_cast<std::uintptr_t>(arena.allocate(bytes));
        const auto [entry, fresh] = live.emplace(address, bytes);
        REQUIRE(fresh);
        if (entry != live.begin()) REQUIRE(std::prev(entry)->first + std::prev(entry)->second <= address);
        if (std::next(entry) != live.end()) REQUIRE(address + bytes <= std::next(entry)->first);
    }
    CHECK(arena.statistics().live_blocks == static_cast<std::int64_t>(live.size()));
}

TEST_CASE("threads may share an arena") {
    FakeSource fake{.capacity = std::size_t{1} << 30};
    Arena arena(fake.source());
    const auto work = [&arena](unsigned seed) {
        std::mt19937 generator(seed);
        std::vector<void*> live;
        for (int i = 0; i < 2000; ++i) {
            live.push_back(arena.allocate(generator() % 5000));
            if (live.size() < 20) continue;
            for (void* const address : live) arena.free(address);
            live.clear();
        }
        for (void* const address : live) arena.free(address);
    };
    std::vector<std::thread> threads;
    for (unsigned seed = 0; seed < 3; ++seed) threads.emplace_back(work, seed);
    for (std::thread& thread : threads) thread.join();
    CHECK(arena.statistics().in_use == 0);
    CHECK(arena.statistics().live_blocks == 0);
}

TEST_CASE("more than the limit is refused with what there is in all, before the source is asked") {
    FakeSource fake;
    Arena::Source source = fake.source();
    source.limit = 2048;
    Arena arena(std::move(source));
    arena.allocate(1000);
    const tensor::OperationScope operation("conv3d");
    CHECK(contains_all(message_of([&] { arena.allocate(2000); }),
                       {"[arena]", "fake memory: no room for 2.0 KiB (2048 bytes), result of conv3d",
                        "1.0 KiB (1024 bytes) in use", "2.0 KiB (2048 bytes) in all", "--batch"}));
    CHECK(fake.reserved.size() == 1);
    CHECK_NOTHROW(arena.allocate(1024));
}

namespace {

Arena::Source guarded_memory() {
    return {.reserve = [](std::size_t bytes) { return std::aligned_alloc(Arena::alignment, bytes); },
            .release = [](void* address, std::size_t) { std::free(address); },
            .granularity = Arena::alignment,
            .name = "guarded memory",
            .guarded = true};
}

/// An overrun as a kernel would make it: unseen by the address sanitizer, so that the guard itself is tested.
[[gnu::noinline, gnu::no_sanitize_address]] void overwrite(void* block, std::size_t at) {
    static_cast<volatile unsigned char*>(block)[at] = 7;
}

}  // namespace

TEST_CASE("guards: writing inside a block is no damage, whatever its size, and blocks are used again") {
    Arena arena(guarded_memory());
    for (int round = 0; round < 2; ++round)
        for (const std::size_t bytes : {0u, 1u, 63u, 191u, 192u, 193u, 255u, 256u, 257u, 5000u}) {
            void* const block = arena.allocate(bytes);
            std::memset(block, 0xFF, bytes);
            arena.free(block);
        }
    CHECK(arena.statistics().damaged == 0);
    CHECK(arena.statistics().first_damaged.empty());
}

TEST_CASE("guards: one byte behind a block's end is found when it is freed, and its scope is named") {
    for (const std::size_t bytes : {0u, 1u, 63u, 192u, 193u, 256u, 1000u})
        for (const std::size_t behind : {std::size_t{0}, std::size_t{1}, Arena::guard - 1}) {
            CAPTURE(bytes);
            CAPTURE(behind);
            Arena arena(guarded_memory());
            void *victim = nullptr, *other = nullptr;
            {
                const tensor::LayerScope layer("critic.conv1");
                const tensor::OperationScope operation("conv3d");
                victim = arena.allocate(bytes);
            }
            other = arena.allocate(bytes);
            overwrite(victim, bytes + behind);
            arena.free(other);
            CHECK(arena.statistics().damaged == 0);
            arena.free(victim);
            CHECK(arena.statistics().damaged == 1);
            CHECK(contains_all(
                arena.statistics().first_damaged,
                {"guarded memory",
                 "byte " + std::to_string(behind) + " behind the end of " + std::to_string(bytes) + " bytes",
                 "result of conv3d in critic.conv1"}));
            // The first is kept, all are counted, and a block used again starts whole.
            other = arena.allocate(7);
            overwrite(other, 7);
            arena.free(other);
            CHECK(arena.statistics().damaged == 2);
            CHECK(contains_all(arena.statistics().first_damaged, {"critic.conv1"}));
            arena.free(arena.allocate(bytes));
            CHECK(arena.statistics().damaged == 2);
        }
}

TEST_CASE("guards: a source without them is never touched, and its blocks are not longer") {
    FakeSource fake;  // addresses that nobody may read or write
    Arena arena(fake.source());
    arena.free(arena.allocate(256));
    CHECK(arena.statistics().peak == 256);
    Arena guarded(guarded_memory());
    guarded.free(guarded.allocate(256));
    CHECK(guarded.statistics().peak == 512);
}
