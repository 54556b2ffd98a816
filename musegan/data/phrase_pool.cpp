#include "musegan/data/phrase_pool.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

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

}  // namespace

std::size_t PhrasePool::slot_of(std::uint32_t checksum) const {
    return static_cast<std::size_t>(scattered(checksum)) & (table_.size() - 1);
}

std::uint32_t PhrasePool::find(std::span<const std::uint8_t> bits, std::uint32_t checksum) const {
    if (table_.empty()) return none;
    std::vector<std::uint8_t> there(bits.size());
    for (std::size_t slot = slot_of(checksum); table_[slot] != none; slot = (slot + 1) & (table_.size() - 1)) {
        const std::uint32_t phrase = table_[slot];
        if (checksum_[phrase] != checksum) continue;
        spool_.read(static_cast<std::int64_t>(phrase) * static_cast<std::int64_t>(bits.size()), there);
        if (std::ranges::equal(there, bits)) return phrase;
    }
    return none;
}

void PhrasePool::grow() {
    table_.assign(std::max<std::size_t>(1024, table_.size() * 2), none);
    for (std::uint32_t phrase = 0; phrase < checksum_.size(); ++phrase) {
        std::size_t slot = slot_of(checksum_[phrase]);
        while (table_[slot] != none) slot = (slot + 1) & (table_.size() - 1);
        table_[slot] = phrase;
    }
}

void PhrasePool::insert(std::span<const std::uint8_t> bits, std::uint32_t checksum, std::int64_t song, bool is_copy) {
    if (checksum_.size() == none - 1) tensor::fail("prepare", "more than {} phrases", none - 1);
    spool_.append(bits);
    checksum_.push_back(checksum);
    song_.push_back(static_cast<std::uint32_t>(song));
    is_copy_.push_back(is_copy);
    if (2 * checksum_.size() > table_.size()) return grow();
    std::size_t slot = slot_of(checksum);
    while (table_[slot] != none) slot = (slot + 1) & (table_.size() - 1);
    table_[slot] = static_cast<std::uint32_t>(checksum_.size() - 1);
}

PhrasePool::Added PhrasePool::add_song(const PhraseView& phrases, int semitones) {
    if (phrases.shape() != paper_shape)
        tensor::fail("prepare", "phrases of {}, expected {}", phrases.shape().to_string(), paper_shape.to_string());
    Added result;
    PackedPhrases added{paper_shape, {}};
    std::map<std::uint32_t, std::int64_t> owners;
    const std::int64_t song = songs();
    std::uint32_t least = none;
    for (std::int64_t k = 0; k < phrases.count(); ++k) {
        const auto bits = phrases[k];
        const std::uint32_t checksum = io::crc32c(bits);
        if (const std::uint32_t phrase = find(bits, checksum); phrase != none) {
            ++result.known;
            if (song_[phrase] != song) ++owners[song_[phrase]];
            continue;
        }
        insert(bits, checksum, song, false);
        added.append(bits);
        least = std::min(least, checksum);
    }
    for (const auto& [owner, count] : owners)
        if (count > result.shared) result.most_alike = owner, result.shared = count;
    result.added = added.count();
    if (result.added == 0) return result;
    result.song = song;
    alike_.push_back(static_cast<std::uint32_t>(song));
    first_checksum_.push_back(least);
    for (const auto& [owner, count] : owners) join(owner, song);
    result.moved = add_copies(added, song, semitones);
    return result;
}

std::int64_t PhrasePool::add_copies(const PackedPhrases& added, std::int64_t song, int semitones) {
    std::int64_t copies = 0;
    for (int distance = 1; distance <= semitones; ++distance) {
        for (const int shift : {distance, -distance}) {
            const PackedPhrases moved = transposed(added, shift);
            for (std::int64_t k = 0; k < moved.count(); ++k) {
                const auto bits = moved.view()[k];
                const std::uint32_t checksum = io::crc32c(bits);
                if (const std::uint32_t phrase = find(bits, checksum); phrase != none) {
                    join(song_[phrase], song);
                } else {
                    insert(bits, checksum, song, true);
                    ++copies;
                }
            }
        }
    }
    return copies;
}

std::int64_t PhrasePool::root_of(std::int64_t song) const {
    while (alike_[static_cast<std::size_t>(song)] != song) song = alike_[static_cast<std::size_t>(song)];
    return song;
}

void PhrasePool::join(std::int64_t a, std::int64_t b) {
    const std::int64_t first = std::min(root_of(a), root_of(b)), second = std::max(root_of(a), root_of(b));
    alike_[static_cast<std::size_t>(second)] = static_cast<std::uint32_t>(first);
    // Both now point at the root, so that chains stay short.
    alike_[static_cast<std::size_t>(a)] = alike_[static_cast<std::size_t>(b)] = static_cast<std::uint32_t>(first);
}

std::vector<bool> PhrasePool::hold_out(double share, std::uint64_t seed) const {
    struct Set {
        std::uint32_t least = none;  ///< checksum
        std::vector<std::int64_t> songs{};
    };
    std::map<std::int64_t, Set> sets;
    for (std::int64_t song = 0; song < songs(); ++song) {
        Set& set = sets[root_of(song)];
        set.least = std::min(set.least, first_checksum_[static_cast<std::size_t>(song)]);
        set.songs.push_back(song);
    }
    std::vector<std::tuple<std::uint64_t, std::uint32_t, std::int64_t>> order;
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
