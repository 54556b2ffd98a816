// From random vectors to binary phrases.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "musegan/networks/model.hpp"
#include "musegan/phrase/packing.hpp"
#include "tensor/execution.hpp"

namespace musegan {

/// How the generator's numbers in (-1, 1) become cells (BinaryMuseGAN, ISMIR 2018, section 3.1, calls both test-time
/// binarisation): on where x > 0, or on with probability (1 + x) / 2.
enum class Binarize { threshold, bernoulli };
constexpr auto enum_names(Binarize) { return std::array{"threshold", "bernoulli"}; }

struct GenerateOptions {
    std::int64_t phrases = 8;
    std::uint64_t seed = 0;
    Binarize binarize = Binarize::threshold;
    double temperature = 1.0;  ///< factor on the deviation of the random vectors
    tensor::Execution execution{};
    std::function<void(std::int64_t)> progress{};  ///< called with the phrases done; throwing from it ends the work
};
/// All that text can say: not the progress, and of the execution the precision.
io::SettingList settings_of(GenerateOptions& options);

/// Phrases from random vectors of the seed, with running batch-norm statistics. A track-conditional model is given, for
/// each, that track of one of the phrases `given`, drawn by the seed; its shape is the model's. Phrase k depends on the
/// weights, the seed, `given` and k alone, not on how many are made. Throws Error for options out of range, and for a
/// track-conditional model without phrases to be given.
PackedPhrases generate_phrases(const Model& model, const GenerateOptions& options,
                               std::optional<PhraseView> given = std::nullopt);

/// The given track of packed phrases as a model takes it, [N, T, P, 1, 1] on the model's device; no value for a model
/// from scratch. Throws Error for phrases of another shape.
Tensor given_track_of(const Model& model, const PhraseView& phrases);

/// Phrases from given latents, on this thread's execution() (tensor/execution.hpp). `chance` is the stream of
/// Binarize::bernoulli; without one the cells are those above 0.
PackedPhrases decode(const Model& model, const Latents& latents, const Tensor& given,
                     tensor::RandomStream* chance = nullptr);

enum class FigureFormat { png, svg, pdf };
constexpr auto enum_names(FigureFormat) { return std::array{"png", "svg", "pdf"}; }

/// How phrases become files.
struct WriteOptions {
    double tempo = 120.0;  ///< beats per minute of the MIDI and pypianoroll files
    FigureFormat figures = FigureFormat::png;
    bool pypianoroll = true;  ///< beside each MIDI file one for Python (phrase/pypianoroll.hpp)
};
/// All of them.
io::SettingList settings_of(WriteOptions& options);

/// Writes into `folder`, which is made if it is missing: phrase_001.mid and so on, with phrase_001.npz for pypianoroll
/// and a picture of each, and all of them one after the other as all.mid and all.npz (at most 512) and as one picture
/// (at most 64). Returns the files written, the picture of all last. Throws Error for options out of range, no phrase,
/// and what cannot be written.
std::vector<std::filesystem::path> write_phrases(const std::filesystem::path& folder, const PhraseView& phrases,
                                                 const WriteOptions& options = {});

}  // namespace musegan
