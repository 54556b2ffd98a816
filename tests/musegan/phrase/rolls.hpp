// Rolls and phrases for tests of everything that reads or writes cells.
#pragma once

#include "musegan/phrase/packing.hpp"
#include "tensor/philox.hpp"

namespace support {

/// Each cell is on with probability `density` / 1000, so that runs of every length and position occur, at the very end
/// too.
inline musegan::PianoRoll random_roll(std::uint64_t seed, std::int64_t bars, std::uint64_t density,
                                      const musegan::PhraseShape& shape = musegan::paper_shape) {
    musegan::PianoRoll roll(shape, bars * shape.steps_per_bar());
    tensor::RandomStream random{seed, 0, 0};
    for (std::int64_t step = 0; step < roll.steps(); ++step) {
        for (int pitch = 0; pitch < shape.pitches; ++pitch) {
            for (int track = 0; track < shape.tracks; ++track) {
                if (random.below(1000) < density) roll.set(step, pitch, track);
            }
        }
    }
    return roll;
}

/// The same cells in a roll of another length: cut, or filled with silence.
inline musegan::PianoRoll resized(const musegan::PianoRoll& roll, std::int64_t steps) {
    musegan::PianoRoll other(roll.shape(), steps);
    musegan::for_each_cell(roll.shape(), roll.bits(), [&](std::int64_t step, int pitch, int track) {
        if (step < steps) other.set(step, pitch, track);
    });
    return other;
}

/// Phrases whose cells are on with these probabilities / 1000, one after the other.
inline musegan::PackedPhrases phrases_of_densities(std::uint64_t seed, const musegan::PhraseShape& shape,
                                                   const std::vector<std::uint64_t>& densities) {
    musegan::PackedPhrases phrases{shape, {}};
    for (std::size_t k = 0; k < densities.size(); ++k)
        phrases.append(random_roll(100 * seed + k, shape.bars, densities[k], shape).bits());
    return phrases;
}

/// `count` packed phrases of random bytes.
inline musegan::PackedPhrases random_phrases(std::int64_t count, std::uint64_t seed,
                                             const musegan::PhraseShape& shape = musegan::paper_shape) {
    std::vector<std::uint8_t> bits(static_cast<std::size_t>(count * shape.bytes()));
    tensor::RandomStream random{seed, 0, 0};
    for (std::uint8_t& byte : bits) byte = static_cast<std::uint8_t>(random.below(256));
    return {shape, std::move(bits)};
}

}  // namespace support
