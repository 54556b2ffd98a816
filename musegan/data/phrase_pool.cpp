#include "musegan/data/phrase_pool.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <map>
#include <random>
#include <set>
#include <tuple>
#include <utility>

#include "io/crc32c.hpp"
#include "musegan/phrase/transposition.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

/// Scatters the bits of a number (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014: the
/// finalizer of SplitMix64).
std::uint64_t scattered(std::uint64_t value) {
    value += 0x9E3779B97F4A7C15;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
    return value ^ (value >> 31);
}

constexpr std::uint64_t hash_modulus = (std::uint64_t{1} << 61) - 1;

/// a b + c modulo hash_modulus, of numbers below it.
std::uint64_t times_plus(std::uint64_t a, std::uint64_t b, std::uint64_t c) {
    const auto product = static_cast<unsigned __int128>(a) * b + c;
    const std::uint64_t sum =
        static_cast<std::uint64_t>(product & hash_modulus) + static_cast<std::uint64_t>(product >> 61);
    return sum >= hash_modulus ? sum - hash_modulus : sum;
}

}  // namespace

PhrasePool::PhrasePool(const std::filesystem::path& folder) : spool_(folder) {
    // Drawn anew each time, so that no file can be made to hold phrases that collide. Equal hashes are still compared,
    // and so nothing depends on it but the time.
    std::random_device random;
    key_ = ((std::uint64_t{random()} << 32 | random()) % (hash_modulus - 2)) + 1;
}

/// The polynomial whose coefficients are the words of the bits, at the key, modulo the prime 2^61 - 1 (Carter and
/// Wegman: Universal classes of hash functions, 1979). Four of them, of every fourth word, at the key's fourth power,
/// are joined at the end: the processor works on them at the same time.
std::uint64_t PhrasePool::hash_of(std::span<const std::uint8_t> bits) const {
    constexpr std::size_t lanes = 4, word_bytes = sizeof(std::uint32_t);
    const std::uint64_t square = times_plus(key_, key_, 0), fourth = times_plus(square, square, 0);
    std::array<std::uint64_t, lanes> sums{};
    for (std::size_t at = 0; at < bits.size(); at += lanes * word_bytes) {
        std::array<std::uint32_t, lanes> words{};
        std::memcpy(words.data(), bits.data() + at, std::min(sizeof words, bits.size() - at));
        for (std::size_t lane = 0; lane < lanes; ++lane) sums[lane] = times_plus(sums[lane], fourth, words[lane]);
    }
    std::uint64_t hash = 0;
    for (const std::uint64_t sum : sums) hash = times_plus(hash, key_, sum);
    return hash;
}

PhrasePool::Phrase PhrasePool::find(std::span<const std::uint8_t> bits) const {
    const std::uint64_t hash = hash_of(bits);
    if (table_.empty()) return {none, hash};
    std::vector<std::uint8_t> there;
    for (std::size_t slot = scattered(hash) & (table_.size() - 1); table_[slot] != none;
         slot = (slot + 1) & (table_.size() - 1)) {
        const std::uint32_t phrase = table_[slot];
        if (hash_[phrase] != hash) continue;
        there.resize(bits.size());
        spool_.read(static_cast<std::int64_t>(phrase) * static_cast<std::int64_t>(bits.size()), there);
        if (std::ranges::equal(there, bits)) return {phrase, hash};
    }
    return {none, hash};
}

std::size_t PhrasePool::free_slot(std::uint64_t hash) const {
    std::size_t slot = scattered(hash) & (table_.size() - 1);
    while (table_[slot] != none) slot = (slot + 1) & (table_.size() - 1);
    return slot;
}

void PhrasePool::grow() {
    table_.assign(std::max<std::size_t>(1024, table_.size() * 2), none);
    for (std::uint32_t phrase = 0; phrase < hash_.size(); ++phrase) table_[free_slot(hash_[phrase])] = phrase;
}

void PhrasePool::insert(std::span<const std::uint8_t> bits, std::uint64_t hash, std::int64_t song, bool is_copy) {
    if (hash_.size() == none - 1) tensor::fail("prepare", "more than {} phrases", none - 1);
    spool_.append(bits);
    hash_.push_back(hash);
    song_.push_back(static_cast<std::uint32_t>(song));
    is_copy_.push_back(is_copy);
    if (2 * hash_.size() > table_.size()) grow();
    else table_[free_slot(hash)] = static_cast<std::uint32_t>(hash_.size() - 1);
}

PhrasePool::Added PhrasePool::add_song(const PhraseView& phrases, int semitones) {
    if (phrases.shape() != paper_shape)
        tensor::fail("prepare", "phrases of {}, expected {}", phrases.shape().to_string(), paper_shape.to_string());
    Added result;
    PackedPhrases added{paper_shape, {}};
    std::map<std::uint32_t, std::int64_t> owners;  // of phrases that are known, and how many they have
    std::set<std::uint32_t> copied;                // songs whose copies turn out to be this song's phrases
    const auto song = static_cast<std::uint32_t>(songs());
    std::uint32_t least = none;
    for (std::int64_t k = 0; k < phrases.count(); ++k) {
        const auto bits = phrases[k];
        const Phrase found = find(bits);
        if (found.number == none) {
            insert(bits, found.hash, song, false);
        } else if (is_copy_[found.number] && song_[found.number] != song) {
            copied.insert(std::exchange(song_[found.number], song));
            is_copy_[found.number] = false;
        } else {
            ++result.known;
            if (song_[found.number] != song) ++owners[song_[found.number]];
            continue;
        }
        added.append(bits);
        least = std::min(least, io::crc32c(bits));
    }
    for (const auto& [owner, count] : owners) {
        if (count > result.shared) result.most_alike = owner, result.shared = count;
        join(owners.begin()->first, owner);
    }
    result.added = added.count();
    if (result.added == 0) return result;
    result.song = song;
    alike_.push_back(song);
    size_.push_back(1);
    checksum_.push_back(least);
    if (!owners.empty()) join(owners.begin()->first, song);
    for (const std::uint32_t other : copied) join(other, song);
    add_copies(added, song, semitones);
    return result;
}

void PhrasePool::add_copies(const PackedPhrases& added, std::int64_t song, int semitones) {
    for (int distance = 1; distance <= semitones; ++distance) {
        for (const int shift : {distance, -distance}) {
            const PackedPhrases moved = transposed(added, shift);
            for (std::int64_t k = 0; k < moved.count(); ++k) {
                const auto bits = moved.view()[k];
                const Phrase found = find(bits);
                if (found.number == none) insert(bits, found.hash, song, true);
                else join(song_[found.number], static_cast<std::uint32_t>(song));
            }
        }
    }
}

std::uint32_t PhrasePool::root_of(std::uint32_t song) const {
    for (; alike_[song] != song; song = alike_[song]) alike_[song] = alike_[alike_[song]];
    return song;
}

void PhrasePool::join(std::uint32_t a, std::uint32_t b) {
    std::uint32_t large = root_of(a), small = root_of(b);
    if (large == small) return;
    if (size_[large] < size_[small]) std::swap(large, small);
    alike_[small] = large;
    size_[large] += size_[small];
}

std::vector<std::int64_t> PhrasePool::copies() const {
    std::vector<std::int64_t> copies(alike_.size());
    for (std::size_t phrase = 0; phrase < song_.size(); ++phrase) copies[song_[phrase]] += is_copy_[phrase];
    return copies;
}

std::vector<bool> PhrasePool::hold_out(double share, std::uint64_t seed) const {
    struct Set {
        std::uint32_t least = none;  ///< checksum
        std::vector<std::int64_t> songs{};
    };
    std::map<std::uint32_t, Set> sets;
    for (std::uint32_t song = 0; song < alike_.size(); ++song) {
        Set& set = sets[root_of(song)];
        set.least = std::min(set.least, checksum_[song]);
        set.songs.push_back(song);
    }
    std::vector<std::tuple<std::uint64_t, std::uint32_t, std::uint32_t>> order;
    for (const auto& [root, set] : sets) order.emplace_back(scattered(scattered(seed) ^ set.least), set.least, root);
    std::ranges::sort(order);
    auto left = std::max<std::int64_t>(1, std::llround(share * static_cast<double>(songs())));
    std::vector<bool> is_held_out(static_cast<std::size_t>(songs()));
    std::int64_t held_out = 0;
    for (const auto& [rank, least, root] : order) {
        const std::vector<std::int64_t>& members = sets.at(root).songs;
        if (static_cast<std::int64_t>(members.size()) > left - held_out) continue;
        for (const std::int64_t song : members) is_held_out[static_cast<std::size_t>(song)] = true;
        held_out += static_cast<std::int64_t>(members.size());
    }
    if (held_out == 0 || held_out == songs())
        tensor::fail("prepare",
                     "{} of {} songs would be held out: those that share phrases stay together in {} sets, expected "
                     "some songs on both sides (more songs, or another --held-out)",
                     held_out, songs(), sets.size());
    return is_held_out;
}

PhrasePool::Part PhrasePool::part(const std::vector<bool>& is_chosen, bool chosen, bool with_copies) const {
    struct Range {
        std::size_t begin, end;  ///< phrases
    };
    Part part;
    std::vector<Range> ranges;
    for (std::size_t phrase = 0; phrase < song_.size(); ++phrase) {
        if (is_chosen[song_[phrase]] != chosen || (is_copy_[phrase] && !with_copies)) continue;
        if (ranges.empty() || ranges.back().end != phrase) ranges.push_back({phrase, phrase});
        ranges.back().end = phrase + 1;
        part.songs.push_back(song_[phrase]);
        part.copies += is_copy_[phrase];
    }
    part.bits = [this, ranges = std::move(ranges)](const auto& take) {
        constexpr std::size_t most = 64;  // phrases read at a time: some megabytes
        const auto bytes = static_cast<std::size_t>(paper_shape.bytes());
        std::vector<std::uint8_t> buffer(most * bytes);
        for (const Range& range : ranges)
            for (std::size_t begin = range.begin; begin < range.end; begin += most) {
                const auto piece = std::span(buffer).first(std::min(most, range.end - begin) * bytes);
                spool_.read(static_cast<std::int64_t>(begin * bytes), piece);
                take(piece);
            }
    };
    return part;
}

}  // namespace musegan
