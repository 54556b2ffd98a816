// Models as files, with weights by chance of which none leaves its layer without effect.
#pragma once

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "io/safetensors.hpp"
#include "musegan/networks/model.hpp"
#include "musegan/training/checkpoint.hpp"

namespace support {

/// Gives a model numbers by chance: values that stay about as large from layer to layer, shifts and running means away
/// from 0, factors and running variances away from 1.
inline void shake(const musegan::Model& model, unsigned seed) {
    std::mt19937 generator(seed);
    std::normal_distribution<float> normal;
    const auto by_chance = [&](const std::string& name, float value) {
        const float chance = normal(generator);
        if (name.ends_with("running_variance")) return std::exp(0.5f * chance);
        if (name.ends_with("gamma")) return 1.0f + 0.2f * chance;
        if (name.ends_with("weight")) return value;
        return 0.3f * chance;
    };
    for (layers::NamedTensor& entry : tensors_of(model.parameters())) {
        std::vector<float> values = entry.tensor.values<float>();
        for (float& value : values) value = by_chance(entry.name, value);
        tensor::assign(tensor::Tensor::from(values, entry.tensor.shape()), entry.tensor);
    }
}

/// A model that was shaken.
inline musegan::Model shaken_model(musegan::ModelConfig config, unsigned seed = 1) {
    config.weight_start = layers::WeightStart::fan_in;
    tensor::RandomStream random{seed, 1};
    musegan::Model model(config, random);
    shake(model, seed);
    return model;
}

/// Its file, with a critic's weight, which makes no phrases.
inline io::SafetensorsFile written(const musegan::Model& model) {
    musegan::ModelConfig config = model.config();
    io::SafetensorsWriter writer;
    for (const auto& [key, value] : settings_of(config).to_metadata()) writer.metadata(key, value);
    writer.metadata("format", musegan::model_format);
    writer.metadata("format_version", fmt::format("{}", musegan::checkpoint_version));
    writer.metadata("neuron_slope", fmt::format("{}", model.neuron_slope()));
    for (const layers::NamedTensor& entry : tensors_of(model.parameters())) writer.add(entry.name, entry.tensor);
    writer.add("critic.dense1.weight", tensor::Tensor::full({3, 1}, 1.0));
    return io::SafetensorsFile::parse(writer.serialize(), "shaken.safetensors");
}

}  // namespace support
