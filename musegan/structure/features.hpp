// What a song sounds like, frame by frame: how much of each pitch class, as whole numbers.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "musegan/phrase/pianoroll.hpp"

namespace musegan {

/// Bars [begin, end) of a roll.
struct BarRange {
    std::int64_t begin = 0;
    std::int64_t end = 0;
    std::int64_t bars() const { return end - begin; }
    bool operator==(const BarRange&) const = default;
};

/// A chroma vector per frame. Whole numbers, so that the distance of two frames is exact: frames that sound alike are
/// exactly equally far from every other one, whatever the order of the sums.
class FrameFeatures {
  public:
    static constexpr int classes = 12;

    explicit FrameFeatures(std::int64_t frames = 0)
        : frames_(frames), values_(static_cast<std::size_t>(frames * classes)) {}

    std::int64_t frames() const { return frames_; }
    /// Of one pitch class (0 = C), by frame.
    std::span<std::int32_t> of_class(int pitch_class) {
        return std::span(values_).subspan(static_cast<std::size_t>(pitch_class * frames_),
                                          static_cast<std::size_t>(frames_));
    }
    std::span<const std::int32_t> of_class(int pitch_class) const {
        return std::span(values_).subspan(static_cast<std::size_t>(pitch_class * frames_),
                                          static_cast<std::size_t>(frames_));
    }
    bool operator==(const FrameFeatures&) const = default;

  private:
    std::int64_t frames_;
    std::vector<std::int32_t> values_;  ///< class after class, so that a loop over frames runs through memory
};

/// What `sf` takes: a frame per beat (4 per bar), the cells of each pitch class in it, of all tracks but the drums,
/// whose pitches are names of instruments. A frame is divided by its largest value and rounded (half up) to multiples
/// of 1/4096, which are its unit: values 0 to 4096. A frame without pitched cells stays 0. Throws Error for bars
/// outside the roll.
inline constexpr std::int32_t beat_chroma_unit = 4096;
FrameFeatures beat_chroma(const PianoRoll& roll, const BarRange& bars);

/// What `sf-authors` takes: 16 frames per bar, the cells of each pitch class in it, of all tracks, the drums among
/// them: values 0 to 210. Throws Error for bars outside the roll.
FrameFeatures summed_chroma(const PianoRoll& roll, const BarRange& bars);

}  // namespace musegan
