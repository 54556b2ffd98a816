#include "musegan/music/sampling.hpp"

#include <numeric>

#include "musegan/networks/streams.hpp"
#include "musegan/phrase/grid.hpp"
#include "tensor/elementwise.hpp"
#include "tensor/error.hpp"
#include "tensor/packed_bits.hpp"
#include "tensor/random.hpp"

namespace musegan {

namespace {

tensor::RandomStream stream_of(const Sampling& sampling, Stream use, std::int64_t k) {
    return stream_for(sampling.seed, use, static_cast<std::uint64_t>(k));
}

}  // namespace

io::SettingList settings_of(Sampling& sampling) {
    io::SettingList list;
    list.number<std::uint64_t>("seed", sampling.seed, {0, UINT64_MAX}, "The same seed gives the same music");
    list.choice("binarize", sampling.binarize,
                "threshold: on above the threshold; bernoulli: on with probability (1 + x) / 2");
    list.number<double>("threshold", sampling.threshold, {-1.0, 1.0},
                        "Cells are on where the generator's number, from -1 to 1, is above it: above 0 fewer and surer "
                        "notes, below more");
    list.number<double>("temperature", sampling.temperature, {0.0, 100.0},
                        "Factor on the random vectors' deviation: below 1 nearer to the typical, above 1 further away");
    list.precision(sampling.execution.precision);
    return list;
}

Latents draw_latents(const Model& model, const Sampling& sampling, std::int64_t k) {
    tensor::RandomStream stream = stream_of(sampling, Stream::generation, k);
    return Latents::draw(stream, 1, model.architecture(), model.dtype(), model.device(), sampling.temperature);
}

Tensor given_track_of(const Model& model, const PhraseView& phrases) {
    if (!model.architecture().given) return {};
    const PhraseShape& shape = model.config().shape;
    if (phrases.shape() != shape)
        tensor::fail("given", "phrases of {}, expected those of the model: {}", phrases.shape().to_string(),
                     shape.to_string());
    const Tensor bits = Tensor::from(phrases.bits(), {phrases.count(), shape.bytes()}).to(model.device());
    std::vector<std::int64_t> all(static_cast<std::size_t>(phrases.count()));
    std::iota(all.begin(), all.end(), std::int64_t{0});
    return given_track_of(
        model.architecture(),
        tensor::unpack_rows(bits, all, {phrases.count(), shape.steps(), shape.pitches, shape.tracks, 1},
                            model.dtype()));
}

Tensor draw_given_track(const Model& model, const std::optional<PhraseView>& phrases, const Sampling& sampling,
                        std::int64_t k) {
    if (!model.architecture().given) return {};
    if (!phrases || phrases->count() == 0)
        tensor::fail("given", "no phrases to take the given track from, expected some for {}", model.config().name());
    const auto count = static_cast<std::uint64_t>(phrases->count());
    const auto chosen = static_cast<std::int64_t>(stream_of(sampling, Stream::given, k).below(count));
    const PhraseView phrase(phrases->shape(), (*phrases)[chosen]);
    const int grid = model.config().shape.steps_per_beat;
    if (phrase.shape().steps_per_beat == grid) return given_track_of(model, phrase);
    return given_track_of(model, reduce(phrase, grid));
}

PackedPhrases decode(const Model& model, const Latents& latents, const Tensor& given, const Chances& chances,
                     double threshold) {
    const autograd::NoGrad no_grad;
    Tensor cells = model(latents, given, {Mode::inference, chances.neurons}).value();
    if (!tensor::all_finite(cells))
        tensor::fail("model", "what it makes is not finite, expected numbers from -1 to 1 (damaged weights?)");
    if (chances.cells != nullptr) {
        const Tensor uniform = tensor::random_uniform(*chances.cells, cells.shape(), cells.dtype(), cells.device());
        cells = tensor::subtract(tensor::affine(cells, 0.5, 0.5), uniform);
    }
    return pack_phrases(model.config().shape, cells, chances.cells != nullptr ? 0.0 : threshold);
}

PackedPhrases decode(const Model& model, const Latents& latents, const Tensor& given, const Sampling& sampling,
                     std::int64_t k) {
    const bool by_chance = sampling.binarize == Binarize::bernoulli;
    if (by_chance && sampling.threshold != 0)
        tensor::fail("threshold", "{} with binarize bernoulli, expected binarize threshold: chance has no threshold",
                     sampling.threshold);
    tensor::RandomStream neurons = stream_of(sampling, Stream::neurons, k);
    tensor::RandomStream cells = stream_of(sampling, Stream::binarisation, k);
    return decode(model, latents, given, {&neurons, by_chance ? &cells : nullptr}, sampling.threshold);
}

}  // namespace musegan
