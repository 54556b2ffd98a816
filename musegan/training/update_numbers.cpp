#include "musegan/training/update_numbers.hpp"

#include <bit>

namespace musegan {

namespace {

// The places of words().
constexpr std::size_t latents_word = 0, interpolation_word = 1, neurons_word = 2, corrections_word = 3, share_word = 5,
                      rows_word = 6;

/// A stream that goes on where the device says.
tensor::RandomStream held(const tensor::RandomStream& stream, const std::uint64_t* origin) {
    return {.seed = stream.seed, .stream = stream.stream, .origin = origin};
}

}  // namespace

std::vector<std::uint64_t> UpdateNumbers::words() const {
    std::vector<std::uint64_t> words(rows_word + rows.size());
    words[latents_word] = latents.position;
    words[interpolation_word] = interpolation.position;
    words[neurons_word] = neurons.position;
    words[corrections_word] = std::bit_cast<std::uint64_t>(corrections[0]);
    words[corrections_word + 1] = std::bit_cast<std::uint64_t>(corrections[1]);
    words[share_word] = std::bit_cast<std::uint64_t>(share);
    for (std::size_t i = 0; i < rows.size(); ++i) words[rows_word + i] = static_cast<std::uint64_t>(rows[i]);
    return words;
}

UpdateNumbers UpdateNumbers::held_at(const std::uint64_t* words) const {
    UpdateNumbers result = *this;
    result.latents = held(latents, words + latents_word);
    result.interpolation = held(interpolation, words + interpolation_word);
    result.neurons = held(neurons, words + neurons_word);
    result.held_corrections = reinterpret_cast<const double*>(words + corrections_word);
    result.held_share = reinterpret_cast<const double*>(words + share_word);
    result.held_rows = reinterpret_cast<const std::int64_t*>(words + rows_word);
    return result;
}

}  // namespace musegan
