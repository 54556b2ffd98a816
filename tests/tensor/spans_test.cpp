// Sets of addresses, and what an arena tells of its own by them.
#include "tensor/spans.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <bitset>
#include <utility>
#include <vector>

#include "tensor/arena.hpp"
#include "tensor/philox.hpp"

using tensor::Arena;
using tensor::Spans;

TEST_CASE("spans: every sequence of ranges leaves the set of their addresses, in ranges that do not touch") {
    constexpr std::uintptr_t most = 96;
    tensor::RandomStream random{.seed = 11};
    for (int round = 0; round < 200; ++round) {
        Spans spans;
        std::bitset<most> expected;
        for (int i = 0; i < 8; ++i) {
            const std::uintptr_t begin = random.below(most), bytes = random.below(most - begin + 1);
            spans.add(begin, bytes);
            for (std::uintptr_t at = begin; at < begin + bytes; ++at) expected.set(at);
        }
        std::bitset<most> found;
        std::uintptr_t last = 0;
        bool apart = true;
        for (const auto& [begin, end] : spans.ranges()) {
            apart = apart && begin < end && (found.none() || begin > last);
            for (std::uintptr_t at = begin; at < end; ++at) found.set(at);
            last = end;
        }
        CHECK(apart);
        CHECK((found == expected));
        for (std::uintptr_t begin = 0; begin < most; ++begin)
            for (const std::uintptr_t bytes : {0, 1, 2, 7, 40}) {
                bool inside = false;
                for (std::uintptr_t at = begin; at < std::min(begin + bytes, most); ++at) inside |= expected[at];
                if (spans.overlap(begin, bytes) != inside) FAIL("overlap of ", begin, " and ", bytes, " bytes");
            }
    }
}

TEST_CASE("arena: a watch notes what is handed out meanwhile, and it is free once nothing of it is in use") {
    std::uintptr_t next = 1 << 20;
    Arena::Source source;
    source.reserve = [&](std::size_t bytes) { return reinterpret_cast<void*>(std::exchange(next, next + bytes)); };
    source.release = [](void*, std::size_t) {};
    source.granularity = 1 << 16;
    Arena arena(source);
    void* const before = arena.allocate(1000);
    Spans spans;
    void *first = nullptr, *second = nullptr;
    {
        const tensor::ArenaWatch watch(arena);
        first = arena.allocate(300);
        arena.free(arena.allocate(700));
        second = arena.allocate(400);  // where the one before was
        spans = watch.spans();
    }
    const auto address = [](const void* block) { return reinterpret_cast<std::uintptr_t>(block); };
    CHECK(spans.overlap(address(first), 1));
    CHECK(spans.overlap(address(second) + 700, 1));  // freed again, and noted all the same
    CHECK(!spans.overlap(address(before), 1024));
    CHECK(!arena.is_free(spans));
    arena.free(first);
    CHECK(!arena.is_free(spans));
    arena.free(second);
    CHECK(arena.is_free(spans));  // although `before` is in use
    std::vector<void*> others;
    while (others.empty() || others.back() != first) others.push_back(arena.allocate(256));
    CHECK(!arena.is_free(spans));
    for (void* const block : others) arena.free(block);
    void* const whole = arena.allocate((1 << 16) - 1024);  // begins inside, and ends behind
    CHECK(!arena.is_free(spans));
    arena.free(whole);
    CHECK(arena.is_free(spans));
    arena.free(before);
}
