#include "musegan/sound/sound_font.hpp"

#include <array>
#include <cstdint>
#include <fstream>
#include <string_view>
#include <system_error>

#include "tensor/error.hpp"
#include "tensor/units.hpp"

namespace musegan {

namespace fs = std::filesystem;

std::vector<fs::path> usual_sound_fonts() {
    std::vector<fs::path> places;
    for (const char* const folder : {"/usr/share/sounds/sf2", "/usr/share/soundfonts", "/usr/local/share/soundfonts",
                                     "/opt/homebrew/share/soundfonts"})
        for (const char* const name : {"FluidR3_GM.sf2", "default-GM.sf2", "default.sf2", "TimGM6mb.sf2"})
            places.push_back(fs::path(folder) / name);
    places.emplace_back("/usr/share/sounds/sf3/default-GM.sf3");
    for (const char* const root : {"/opt/homebrew", "/usr/local"})  // the one that Homebrew's fluid-synth brings along
        places.push_back(fs::path(root) / "share/fluid-synth/sf2/VintageDreamsWaves-v2.sf2");
    return places;
}

fs::path find_sound_font(const std::vector<fs::path>& places) {
    std::error_code error;
    for (const fs::path& place : places)
        if (fs::is_regular_file(place, error)) return place;
    tensor::fail("sound font",
                 "none in {} usual places, expected one: apt-get install fluid-soundfont-gm, or "
                 "--sound-font FILE",
                 places.size());
}

void require_sound_font(const fs::path& file) {
    std::error_code error;
    if (!fs::exists(file, error)) tensor::fail(file.string(), "is not there, expected a sound font (.sf2, .sf3)");
    if (!fs::is_regular_file(file, error))
        tensor::fail(file.string(), "is no regular file, expected a sound font (.sf2, .sf3)");
    std::array<char, 12> start{};  // RIFF, how many bytes follow, and the form
    std::ifstream stream(file, std::ios::binary);
    stream.read(start.data(), start.size());
    const std::string_view text(start.data(), static_cast<std::size_t>(stream.gcount()));
    if (text.size() < start.size() || !text.starts_with("RIFF") || !text.ends_with("sfbk"))
        tensor::fail(file.string(), "is no sound font, expected one (.sf2, .sf3)");
    constexpr std::int64_t bytes_before = 8;
    std::int64_t said = bytes_before;
    for (std::size_t k = 0; k < 4; ++k) said += std::int64_t{static_cast<std::uint8_t>(start[4 + k])} << (8 * k);
    const auto bytes = static_cast<std::int64_t>(fs::file_size(file, error));
    if (error || bytes < said)
        tensor::fail(file.string(), "{} of the {} bytes that it says it has, expected a whole sound font",
                     tensor::count_text(bytes), tensor::count_text(said));
}

}  // namespace musegan
