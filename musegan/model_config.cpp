#include "musegan/model_config.hpp"

#include <charconv>
#include <cmath>

#include "tensor/error.hpp"

namespace musegan {

namespace {

template <typename Number>
Number parse_number(const std::map<std::string, std::string>& metadata, const std::string& key,
                    const std::string& file) {
    const auto found = metadata.find(key);
    if (found == metadata.end())
        tensor::fail(file, "no '{}' in the metadata, expected a model file written by `musegan train`", key);
    const std::string& text = found->second;
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
        tensor::fail(file, "'{}' is '{}', expected a number", key, text);
    return value;
}

}  // namespace

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
    config.width = parse_number<double>(metadata, "width", file);
    config.latents.shared = parse_number<std::int64_t>(metadata, "latent_shared", file);
    config.latents.temporal = parse_number<std::int64_t>(metadata, "latent_temporal", file);
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
