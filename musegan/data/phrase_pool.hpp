// The phrases of many songs on their way to a dataset: each phrase once, songs that share some known as alike.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "io/safetensors.hpp"
#include "musegan/data/spool.hpp"
#include "musegan/phrase/packing.hpp"

namespace musegan {

/// Phrases wait on the disk (Spool); memory holds some 25 bytes per phrase and 12 per song.
class PhrasePool {
  public:
    /// Throws Error where `folder` cannot hold a file.
    explicit PhrasePool(const std::filesystem::path& folder);

    /// What became of a song's phrases.
    struct Added {
        std::int64_t song = -1;        ///< the number that the song got: 0, 1, ...; -1 where none of its phrases is new
        std::int64_t added = 0;        ///< phrases that are new
        std::int64_t known = 0;        ///< phrases that an earlier song has, or this one again, and so left out
        std::int64_t most_alike = -1;  ///< the song that has most of those; of several the first; -1 for none
        std::int64_t shared = 0;       ///< how many it has
    };
    /// Adds a song's phrases, all of paper_shape, and copies of the new ones 1 to `semitones` semitones higher and
    /// lower (phrase/transposition.hpp), those that are new. A phrase that the pool knew only as a copy is the song's
    /// from now on. Throws Error for other shapes, and on a full disk: the pool is then of no further use.
    Added add_song(const PhraseView& phrases, int semitones = 0);

    std::int64_t songs() const { return static_cast<std::int64_t>(alike_.size()); }
    std::int64_t phrases() const { return static_cast<std::int64_t>(song_.size()); }
    /// How many copies in other keys are kept, by song.
    std::vector<std::int64_t> copies() const;

    /// Chooses songs to hold out: round(share x songs) of them, at least one. Songs that share phrases, in whatever key
    /// the pool knows them in, stay together, and so do songs that share some with these. Which are chosen depends on
    /// the seed and on what the songs hold, not on their names, and on their order only in which of two songs that
    /// share phrases has them. A set of songs that is larger than what is still to be chosen is left, so fewer may be
    /// chosen. Throws Error where no song can be, or would be left.
    std::vector<bool> hold_out(double share, std::uint64_t seed) const;

    /// Phrases of some songs.
    struct Part {
        io::ByteStream bits;              ///< reads them from the disk, as long as the pool lives
        std::vector<std::int64_t> songs;  ///< the song of each phrase
        std::int64_t copies = 0;          ///< of the phrases, those moved to another key
    };
    /// Those of the songs of which `is_chosen` has `chosen`, with or without their copies in other keys.
    Part part(const std::vector<bool>& is_chosen, bool chosen, bool with_copies) const;

  private:
    static constexpr std::uint32_t none = UINT32_MAX;
    struct Phrase {
        std::uint32_t number;  ///< none for one that the pool does not have
        std::uint64_t hash;
    };
    std::uint64_t hash_of(std::span<const std::uint8_t> bits) const;
    Phrase find(std::span<const std::uint8_t> bits) const;
    void insert(std::span<const std::uint8_t> bits, std::uint64_t hash, std::int64_t song, bool is_copy);
    std::size_t free_slot(std::uint64_t hash) const;
    void grow();
    void add_copies(const PackedPhrases& added, std::int64_t song, int semitones);
    void join(std::uint32_t a, std::uint32_t b);
    std::uint32_t root_of(std::uint32_t song) const;

    Spool spool_;
    std::uint64_t key_;                         ///< of the hash
    std::vector<std::uint64_t> hash_;           ///< by phrase
    std::vector<std::uint32_t> song_;           ///< by phrase
    std::vector<bool> is_copy_;                 ///< by phrase
    std::vector<std::uint32_t> table_;          ///< open addressing: phrases, or none
    mutable std::vector<std::uint32_t> alike_;  ///< by song: another of its set, itself for the set's first
    std::vector<std::uint32_t> size_;           ///< by song that is its set's first: songs in the set
    std::vector<std::uint32_t> checksum_;       ///< by song: the least CRC-32C of the phrases that it brought
};

}  // namespace musegan
