// WAV files of tests: whether this machine can make some, and their samples read back.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <numbers>
#include <string>
#include <vector>

#include "musegan/sound/fluidsynth.hpp"
#include "musegan/sound/sound_font.hpp"
#include "tensor/error.hpp"
#include "tests/support/temporary_folder.hpp"

namespace support {

/// Why this machine makes no WAV files; empty where it does.
inline std::string no_sound() {
    try {
        musegan::open_fluidsynth();
        musegan::find_sound_font();
    } catch (const tensor::Error& error) {
        return std::string("tools/setup --sound installs what WAV files need: ") + error.what();
    }
    return {};
}

/// A 16-bit stereo file of 44,100 frames a second.
struct Wav {
    std::vector<std::int16_t> samples;

    std::int64_t frames() const { return static_cast<std::int64_t>(samples.size()) / 2; }
    /// The loudest sample of frames [begin, end), of either side, full scale being 1.
    double peak(std::int64_t begin, std::int64_t end) const {
        int found = 0;
        for (std::int64_t k = 2 * begin; k < 2 * end; ++k)
            found = std::max(found, std::abs(int{samples.at(static_cast<std::size_t>(k))}));
        return found / 32767.0;
    }
    double peak() const { return peak(0, frames()); }
    /// The power of a frequency (Hz) in frames [begin, end) of the left side: its term of the Fourier transform, under
    /// Hann's window.
    double power_of(double frequency, std::int64_t begin, std::int64_t end) const {
        double real = 0, imaginary = 0;
        for (std::int64_t k = begin; k < end; ++k) {
            const double way = static_cast<double>(k - begin) / static_cast<double>(end - begin);
            const double sample = samples.at(static_cast<std::size_t>(2 * k)) / 32767.0 *
                                  (0.5 - 0.5 * std::cos(2 * std::numbers::pi * way));
            const double angle = 2 * std::numbers::pi * frequency * static_cast<double>(k) / 44100;
            real += sample * std::cos(angle);
            imaginary += sample * std::sin(angle);
        }
        return real * real + imaginary * imaginary;
    }
};

inline Wav read_wav(const std::filesystem::path& path) {
    constexpr std::size_t header = 44;
    const std::string bytes = read_text(path);
    REQUIRE(bytes.size() >= header);
    REQUIRE(bytes.substr(20, 16) == std::string("\x01\0\x02\0\x44\xac\0\0\x10\xb1\x02\0\x04\0\x10\0", 16));
    Wav wav;
    wav.samples.resize((bytes.size() - header) / 2);
    if (!wav.samples.empty()) std::memcpy(wav.samples.data(), bytes.data() + header, 2 * wav.samples.size());
    return wav;
}

}  // namespace support
