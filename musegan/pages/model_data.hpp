// A trained model for a page, whose scripts (model/) make phrases with it.
#pragma once

#include <cstdint>
#include <string>

#include "io/safetensors.hpp"

namespace musegan {

/// The largest model that a page takes: 5 MB of half floats, 6.7 MB as text.
inline constexpr std::int64_t most_page_parameters = 2'500'000;
/// The most work per phrase, in FLOPs of products: some seconds of plain script.
inline constexpr double most_page_flops = 10e9;

struct PageModel {
    /// {"name", "model", "parameters", "flops", "bars", "steps", "stepsPerBeat", "pitches", "lowestPitch", "makes",
    /// "output", "neuronSlope", "given", "latents", "deviation", "slots", "encoder", "temporal", "generators",
    /// "refiners"}: names as presets and settings have them, `given` a track or null, `slots` in the order of
    /// latent_slots. Networks are written as model/network.js reads them: every row with the volumes that it reads and
    /// makes, [T, P, M, C] each, so that scripts know no rule of shapes. Plain ASCII.
    std::string json;
    /// half_model in base64.
    std::string weights;
};

/// Throws Error as half_model does, and in one line for a model of more parameters or work than a page takes.
PageModel page_model(const io::SafetensorsFile& model_file);

}  // namespace musegan
