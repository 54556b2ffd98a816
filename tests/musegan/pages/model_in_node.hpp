// A model of a page in node: scripts that have it, and numbers back from them.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "musegan/pages/model_data.hpp"
#include "musegan/training/half_model.hpp"
#include "tests/musegan/written_model.hpp"
#include "tests/support/node.hpp"

namespace support {

inline musegan::ModelConfig config_of(musegan::Preset preset, musegan::MultiTrackModel model,
                                      musegan::Condition condition, int steps_per_beat, double width) {
    musegan::ModelConfig config;
    config.model = model;
    config.condition = condition;
    config.preset = std::move(preset);
    config.shape.steps_per_beat = steps_per_beat;
    config.width = width;
    config.latents.deviation = 1.0;
    return config;
}

/// Of all phrases here; scripts have it as `seed`.
inline constexpr std::uint64_t seed = 0xFEDCBA9876543210ull;

/// A script with a model: `about`, `bytes`, and a call to open it.
inline std::string with_model(const io::SafetensorsFile& file, const std::string& script) {
    const musegan::PageModel page = musegan::page_model(file);
    return "import {cellsAbove, notesOfCells} from './model/cells.js';\n"
           "import {makeNumbers, openModel} from './model/generator.js';\n"
           "import {between, drawLatents, redrawn} from './model/latents.js';\n"
           "const text = array => Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('base64');\n"
           "const seed = 0xFEDCBA9876543210n, about = " +
           page.json + ";\nconst bytes = new Uint8Array(Buffer.from('" + page.weights + "', 'base64'));\n" + script;
}

/// Of base64.
template <typename T>
std::vector<T> numbers_of(const std::string& base64_text) {
    std::vector<std::uint8_t> bytes;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char letter : base64_text) {
        static const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        if (letter == '=') break;
        bits = bits << 6 | static_cast<std::uint32_t>(letters.find(letter));
        if ((count += 6) >= 8) bytes.push_back(static_cast<std::uint8_t>(bits >> (count -= 8)));
    }
    std::vector<T> numbers(bytes.size() / sizeof(T));
    if (!numbers.empty()) std::memcpy(numbers.data(), bytes.data(), numbers.size() * sizeof(T));
    return numbers;
}

inline io::SafetensorsFile half_of(const io::SafetensorsFile& file) {
    return io::SafetensorsFile::parse(musegan::half_model(file), "half.safetensors");
}

}  // namespace support
