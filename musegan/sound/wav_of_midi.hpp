// MIDI to WAV: what a MIDI file says, as sound of the same length.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "io/midi.hpp"

namespace musegan {

/// The frames of a MIDI file's WAV file, 44,100 a second: to the last tick of the MIDI, rounded to the nearest
/// (MidiClock).
std::int64_t wav_frames(const io::MidiFile& midi);

/// How loud the loudest sample of a WAV file of ours is: -1 dBFS. Some players add up to a decibel between samples.
inline constexpr double wav_peak = 0.8912509381337456;

/// Called every few milliseconds of work; throwing from it ends the work, and no file is left.
using StillAtWork = std::function<void()>;

/// Writes 16-bit stereo, wav_frames(midi) long, atomically. Each note begins and ends with the nearest of the
/// synthesizer's blocks of 64 frames, 0.73 ms off at most, and lasts one at least; the last 10 ms fade, so that what is
/// cut there does not click. The piece is played twice, for its peak and then scaled by it, so that it is never clipped
/// and memory grows with the notes alone. Without notes it is silent. The same MIDI, font and version of FluidSynth
/// give the same bytes. Ports are not told apart, and drums are what channel 9 plays.
/// Throws Error for a missing library, for no sound font, for more than a WAV file holds, and for what cannot be
/// written.
void write_wav(const std::filesystem::path& path, const io::MidiFile& midi, const std::filesystem::path& sound_font,
               const StillAtWork& at_work = {});

}  // namespace musegan
