// A pypianoroll file as a source of phrases.
#pragma once

#include <vector>

#include "musegan/sources/multitrack.hpp"
#include "musegan/sources/source.hpp"

namespace musegan {

/// The cells are the file's own: a cell of the roll is on where one of the file is, in a track of that family. (The
/// Lakh Pianoroll Dataset's notes are one step longer than those that we read from MIDI, and so they stay.) Of r steps
/// per beat, where r divides 24, a note [a, b) becomes [24/r a, 24/r b - 1) and a drum hit its first cell, as expand()
/// has it (phrase/grid.hpp). RollRequest::timing changes nothing.
///
/// Bars begin at the downbeats, where the file has several. Those of the Lakh Pianoroll Dataset mark step 0 alone, or
/// none: then, and behind the last downbeat, a bar begins every four beats.
class MultitrackSource final : public SongSource {
  public:
    /// Keeps a reference: `song` must outlive the source. Throws Error, naming `name`, where the steps per beat do not
    /// divide 24.
    MultitrackSource(const Multitrack& song, std::string_view name);

    std::int64_t note_count() const override { return static_cast<std::int64_t>(notes_.size()); }
    Meter meter() const override;
    /// In cells of the finest grid.
    Chroma chroma(FamilyRule families) const override;
    CountedRoll roll(const RollRequest& request) const override;
    CountedRoll whole_roll() const override;

  private:
    /// On the finest grid.
    struct Note {
        std::int64_t begin, end;
        int pitch;
        const MultitrackTrack* track;
    };
    /// Bars of four quarters: where they begin, on the finest grid.
    struct BarRange {
        std::int64_t step;
        std::int64_t bars;
    };
    void find_notes(const MultitrackTrack& track);
    void find_bars();
    CountedRoll roll_of(const std::vector<BarRange>& stretches, const RollRequest& request) const;

    const Multitrack& song_;
    int steps_per_step_;  ///< of the finest grid
    std::vector<Note> notes_;
    std::vector<BarRange> stretches_;
    std::vector<std::int64_t> foreign_;  ///< downbeats of bars without four quarters, on the finest grid
    std::vector<std::int64_t> foreign_lengths_;
};

}  // namespace musegan
