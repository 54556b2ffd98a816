// From random vectors to binary phrases.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "musegan/networks/generator.hpp"
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
    tensor::Execution execution{};
    std::function<void(std::int64_t)> progress{};  ///< called with the phrases done; throwing from it ends the work
};
/// All that text can say: not the progress, and of the execution the precision.
io::SettingList settings_of(GenerateOptions& options);

/// Phrases from random vectors of the seed, with running batch-norm statistics: phrase k depends on the weights,
/// the seed and k alone, not on how many are made. Throws Error for options out of range.
PackedPhrases generate_phrases(const Generator& generator, const GenerateOptions& options);

/// The phrases that show a run's progress: from given latents, on this thread's execution() (tensor/execution.hpp).
PackedPhrases decode(const Generator& generator, const Latents& latents);

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
