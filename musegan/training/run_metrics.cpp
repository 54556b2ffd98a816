#include "musegan/training/run_metrics.hpp"

#include <algorithm>

#include "musegan/music/sampling.hpp"

namespace musegan {

namespace {

/// The streams of Stream::samples: part 0 and 1 are those of the samples.
constexpr std::uint64_t latents_part = 2, chances_part = 3;

PackedPhrases given_phrases(const Training& training, const PhraseSequence& phrases) {
    if (!training.model().architecture().given) return {phrases.shape(), {}};
    const std::int64_t wanted = evaluated_phrases(training.settings().batch);
    PackedPhrases given{phrases.shape(), {}};  // of few phrases each comes more than once
    std::vector<std::uint8_t> room;
    for (std::int64_t k = 0; k < wanted; ++k) given.append(phrases.read(k * phrases.count() / wanted, room));
    return given;
}

}  // namespace

std::int64_t evaluated_phrases(std::int64_t batch) { return std::min<std::int64_t>(128, 8 * batch); }

RunMetrics::RunMetrics(const RunFolder& run, const Training& training, const PhraseSequence& phrases, bool resume)
    : given_(given_phrases(training, phrases)),
      log_(run, measure(spread(phrases, evaluated_data)), resume, training.steps()) {}

PackedPhrases RunMetrics::draw(const Training& training) const {
    const TrainingSettings& settings = training.settings();
    const tensor::ExecutionScope execution(settings.execution);
    const Model& model = training.sampled_model();
    tensor::RandomStream latents = stream_for(settings.seed, Stream::samples, latents_part);
    tensor::RandomStream chances = stream_for(settings.seed, Stream::samples, chances_part);
    const std::int64_t all = evaluated_phrases(settings.batch), bytes = settings.model.shape.bytes();
    PackedPhrases drawn{settings.model.shape, {}};
    for (std::int64_t begin = 0; begin < all; begin += settings.batch) {
        const std::int64_t count = std::min(settings.batch, all - begin);
        const Latents vectors = Latents::draw(latents, count, model.architecture(), settings.dtype, settings.device);
        Tensor given;
        if (given_.count() > 0)
            given =
                given_track_of(model, PhraseView(given_.shape, std::span(given_.bits)
                                                                   .subspan(static_cast<std::size_t>(begin * bytes),
                                                                            static_cast<std::size_t>(count * bytes))));
        drawn.append(decode(model, vectors, given, {.neurons = &chances}).bits);
    }
    return drawn;
}

void RunMetrics::evaluate(const Training& training, io::EventWriter& events) {
    log_.add(measure(draw(training)), training.steps(), events);
}

}  // namespace musegan
