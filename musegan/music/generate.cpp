#include "musegan/music/generate.hpp"

namespace musegan {

io::SettingList settings_of(GenerateOptions& options) {
    io::SettingList list;
    list.number<std::int64_t>("phrases", options.phrases, {1, 100000}, "How many phrases");
    list.include(settings_of(options.sampling));
    return list;
}

PackedPhrases generate_phrases(const Model& model, const GenerateOptions& options, std::optional<PhraseView> given) {
    io::validate(options, "generate");
    const tensor::ExecutionScope execution(options.sampling.execution);
    PackedPhrases phrases{model.config().shape};
    // One phrase at a time, each with streams of its own: memory stays small, and a phrase never changes because more
    // are asked for.
    for (std::int64_t k = 0; k < options.phrases; ++k) {
        const Latents latents = draw_latents(model, options.sampling, k);
        const Tensor track = draw_given_track(model, given, options.sampling, k);
        phrases.append(decode(model, latents, track, options.sampling, k).bits);
        if (options.progress) options.progress(k + 1);
    }
    return phrases;
}

}  // namespace musegan
