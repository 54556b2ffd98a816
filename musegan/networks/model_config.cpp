#include "musegan/networks/model_config.hpp"

#include <algorithm>
#include <cmath>

#include "io/metadata.hpp"

namespace musegan {

std::int64_t ModelConfig::scaled(std::int64_t channels) const {
    return std::max<std::int64_t>(1, std::llround(static_cast<double>(channels) * width));
}

std::map<std::string, std::string> ModelConfig::to_metadata() const {
    return {{"model", model},
            {"width", fmt::format("{}", width)},
            {"latent_shared", fmt::format("{}", latents.shared)},
            {"latent_temporal", fmt::format("{}", latents.temporal)}};
}

ModelConfig ModelConfig::from_metadata(const std::map<std::string, std::string>& metadata, const std::string& file) {
    ModelConfig config;
    const auto model = metadata.find("model");
    if (model == metadata.end())
        tensor::fail(file, "no 'model' in the metadata, expected a model file written by `musegan train`");
    config.model = model->second;
    config.width = io::metadata_number<double>(metadata, "width", file);
    config.latents.shared = io::metadata_number<std::int64_t>(metadata, "latent_shared", file);
    config.latents.temporal = io::metadata_number<std::int64_t>(metadata, "latent_temporal", file);
    config.validate();
    return config;
}

void ModelConfig::validate() const {
    if (model != "composer") tensor::fail("model", "'{}' is no model of this build, expected composer", model);
    if (!(width > 0.0) || width > 16.0) tensor::fail("model", "width {}, expected more than 0 and at most 16", width);
    for (const std::int64_t length : {latents.shared, latents.temporal})
        if (length < 1 || length > 4096) tensor::fail("model", "a latent of length {}, expected 1 to 4096", length);
}

}  // namespace musegan
