// What a model is, as a value: enough to build its networks again from a file.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "io/settings.hpp"
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

/// Lengths of the random vectors, of which a model has two or four (architecture.hpp). 0 stands for an equal share of
/// what the others leave of `total`: as in the paper, 64 and 64, or four times 32.
struct LatentLengths {
    std::int64_t total = 128;         ///< of all of them: the inputs of a bar generator
    std::int64_t shared = 0;          ///< z: shared by tracks and bars
    std::int64_t temporal = 0;        ///< z_t: shared by tracks, made into a vector per bar
    std::int64_t track = 0;           ///< z_i: per track
    std::int64_t track_temporal = 0;  ///< z_it: per track, made into a vector per bar
    bool operator==(const LatentLengths&) const = default;
};

struct ModelConfig {
    MultiTrackModel model = MultiTrackModel::composer;
    Condition condition = Condition::none;
    double width = 1.0;  ///< factor on all channel counts inside the networks
    LatentLengths latents;
    PhraseShape shape;  ///< of the phrases that it makes and judges

    /// `channels` at this width: rounded, at least 1.
    std::int64_t scaled(std::int64_t channels) const;
    /// Index of the given track, nothing for a model from scratch.
    std::optional<int> given() const;
    /// "composer", "hybrid given piano".
    std::string name() const;
    /// The same with the lengths of its latents as numbers instead of 0. Throws Error as validate does.
    ModelConfig with_lengths() const;
    /// Throws Error("[where] ...") for a value out of its range (settings_of), for a shape that does not validate, for
    /// one that the networks are not made for (other than 4 bars), and for latents that do not add up.
    void validate(std::string_view where = "model") const;

    bool operator==(const ModelConfig&) const = default;
};

/// Model, condition, width, the lengths of the latents, and the shape.
io::SettingList settings_of(ModelConfig& config);

/// Standard deviation of all random vectors (the published code's choice).
inline constexpr double latent_deviation = 0.1;
/// Slope below zero of every LeakyReLU, in critics and encoder.
inline constexpr double leaky_slope = 0.2;

}  // namespace musegan
