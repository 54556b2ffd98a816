// What a model is, as a value: enough to build its networks again from a file.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "io/settings.hpp"
#include "musegan/phrase/phrase_shape.hpp"

namespace musegan {

/// Lengths of the composer's random vectors: z is shared by the bars of a phrase, z_t is turned into one vector per bar
/// by G_temp. Together they are the bar generator's 128 inputs (AAAI 2018, section 4; table in
/// musegan/networks/README.md).
struct LatentLengths {
    std::int64_t shared = 64;
    std::int64_t temporal = 64;
    bool operator==(const LatentLengths&) const = default;
};

/// How the tracks' generators and critics share what they know (AAAI 2018, section 3.1).
enum class MultiTrackModel { composer };
constexpr auto enum_names(MultiTrackModel) { return std::array{"composer"}; }

struct ModelConfig {
    MultiTrackModel model = MultiTrackModel::composer;
    double width = 1.0;  ///< factor on all channel counts inside the networks
    LatentLengths latents;
    PhraseShape shape;  ///< of the phrases that it makes and judges

    /// `channels` at this width: rounded, at least 1.
    std::int64_t scaled(std::int64_t channels) const;
    /// Throws Error("[where] ...") for a value out of its range (settings_of), for a shape that does not validate, and
    /// for one that the networks are not made for: other than 4 bars.
    void validate(std::string_view where = "model") const;

    bool operator==(const ModelConfig&) const = default;
};

/// Model, width, the lengths of the latents, and the shape.
io::SettingList settings_of(ModelConfig& config);

/// Standard deviation of all random vectors (the published code's choice).
inline constexpr double latent_deviation = 0.1;
/// Slope of the critic's LeakyReLU below zero.
inline constexpr double critic_slope = 0.2;

}  // namespace musegan
