// From random vectors to binary phrases: what every way of making music with a trained model has in common.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "io/settings.hpp"
#include "musegan/networks/model.hpp"
#include "musegan/phrase/packing.hpp"
#include "tensor/execution.hpp"

namespace musegan {

/// How the generator's numbers in (-1, 1) become cells (BinaryMuseGAN, ISMIR 2018, section 3.1, calls both test-time
/// binarisation): on where x > threshold, or on with probability (1 + x) / 2.
enum class Binarize { threshold, bernoulli };
constexpr auto enum_names(Binarize) { return std::array{"threshold", "bernoulli"}; }

/// How phrases are drawn from a model.
struct Sampling {
    std::uint64_t seed = 0;
    Binarize binarize = Binarize::threshold;
    double threshold = 0.0;    ///< of Binarize::threshold: above 0 fewer and surer notes
    double temperature = 1.0;  ///< factor on the deviation of the random vectors
    tensor::Execution execution{};
};
/// All that text can say: of the execution the precision.
io::SettingList settings_of(Sampling& sampling);

/// The random vectors of phrase k, [1, length] each: a function of the seed, the temperature and k.
Latents draw_latents(const Model& model, const Sampling& sampling, std::int64_t k);

/// The given track of packed phrases as a model takes it, [N, T, P, 1, 1] on the model's device; no value for a model
/// from scratch. Throws Error for phrases of another shape.
Tensor given_track_of(const Model& model, const PhraseView& phrases);
/// That of one of `phrases`, drawn by seed and k, reduced to the model's grid where that is coarser; no value for a
/// model from scratch. Throws Error for a track-conditional model without phrases, and for phrases of another shape.
Tensor draw_given_track(const Model& model, const std::optional<PhraseView>& phrases, const Sampling& sampling,
                        std::int64_t k);

/// What a model and its cells leave to chance. Either may be absent: without `cells` the cells are those above a
/// threshold.
struct Chances {
    tensor::RandomStream* neurons = nullptr;  ///< of stochastic neurons
    tensor::RandomStream* cells = nullptr;    ///< of Binarize::bernoulli
};
/// Phrases from given latents, on this thread's execution() (tensor/execution.hpp), with running batch-norm statistics.
PackedPhrases decode(const Model& model, const Latents& latents, const Tensor& given, const Chances& chances,
                     double threshold = 0.0);
/// The same with the chances of phrase k. Phrases that are decoded with the same k meet the same chances, so that they
/// differ by no more than their latents do. Throws Error for a threshold other than 0 beside Binarize::bernoulli.
PackedPhrases decode(const Model& model, const Latents& latents, const Tensor& given, const Sampling& sampling,
                     std::int64_t k);

}  // namespace musegan
