// FluidSynth's library, opened when it is first needed: the same program runs with and without it, and nothing is
// linked.
#pragma once

#include <string>

namespace musegan {

/// The functions of libfluidsynth 2 that we call, declared as its manual has them (Reference, "fluidsynth.h"); all its
/// objects are pointers that only it looks behind. 0 is success where a number is returned, a font's number aside.
struct Fluidsynth {
    void* (*new_settings)() = nullptr;
    void (*delete_settings)(void* settings) = nullptr;
    int (*set_number)(void* settings, const char* name, double value) = nullptr;
    int (*set_integer)(void* settings, const char* name, int value) = nullptr;
    void* (*new_synth)(void* settings) = nullptr;
    void (*delete_synth)(void* synth) = nullptr;
    int (*load_font)(void* synth, const char* file, int reset_programs) = nullptr;  ///< its number, or -1
    int (*program_change)(void* synth, int channel, int program) = nullptr;
    int (*note_on)(void* synth, int channel, int pitch, int velocity) = nullptr;
    int (*note_off)(void* synth, int channel, int pitch) = nullptr;
    /// Sample k of each side goes to side[first + k * distance].
    int (*write_floats)(void* synth, int frames, void* left, int left_first, int left_distance, void* right,
                        int right_first, int right_distance) = nullptr;

    std::string file{};     ///< the name by which it was found
    std::string version{};  ///< "2.3.1"
};

/// Opens the library that MUSEGAN_FLUIDSYNTH names or else the one that the system finds, Homebrew's included. From
/// then on it prints nothing. It is never closed. Throws Error("[fluidsynth] ...") that says how to install it.
Fluidsynth open_fluidsynth();

}  // namespace musegan
