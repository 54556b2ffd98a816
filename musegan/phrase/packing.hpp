// Packed phrases: one bit per cell, one phrase after the other, as datasets and devices hold them. tensor::unpack_rows
// goes the other way, on any device.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "musegan/phrase/pianoroll.hpp"
#include "tensor/tensor.hpp"

namespace musegan {

/// Packed phrases of one shape: a view, as std::span is.
class PhraseView {
  public:
    /// Throws Error unless `bits` are whole phrases of a shape that validates.
    PhraseView(const PhraseShape& shape, std::span<const std::uint8_t> bits);

    const PhraseShape& shape() const { return shape_; }
    std::span<const std::uint8_t> bits() const { return bits_; }
    std::int64_t count() const { return static_cast<std::int64_t>(bits_.size()) / shape_.bytes(); }
    /// Bits of phrase k. Throws Error where there is none.
    std::span<const std::uint8_t> operator[](std::int64_t k) const;
    PianoRoll roll(std::int64_t k) const { return PianoRoll(shape_, shape_.steps(), (*this)[k]); }
    /// The first `count` phrases, or all where there are fewer.
    PhraseView first(std::int64_t count) const;

  private:
    PhraseShape shape_;
    std::span<const std::uint8_t> bits_;
};

/// Packed phrases with their own memory.
struct PackedPhrases {
    PhraseShape shape{};
    std::vector<std::uint8_t> bits{};

    PhraseView view() const { return {shape, bits}; }
    operator PhraseView() const { return view(); }
    std::int64_t count() const { return view().count(); }
    /// Throws Error unless they are whole phrases of this shape.
    void append(std::span<const std::uint8_t> phrases);
    bool operator==(const PackedPhrases&) const = default;
};

/// spread() of them (phrase_sequence.hpp), with memory of their own.
PackedPhrases spread_phrases(const PhraseView& phrases, std::int64_t most);

/// Packs cells: on where value > threshold (NaN is off). T is float or double. Throws Error unless the values are whole
/// phrases of that shape.
template <typename T>
PackedPhrases pack_phrases(const PhraseShape& shape, std::span<const T> values, double threshold = 0.0);

/// The same from a tensor of that many elements on any device.
PackedPhrases pack_phrases(const PhraseShape& shape, const tensor::Tensor& values, double threshold = 0.0);

/// Phrases as one roll, with `gap_bars` silent bars between them. Without a gap, a note held over the seam is one note.
/// Throws Error for more than max_bars in all.
PianoRoll join_phrases(const PhraseView& phrases, std::int64_t gap_bars = 0);

}  // namespace musegan
