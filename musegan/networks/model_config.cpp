#include "musegan/networks/model_config.hpp"

#include <algorithm>
#include <cmath>

#include "tensor/error.hpp"

namespace musegan {

std::int64_t ModelConfig::scaled(std::int64_t channels) const {
    return std::max<std::int64_t>(1, std::llround(static_cast<double>(channels) * width));
}

io::SettingList settings_of(ModelConfig& config) {
    io::SettingList list;
    list.choice("model", config.model, "The multi-track model");
    list.number<double>("width", config.width, io::above(0.0, 16.0),
                        "Factor on all channel counts inside the networks");
    list.number<std::int64_t>("latent_shared", config.latents.shared, {1, 4096}, "Length of z, shared by the bars");
    list.number<std::int64_t>("latent_temporal", config.latents.temporal, {1, 4096}, "Length of z_t, one per bar");
    list.include(settings_of(config.shape).may_be_missing());
    return list;
}

void ModelConfig::validate(std::string_view where) const {
    io::validate(*this, where);
    shape.validate(where);
    if (shape.bars != 4)
        tensor::fail(where, "phrases of {} bars, expected 4: that is what G_temp and the critic are made for",
                     shape.bars);
}

}  // namespace musegan
