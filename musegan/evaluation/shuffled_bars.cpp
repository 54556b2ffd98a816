#include "musegan/evaluation/shuffled_bars.hpp"

#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "tensor/error.hpp"
#include "tensor/philox.hpp"

namespace musegan {

namespace {

/// Of every bar of one track, the bar that comes in its place.
std::vector<std::uint32_t> shuffled_order(std::int64_t bars, std::uint64_t seed, int track) {
    constexpr std::int64_t most = std::int64_t{1} << 32;
    if (bars > most) tensor::fail("shuffled_bars", "{} bars, expected at most {} (a sample)", bars, most);
    std::vector<std::uint32_t> order(static_cast<std::size_t>(bars));
    std::iota(order.begin(), order.end(), 0u);
    tensor::RandomStream random{seed, static_cast<std::uint64_t>(track), 0};
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);  // Fisher and Yates
    return order;
}

/// The bits of a bar that belong to `track`: cells of the tracks take turns.
std::vector<std::uint8_t> bits_of_track(const PhraseShape& shape, int track) {
    std::vector<std::uint8_t> bits(static_cast<std::size_t>(shape.bytes_per_bar()));
    for (std::size_t cell = static_cast<std::size_t>(track); cell < 8 * bits.size(); cell += n_tracks)
        bits[cell / 8] |= static_cast<std::uint8_t>(1u << cell % 8);
    return bits;
}

/// What one track takes, and from which bars.
struct ShuffledTrack {
    std::vector<std::uint32_t> order;
    std::vector<std::uint8_t> bits;
};

}  // namespace

PhraseSequence shuffled_bars(const PhraseSequence& phrases, std::uint64_t seed) {
    const PhraseShape shape = phrases.shape();
    const auto shuffled = std::make_shared<std::vector<ShuffledTrack>>();
    for (int track = 0; track < n_tracks; ++track)
        shuffled->push_back({shuffled_order(phrases.count() * shape.bars, seed, track), bits_of_track(shape, track)});
    return {shape, phrases.count(), [phrases, shape, shuffled](std::int64_t k, std::vector<std::uint8_t>& room) {
                const auto bytes = static_cast<std::size_t>(shape.bytes_per_bar());
                std::vector<std::uint8_t> own;
                room.assign(static_cast<std::size_t>(shape.bytes()), 0);
                for (const ShuffledTrack& track : *shuffled) {
                    const std::span<const std::uint8_t> mask = track.bits;
                    for (std::int64_t bar = 0; bar < shape.bars; ++bar) {
                        const std::int64_t from = track.order[static_cast<std::size_t>(k * shape.bars + bar)];
                        const auto bits = phrases.read(from / shape.bars, own)
                                              .subspan(static_cast<std::size_t>(from % shape.bars) * bytes, bytes);
                        const auto to = std::span(room).subspan(static_cast<std::size_t>(bar) * bytes, bytes);
                        for (std::size_t byte = 0; byte < bytes; ++byte)
                            to[byte] = static_cast<std::uint8_t>(to[byte] | (bits[byte] & mask[byte]));
                    }
                }
                return std::span<const std::uint8_t>(room);
            }};
}

}  // namespace musegan
