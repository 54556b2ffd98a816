// Notes to samples: FluidSynth with a sound font.
#pragma once

#include <filesystem>
#include <memory>
#include <span>

#include "musegan/sound/fluidsynth.hpp"

namespace musegan {

/// Sixteen MIDI channels, the drums on channel 9, at FluidSynth's own settings (its reverb and chorus included) but
/// for what touches only the process: no locked memory, and of the font only what is played. The same calls give the
/// same samples.
class Synthesizer {
  public:
    static constexpr int frames_per_second = 44100;
    /// FluidSynth computes blocks of so many frames: a note begins and ends with one.
    static constexpr int frames_per_block = 64;

    /// Throws Error where the library is missing (open_fluidsynth) and for what is no sound font.
    explicit Synthesizer(const std::filesystem::path& sound_font);

    /// What the channel's next notes are played by; where the font lacks it, what FluidSynth takes instead.
    void change_program(int channel, int program);
    void note_on(int channel, int pitch, int velocity);
    void note_off(int channel, int pitch);
    /// The next frames, left and right in turns; they are not limited to [-1, 1]. Throws Error for a length that is not
    /// whole blocks.
    void render(std::span<float> samples);

  private:
    using Object = std::unique_ptr<void, void (*)(void*)>;

    Fluidsynth library_;
    Object settings_, synth_;
};

/// Throws Error where no WAV file can be made: the library missing, a font that cannot be loaded, and one that has no
/// sound for any of our tracks.
void require_sound(const std::filesystem::path& sound_font);

}  // namespace musegan
