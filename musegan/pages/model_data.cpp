#include "musegan/pages/model_data.hpp"

#include <nlohmann/json.hpp>

#include "musegan/networks/preset_plans.hpp"
#include "musegan/pages/base64.hpp"
#include "musegan/training/checkpoint.hpp"
#include "musegan/training/half_model.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

using Json = nlohmann::ordered_json;

Json json_of(const tensor::Extents& extents) { return {extents.time, extents.pitch, extents.track}; }

Json json_of(const layers::Volume& volume) {
    return {volume.extents.time, volume.extents.pitch, volume.extents.track, volume.channels};
}

Json json_of(const layers::LayerRow& row, const layers::RowVolumes& volumes) {
    return {{"name", row.name},
            {"kind", tensor::name_of(row.kind)},
            {"read", json_of(volumes.read)},
            {"made", json_of(volumes.made)},
            {"kernel", json_of(row.kernel)},
            {"stride", json_of(row.stride)},
            {"dilation", json_of(row.dilation)},
            {"padding", tensor::name_of(row.padding)},
            {"norm", tensor::name_of(row.norm)},
            {"activation", tensor::name_of(row.activation)},
            {"slope", row.slope},
            {"joins", row.joins},
            {"adds", row.adds},
            {"map", row.map_name()},
            {"biasPerTrack", row.bias_per_track}};
}

/// A network whose parameters are stored below `prefix`.
Json json_of(const std::string& prefix, const layers::NetworkPlan& plan, const layers::Volumes& sources,
             const layers::Volumes& joined = {}) {
    const layers::NetworkVolumes volumes = layers::volumes_of(plan, sources, joined);
    Json parts = Json::array();
    for (std::size_t i = 0; i < plan.parts.size(); ++i) {
        const layers::Part& part = plan.parts[i];
        Json rows = Json::array();
        for (std::size_t row = 0; row < part.rows.size(); ++row)
            rows.push_back(json_of(part.rows[row], volumes.rows[i][row]));
        parts.push_back({{"name", part.name},
                         {"reads", part.reads},
                         {"perTrack", part.per_track},
                         {"read", json_of(volumes.read[i])},
                         {"rows", rows}});
    }
    return {{"prefix", prefix}, {"tracks", plan.tracks}, {"made", json_of(volumes.made)}, {"parts", parts}};
}

Json temporal_json(const Architecture& architecture, const std::vector<LatentSlot>& slots) {
    Json networks = Json::array();
    for (std::size_t i = 0; i < slots.size(); ++i) {
        const LatentSlot& slot = slots[i];
        if (!slot.kind.per_bar) continue;
        const std::string owner =
            slot.track < 0 ? "" : fmt::format(".{}", tracks[static_cast<std::size_t>(slot.track)].name);
        networks.push_back(json_of(fmt::format("generator{}.temporal", owner), architecture.temporal.at(slot.kind.name),
                                   temporal_sources(slot.kind.length)));
        networks.back()["slot"] = i;
    }
    return networks;
}

/// A generator or the refiner behind it, with the tracks that it makes.
Json of_tracks(const TrackNetwork& tracks, const char* what, const layers::NetworkPlan& plan,
               const layers::Volumes& sources, const layers::Volumes& joined = {}) {
    Json network =
        json_of(fmt::format("{}{}{}", what, tracks.name.empty() ? "" : ".", tracks.name), plan, sources, joined);
    network["trackList"] = tracks.tracks;
    return network;
}

Json generators_json(const ModelConfig& config, const Architecture& architecture) {
    Json networks = Json::array();
    for (const TrackNetwork& each : architecture.generators)
        networks.push_back(of_tracks(each, "generator", each.plan, generator_sources(config), architecture.maps));
    return networks;
}

Json refiners_json(const ModelConfig& config, const Architecture& architecture) {
    Json networks = Json::array();
    for (std::size_t k = 0; k < architecture.refiners.size(); ++k) {
        const TrackNetwork& each = architecture.generators[k];
        networks.push_back(
            of_tracks(each, "refiner", architecture.refiners[k], refiner_sources(config, each.tracks.size())));
    }
    return networks;
}

Json slots_json(const std::vector<LatentSlot>& slots) {
    Json list = Json::array();
    for (const LatentSlot& slot : slots)
        list.push_back({{"name", slot.kind.name},
                        {"track", slot.track},
                        {"perBar", slot.kind.per_bar},
                        {"length", slot.kind.length}});
    return list;
}

Json json_of(const Model& model) {
    const ModelConfig& config = model.config();
    const Architecture& architecture = model.architecture();
    const std::vector<LatentSlot> slots = latent_slots(architecture);
    Json json{{"name", config.name()},
              {"model", tensor::name_of(config.model)},
              {"parameters", model.parameters().count()},
              {"flops", model.flops(1)},
              {"bars", config.shape.bars},
              {"steps", config.shape.steps()},
              {"stepsPerBeat", config.shape.steps_per_beat},
              {"pitches", config.shape.pitches},
              {"lowestPitch", config.shape.lowest_pitch},
              {"makes", tensor::name_of(config.preset.makes)},
              {"output", tensor::name_of(config.output)},
              {"neuronSlope", model.neuron_slope()},
              {"given", nullptr},
              {"latents", config.latents.total},
              {"deviation", architecture.latent_deviation},
              {"slots", slots_json(slots)},
              {"encoder", nullptr},
              {"temporal", temporal_json(architecture, slots)},
              {"generators", generators_json(config, architecture)},
              {"refiners", refiners_json(config, architecture)}};
    if (architecture.given) {
        json["given"] = *architecture.given;
        json["encoder"] = json_of("encoder", architecture.encoder, encoder_sources(config));
    }
    return json;
}

void require_fit(const Model& model) {
    const std::int64_t parameters = model.parameters().count();
    if (parameters > most_page_parameters)
        tensor::fail("model", "{} parameters, expected at most {} in a page (--width makes smaller ones)", parameters,
                     most_page_parameters);
    if (const double flops = model.flops(1); flops > most_page_flops)
        tensor::fail("model",
                     "{:.3g} FLOPs per phrase, expected at most {:.3g} in a page (a smaller --width needs fewer)",
                     flops, most_page_flops);
}

}  // namespace

PageModel page_model(const io::SafetensorsFile& model_file) {
    const Model model = load_model(model_file);
    require_fit(model);
    return {json_of(model).dump(-1, ' ', true, Json::error_handler_t::replace), base64(half_model(model_file))};
}

}  // namespace musegan
