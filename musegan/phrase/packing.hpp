// Packed phrases: one bit per cell, one after the other, as datasets and devices hold them. tensor::unpack_rows goes
// the other way, on any device.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "musegan/phrase/pianoroll.hpp"
#include "tensor/tensor.hpp"

namespace musegan {

/// Packs cells: on where value > threshold (NaN is off). T is float or double. Throws Error unless values.size() is a
/// multiple of 161,280 (384 x 84 x 5).
template <typename T>
std::vector<std::uint8_t> pack_phrases(std::span<const T> values, double threshold = 0.0);

/// The same from a tensor of that many elements on any device.
std::vector<std::uint8_t> pack_phrases(const tensor::Tensor& values, double threshold = 0.0);

/// Number of packed phrases in so many bytes. Throws Error naming `where` for a size that is no multiple of a phrase.
std::int64_t phrase_count(std::span<const std::uint8_t> phrases, const char* where);

/// Packed phrase `k` of `phrases`. Throws Error where there is none.
std::span<const std::uint8_t> phrase_at(std::span<const std::uint8_t> phrases, std::int64_t k);

/// Packed phrases as one roll, with `gap_bars` silent bars between them. Without a gap, a note held over the seam is
/// one note. Throws Error for a size that is no multiple of a phrase, or more than max_bars in all.
PianoRoll join_phrases(std::span<const std::uint8_t> phrases, std::int64_t gap_bars = 0);

}  // namespace musegan
