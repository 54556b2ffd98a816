// From random vectors to binary phrases.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "musegan/networks/generator.hpp"

namespace musegan {

/// How the generator's numbers in (-1, 1) become cells (BinaryMuseGAN, ISMIR 2018, section 3.1, calls both test-time
/// binarisation): on where x > 0, or on with probability (1 + x) / 2.
enum class Binarize { threshold, bernoulli };

/// "threshold" or "bernoulli"; throws Error for anything else.
Binarize parse_binarize(std::string_view text);

struct GenerateOptions {
    std::int64_t phrases = 8;
    std::uint64_t seed = 0;
    Binarize binarize = Binarize::threshold;
    std::function<void(std::int64_t)> progress{};  ///< called with the phrases done; throwing from it ends the work
};

/// Packed phrases from random vectors of the seed, with running batch-norm statistics: phrase k depends on the weights,
/// the seed and k alone, not on how many are made. Throws Error for fewer than 1 or more than 100,000.
std::vector<std::uint8_t> generate_phrases(const Generator& generator, const GenerateOptions& options);

/// The phrases that show a run's progress: from given latents.
std::vector<std::uint8_t> decode(const Generator& generator, const Latents& latents);

/// Writes into `folder`, which is made if it is missing: phrase_001.mid and so on, at `tempo` beats per minute, with a
/// picture of each, and all of them one after the other as all.mid (at most 512) and as one picture (at most 64).
/// `figures` is the format of the pictures: "png", "svg" or "pdf". Returns the files written.
std::vector<std::filesystem::path> write_phrases(const std::filesystem::path& folder,
                                                 std::span<const std::uint8_t> phrases, double tempo = 120.0,
                                                 std::string_view figures = "png");

}  // namespace musegan
