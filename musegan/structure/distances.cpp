#include "musegan/structure/distances.hpp"

#include <array>
#include <utility>

#include "tensor/error.hpp"

namespace musegan {

EmbeddedDistances::EmbeddedDistances(const FrameFeatures& features, std::int64_t window, std::int64_t rows)
    : features_(features), window_(window), rows_(rows) {
    if (window < 1 || rows < 1 || rows + window - 1 > features.frames())
        tensor::fail("structure", "{} rows of {} frames each, expected them within {} frames", rows, window,
                     features.frames());
    frame_distances_.resize(static_cast<std::size_t>(window * (rows + window)));
    current_.resize(static_cast<std::size_t>(rows));
    previous_.resize(static_cast<std::size_t>(rows));
}

/// From `frame` to all frames of the embeddings.
void EmbeddedDistances::fill_frame_distances(std::int64_t frame) {
    std::array<const std::int32_t*, FrameFeatures::classes> others{};
    std::array<std::int32_t, FrameFeatures::classes> own{};
    for (std::size_t c = 0; c < own.size(); ++c) {
        others[c] = features_.of_class(static_cast<int>(c)).data();
        own[c] = others[c][frame];
    }
    std::int32_t* const out = frame_distances(frame);
    const std::int64_t count = rows_ + window_ - 1;
#pragma omp simd
    for (std::int64_t j = 0; j < count; ++j) {
        std::int32_t sum = 0;
        for (std::size_t c = 0; c < own.size(); ++c) {
            const std::int32_t difference = own[c] - others[c][j];
            sum += difference * difference;
        }
        out[j] = sum;
    }
}

std::span<const std::int32_t> EmbeddedDistances::next() {
    if (++row_ == 0) {
        for (std::int64_t k = 0; k < window_; ++k) {
            fill_frame_distances(k);
            const std::int32_t* const distances = frame_distances(k) + k;
            for (std::size_t j = 0; j < current_.size(); ++j) current_[j] += distances[j];
        }
        first_row_ = current_;
        return current_;
    }
    std::swap(current_, previous_);
    // The ring's place of the frame that leaves is that of the frame that comes.
    const std::vector<std::int32_t> leaving(frame_distances(row_ - 1), frame_distances(row_ - 1) + rows_ - 1);
    fill_frame_distances(row_ - 1 + window_);
    const std::int32_t* const coming = frame_distances(row_ - 1 + window_) + window_;
    current_[0] = first_row_[static_cast<std::size_t>(row_)];
    for (std::size_t j = 0; j + 1 < current_.size(); ++j) current_[j + 1] = previous_[j] - leaving[j] + coming[j];
    return current_;
}

}  // namespace musegan
