// A MIDI file as a source of phrases.
#pragma once

#include "io/midi.hpp"
#include "musegan/data/source.hpp"

namespace musegan {

/// Bars count so that the meter event in force at the first note stands on a bar line; without one, from tick 0.
class MidiSource final : public SongSource {
  public:
    /// Keeps a reference: `midi` must outlive the source. (A temporary lives to the end of its expression.)
    explicit MidiSource(const io::MidiFile& midi) : midi_(midi) {}

    std::int64_t note_count() const override { return static_cast<std::int64_t>(midi_.notes.size()); }
    /// The tick, at or before 0, from which bars count.
    std::int64_t origin_tick() const;
    Meter meter() const override;
    /// In ticks.
    Chroma chroma() const override;
    CountedRoll roll(int transposition) const override;

  private:
    const io::MidiFile& midi_;
};

}  // namespace musegan
