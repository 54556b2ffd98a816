#include "musegan/networks/describe.hpp"

#include "musegan/networks/critic.hpp"
#include "musegan/networks/model.hpp"
#include "tensor/units.hpp"

namespace musegan {

namespace {

std::string names_of(const std::vector<int>& track_list) {
    std::string names;
    for (const int track : track_list)
        names += fmt::format("{}{}", names.empty() ? "" : ", ", tracks[static_cast<std::size_t>(track)].name);
    return names;
}

/// "z_it (32, one per track and bar)".
std::string words_of(const LatentKind& kind) {
    const char* const one_per = kind.per_track ? (kind.per_bar ? ", one per track and bar" : ", one per track")
                                               : (kind.per_bar ? ", one per bar" : "");
    return fmt::format("{} ({}{})", kind.name, kind.length, one_per);
}

/// "5: bass; drums; guitar; piano; strings", "1: bass, drums, guitar, piano, strings".
std::string words_of(const std::vector<TrackNetwork>& networks) {
    std::string words;
    for (const TrackNetwork& network : networks)
        words += fmt::format("{}{}", words.empty() ? "" : "; ", names_of(network.tracks));
    return fmt::format("{}: {}", networks.size(), words);
}

}  // namespace

std::string describe(const ModelConfig& config) {
    const Architecture architecture = architecture_of(config);
    tensor::RandomStream unused;
    const Model model(config, architecture, unused, DType::f32, Device::dry());
    const std::vector<Critic> critics = make_critics(architecture, config, unused, DType::f32, Device::dry());
    double critic_flops = 0;
    for (const Critic& critic : critics) critic_flops += critic.flops(1);
    std::string latents;
    for (const LatentKind& kind : architecture.latents) latents += (latents.empty() ? "" : ", ") + words_of(kind);
    std::string text = fmt::format("{}, width {}\n", config.name(), config.width);
    const auto line = [&](const char* what, const std::string& words) {
        text += fmt::format("  {:12} {}\n", what, words);
    };
    line("latents", latents);
    if (architecture.given)
        line("given", fmt::format("{}, read by an encoder of {} maps", names_of({*architecture.given}),
                                  architecture.maps.size()));
    line("generators", words_of(architecture.generators));
    if (config.output != Output::tanh)
        line("output", fmt::format("{} neurons{}", tensor::name_of(config.output),
                                   architecture.refiners.empty() ? "" : " behind a refiner"));
    line("critics", words_of(architecture.critics));
    line("parameters", fmt::format("{} to make phrases, {} to judge them", model.parameters().count(),
                                   parameters_of(critics).count()));
    line("per phrase", fmt::format("{} to make it, {} to judge it", tensor::flops_text(model.flops(1)),
                                   tensor::flops_text(critic_flops)));
    return text;
}

}  // namespace musegan
