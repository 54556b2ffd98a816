// Songs whose sections are letters.
#pragma once

#include <string>

#include "musegan/phrase/pianoroll.hpp"

namespace support {

using musegan::Family;
using musegan::index_of;
using musegan::PianoRoll;

/// Four chords for each letter, one a bar, over and over: a bass note and a triad, and drums that are always the same.
inline void write_section(PianoRoll& roll, std::int64_t begin, std::int64_t end, char letter) {
    static constexpr int roots[][4]{{0, 9, 5, 7}, {2, 11, 4, 6}, {3, 8, 10, 1}};
    for (std::int64_t bar = begin; bar < end; ++bar) {
        const int root = roots[letter - 'A'][(bar - begin) % 4];
        for (int beat = 0; beat < 4; ++beat) {
            const std::int64_t step = bar * 96 + beat * 24;
            roll.set_run(step, step + 23, root, index_of(Family::bass));
            roll.set(step, 12, index_of(Family::drums));
        }
        for (const int above : {0, letter == 'B' ? 3 : 4, 7})
            roll.set_run(bar * 96, bar * 96 + 95, 36 + root + above, index_of(Family::piano));
    }
}

/// A section of `bars_each` bars for each of the letters A to C.
inline PianoRoll song(const std::string& letters, std::int64_t bars_each) {
    PianoRoll roll(musegan::paper_shape, static_cast<std::int64_t>(letters.size()) * bars_each * 96);
    for (std::size_t k = 0; k < letters.size(); ++k) {
        const auto begin = static_cast<std::int64_t>(k) * bars_each;
        write_section(roll, begin, begin + bars_each, letters[k]);
    }
    return roll;
}

}  // namespace support
