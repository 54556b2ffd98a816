// The dataset: bit-packed phrases in one safetensors file, mapped and verified.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "io/safetensors.hpp"
#include "musegan/phrase/packing.hpp"

namespace musegan {

/// What a dataset says of itself beside its phrases.
struct DatasetNotes {
    std::string source;   ///< where the music came from
    std::string licence;  ///< under which terms it may be used
    /// How it was made: further metadata, as what the phrases were made of and with which settings.
    std::map<std::string, std::string> more{};
};

/// Writes a dataset, atomically. Tensors: "phrases" U8 [N, bytes of a phrase] (20,160 in the paper's shape), cells of
/// N x T x P x M in that order, one bit each, lowest bit first; "song" I64 [N], the ordinal of the song that a phrase
/// was cut from, for splits by song. Metadata: format, format_version, the shape of a phrase (resolution, bars,
/// lowest_pitch, pitches, track_names), its steps, bit_order, phrase_count, song_count, source, licence and `more`.
/// Throws Error when there is no phrase, sizes disagree, or the phrases are not of the finest grid, on which datasets
/// are kept.
void write_dataset(const std::filesystem::path& path, const PhraseView& phrases, std::span<const std::int64_t> songs,
                   const DatasetNotes& notes = {});
/// The same of as many phrases as there are song numbers, whose bits are handed over piece by piece: memory does not
/// grow with them. The file is the caller's to commit.
void write_dataset(io::AtomicFile& file, const PhraseShape& shape, const io::ByteStream& phrases,
                   std::span<const std::int64_t> songs, const DatasetNotes& notes = {});

/// How much a track plays.
struct TrackDensity {
    double cells_on = 0.0;       ///< share of cells that are on, %
    double active_bars = 0.0;    ///< share of bars with a note, %
    double notes_per_bar = 0.0;  ///< onsets
};

/// Densities by tensor index, over at most `most` of the phrases, spread evenly. Throws Error for no phrase.
std::array<TrackDensity, n_tracks> densities_of(const PhraseView& phrases, std::int64_t most = 2000);

/// Whether a file claims to be a dataset.
bool is_dataset(const io::SafetensorsFile& file);

class Dataset {
  public:
    /// Maps and validates a file, its checksums included. Throws Error for a file that is no dataset of ours, for
    /// another format version or track order, for a shape that does not validate or is not of the finest grid, for
    /// tensors of another size, and where there is no phrase.
    static Dataset open(const std::filesystem::path& path);

    const PhraseShape& shape() const { return shape_; }
    std::int64_t count() const { return count_; }
    /// All of them. The view is valid as long as the dataset.
    PhraseView phrases() const { return {shape_, bits_}; }
    /// The song that a phrase was cut from.
    std::int64_t song(std::int64_t phrase) const;
    const std::map<std::string, std::string>& metadata() const { return file_.metadata(); }
    const io::SafetensorsFile& file() const { return file_; }
    /// CRC-32C of all phrases' bytes.
    std::uint32_t phrase_checksum() const;

  private:
    explicit Dataset(io::SafetensorsFile file) : file_(std::move(file)) {}

    PhraseShape shape_;
    io::SafetensorsFile file_;  // owns what bits_ and songs_ point into
    std::span<const std::uint8_t> bits_;
    std::span<const std::uint8_t> songs_;
    std::int64_t count_ = 0;
};

}  // namespace musegan
