#include "musegan/networks/model_config.hpp"

#include <algorithm>
#include <cmath>

#include "musegan/networks/architecture.hpp"
#include "tensor/error.hpp"

namespace musegan {

static_assert(
    [] {
        for (std::size_t i = 0; i < tracks.size(); ++i)
            if (tracks[i].name != enum_names(Condition{})[i + 1]) return false;
        return enum_names(Condition{}).size() == tracks.size() + 1;
    }(),
    "a condition is none, or a track by its own name");

std::int64_t ModelConfig::scaled(std::int64_t channels) const {
    return std::max<std::int64_t>(1, std::llround(static_cast<double>(channels) * width));
}

std::optional<int> ModelConfig::given() const {
    if (condition == Condition::none) return std::nullopt;
    return static_cast<int>(condition) - 1;
}

std::string ModelConfig::name() const {
    const bool is_papers = preset.name == "paper";
    const std::string model_name = (is_papers ? "" : preset.name + " ") + tensor::name_of(model);
    return condition == Condition::none ? model_name : model_name + " given " + tensor::name_of(condition);
}

ModelConfig ModelConfig::with_lengths() const {
    ModelConfig config = *this;
    for (const LatentKind& kind : latents_of(*this)) {
        LatentLengths& lengths = config.latents;
        if (kind.per_track) (kind.per_bar ? lengths.track_temporal : lengths.track) = kind.length;
        else (kind.per_bar ? lengths.temporal : lengths.shared) = kind.length;
    }
    return config;
}

namespace {

/// The tables of the networks, as a file keeps them. No option sets them: --preset does.
void add_networks(io::SettingList& list, Preset& preset) {
    io::Setting& networks = list.add({.key = "networks",
                                      .expected = "the tables of a preset, as TOML",
                                      .help = "The layers of all networks",
                                      .may_be_missing = true,
                                      .text = [&preset] { return preset_toml(preset); },
                                      .assign =
                                          [&preset](const std::string& text) {
                                              try {
                                                  preset = parse_preset(text, "networks");
                                              } catch (const tensor::Error&) {
                                                  return false;
                                              }
                                              return true;
                                          },
                                      .is_valid = [] { return true; }});
    networks.option.clear();
    networks.shown = [&preset] { return fmt::format("those of preset '{}'", preset.name); };
}

}  // namespace

io::SettingList settings_of(ModelConfig& config) {
    io::SettingList list;
    list.choice("model", config.model, "The multi-track model: how tracks share generators, critics and latents");
    list.choice("condition", config.condition, "The track that the model is given; it makes the others to it")
        .may_be_missing = true;
    list.number<double>("width", config.width, io::above(0.0, 16.0),
                        "Factor on all channel counts inside the networks");
    io::SettingList how;
    how.choice("output", config.output,
               "The generators' end: tanh, or binary neurons, which make cells in training too");
    how.choice("generator_norm", config.generator_norm,
               "Norm of the layers of generators and encoder; table: as the preset says");
    how.choice("critic_norm", config.critic_norm, "Norm of the layers of the critics; table: as the preset says");
    how.choice("weight_start", config.weight_start,
               "Deviation of fresh weights: 0.02, or sqrt(2 / the terms that an output sums)");
    how.number<double>("latent_deviation", config.latents.deviation, io::above(0.0, 100.0),
                       "Standard deviation of the random vectors");
    list.include(how.may_be_missing());
    const auto length = [&](const char* key, std::int64_t& value, const char* help) -> io::Setting& {
        return list.number<std::int64_t>(key, value, {0, 16384}, help);
    };
    list.number<std::int64_t>("latent_length", config.latents.total, {1, 16384},
                              "Length of all random vectors together, which share it equally unless the next say else")
        .may_be_missing = true;
    length("latent_shared", config.latents.shared, "Length of z, shared by tracks and bars; 0: its equal share");
    length("latent_temporal", config.latents.temporal, "Length of z_t, shared by tracks, one per bar; 0: likewise");
    length("latent_track", config.latents.track, "Length of z_i, per track; 0: likewise").may_be_missing = true;
    length("latent_track_temporal", config.latents.track_temporal, "Length of z_it, per track and bar; 0: likewise")
        .may_be_missing = true;
    list.include(settings_of(config.shape).may_be_missing());
    add_networks(list, config.preset);
    return list;
}

void ModelConfig::validate(std::string_view where) const {
    io::validate(*this, where);
    shape.validate(where);
    if (shape.bars != 4)
        tensor::fail(where, "phrases of {} bars, expected 4: that is what G_temp and the critics are made for",
                     shape.bars);
    if (std::ranges::find(preset.grids, shape.steps_per_beat) == preset.grids.end())
        tensor::fail(where, "{} steps per beat, expected {}: that is what preset {} is made for (--steps-per-beat {})",
                     shape.steps_per_beat, fmt::join(preset.grids, ", "), preset.name, preset.grids.front());
    latents_of(*this, where);
}

}  // namespace musegan
