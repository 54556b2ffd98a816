// The dataset: bit-packed phrases in one safetensors file, opened without reading it whole.
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
#include "musegan/phrase/pianoroll.hpp"
#include "tensor/tensor.hpp"

namespace musegan {

/// What a dataset says of itself beside its phrases.
struct DatasetNotes {
    std::string source;   ///< where the music came from
    std::string licence;  ///< under which terms it may be used
};

/// Writes a dataset, atomically. Tensors: "phrases" U8 [N, 20160], cells of N x 384 x 84 x 5 in that order, one bit
/// each, lowest bit first; "song" I64 [N], the ordinal of the song that a phrase was cut from, for splits by song.
/// Metadata: format, format_version, track_names, resolution (steps per beat), bars, steps, lowest_pitch, pitches,
/// bit_order, phrase_count, song_count, source, licence. Throws Error when there is no phrase, or sizes disagree.
void write_dataset(const std::filesystem::path& path, std::span<const std::uint8_t> phrases,
                   std::span<const std::int64_t> songs, const DatasetNotes& notes = {});

/// How much a track plays.
struct TrackDensity {
    double cells_on = 0.0;       ///< share of cells that are on, %
    double active_bars = 0.0;    ///< share of bars with a note, %
    double notes_per_bar = 0.0;  ///< onsets
};

class Dataset {
  public:
    /// Maps and validates a file. Throws Error for a file that is no dataset of ours, for another format version,
    /// resolution, track order or pitch range, for a wrong shape, and where there is no phrase.
    static Dataset open(const std::filesystem::path& path);

    std::int64_t count() const { return count_; }
    /// All packed phrases, count() * bytes_per_phrase bytes.
    std::span<const std::uint8_t> bits() const { return bits_; }
    /// One packed phrase. Throws Error outside [0, count()).
    std::span<const std::uint8_t> phrase_bits(std::int64_t phrase) const;
    /// The song that a phrase was cut from.
    std::int64_t song(std::int64_t phrase) const;
    const std::map<std::string, std::string>& metadata() const { return file_.metadata(); }
    /// A u8 CPU tensor [count, 20160] with a copy of the bytes, ready to go to a device.
    tensor::Tensor packed() const;
    /// Densities by tensor index, over at most `most` phrases spread evenly over the dataset.
    std::array<TrackDensity, n_tracks> densities(std::int64_t most = 2000) const;

  private:
    explicit Dataset(io::SafetensorsFile file) : file_(std::move(file)) {}

    io::SafetensorsFile file_;  // owns what bits_ and songs_ point into
    std::span<const std::uint8_t> bits_;
    std::span<const std::uint8_t> songs_;
    std::int64_t count_ = 0;
};

}  // namespace musegan
