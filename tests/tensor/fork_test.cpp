// Forks of an arena: what two branches that may run at the same time are given.
#include "tensor/arena.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <map>
#include <random>
#include <vector>

#include "tensor/error.hpp"
#include "tests/support/compare.hpp"
#include "tests/tensor/fake_source.hpp"

using support::contains_all;
using support::FakeSource;
using support::message_of;
using tensor::Arena;
using tensor::Error;

TEST_CASE("fork: what the first branch has held is not handed to the second, and its own blocks are used again") {
    FakeSource fake{.capacity = 8192};
    Arena arena(fake.source(8192));
    void *first = nullptr, *second = nullptr;
    {
        tensor::ForkScope fork(arena);
        first = arena.allocate(1024);
        arena.free(first);
        CHECK(arena.allocate(512) == first);  // inside a branch a freed block is reused at once
        arena.free(first);
        CHECK(arena.statistics().in_use == 0);
        fork.begin_second();
        CHECK(arena.statistics().in_use == 1024);  // kept for the join
        CHECK(arena.statistics().live_blocks == 0);
        second = arena.allocate(1024);
        CHECK(second != first);
        arena.free(second);
        CHECK(arena.allocate(1024) == second);
        arena.free(second);
        CHECK(arena.statistics().in_use == 1024);
    }
    CHECK(arena.statistics().in_use == 0);
    CHECK(arena.statistics().peak == 2048);
    CHECK(arena.statistics().reserved == 8192);
    CHECK(arena.allocate(8192) == first);  // all one block again
}

TEST_CASE("fork: a block from before it, freed while the second branch is issued, waits for the join") {
    FakeSource fake;
    Arena arena(fake.source());
    void* const before = arena.allocate(1024);
    void* const between = arena.allocate(256);
    {
        tensor::ForkScope fork(arena);
        void* const result = arena.allocate(512);
        fork.begin_second();
        arena.free(before);  // the first branch may still read it
        arena.free(result);  // and may not have written this
        CHECK(arena.statistics().in_use == 1024 + 256 + 512);
        CHECK(bytes_for(tensor::Purpose::workspace, arena.statistics().in_use_for) == 1024 + 512);
        for (const std::size_t bytes : {1024u, 512u, 256u}) {
            void* const taken = arena.allocate(bytes);
            CHECK(taken != before);
            CHECK(taken != result);
            arena.free(taken);
        }
    }
    CHECK(arena.statistics().in_use == 256);
    CHECK(arena.statistics().in_use_for == tensor::BytesByPurpose{256, 0, 0, 0, 0, 0});
    CHECK(arena.allocate(1024) == before);
    arena.free(between);
}

TEST_CASE("fork: a block from before it that the first branch frees is the first's own, not the second's") {
    FakeSource fake;
    Arena arena(fake.source());
    void* const before = arena.allocate(1024);
    void* const other = arena.allocate(1024);
    arena.allocate(256);
    {
        tensor::ForkScope fork(arena);
        arena.free(before);
        CHECK(arena.allocate(1024) == before);  // its last user was issued before, or in this branch
        arena.free(before);
        arena.free(other);  // neighbours: one block of 2048 for this branch
        CHECK(arena.allocate(2048) == before);
        arena.free(before);
        fork.begin_second();
        CHECK(arena.allocate(1024) > other);
        CHECK(arena.allocate(256) > other);
    }
    CHECK(arena.allocate(2048) == before);
}

TEST_CASE("fork: a branch takes its own freed blocks before memory that the other one could have") {
    FakeSource fake;
    Arena arena(fake.source());
    void* const small = arena.allocate(256);
    arena.allocate(256);
    arena.free(small);  // fits best, and is free for both
    tensor::ForkScope fork(arena);
    void* const large = arena.allocate(1024);
    arena.free(large);
    CHECK(arena.allocate(256) == large);
    fork.begin_second();
    CHECK(arena.allocate(256) == small);
}

TEST_CASE("fork: what waits for the join counts against the limit") {
    FakeSource fake;
    Arena::Source source = fake.source();
    source.limit = 2048;
    Arena arena(std::move(source));
    {
        tensor::ForkScope fork(arena);
        arena.free(arena.allocate(1024));
        fork.begin_second();
        CHECK(contains_all(message_of([&] { arena.allocate(1280); }), {"no room", "1.0 KiB (1024 bytes) in use"}));
        CHECK_NOTHROW(arena.allocate(1024));
    }
    CHECK_NOTHROW(arena.allocate(1024));
}

TEST_CASE("fork: one inside another and a third branch are errors, and one that was left early joins") {
    FakeSource fake;
    Arena arena(fake.source());
    void* block = nullptr;
    {
        CHECK(!arena.is_forked());
        tensor::ForkScope fork(arena);
        CHECK(arena.is_forked());
        CHECK_THROWS_AS(tensor::ForkScope{arena}, Error);
        CHECK(arena.is_forked());
        block = arena.allocate(256);
        arena.free(block);
    }
    CHECK(!arena.is_forked());
    CHECK(arena.allocate(256) == block);
    tensor::ForkScope again(arena);
    again.begin_second();
    CHECK_THROWS_AS(again.begin_second(), Error);
}

namespace {

/// Every range of addresses that a branch could touch, or that was free throughout.
struct Range {
    std::uintptr_t begin, end;
    bool overlaps(const Range& other) const { return begin < other.end && other.begin < end; }
};

}  // namespace

TEST_CASE("fork: through thousands of random requests no new block of a branch was ever the other one's") {
    FakeSource fake{.capacity = std::size_t{1} << 30};
    Arena arena(fake.source());
    std::mt19937 generator(11);
    std::map<std::uintptr_t, std::size_t> live;
    std::int64_t reused = 0;
    const auto free_one = [&](const auto& block) {
        arena.free(reinterpret_cast<void*>(block->first));
        live.erase(block);
    };
    // Random requests; returns the ranges of the blocks that were taken.
    const auto issue = [&](int requests) {
        std::vector<Range> taken;
        for (int i = 0; i < requests; ++i) {
            if (live.size() > 30 || (!live.empty() && generator() % 3 == 0)) {
                free_one(std::next(live.begin(), static_cast<std::ptrdiff_t>(generator() % live.size())));
                continue;
            }
            const std::size_t bytes = 1 + generator() % (generator() % 8 == 0 ? 30000 : 700);
            const auto address = reinterpret_cast<std::uintptr_t>(arena.allocate(bytes));
            const Range range{address, address + bytes};
            const auto [entry, fresh] = live.emplace(address, bytes);
            REQUIRE(fresh);
            if (entry != live.begin()) REQUIRE(std::prev(entry)->first + std::prev(entry)->second <= address);
            if (std::next(entry) != live.end()) REQUIRE(range.end <= std::next(entry)->first);
            for (const Range& earlier : taken) reused += range.overlaps(earlier);
            taken.push_back(range);
        }
        return taken;
    };
    for (int round = 0; round < 60; ++round) {
        issue(40);
        // What the first may touch: all that is live when it begins, and all that it takes.
        std::vector<Range> of_first;
        for (const auto& [address, bytes] : live) of_first.push_back({address, address + bytes});
        {
            tensor::ForkScope fork(arena);
            for (const Range& range : issue(60)) of_first.push_back(range);
            fork.begin_second();
            for (const Range& range : issue(60))
                for (const Range& other : of_first) REQUIRE(!range.overlaps(other));
        }
        std::int64_t bytes = 0;
        for (const auto& [address, size] : live)
            bytes += static_cast<std::int64_t>((size + Arena::alignment - 1) / Arena::alignment * Arena::alignment);
        CHECK(arena.statistics().in_use == bytes);
        CHECK(arena.statistics().live_blocks == static_cast<std::int64_t>(live.size()));
    }
    CHECK(reused > 100);  // within a branch blocks are handed on
    while (!live.empty()) free_one(live.begin());
    CHECK(arena.statistics().in_use_for == tensor::BytesByPurpose{});
}
