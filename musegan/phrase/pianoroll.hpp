// The piano-roll: what a phrase is, cell by cell.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "musegan/phrase/tracks.hpp"

namespace musegan {

static_assert(std::endian::native == std::endian::little, "packed phrases are read as little-endian words");

inline constexpr int steps_per_beat = 24;
inline constexpr int beats_per_bar = 4;
inline constexpr int steps_per_bar = steps_per_beat * beats_per_bar;
inline constexpr int bars_per_phrase = 4;
inline constexpr int steps_per_phrase = steps_per_bar * bars_per_phrase;
inline constexpr int lowest_pitch = 24;  ///< MIDI C1
inline constexpr int n_pitches = 84;     ///< up to MIDI 107, B7
inline constexpr int cells_per_step = n_pitches * n_tracks;
inline constexpr std::int64_t bits_per_phrase = std::int64_t{steps_per_phrase} * cells_per_step;
inline constexpr std::int64_t bytes_per_bar = std::int64_t{steps_per_bar} * cells_per_step / 8;
inline constexpr std::int64_t bytes_per_phrase = bits_per_phrase / 8;  ///< 20,160
/// Over two hours. A longer song is one with a stray event, and is refused.
inline constexpr std::int64_t max_bars = 4096;

/// Cells that are on or off, of any length: steps x 84 pitches x 5 tracks, row-major in that order, one bit per cell,
/// lowest bit of a byte first. `pitch` is an index: MIDI pitch minus lowest_pitch. Bars begin on whole bytes, so that a
/// phrase of a song is a plain range of its bytes.
class PianoRoll {
  public:
    /// All off. Throws Error for a negative length or one beyond max_bars.
    explicit PianoRoll(std::int64_t steps = 0);
    /// Copies packed cells: ceil(steps * 420 / 8) bytes. Throws Error for another size or for bits set past the end.
    PianoRoll(std::int64_t steps, std::span<const std::uint8_t> bits);

    std::int64_t steps() const { return steps_; }
    std::span<const std::uint8_t> bits() const { return bits_; }
    /// Throws Error outside the roll.
    bool at(std::int64_t step, int pitch, int track) const;
    void set(std::int64_t step, int pitch, int track, bool on = true);
    /// Turns on [begin, end) at one pitch. Throws Error outside the roll.
    void set_run(std::int64_t begin, std::int64_t end, int pitch, int track);
    /// Packed bytes of 4 bars from bar `bar` on: a phrase. Throws Error where the roll does not hold them all.
    std::span<const std::uint8_t> phrase_bits(std::int64_t bar) const;

    bool operator==(const PianoRoll&) const = default;

  private:
    std::int64_t index(std::int64_t step, int pitch, int track) const;

    std::int64_t steps_ = 0;
    std::vector<std::uint8_t> bits_;
};

/// Calls visit(step, pitch, track) for every cell that is on, in storage order. The work grows with the number of cells
/// that are on, not with the length of the roll.
template <typename Visit>
void for_each_cell(std::span<const std::uint8_t> bits, Visit&& visit) {
    for (std::size_t byte = 0; byte < bits.size(); byte += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, bits.data() + byte, std::min<std::size_t>(8, bits.size() - byte));
        for (; word != 0; word &= word - 1) {
            const auto bit = static_cast<std::int64_t>(byte * 8) + std::countr_zero(word);
            const int cell = static_cast<int>(bit % cells_per_step);
            visit(bit / cells_per_step, cell / n_tracks, cell % n_tracks);
        }
    }
}

/// A note of a roll: a maximal run of on-cells [begin, end) at one pitch of one track.
struct Run {
    std::int64_t begin = 0;
    std::int64_t end = 0;
    int pitch = 0;
    int track = 0;
    std::int64_t length() const { return end - begin; }
    bool operator==(const Run&) const = default;
};

/// All runs of packed cells, sorted by (begin, track, pitch).
std::vector<Run> note_runs(std::span<const std::uint8_t> bits);

}  // namespace musegan
