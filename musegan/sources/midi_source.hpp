// A MIDI file as a source of phrases.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "io/midi.hpp"
#include "musegan/sources/source.hpp"

namespace musegan {

/// Bars lie as bar_lines_of (phrase/bar_lines.hpp) says.
class MidiSource final : public SongSource {
  public:
    /// Keeps a reference: `midi` must outlive the source. (A temporary lives to the end of its expression.)
    explicit MidiSource(const io::MidiFile& midi) : midi_(midi), lines_(bar_lines_of(midi)) {}

    std::int64_t note_count() const override { return static_cast<std::int64_t>(midi_.notes.size()); }
    /// The tick, at or before 0, from which the bars of whole_roll() count: they meet those of the first stretch.
    std::int64_t origin_tick() const;
    Meter meter() const override;
    std::optional<Key> written_key() const override;
    /// In ticks.
    Chroma chroma(FamilyRule families) const override;
    CountedRoll roll(const RollRequest& request) const override;
    CountedRoll whole_roll() const override;

  private:
    /// Those of a song with notes that hold while notes begin.
    template <typename Event>
    std::span<const Event> in_force(const std::vector<Event>& events) const;
    /// Meter::not_cleansed. Meters of all MIDI tracks count; the makers of the dataset saw those of the first alone, so
    /// that of 1,255 songs they would have kept five less, and the same 1,186 others.
    std::string not_cleansed() const;

    const io::MidiFile& midi_;
    BarLines lines_;
};

}  // namespace musegan
