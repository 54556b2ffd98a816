// The cells of the two kinds of files that hold arrays of phrases.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/zip.hpp"
#include "musegan/sources/grid_phrase.hpp"
#include "musegan/sources/phrase_array_layout.hpp"

namespace musegan {

/// What is left out of an array's phrases.
struct ArrayLosses {
    std::int64_t outside_shape = 0;    ///< cells of a sparse array at coordinates beyond its shape
    std::int64_t outside_pitches = 0;  ///< cells above or below the pitches of paper_shape
    std::int64_t silent_phrases = 0;   ///< phrases without a cell
    bool operator==(const ArrayLosses&) const = default;
};

/// The cells of an array, phrase by phrase.
class ArrayCells {
  public:
    explicit ArrayCells(ArrayLayout layout) : layout_(std::move(layout)) {}
    virtual ~ArrayCells() = default;

    const ArrayLayout& layout() const { return layout_; }
    const ArrayLosses& losses() const { return losses_; }  ///< of cells
    /// "sparse", "dense |b1".
    virtual std::string kind() const = 0;
    /// Reads what is packed in an archive once to its end. Throws Error where it is damaged.
    virtual void check() const {}
    /// Adds the cells of the next phrase to an empty one, and says which phrase it is: a sparse array passes over
    /// phrases without a cell. Nothing at the end. Throws Error where the file is damaged.
    virtual std::optional<std::int64_t> next(GridPhrase& phrase) = 0;

  protected:
    /// Adds a cell, of which the pitch and the track are places along the array's axes.
    void add(GridPhrase& phrase, int step, int pitch, int track) {
        const int row = pitch + layout_.lowest_pitch - paper_shape.lowest_pitch;
        if (row < 0 || row >= paper_shape.pitches) ++losses_.outside_pitches;
        else phrase.set(step, row, layout_.order[static_cast<std::size_t>(track)]);
    }

    ArrayLosses losses_{};

  private:
    ArrayLayout layout_;
};

/// Those of a sparse .npz, of a dense .npz and of a .npy, which are borrowed. Throw Error as PhraseArray does.
std::unique_ptr<ArrayCells> sparse_cells(std::span<const std::uint8_t> archive,
                                         const std::vector<io::ZipEntry>& entries, const std::string& name,
                                         const std::optional<TrackOrder>& order);
std::unique_ptr<ArrayCells> dense_cells(std::span<const std::uint8_t> archive, const std::vector<io::ZipEntry>& entries,
                                        const std::string& name, const std::optional<TrackOrder>& order);
std::unique_ptr<ArrayCells> dense_cells(std::span<const std::uint8_t> npy, const std::string& name,
                                        const std::optional<TrackOrder>& order);

/// The names of the two entries of a sparse .npz.
inline constexpr std::string_view sparse_cells_entry = "nonzero.npy", sparse_shape_entry = "shape.npy";

}  // namespace musegan
