// How far every moment of a song is from every other one, a row at a time.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "musegan/structure/features.hpp"

namespace musegan {

/// Squared Euclidean distances of embedded frames. The embedding of frame i is the sequence of the `window` frames from
/// i on; with f(i, j) the squared distance of two frames,
///     D(i, j) = f(i, j) + f(i + 1, j + 1) + ... + f(i + window - 1, j + window - 1)
///     D(i + 1, j + 1) = D(i, j) - f(i, j) + f(i + window, j + window)
/// so a row follows from the one before with one frame distance per value; `window` rows of frame distances are kept.
/// All is exact in 32 bits: 3 frames of at most 12 * 4096^2, 25 of at most 12 * 210^2.
class EmbeddedDistances {
  public:
    /// Rows 0 to `rows` - 1. Keeps a reference to `features`. Throws Error unless the embeddings of all rows lie within
    /// the features.
    EmbeddedDistances(const FrameFeatures& features, std::int64_t window, std::int64_t rows);

    std::int64_t rows() const { return rows_; }
    /// Row 0 at the first call, row 1 at the next one, and so on, `rows` values each; valid until the next call. At
    /// most rows() calls.
    std::span<const std::int32_t> next();

  private:
    void fill_frame_distances(std::int64_t frame);
    std::int32_t* frame_distances(std::int64_t frame) {
        return frame_distances_.data() + static_cast<std::size_t>(frame % window_ * (rows_ + window_));
    }

    const FrameFeatures& features_;
    std::int64_t window_;
    std::int64_t rows_;
    std::int64_t row_ = -1;
    std::vector<std::int32_t> frame_distances_;  ///< a ring of `window` rows
    std::vector<std::int32_t> first_row_;        ///< which is also the first column
    std::vector<std::int32_t> current_, previous_;
};

}  // namespace musegan
