// Phrases that others stored as arrays, read in steady memory whatever their number.
//
//     sparse   .npz with two arrays: `nonzero`, integers (axes, cells), row a = the coordinates of the cells that are
//              on along axis a, sorted by the first, as numpy.nonzero gives them; and `shape`, the length of each axis
//     dense    .npy, or .npz with one array: every cell, on where it is above 0
//
// of the shapes (phrases, 4 bars, steps per bar, pitches, 5 tracks) and (phrases, steps, pitches, 5 tracks).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "io/mapped_file.hpp"
#include "io/zip.hpp"
#include "musegan/phrase/packing.hpp"
#include "musegan/sources/phrase_array_cells.hpp"
#include "musegan/sources/track_order.hpp"

namespace musegan {

/// How an array's phrases are to be understood.
struct ArrayOptions {
    /// None: lpd_order for arrays of five axes, v1_order for those of four, since these are what was published.
    std::optional<TrackOrder> order{};
};

class PhraseArray {
  public:
    /// Whether a file, by what stands at its start and in its directory, is one of phrases rather than of anything
    /// else: a .npy, or a .npz that has `nonzero` and `shape`, or one array and nothing more. Throws nothing.
    static bool looks_like(std::span<const std::uint8_t> file);
    /// The same of an archive with these entries.
    static bool looks_like(const std::vector<io::ZipEntry>& entries);

    /// Reads what stands before the cells. The file is mapped, and one that is cut short later ends the process
    /// (io/mapped_file.hpp). Throws Error naming the file where it is no such array: elements of another type, in
    /// Fortran order, fewer or more than the shape says; single bars, since four in a row are no phrase; other tracks
    /// than five, other pitches than 84 (from MIDI pitch 24) or 128 (from 0); and steps per beat that do not divide 24.
    explicit PhraseArray(const std::filesystem::path& path, const ArrayOptions& options = {});
    /// The same of a file in memory, which is borrowed.
    PhraseArray(std::span<const std::uint8_t> file, std::string name, const ArrayOptions& options = {});

    /// Phrases in all, silent ones among them.
    std::int64_t count() const { return cells_->layout().phrases; }
    /// For reports: "sparse (102378, 4, 48, 84, 5), tracks drums,piano,guitar,bass,strings, 12 steps per beat".
    std::string to_string() const;
    const ArrayLayout& layout() const { return cells_->layout(); }

    /// The next phrases that are not silent, at most `most`; none at the end. They have paper_shape: on a coarser grid
    /// a note [a, b) becomes [r a, r b - 1) and a drum hit k the cell r k, as expand (phrase/grid.hpp) says, of which
    /// this is the same for every grid. Throws Error for a negative number.
    ///
    /// The first call reads an array in an archive once to its end, before a phrase is given: one flipped bit makes
    /// other cells of all that follows, and the checksum is known at the end alone. That is one pass more (see README).
    /// A damaged archive is an Error from every call, and gives no phrase. Cells that are not sorted by the first axis
    /// are an Error after the call that gave the last whole phrase in front: what is then still to come is lost.
    PackedPhrases read(std::int64_t most);

    /// What was left out so far: cells outside the array's shape, and outside the pitches of paper_shape; and phrases
    /// without a cell.
    ArrayLosses losses() const;

  private:
    std::unique_ptr<io::MappedFile> file_{};  ///< none for a file in memory
    std::unique_ptr<ArrayCells> cells_{};
    GridPhrase phrase_;
    std::int64_t next_ = 0;    ///< phrase that was not looked at yet
    std::int64_t silent_ = 0;  ///< phrases
    bool is_checked_ = false;  ///< what is packed
    std::string damage_{};     ///< to be thrown by the next read
};

}  // namespace musegan
