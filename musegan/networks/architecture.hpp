// The poster's figures as tables: which random vectors a model has, which tracks each generator makes and each critic
// sees, and which track is given. AAAI 2018, sections 3.1 to 3.3.
//
//               jamming             composer        hybrid                      track-conditional, of each
//     latents   z_i, z_it           z, z_t          z, z_t, z_i, z_it           none for the given track
//     G         one per track       one for all     one per track               none for the given track, and E
//     D         one per track       one for all     one for all                 in jamming none for the given track
//
// A preset that makes whole phrases has no vectors per bar: z_t and z_it fall away.
//
// The networks themselves are tables too, those of the model's preset (preset_plans.hpp). Model (model.hpp) and Critic
// (critic.hpp) build and run whatever these tables say.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "layers/network.hpp"
#include "musegan/networks/model_config.hpp"

namespace musegan {

/// One kind of random vector. A vector per bar is made by a G_temp from one for the whole phrase.
struct LatentKind {
    std::string name;  ///< "z", "z_t", "z_i" or "z_it"
    bool per_track = false, per_bar = false;
    std::int64_t length = 0;
    bool operator==(const LatentKind&) const = default;
};

/// A generator and the tracks that it makes, or a critic and those that it sees: in tensor order. A critic's are
/// neighbours.
struct TrackNetwork {
    std::string name;  ///< the track's; "" for the only one of its kind
    std::vector<int> tracks;
    layers::NetworkPlan plan{};
};

struct Architecture {
    std::vector<LatentKind> latents;  ///< in the order in which they are drawn
    double latent_deviation = 0.1;
    std::vector<TrackNetwork> generators{}, critics{};
    std::optional<int> given{};
    std::map<std::string, layers::NetworkPlan> temporal{};  ///< G_temp of each kind per bar, by its name
    layers::NetworkPlan encoder{};                          ///< of the given track; without parts if there is none
    layers::Volumes maps{};                                 ///< that it makes, for the generators to join
    std::vector<layers::NetworkPlan> refiners{};            ///< beside the generators; none where nothing is refined

    /// Every track but the given one, in tensor order.
    std::vector<int> made_tracks() const;
};

/// The latents of a model with their lengths. Throws Error("[where] ...") for a length of a vector that the model does
/// not have, and for lengths that do not add up to the total, or do not share its rest equally.
std::vector<LatentKind> latents_of(const ModelConfig& config, std::string_view where = "model");

/// The tables of a model. Throws Error for a config that does not validate, and for tables that do not fit
/// (preset_plans.hpp).
Architecture architecture_of(const ModelConfig& config);

}  // namespace musegan
