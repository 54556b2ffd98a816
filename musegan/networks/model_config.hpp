// What a model is, as a value: enough to build its networks again from a file.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "io/settings.hpp"
#include "layers/parameters.hpp"
#include "musegan/networks/presets.hpp"
#include "musegan/phrase/phrase_shape.hpp"

namespace musegan {

/// How the tracks' generators and critics share what they know (AAAI 2018, section 3.1).
enum class MultiTrackModel {
    jamming,   ///< a generator and a critic per track, and random vectors of its own for each
    composer,  ///< one generator and one critic for all tracks, and random vectors that all share
    hybrid     ///< a generator per track, with shared vectors and vectors of its own, and one critic for all
};
constexpr auto enum_names(MultiTrackModel) { return std::array{"jamming", "composer", "hybrid"}; }

/// The track that a track-conditional model is given; none for a model from scratch (AAAI 2018, section 3.2). The
/// tracks in tensor order, one higher.
enum class Condition { none, bass, drums, guitar, piano, strings };
constexpr auto enum_names(Condition) { return std::array{"none", "bass", "drums", "guitar", "piano", "strings"}; }

/// How a generator's last numbers become cells (BinaryMuseGAN, ISMIR 2018, section 3; autograd/binary_neuron.hpp).
enum class Output {
    tanh,           ///< numbers in (-1, 1), made cells of only after training (music/sampling.hpp)
    deterministic,  ///< binary neurons in training too: on where the number is positive
    stochastic      ///< binary neurons that are on with a probability
};
constexpr auto enum_names(Output) { return std::array{"tanh", "deterministic", "stochastic"}; }

/// The norm of the layers that have one in the preset's tables, or whose activation is a ReLU or LeakyReLU.
enum class NormChoice { table, none, batch, layer };
constexpr auto enum_names(NormChoice) { return std::array{"table", "none", "batch", "layer"}; }

/// Lengths of the random vectors, of which a model has one to four (architecture.hpp). 0 stands for an equal share of
/// what the others leave of `total`: as in the paper, 64 and 64, or four times 32.
struct LatentLengths {
    std::int64_t total = 128;         ///< of all of them: the inputs of a bar generator
    std::int64_t shared = 0;          ///< z: shared by tracks and bars
    std::int64_t temporal = 0;        ///< z_t: shared by tracks, made into a vector per bar
    std::int64_t track = 0;           ///< z_i: per track
    std::int64_t track_temporal = 0;  ///< z_it: per track, made into a vector per bar
    double deviation = 0.1;           ///< standard deviation of all of them; 0.1 in the published code
    bool operator==(const LatentLengths&) const = default;
};

struct ModelConfig {
    MultiTrackModel model = MultiTrackModel::composer;
    Condition condition = Condition::none;
    double width = 1.0;  ///< factor on all channel counts inside the networks
    LatentLengths latents{};
    PhraseShape shape{};  ///< of the phrases that it makes and judges
    Output output = Output::tanh;
    NormChoice generator_norm = NormChoice::table, critic_norm = NormChoice::table;
    layers::WeightStart weight_start = layers::WeightStart::normal;
    Preset preset = paper_preset();  ///< the tables of its networks

    /// `channels` at this width: rounded, at least 1.
    std::int64_t scaled(std::int64_t channels) const;
    /// Index of the given track, nothing for a model from scratch.
    std::optional<int> given() const;
    /// "composer", "hybrid given piano", "compact hybrid given piano".
    std::string name() const;
    /// The same with the lengths of its latents as numbers instead of 0. Throws Error as validate does.
    ModelConfig with_lengths() const;
    /// Throws Error("[where] ...") for a value out of its range (settings_of), for a shape that does not validate, for
    /// one that the networks are not made for (other than 4 bars, or a grid that is none of the preset's), and for
    /// latents that do not add up. That the tables fit is checked where networks are made (preset_plans.hpp).
    void validate(std::string_view where = "model") const;

    bool operator==(const ModelConfig&) const = default;
};

/// All of it, the preset's tables as TOML under the key "networks".
io::SettingList settings_of(ModelConfig& config);

}  // namespace musegan
