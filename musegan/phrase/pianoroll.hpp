// The piano-roll: what a phrase is, cell by cell.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include "musegan/phrase/phrase_shape.hpp"

namespace musegan {

static_assert(std::endian::native == std::endian::little, "packed phrases are read as little-endian words");

/// Over two hours. What a song has beyond, a stray event mostly, is left out.
inline constexpr std::int64_t max_bars = 4096;

/// Cells that are on or off, of any length: steps x pitches x tracks, row-major in that order, one bit per cell, lowest
/// bit of a byte first. `pitch` is an index: MIDI pitch minus shape().lowest_pitch. Bars begin on whole bytes, so that
/// a phrase of a song is a plain range of its bytes.
class PianoRoll {
  public:
    /// All off. Throws Error for a shape that does not validate, a negative length and one beyond max_bars.
    explicit PianoRoll(const PhraseShape& shape = paper_shape, std::int64_t steps = 0);
    /// Copies packed cells: ceil(steps * cells per step / 8) bytes. Also throws for another size and for bits set past
    /// the end.
    PianoRoll(const PhraseShape& shape, std::int64_t steps, std::span<const std::uint8_t> bits);

    const PhraseShape& shape() const { return shape_; }
    std::int64_t steps() const { return steps_; }
    std::span<const std::uint8_t> bits() const { return bits_; }
    /// Throws Error outside the roll.
    bool at(std::int64_t step, int pitch, int track) const;
    void set(std::int64_t step, int pitch, int track, bool on = true);
    /// Turns on [begin, end) at one pitch. Throws Error outside the roll.
    void set_run(std::int64_t begin, std::int64_t end, int pitch, int track);
    /// Packed bytes of a phrase's bars from bar `bar` on. Throws Error where the roll does not hold them all.
    std::span<const std::uint8_t> phrase_bits(std::int64_t bar) const;

    bool operator==(const PianoRoll&) const = default;

  private:
    std::int64_t index(std::int64_t step, int pitch, int track) const;

    PhraseShape shape_;
    std::int64_t steps_ = 0;
    std::vector<std::uint8_t> bits_;
};

/// Calls visit(step, pitch, track) for every cell that is on, in storage order. The work grows with the number of cells
/// that are on, not with the length of the roll.
template <typename Visit>
void for_each_cell(const PhraseShape& shape, std::span<const std::uint8_t> bits, Visit&& visit) {
    // 32 bits hold the cells of max_bars, and divide faster than 64.
    const auto cells_per_step = static_cast<std::uint32_t>(shape.cells_per_step());
    const auto track_count = static_cast<std::uint32_t>(shape.tracks);
    for (std::size_t byte = 0; byte < bits.size(); byte += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, bits.data() + byte, std::min<std::size_t>(8, bits.size() - byte));
        for (; word != 0; word &= word - 1) {
            const std::uint32_t bit =
                static_cast<std::uint32_t>(byte * 8) + static_cast<std::uint32_t>(std::countr_zero(word));
            const std::uint32_t cell = bit % cells_per_step;
            visit(static_cast<std::int64_t>(bit / cells_per_step), static_cast<int>(cell / track_count),
                  static_cast<int>(cell % track_count));
        }
    }
}

/// A note of a roll: on-cells [begin, end) at one pitch of one track.
struct Run {
    std::int64_t begin = 0;
    std::int64_t end = 0;
    int pitch = 0;
    int track = 0;
    std::int64_t length() const { return end - begin; }
    bool operator==(const Run&) const = default;
};

/// Calls visit(run) for every note of packed cells, in an order that says nothing. A note is a maximal run of on-cells.
/// On a grid coarser than the finest a drum hit fills its whole step, so that hits in a row touch: there each drum cell
/// is a note.
template <typename Visit>
void for_each_note(const PhraseShape& shape, std::span<const std::uint8_t> bits, Visit&& visit) {
    std::vector<Run> open(static_cast<std::size_t>(shape.cells_per_step()));  // the last one of each pitch and track
    const bool drums_touch = shape.finest_steps() > 1;
    for_each_cell(shape, bits, [&](std::int64_t step, int pitch, int track) {
        Run& run = open[static_cast<std::size_t>(pitch * shape.tracks + track)];
        if (run.end != step || run.length() == 0 || (drums_touch && is_drums(track))) {
            if (run.length() > 0) visit(std::as_const(run));
            run = {step, step, pitch, track};
        }
        run.end = step + 1;
    });
    for (const Run& run : open) {
        if (run.length() > 0) visit(run);
    }
}

/// The notes of packed cells (for_each_note), sorted by (begin, track, pitch).
std::vector<Run> note_runs(const PhraseShape& shape, std::span<const std::uint8_t> bits);
std::vector<Run> note_runs(const PianoRoll& roll);

}  // namespace musegan
