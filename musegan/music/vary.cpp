#include "musegan/music/vary.hpp"

#include <algorithm>

#include "tensor/error.hpp"

namespace musegan {

io::SettingList settings_of(VaryOptions& options) {
    io::SettingList list;
    list.number<std::int64_t>("phrases", options.phrases, {2, 100000}, "How many, the phrase itself included");
    add_track_list(list, "redraw", options.redraw, "Tracks whose private random vectors are drawn anew");
    list.include(settings_of(options.sampling));
    return list;
}

void require_private_vectors(const ModelConfig& config, const std::vector<int>& redraw) {
    const Architecture architecture = architecture_of(config);
    if (redraw.empty())
        tensor::fail("vary", "no track to redraw, expected some of {}", list_track_names(architecture.made_tracks()));
    const std::vector<LatentSlot> slots = latent_slots(architecture);
    if (std::ranges::none_of(slots, [](const LatentSlot& slot) { return slot.kind.per_track; }))
        tensor::fail("vary",
                     "the model is a {}, which has no vectors per track, expected a hybrid or jamming model (musegan "
                     "train --model hybrid trains one)",
                     config.name());
    for (const int track : redraw)
        if (std::ranges::find(slots, track, &LatentSlot::track) == slots.end())
            tensor::fail("vary", "{} is given to the model ({}), expected tracks that it makes: {}",
                         list_track_names({track}), config.name(), list_track_names(architecture.made_tracks()));
}

PackedPhrases vary(const Model& model, const VaryOptions& options, std::optional<PhraseView> given) {
    io::validate(options, "vary");
    require_private_vectors(model.config(), options.redraw);
    const tensor::ExecutionScope execution(options.sampling.execution);
    const Latents base = draw_latents(model, options.sampling, 0);
    const Tensor track = draw_given_track(model, given, options.sampling, 0);
    PackedPhrases phrases{model.config().shape};
    for (std::int64_t k = 0; k < options.phrases; ++k) {
        const Latents latents =
            redrawn(base, draw_latents(model, options.sampling, k), model.architecture(),
                    [&](const LatentSlot& slot) { return std::ranges::count(options.redraw, slot.track) > 0; });
        phrases.append(decode(model, latents, track, options.sampling, 0).bits);
        if (options.progress) options.progress(k + 1);
    }
    return phrases;
}

PhraseSheet sheet_of(const VaryOptions& options) {
    PhraseSheet sheet;
    for (std::int64_t k = 0; k < options.phrases; ++k) {
        sheet.names.push_back(fmt::format("variant_{:03}", k));
        sheet.captions.push_back(k == 0 ? std::string("the phrase")
                                        : fmt::format("variant {}: {} redrawn", k, list_track_names(options.redraw)));
    }
    return sheet;
}

}  // namespace musegan
