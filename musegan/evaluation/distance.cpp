#include "musegan/evaluation/distance.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "tensor/parallel.hpp"

namespace musegan {

namespace {

std::int64_t differing_cells(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
    std::int64_t count = 0;
    for (std::size_t byte = 0; byte < a.size(); byte += 8) {
        std::uint64_t words[2]{};
        const std::size_t bytes = std::min<std::size_t>(8, a.size() - byte);
        std::memcpy(&words[0], a.data() + byte, bytes);
        std::memcpy(&words[1], b.data() + byte, bytes);
        count += std::popcount(words[0] ^ words[1]);
    }
    return count;
}

}  // namespace

Mean pairwise_distance(const PhraseSequence& phrases, std::int64_t most) {
    const PackedPhrases chosen = spread(phrases, most).collect();
    const PhraseView view = chosen;
    const std::int64_t count = view.count();
    const auto cells = tensor::parallel_sum<std::int64_t>(count, 1, [&](std::int64_t a, std::int64_t) {
        std::int64_t differing = 0;
        for (std::int64_t b = a + 1; b < count; ++b) differing += differing_cells(view[a], view[b]);
        return differing;
    });
    return {static_cast<double>(cells), count * (count - 1) / 2};
}

}  // namespace musegan
