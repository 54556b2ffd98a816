#include "musegan/phrase/packing.hpp"

#include <algorithm>

#include "tensor/error.hpp"

namespace musegan {

template <typename T>
std::vector<std::uint8_t> pack_phrases(std::span<const T> values, double threshold) {
    if (values.size() % static_cast<std::size_t>(bits_per_phrase) != 0) {
        tensor::fail("pack_phrases", "{} values, expected a multiple of {} (384 x 84 x 5)", values.size(),
                     bits_per_phrase);
    }
    std::vector<std::uint8_t> bits(values.size() / 8);
    for (std::size_t byte = 0; byte < bits.size(); ++byte) {
        unsigned packed = 0;
        for (unsigned bit = 0; bit < 8; ++bit) packed |= (values[byte * 8 + bit] > threshold ? 1u : 0u) << bit;
        bits[byte] = static_cast<std::uint8_t>(packed);
    }
    return bits;
}

template std::vector<std::uint8_t> pack_phrases(std::span<const float>, double);
template std::vector<std::uint8_t> pack_phrases(std::span<const double>, double);

std::vector<std::uint8_t> pack_phrases(const tensor::Tensor& values, double threshold) {
    values.require_defined("pack_phrases");
    if (values.dtype() == tensor::DType::f64) {
        const std::vector<double> host = values.values<double>();
        return pack_phrases(std::span<const double>(host), threshold);
    }
    const std::vector<float> host = values.values<float>();
    return pack_phrases(std::span<const float>(host), threshold);
}

std::int64_t phrase_count(std::span<const std::uint8_t> phrases, const char* where) {
    const auto bytes = static_cast<std::int64_t>(phrases.size());
    if (bytes % bytes_per_phrase != 0)
        tensor::fail(where, "{} bytes of phrases, expected a multiple of {}", bytes, bytes_per_phrase);
    return bytes / bytes_per_phrase;
}

std::span<const std::uint8_t> phrase_at(std::span<const std::uint8_t> phrases, std::int64_t k) {
    const std::int64_t count = phrase_count(phrases, "phrase_at");
    if (k < 0 || k >= count) tensor::fail("phrase_at", "phrase {}, expected 0 to {}", k, count - 1);
    return phrases.subspan(static_cast<std::size_t>(k * bytes_per_phrase), static_cast<std::size_t>(bytes_per_phrase));
}

PianoRoll join_phrases(std::span<const std::uint8_t> phrases, std::int64_t gap_bars) {
    const std::int64_t count = phrase_count(phrases, "join_phrases");
    if (gap_bars < 0 || gap_bars > max_bars) {
        tensor::fail("join_phrases", "gap of {} bars, expected 0 to {}", gap_bars, max_bars);
    }
    const std::int64_t hop = bars_per_phrase + gap_bars;
    if (count > max_bars / hop + 1) {
        tensor::fail("join_phrases", "{} phrases, expected at most {} in one song", count, max_bars / hop);
    }
    const std::int64_t bars = count == 0 ? 0 : count * hop - gap_bars;
    std::vector<std::uint8_t> bits(static_cast<std::size_t>(bars * bytes_per_bar));
    for (std::int64_t k = 0; k < count; ++k) {
        std::copy_n(phrases.begin() + k * bytes_per_phrase, bytes_per_phrase, bits.begin() + k * hop * bytes_per_bar);
    }
    return PianoRoll(bars * steps_per_bar, bits);
}

}  // namespace musegan
