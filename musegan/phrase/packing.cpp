#include "musegan/phrase/packing.hpp"

#include <algorithm>

#include "musegan/phrase/phrase_sequence.hpp"
#include "tensor/error.hpp"

namespace musegan {

namespace {

void require_whole_phrases(const PhraseShape& shape, std::span<const std::uint8_t> bits) {
    if (static_cast<std::int64_t>(bits.size()) % shape.bytes() != 0)
        tensor::fail("phrases", "{} bytes, expected a multiple of {} ({})", bits.size(), shape.bytes(),
                     shape.to_string());
}

}  // namespace

PhraseView::PhraseView(const PhraseShape& shape, std::span<const std::uint8_t> bits) : shape_(shape), bits_(bits) {
    shape.validate("phrases");
    require_whole_phrases(shape, bits);
}

void PackedPhrases::append(std::span<const std::uint8_t> phrases) {
    require_whole_phrases(shape, phrases);
    bits.insert(bits.end(), phrases.begin(), phrases.end());
}

std::span<const std::uint8_t> PhraseView::operator[](std::int64_t k) const {
    if (k < 0 || k >= count()) tensor::fail("phrases", "phrase {}, expected 0 to {}", k, count() - 1);
    return bits_.subspan(static_cast<std::size_t>(k * shape_.bytes()), static_cast<std::size_t>(shape_.bytes()));
}

PhraseView PhraseView::first(std::int64_t count) const {
    const std::int64_t kept = std::clamp<std::int64_t>(count, 0, this->count());
    return {shape_, bits_.first(static_cast<std::size_t>(kept * shape_.bytes()))};
}

PackedPhrases spread_phrases(const PhraseView& phrases, std::int64_t most) { return spread(phrases, most).collect(); }

template <typename T>
PackedPhrases pack_phrases(const PhraseShape& shape, std::span<const T> values, double threshold) {
    if (static_cast<std::int64_t>(values.size()) % shape.cells() != 0)
        tensor::fail("pack_phrases", "{} values, expected a multiple of {} ({} x {} x {})", values.size(),
                     shape.cells(), shape.steps(), shape.pitches, shape.tracks);
    PackedPhrases packed{shape, std::vector<std::uint8_t>(values.size() / 8)};
    for (std::size_t byte = 0; byte < packed.bits.size(); ++byte) {
        unsigned bits = 0;
        for (unsigned bit = 0; bit < 8; ++bit) bits |= (values[byte * 8 + bit] > threshold ? 1u : 0u) << bit;
        packed.bits[byte] = static_cast<std::uint8_t>(bits);
    }
    return packed;
}

template PackedPhrases pack_phrases(const PhraseShape&, std::span<const float>, double);
template PackedPhrases pack_phrases(const PhraseShape&, std::span<const double>, double);

PackedPhrases pack_phrases(const PhraseShape& shape, const tensor::Tensor& values, double threshold) {
    values.require_defined("pack_phrases");
    if (values.dtype() == tensor::DType::f64) {
        const std::vector<double> host = values.values<double>();
        return pack_phrases(shape, std::span<const double>(host), threshold);
    }
    const std::vector<float> host = values.values<float>();
    return pack_phrases(shape, std::span<const float>(host), threshold);
}

PianoRoll join_phrases(const PhraseView& phrases, std::int64_t gap_bars) {
    const PhraseShape& shape = phrases.shape();
    const std::int64_t count = phrases.count();
    if (gap_bars < 0 || gap_bars > max_bars)
        tensor::fail("join_phrases", "gap of {} bars, expected 0 to {}", gap_bars, max_bars);
    const std::int64_t hop = shape.bars + gap_bars;
    if (count > max_bars / hop + 1)
        tensor::fail("join_phrases", "{} phrases, expected at most {} in one song", count, max_bars / hop);
    const std::int64_t bars = count == 0 ? 0 : count * hop - gap_bars;
    std::vector<std::uint8_t> bits(static_cast<std::size_t>(bars * shape.bytes_per_bar()));
    for (std::int64_t k = 0; k < count; ++k)
        std::copy_n(phrases.bits().begin() + k * shape.bytes(), shape.bytes(),
                    bits.begin() + k * hop * shape.bytes_per_bar());
    return PianoRoll(shape, bars * shape.steps_per_bar(), bits);
}

}  // namespace musegan
