// One phrase on any grid whose steps are whole steps of the finest one, on its way to being packed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "musegan/phrase/phrase_shape.hpp"

namespace musegan {

/// Cells of four bars: pitches and tracks are those of paper_shape, and steps are longer or as long.
class GridPhrase {
  public:
    void set(int step, int pitch, int track) {
        const std::size_t column = static_cast<std::size_t>(pitch * n_tracks + track);
        if (!is_touched_[column]) {
            is_touched_[column] = true;
            touched_.push_back(static_cast<int>(column));
        }
        columns_[column][static_cast<std::size_t>(step / 64)] |= std::uint64_t{1} << (step % 64);
    }
    bool is_silent() const { return touched_.empty(); }
    void clear();
    /// Adds the phrase, packed in paper_shape, behind `packed`. A step covers `finest_steps` of the finest grid.
    void append_to(std::vector<std::uint8_t>& packed, int finest_steps) const;

  private:
    static constexpr std::size_t max_words = paper_shape.steps() / 64;

    std::array<std::array<std::uint64_t, max_words>, paper_shape.cells_per_step()> columns_{};
    std::array<bool, paper_shape.cells_per_step()> is_touched_{};
    std::vector<int> touched_{};  ///< columns with a cell
};

}  // namespace musegan
