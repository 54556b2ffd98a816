#include "musegan/sound/synthesizer.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "musegan/phrase/tracks.hpp"
#include "musegan/sound/sound_font.hpp"
#include "tensor/error.hpp"

namespace musegan {

Synthesizer::Synthesizer(const std::filesystem::path& sound_font)
    : library_(open_fluidsynth()),
      settings_(library_.new_settings(), library_.delete_settings),
      synth_(nullptr, library_.delete_synth) {
    require_sound_font(sound_font);
    // A setting that a version does not have changes nothing.
    library_.set_number(settings_.get(), "synth.sample-rate", frames_per_second);
    library_.set_integer(settings_.get(), "synth.lock-memory", 0);
    library_.set_integer(settings_.get(), "synth.dynamic-sample-loading", 1);
    synth_.reset(library_.new_synth(settings_.get()));
    if (!synth_) tensor::fail("fluidsynth", "{} makes no synthesizer", library_.file);
    if (library_.load_font(synth_.get(), sound_font.c_str(), 1) < 0)
        tensor::fail(sound_font.string(), "fluidsynth cannot load it, expected a whole sound font (.sf2, .sf3)");
}

void Synthesizer::change_program(int channel, int program) { library_.program_change(synth_.get(), channel, program); }

void Synthesizer::note_on(int channel, int pitch, int velocity) {
    library_.note_on(synth_.get(), channel, pitch, velocity);
}

void Synthesizer::note_off(int channel, int pitch) { library_.note_off(synth_.get(), channel, pitch); }

void Synthesizer::render(std::span<float> samples) {
    const std::size_t frames = samples.size() / 2;
    if (samples.size() % 2 != 0 || frames % frames_per_block != 0)
        tensor::fail("render", "{} samples, expected whole blocks of {} frames", samples.size(), frames_per_block);
    library_.write_floats(synth_.get(), static_cast<int>(frames), samples.data(), 0, 2, samples.data(), 1, 2);
}

void require_sound(const std::filesystem::path& sound_font) {
    Synthesizer synthesizer(sound_font);
    for (const Track& track : tracks) {
        synthesizer.change_program(track.channel, track.program);
        synthesizer.note_on(track.channel, is_drums(index_of(track.family)) ? 36 : 60, 100);
    }
    constexpr std::size_t blocks = 64;  // a tenth of a second
    std::vector<float> samples(2 * blocks * Synthesizer::frames_per_block);
    synthesizer.render(samples);
    constexpr float audible = 1e-4f;
    if (std::ranges::none_of(samples, [](float sample) { return std::abs(sample) > audible; }))
        tensor::fail(sound_font.string(), "has no sound for {}, expected a sound font of General MIDI", track_names());
}

}  // namespace musegan
