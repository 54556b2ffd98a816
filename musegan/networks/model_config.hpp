// What a model is, as a value: enough to build its networks again from a file.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace musegan {

/// Lengths of the composer's random vectors: z is shared by the bars of a phrase, z_t is turned into one vector per bar
/// by G_temp. Together they are the bar generator's 128 inputs (AAAI 2018, section 4; table in
/// musegan/networks/README.md).
struct LatentLengths {
    std::int64_t shared = 64;
    std::int64_t temporal = 64;
    bool operator==(const LatentLengths&) const = default;
};

struct ModelConfig {
    std::string model = "composer";  ///< the multi-track model
    double width = 1.0;              ///< factor on all channel counts inside the networks
    LatentLengths latents;

    /// `channels` at this width: rounded, at least 1.
    std::int64_t scaled(std::int64_t channels) const;
    /// As text for a file's metadata, and back. Throws Error naming `file` for a missing, malformed or unknown value.
    std::map<std::string, std::string> to_metadata() const;
    static ModelConfig from_metadata(const std::map<std::string, std::string>& metadata, const std::string& file);
    /// Throws Error for a model that is not there or a width outside (0, 16].
    void validate() const;

    bool operator==(const ModelConfig&) const = default;
};

/// Standard deviation of all random vectors (the published code's choice).
inline constexpr double latent_deviation = 0.1;
/// Slope of the critic's LeakyReLU below zero.
inline constexpr double critic_slope = 0.2;

}  // namespace musegan
