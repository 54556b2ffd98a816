#include "musegan/networks/architecture.hpp"

#include "musegan/networks/preset_plans.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

/// A row per model of the table in architecture.hpp.
struct ModelRow {
    bool shared_latents, track_latents;  ///< z and z_t; z_i and z_it
    bool generator_per_track, critic_per_track;
};

constexpr ModelRow row_of(MultiTrackModel model) {
    switch (model) {
        case MultiTrackModel::jamming: return {false, true, true, true};
        case MultiTrackModel::composer: return {true, false, false, false};
        case MultiTrackModel::hybrid: break;
    }
    return {true, true, true, false};
}

/// One per track, named after it, or one for all.
std::vector<TrackNetwork> share(const std::vector<int>& track_list, bool per_track) {
    if (!per_track) return {{"", track_list, {}}};
    std::vector<TrackNetwork> networks;
    for (const int track : track_list)
        networks.push_back({std::string(tracks[static_cast<std::size_t>(track)].name), {track}, {}});
    return networks;
}

std::vector<int> all_tracks_but(std::optional<int> left_out) {
    std::vector<int> list;
    for (int track = 0; track < n_tracks; ++track)
        if (track != left_out) list.push_back(track);
    return list;
}

/// Gives the kinds whose length is 0 an equal share of what the others leave of `total`.
void share_length(std::vector<LatentKind>& kinds, std::int64_t total, std::string_view where) {
    std::int64_t stated = 0, open = 0;
    std::string sum;
    for (const LatentKind& kind : kinds) {
        stated += kind.length;
        open += kind.length == 0;
        if (kind.length > 0) sum += fmt::format("{}{} {}", sum.empty() ? "" : " + ", kind.name, kind.length);
    }
    const std::int64_t rest = total - stated;
    if (open == 0 ? rest != 0 : rest < open || rest % open != 0)
        tensor::fail(where,
                     "latents do not add up: {}, expected {} in all{} (change a length, or the total with "
                     "--latent-length)",
                     stated > 0 ? fmt::format("{} = {}", sum, stated) : "none stated", total,
                     open > 0 ? fmt::format(", with an equal share for {} more", open) : "");
    for (LatentKind& kind : kinds)
        if (kind.length == 0) kind.length = rest / open;
}

}  // namespace

std::vector<LatentKind> latents_of(const ModelConfig& config, std::string_view where) {
    const ModelRow row = row_of(config.model);
    const LatentLengths& lengths = config.latents;
    const std::vector<LatentKind> all{{"z", false, false, lengths.shared},
                                      {"z_t", false, true, lengths.temporal},
                                      {"z_i", true, false, lengths.track},
                                      {"z_it", true, true, lengths.track_temporal}};
    std::vector<LatentKind> kinds;
    for (const LatentKind& kind : all) {
        const bool is_there = kind.per_track ? row.track_latents : row.shared_latents;
        if (is_there && (!kind.per_bar || config.preset.makes == Makes::bars)) kinds.push_back(kind);
        else if (kind.length != 0)
            tensor::fail(where, "{} has length {}, expected 0: a {} has no such vector{}", kind.name, kind.length,
                         config.name(), is_there ? ", it makes whole phrases (--preset paper makes bars)" : "");
    }
    share_length(kinds, lengths.total, where);
    return kinds;
}

std::vector<int> Architecture::made_tracks() const { return all_tracks_but(given); }

Architecture architecture_of(const ModelConfig& config) {
    config.validate();
    const ModelRow row = row_of(config.model);
    Architecture architecture{
        .latents = latents_of(config), .latent_deviation = config.latents.deviation, .given = config.given()};
    const std::vector<int> made = architecture.made_tracks();
    architecture.generators = share(made, row.generator_per_track);
    // A critic of one track has nothing to say of the given one. A critic of all sees it beside the others.
    architecture.critics = share(row.critic_per_track ? made : all_tracks_but({}), row.critic_per_track);
    for (const LatentKind& kind : architecture.latents)
        if (kind.per_bar) architecture.temporal.emplace(kind.name, temporal_plan(config, kind.length));
    if (architecture.given) {
        architecture.encoder = encoder_plan(config);
        architecture.maps = layers::maps_of(architecture.encoder, encoder_sources(config));
    }
    for (TrackNetwork& generator : architecture.generators) {
        generator.plan = generator_plan(config, generator.tracks, architecture.maps);
        if (layers::NetworkPlan refiner = refiner_plan(config, generator.tracks); !refiner.parts.empty())
            architecture.refiners.push_back(std::move(refiner));
    }
    for (TrackNetwork& critic : architecture.critics) critic.plan = critic_plan(config, critic.tracks);
    return architecture;
}

}  // namespace musegan
