// Piano-rolls of the Lakh Pianoroll Dataset and of all programs that use pypianoroll, read: NAME.npz.
//
//     info.json                       steps per beat ("beat_resolution" up to version 0.5, then "resolution"), and of
//                                     each track "0", "1", ...: program, is_drum, name
//     pianoroll_I_csc_{data,indices,indptr,shape}
//                                     track I as a matrix (time steps, 128 pitches) in compressed sparse columns: the
//                                     cells of pitch p are data[k] in rows indices[k], indptr[p] <= k < indptr[p + 1]
//     downbeat                        whether a bar begins, one value per time step; may be absent
//
// Both generations of pypianoroll write these; a track without a note may be a matrix of 0 rows and another type than
// the others. Tempo is not read: time is counted in steps.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/zip.hpp"
#include "musegan/sources/faults.hpp"

namespace musegan {

inline constexpr int midi_pitches = 128;

/// One instrument.
struct MultitrackTrack {
    std::string name;  ///< any bytes
    int program = 0;   ///< 0 to 127
    bool is_drum = false;
    std::int64_t steps = 0;  ///< rows of its matrix
    /// The cells that are on, pitch by pitch: steps[k] for begin[p] <= k < begin[p + 1], ascending, each once.
    std::array<std::int64_t, midi_pitches + 1> begin{};
    std::vector<std::int32_t> cells{};

    std::span<const std::int32_t> of_pitch(int pitch) const {
        const auto p = static_cast<std::size_t>(pitch);
        return std::span(cells).subspan(static_cast<std::size_t>(begin[p]),
                                        static_cast<std::size_t>(begin[p + 1] - begin[p]));
    }
};

/// A song.
struct Multitrack {
    int steps_per_beat = 24;
    std::vector<MultitrackTrack> tracks;
    std::vector<std::int64_t> downbeats;  ///< steps at which a bar begins, ascending
    bool has_downbeats = false;           ///< whether the file says where bars begin
    Faults faults;                        ///< what was left out of a damaged file
};

/// Whether the entries of an archive are such a file: one of them is info.json, or a track's matrix.
bool is_multitrack(const std::vector<io::ZipEntry>& entries);

/// Bounds that keep a hostile file from costing more than a large honest one. The songs of the Lakh Pianoroll Dataset
/// have a few hundred thousand cells.
struct MultitrackLimits {
    std::int64_t info_bytes = std::int64_t{4} << 20;    ///< of info.json
    std::int64_t entry_bytes = std::int64_t{64} << 20;  ///< unpacked, of an array
    std::int64_t all_bytes = std::int64_t{64} << 20;    ///< unpacked, of all arrays
    std::int64_t tracks = 1024;
    std::int64_t steps = std::int64_t{1} << 22;   ///< rows of a matrix, and marks of downbeats; at most 2^26
    std::int64_t cells = std::int64_t{16} << 20;  ///< stored, of all matrices
};

/// Reads a song. A track whose arrays are missing, damaged or contradict each other is left out, and so is a cell
/// outside its matrix; both are counted in `faults`, as is a track that goes beyond the limits. A cell is on where its
/// value is above 0, so that NaN is off. `name` is used in messages. Throws tensor::Error for an archive without a
/// readable info.json or resolution, for one whose tracks are all damaged, of more tracks than the limit, and whose
/// entries share bytes (io::check_packed_bytes).
Multitrack parse_multitrack(std::span<const std::uint8_t> archive, const std::vector<io::ZipEntry>& entries,
                            std::string_view name, const MultitrackLimits& limits = {});

}  // namespace musegan
