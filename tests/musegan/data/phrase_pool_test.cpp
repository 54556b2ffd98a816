// Each phrase once over all songs, and splits that part no songs alike.
#include "musegan/data/phrase_pool.hpp"

#include <doctest/doctest.h>

#include <numeric>

#include "musegan/phrase/transposition.hpp"
#include "tensor/error.hpp"
#include "tests/musegan/phrase/rolls.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace musegan;

namespace {

/// A phrase like no other: bass notes at a pitch and steps that `name` says.
PackedPhrases phrase(int name, int pitch = 40) {
    PianoRoll roll(paper_shape, paper_shape.steps());
    for (int bit = 0; bit < 16; ++bit)
        if (name >> bit & 1) roll.set_run(24 * bit, 24 * bit + 20, pitch, 0);
    roll.set(0, 12, 1);
    return {paper_shape, {roll.bits().begin(), roll.bits().end()}};
}

PackedPhrases song(const std::vector<int>& names, int pitch = 40) {
    PackedPhrases phrases{paper_shape, {}};
    for (const int name : names) phrases.append(phrase(name, pitch).bits);
    return phrases;
}

/// The phrases of a part.
PackedPhrases joined(const PhrasePool::Part& part) {
    PackedPhrases all{paper_shape, {}};
    part.bits([&](std::span<const std::uint8_t> piece) { all.append(piece); });
    return all;
}

std::vector<bool> nobody(const PhrasePool& pool) { return std::vector<bool>(static_cast<std::size_t>(pool.songs())); }

std::vector<std::int64_t> songs_of(const std::vector<bool>& chosen) {
    std::vector<std::int64_t> songs;
    for (std::size_t k = 0; k < chosen.size(); ++k)
        if (chosen[k]) songs.push_back(static_cast<std::int64_t>(k));
    return songs;
}

/// The first two songs are on one side, whatever the seed.
void check_together(const PhrasePool& pool, double share) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const std::vector<bool> held_out = pool.hold_out(share, seed);
        CHECK(held_out[0] == held_out[1]);
    }
}

}  // namespace

TEST_CASE("phrase pool: a phrase that the pool has is left out, and whose it is is told") {
    const support::TemporaryFolder folder;
    PhrasePool pool(folder.path());
    PhrasePool::Added added = pool.add_song(song({1, 2, 3}));
    CHECK(added.song == 0);
    CHECK(added.added == 3);
    CHECK(added.known == 0);
    CHECK(added.most_alike == -1);
    CHECK(pool.add_song(song({4, 5})).song == 1);
    added = pool.add_song(song({2, 6, 4, 5, 7, 6}));  // 6 is repeated within the song
    CHECK(added.song == 2);
    CHECK(added.added == 2);
    CHECK(added.known == 4);
    CHECK(added.most_alike == 1);
    CHECK(added.shared == 2);
    added = pool.add_song(song({1, 4}));
    CHECK(added.song == -1);
    CHECK(added.added == 0);
    CHECK(added.known == 2);
    CHECK(added.most_alike == 0);  // of equals the first
    CHECK(pool.songs() == 3);
    CHECK(pool.phrases() == 7);
    const PhrasePool::Part all = pool.part(nobody(pool), false, true);
    CHECK(joined(all) == song({1, 2, 3, 4, 5, 6, 7}));
    CHECK(all.songs == std::vector<std::int64_t>{0, 0, 0, 1, 1, 2, 2});
    CHECK(support::message_of([&] {
              pool.add_song(PackedPhrases{paper_shape.on_grid(4), {}});
          }).find("expected") != std::string::npos);
}

TEST_CASE("phrase pool: thousands of phrases, each found again") {
    const support::TemporaryFolder folder;
    PhrasePool pool(folder.path());
    std::vector<int> names(3000);
    std::iota(names.begin(), names.end(), 1);
    for (std::size_t k = 0; k < names.size(); k += 100)
        CHECK(pool.add_song(song({names.begin() + static_cast<std::ptrdiff_t>(k),
                                  names.begin() + static_cast<std::ptrdiff_t>(k) + 100}))
                  .added == 100);
    CHECK(pool.add_song(song(names)).known == 3000);
    CHECK(pool.phrases() == 3000);
}

TEST_CASE("phrase pool: copies in other keys, each new one once, told apart from the phrases themselves") {
    const support::TemporaryFolder folder;
    PhrasePool pool(folder.path());
    pool.add_song(song({1, 2}), 2);
    CHECK(pool.copies() == std::vector<std::int64_t>{8});
    // A phrase at the top of the pitches can only be moved down.
    pool.add_song(song({3}, 83), 2);
    CHECK(pool.copies() == std::vector<std::int64_t>{8, 2});
    CHECK(joined(pool.part(nobody(pool), false, false)) == [] {
        PackedPhrases all = song({1, 2});
        all.append(song({3}, 83).bits);
        return all;
    }());
    PackedPhrases all = song({1, 2});
    for (const int semitones : {1, -1, 2, -2}) all.append(transposed(song({1, 2}), semitones).bits);
    all.append(song({3}, 83).bits);
    for (const int semitones : {-1, -2}) all.append(transposed(song({3}, 83), semitones).bits);
    const PhrasePool::Part part = pool.part(nobody(pool), false, true);
    CHECK(joined(part) == all);
    CHECK(part.songs == std::vector<std::int64_t>{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1});
}

TEST_CASE("phrase pool: a phrase that was only a copy is the song's that has it, on whichever side it is") {
    const support::TemporaryFolder folder;
    PhrasePool pool(folder.path());
    pool.add_song(song({1}), 1);
    // The same a semitone higher, and a phrase of its own.
    const PhrasePool::Added added = pool.add_song(song({1}, 41), 1);
    CHECK(added.song == 1);
    CHECK(added.added == 1);
    CHECK(added.known == 0);
    CHECK(pool.copies() == std::vector<std::int64_t>{1, 1});  // 39 of the first, 42 of the second
    for (int k = 0; k < 6; ++k) pool.add_song(song({10 + k}), 1);
    const auto phrases_of = [&](const std::vector<std::int64_t>& chosen) {
        std::vector<bool> is_chosen(8);
        for (const std::int64_t song : chosen) is_chosen[static_cast<std::size_t>(song)] = true;
        return joined(pool.part(is_chosen, true, false));
    };
    CHECK(phrases_of({0}) == song({1}));
    CHECK(phrases_of({1}) == song({1}, 41));
    PackedPhrases both = song({1});
    both.append(song({1}, 41).bits);
    CHECK(phrases_of({0, 1}) == both);
    check_together(pool, 0.25);
}

TEST_CASE("phrase pool: a song without a phrase of its own still joins those that it is made of") {
    const support::TemporaryFolder folder;
    PhrasePool pool(folder.path());
    pool.add_song(song({1, 2}));
    pool.add_song(song({3, 4}));
    for (int k = 0; k < 6; ++k) pool.add_song(song({10 + k}));
    CHECK(pool.add_song(song({2, 3})).song == -1);
    check_together(pool, 0.3);
}

TEST_CASE("phrase pool: a long chain of songs alike is one set") {
    const support::TemporaryFolder folder;
    PhrasePool pool(folder.path());
    for (int k = 3000; k > 0; --k) pool.add_song(song({k, k + 1}));
    pool.add_song(song({9000}));
    const std::vector<bool> held_out = pool.hold_out(0.5, 0);
    CHECK(songs_of(held_out) == std::vector<std::int64_t>{3000});
}

TEST_CASE("phrase pool: a share of the songs is held out, whole songs, by seed and content") {
    const support::TemporaryFolder folder;
    const auto choice = [&](std::vector<int> order, double share, std::uint64_t seed) {
        PhrasePool pool(folder.path());
        for (const int name : order) pool.add_song(song({3 * name + 1, 3 * name + 2, 3 * name + 3}));
        std::vector<int> names;
        for (const std::int64_t chosen : songs_of(pool.hold_out(share, seed)))
            names.push_back(order[static_cast<std::size_t>(chosen)]);
        std::ranges::sort(names);
        return names;
    };
    std::vector<int> order(100), backwards;
    std::iota(order.begin(), order.end(), 0);
    backwards.assign(order.rbegin(), order.rend());
    CHECK(choice(order, 0.1, 1).size() == 10);
    CHECK(choice(order, 0.25, 1).size() == 25);
    CHECK(choice(order, 0.001, 1).size() == 1);
    CHECK(choice(order, 0.1, 1) == choice(backwards, 0.1, 1));
    CHECK(choice(order, 0.1, 1) != choice(order, 0.1, 2));
    // More of them hold out the same and others.
    const std::vector<int> some = choice(order, 0.1, 1), more = choice(order, 0.2, 1);
    CHECK(std::ranges::includes(more, some));
}

TEST_CASE("phrase pool: songs that share phrases stay on one side, in chains and in other keys") {
    const support::TemporaryFolder folder;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        PhrasePool pool(folder.path());
        pool.add_song(song({1, 2}), 1);
        pool.add_song(song({10, 11}), 1);
        pool.add_song(song({2, 3}), 1);       // shares 2 with the first
        pool.add_song(song({3, 4}), 1);       // shares 3 with the third
        pool.add_song(song({11, 5}, 41), 1);  // 11 of the second, a semitone higher
        for (int k = 0; k < 15; ++k) pool.add_song(song({100 + k}), 1);
        const std::vector<bool> held_out = pool.hold_out(0.3, seed);
        CHECK(songs_of(held_out).size() == 6);
        CHECK(held_out[0] == held_out[2]);
        CHECK(held_out[0] == held_out[3]);
        CHECK(held_out[1] == held_out[4]);
        const auto train = pool.part(held_out, false, true), test = pool.part(held_out, true, false);
        CHECK(test.songs.size() + train.songs.size() - static_cast<std::size_t>(train.copies) == 23);
        for (const std::int64_t number : test.songs) CHECK(held_out[static_cast<std::size_t>(number)]);
        for (const std::int64_t number : train.songs) CHECK_FALSE(held_out[static_cast<std::size_t>(number)]);
    }
}

TEST_CASE("phrase pool: one set of songs alike cannot be split") {
    const support::TemporaryFolder folder;
    PhrasePool pool(folder.path());
    pool.add_song(song({1, 2}));
    pool.add_song(song({2, 3}));
    pool.add_song(song({3, 4}));
    CHECK(support::message_of([&] { pool.hold_out(0.4, 0); }) ==
          "[prepare] 0 of 3 songs would be held out: those that share phrases stay together in 1 sets, expected some "
          "songs on both sides (more songs, or another --held-out)");
}
