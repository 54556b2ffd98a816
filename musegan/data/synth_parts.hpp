// What each player of the rule-based band does in one bar.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "io/midi.hpp"
#include "musegan/phrase/tracks.hpp"
#include "tensor/philox.hpp"

namespace musegan {

/// A triad: its root as a pitch class and its kind.
struct Chord {
    int root = 0;
    bool minor = false;
    std::array<int, 3> pitch_classes() const;
};

/// Collects the notes of a song, in bars and 16ths, 480 ticks per quarter note.
class Score {
  public:
    static constexpr std::int64_t ticks_per_quarter = 480;
    static constexpr std::int64_t ticks_per_16th = ticks_per_quarter / 4;

    /// The family's General MIDI program from now on.
    void set_program(Family family, int program) { programs_[static_cast<std::size_t>(index_of(family))] = program; }
    /// Adds a note of `length` 16ths that begins `position` 16ths into `bar`.
    void add(Family family, std::int64_t bar, int position, int length, int pitch, int velocity);
    /// The notes so far, sorted, as a file with the given tempo.
    io::MidiFile to_midi(double tempo) const;

  private:
    std::array<int, n_tracks> programs_{33, 0, 25, 0, 48};
    std::vector<io::MidiNote> notes_;
};

/// How the band plays one kind of section. A pattern is one bar of sixteen 16ths: '.' lets the note before sound on,
/// '-' is silence, any other character begins a note (what it means depends on the player). With an empty pattern the
/// player rests.
struct SectionStyle {
    std::array<Chord, 4> chords{};  ///< one per bar
    std::string kick, snare, hat;
    int cymbal = 42;        ///< what the hat pattern strikes: 42 closed hi-hat, 46 open, 51 ride
    std::string bass;       ///< R root, 5 fifth, O octave
    std::string guitar;     ///< P power chord, x strum, 0 to 3 one chord tone
    std::string piano;      ///< x chord (with the root in the left hand at positions 0 and 8), 0 to 3 one chord tone
    bool pad = false;       ///< strings hold the chord
    std::string melody;     ///< strings' tune, two bars of 16ths, x a note; its pitches in `tune`
    std::vector<int> tune;  ///< scale steps above C4, one per note of `melody`
};

/// Draws a style: `energy` 0 (sparse) to 2 (all in).
SectionStyle draw_style(tensor::RandomStream& random, bool minor_key, int energy);

/// One bar of every player. `local_bar` counts from the section's start; `next` is the chord that the bass may lead to;
/// with `fill` the drums end in a fill, with `crash` they begin with a crash cymbal.
void play_bar(Score& score, const SectionStyle& style, std::int64_t bar, std::int64_t local_bar, const Chord& next,
              bool fill, bool crash, tensor::RandomStream& random);

}  // namespace musegan
