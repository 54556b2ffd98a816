// Networks as data. A preset is a TOML file that says which layers the networks of a model have, whether a generator
// makes bars or whole phrases, on which time grids it can be used, and with which settings training starts from it.
// presets/ holds those that come with the program (presets.hpp), README.md says how to write one.
//
//     name = "mine"
//     makes = "phrases"
//     grids = [4]
//
//     [settings]                  # of `musegan train`
//     steps_per_beat = 4
//
//     [[generator]]               # a part: a stack, or one per track (layers/network.hpp)
//     name = "shared"
//     rows = [
//         { kind = "transposed", channels = 256, kernel = [4, 1, 1], norm = "batch", activation = "relu" },
//     ]
//
// preset_fields.hpp lists the format, which preset_reader.cpp and preset_writer.cpp follow. preset_plans.cpp makes of a
// preset plans of numbers, for one model.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "io/toml.hpp"
#include "layers/network.hpp"

namespace musegan {

/// What a number of a table may follow from instead of being written down.
enum class Measure {
    bar,      ///< steps of a bar
    octaves,  ///< of the pitches
    seen,     ///< "tracks": those of the network
    latent    ///< length of the random vector that G_temp makes one per bar of
};
constexpr auto enum_names(Measure) { return std::array{"bar", "octaves", "tracks", "latent"}; }

/// A number, or a measure.
struct Size {
    std::int64_t number = 1;
    std::optional<Measure> measure{};
    bool operator==(const Size&) const = default;
};
/// Time, pitch, track.
using Sizes = std::array<Size, 3>;

/// Line of a file; of no weight where presets are compared.
struct Line {
    std::int64_t number = 0;
    bool operator==(const Line&) const { return true; }
};

/// A layers::LayerRow of any model. Its fields have the same names and meaning, but for those that are said here.
struct PresetRow {
    std::string name{};  ///< "": "conv1", "conv2", ... by kind and order
    layers::LayerKind kind = layers::LayerKind::convolution;
    Size channels{};  ///< a number above 1 is scaled by the model's width
    Sizes kernel{};
    std::optional<Sizes> stride{};  ///< none: the kernel's
    Sizes dilation{};
    layers::Padding padding = layers::Padding::valid;
    layers::Norm norm = layers::Norm::none;
    layers::Activation activation = layers::Activation::none;
    double slope = 0.2;
    std::string joins{};  ///< a map of the encoder; nothing is joined in a model from scratch
    std::string adds{};
    std::string map{};
    Sizes result{};
    bool bias_per_track = false;
    std::vector<int> grids{};  ///< steps per beat for which the row is there; empty: all of the preset
    Line line{};
    bool operator==(const PresetRow&) const = default;
};

/// A layers::Part of any model.
struct PresetPart {
    std::string name{};
    /// Sources or earlier parts; empty: the part before it, or the network's first source.
    std::vector<std::string> reads{};
    bool per_track = false;
    std::vector<PresetRow> rows{};
    Line line{};
    bool operator==(const PresetPart&) const = default;
};
using PresetNetwork = std::vector<PresetPart>;

/// What a bar generator is given its vectors for.
enum class Makes {
    bars,    ///< a bar at a time, from vectors that differ from bar to bar (made by G_temp) and others that do not
    phrases  ///< a whole phrase from vectors for all of it
};
constexpr auto enum_names(Makes) { return std::array{"bars", "phrases"}; }

struct Preset {
    std::string name{};
    std::string about{};
    Makes makes = Makes::bars;
    std::vector<int> grids{};  ///< steps per beat that its tables are made for
    // One source each: the random vectors; those of one kind; the given track; the generator's result. The critic's are
    // in views.hpp. `temporal` is there where bars are made; a preset without an encoder has no track-conditional
    // models; a refiner is used where the output is a binary neuron.
    PresetNetwork generator{}, temporal{}, encoder{}, refiner{}, critic{};

    io::TomlTable settings{};  ///< as the file states them, for training to take
    std::string file{};        ///< for messages

    /// Whether the networks are equal: everything but settings and places.
    bool operator==(const Preset& other) const;
    /// "[file:line] ".
    std::string place(const Line& line) const;
};

/// Of TOML. Throws Error("[file:line] key ...") for what is no TOML, an unknown key, a wrong type and a value out of
/// range, with what was expected and a hint.
Preset parse_preset(std::string_view text, std::string_view file);
/// The same of a file.
Preset read_preset(const std::filesystem::path& file);
/// All of a preset but its settings, as TOML that parse_preset takes back. The settings of `[settings]` are put in as
/// they are: lines of "key = value".
std::string preset_toml(const Preset& preset, std::string_view settings = "");

}  // namespace musegan
