#include "tools/sound_output.hpp"

#include "io/wav.hpp"
#include "musegan/sound/synthesizer.hpp"
#include "tensor/error.hpp"
#include "tools/commands.hpp"
#include "tools/shell_text.hpp"
#include "tools/terminal.hpp"

namespace tools {

void settle_sound(musegan::SoundOptions& sound, const std::string& longest, std::int64_t frames) {
    if (!sound.wav && !sound.sound_font.empty())
        throw UsageError("[--sound-font] no --wav, expected it too: the sound font is for WAV files");
    if (!sound.wav) return;
    constexpr double rate = musegan::Synthesizer::frames_per_second;
    try {
        if (const std::int64_t most = io::most_wav_frames({}); frames > most)
            tensor::fail(longest, "{} of sound, expected at most {}, which is what a WAV file holds",
                         duration_text(static_cast<double>(frames) / rate),
                         duration_text(static_cast<double>(most) / rate));
        musegan::open_fluidsynth();  // whose error says how to install both
        musegan::require_sound(sound.font());
    } catch (const tensor::Error& error) {
        say(fmt::format("no WAV files: {}", shown_text(error.what())));
        sound.wav = false;
    }
}

}  // namespace tools
