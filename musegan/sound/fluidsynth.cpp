#include "musegan/sound/fluidsynth.hpp"

#include <dlfcn.h>

#include <cstdlib>
#include <vector>

#include "tensor/error.hpp"

namespace musegan {

namespace {

constexpr const char* variable = "MUSEGAN_FLUIDSYNTH";

/// Versions 2.2 and later, then 2.0 and 2.1.
std::vector<std::string> names_to_try() {
    if (const char* const chosen = std::getenv(variable); chosen && *chosen) return {chosen};
    return {"libfluidsynth.so.3",
            "libfluidsynth.so.2",
            "libfluidsynth.3.dylib",
            "libfluidsynth.2.dylib",
            "/opt/homebrew/lib/libfluidsynth.dylib",
            "/usr/local/lib/libfluidsynth.dylib"};
}

/// Sets `function` to the library's function of that name.
template <typename Function>
void find(void* library, const std::string& file, const char* symbol, Function*& function) {
    function = reinterpret_cast<Function*>(dlsym(library, symbol));
    if (!function)
        tensor::fail("fluidsynth", "{} has no {}, expected the library of FluidSynth 2, or its file in {}", file,
                     symbol, variable);
}

void say_nothing(int, const char*, void*) {}

/// What goes wrong is said by our own errors.
void silence(void* library, const std::string& file) {
    using Log = void(int level, const char* message, void* data);
    Log* (*set_log)(int level, Log* log, void* data) = nullptr;
    find(library, file, "fluid_set_log_function", set_log);
    constexpr int levels = 5;  // panic, error, warning, information, debugging
    for (int level = 0; level < levels; ++level) set_log(level, say_nothing, nullptr);
    // What is no SoundFont it offers to another library, which complains through GLib.
    using GlibLog = void(const char* domain, int level, const char* message, void* data);
    if (void* const glib = dlopen("libglib-2.0.so.0", RTLD_NOW | RTLD_NOLOAD))
        if (void* const set_handler = dlsym(glib, "g_log_set_default_handler"))
            reinterpret_cast<GlibLog* (*)(GlibLog*, void*)>(set_handler)([](const char*, int, const char*, void*) {},
                                                                         nullptr);
}

Fluidsynth functions_of(void* library, const std::string& file) {
    Fluidsynth found;
    const auto take = [&](const char* symbol, auto*& function) { find(library, file, symbol, function); };
    take("new_fluid_settings", found.new_settings);
    take("delete_fluid_settings", found.delete_settings);
    take("fluid_settings_setnum", found.set_number);
    take("fluid_settings_setint", found.set_integer);
    take("new_fluid_synth", found.new_synth);
    take("delete_fluid_synth", found.delete_synth);
    take("fluid_synth_sfload", found.load_font);
    take("fluid_synth_program_change", found.program_change);
    take("fluid_synth_noteon", found.note_on);
    take("fluid_synth_noteoff", found.note_off);
    take("fluid_synth_write_float", found.write_floats);
    char* (*version)() = nullptr;
    take("fluid_version_str", version);
    found.file = file;
    found.version = version();
    silence(library, file);
    return found;
}

}  // namespace

Fluidsynth open_fluidsynth() {
    std::string reason;  // why the first one cannot be loaded
    for (const std::string& file : names_to_try()) {
        if (void* const library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL)) return functions_of(library, file);
        const char* const text = dlerror();
        if (reason.empty()) reason = text ? text : file + " cannot be loaded";
    }
    tensor::fail("fluidsynth",
                 "{}, expected FluidSynth's library: apt-get install fluidsynth fluid-soundfont-gm, or its file in {}",
                 reason, variable);
}

}  // namespace musegan
