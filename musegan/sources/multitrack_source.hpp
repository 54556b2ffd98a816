// A pypianoroll file as a source of phrases.
#pragma once

#include <cstdint>
#include <set>
#include <string_view>
#include <vector>

#include "musegan/phrase/roll_of_runs.hpp"
#include "musegan/sources/multitrack.hpp"
#include "musegan/sources/source.hpp"

namespace musegan {

/// The cells are the file's own: a cell of the roll is on where one of the file is, in a track of that family. (The
/// Lakh Pianoroll Dataset's notes are one step longer than those that we read from MIDI, and so they stay.) Of r steps
/// per beat, where r divides 24, a note [a, b) becomes [24/r a, 24/r b - 1) and a drum hit its first cell, as expand()
/// has it (phrase/grid.hpp). RollRequest::timing changes nothing.
///
/// Bars begin at the downbeats, where the file has several. Those of the Lakh Pianoroll Dataset mark step 0 alone, or
/// none: then, and behind the last downbeat, a bar begins every four beats. Messages tell places in the file's own
/// steps.
class MultitrackSource final : public SongSource {
  public:
    /// Keeps a reference: `song` must outlive the source. Throws Error, naming `name`, where the steps per beat do not
    /// divide 24, and for more than 65,536 tracks.
    MultitrackSource(const Multitrack& song, std::string_view name);

    std::int64_t note_count() const override { return static_cast<std::int64_t>(notes_.size()); }
    Meter meter() const override;
    /// In cells of the finest grid.
    Chroma chroma(FamilyRule families) const override;
    CountedRoll roll(const RollRequest& request) const override;
    CountedRoll whole_roll() const override;

  private:
    /// On the finest grid. Small, since a file may have millions.
    struct Note {
        std::int32_t begin, end;
        std::uint8_t pitch;
        std::uint16_t track;  ///< place among the song's
    };
    void find_notes();
    void find_bars();
    /// Calls visit(run) for what each note fills of the stretches, notes sorted by begin, and counts them.
    template <typename Visit>
    NoteCounts for_each_run(const std::vector<PlacedStretch>& stretches, const RollRequest& request,
                            Visit&& visit) const;
    CountedRoll roll_of(const std::vector<Stretch>& stretches, const RollRequest& request) const;

    const Multitrack& song_;
    int steps_per_step_;                                         ///< of the finest grid
    std::vector<Note> notes_;                                    ///< sorted by begin
    std::vector<Stretch> stretches_;                             ///< in steps of the finest grid
    std::int64_t foreign_ = 0;                                   ///< bars without four quarters
    std::int64_t first_foreign_ = 0, first_foreign_length_ = 0;  ///< in steps of the file
    std::set<std::int64_t> bar_lengths_;                         ///< between downbeats, but for multiples of 4/4
};

}  // namespace musegan
