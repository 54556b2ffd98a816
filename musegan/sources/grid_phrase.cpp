#include "musegan/sources/grid_phrase.hpp"

#include <bit>

namespace musegan {

namespace {

/// The first step at or after `from` that is on (or off), or the end of all words.
template <std::size_t n>
int next_step(const std::array<std::uint64_t, n>& words, int from, bool on) {
    for (auto word = static_cast<std::size_t>(from / 64); word < n; ++word) {
        std::uint64_t cells = on ? words[word] : ~words[word];
        if (word == static_cast<std::size_t>(from / 64)) cells &= ~std::uint64_t{0} << (from % 64);
        if (cells != 0) return static_cast<int>(word * 64) + std::countr_zero(cells);
    }
    return static_cast<int>(n * 64);
}

}  // namespace

void GridPhrase::clear() {
    for (const int column : touched_) {
        columns_[static_cast<std::size_t>(column)] = {};
        is_touched_[static_cast<std::size_t>(column)] = false;
    }
    touched_.clear();
}

void GridPhrase::append_to(std::vector<std::uint8_t>& packed, int finest_steps) const {
    const std::size_t begin = packed.size();
    packed.resize(begin + static_cast<std::size_t>(paper_shape.bytes()));
    std::uint8_t* const bits = packed.data() + begin;
    const int r = finest_steps;
    for (const int column : touched_) {
        const auto set = [&](int step) {
            const int bit = step * paper_shape.cells_per_step() + column;
            bits[bit / 8] |= static_cast<std::uint8_t>(1u << (bit % 8));
        };
        const auto& words = columns_[static_cast<std::size_t>(column)];
        const bool is_pitched = !is_drums(column % n_tracks);
        constexpr int end_of_all = static_cast<int>(max_words) * 64;
        for (int on = next_step(words, 0, true); on < end_of_all;) {
            const int off = next_step(words, on, false);
            if (is_pitched || r == 1) {  // on the finest grid, rests are there already
                const int rest = r == 1 ? 0 : 1;
                for (int step = r * on; step < r * off - rest; ++step) set(step);
            } else {
                for (int step = on; step < off; ++step) set(r * step);
            }
            on = next_step(words, off, true);
        }
    }
}

}  // namespace musegan
