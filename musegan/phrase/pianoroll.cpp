#include "musegan/phrase/pianoroll.hpp"

#include <algorithm>
#include <tuple>

#include "tensor/error.hpp"

namespace musegan {

PianoRoll::PianoRoll(const PhraseShape& shape, std::int64_t steps) : shape_(shape), steps_(steps) {
    shape.validate("piano-roll");
    const std::int64_t most = max_bars * shape.steps_per_bar();
    if (steps < 0 || steps > most)
        tensor::fail("piano-roll", "{} steps, expected 0 to {} ({} bars)", steps, most, max_bars);
    bits_.assign(static_cast<std::size_t>((steps * shape.cells_per_step() + 7) / 8), 0);
}

PianoRoll::PianoRoll(const PhraseShape& shape, std::int64_t steps, std::span<const std::uint8_t> bits)
    : PianoRoll(shape, steps) {
    if (bits.size() != bits_.size())
        tensor::fail("piano-roll", "{} bytes for {} steps, expected {}", bits.size(), steps, bits_.size());
    bits_.assign(bits.begin(), bits.end());
    if (const auto used = steps * shape.cells_per_step() % 8; used != 0 && (bits_.back() >> used) != 0)
        tensor::fail("piano-roll", "bits are set past the last of {} steps, expected zeros", steps);
}

std::int64_t PianoRoll::index(std::int64_t step, int pitch, int track) const {
    if (step < 0 || step >= steps_ || pitch < 0 || pitch >= shape_.pitches || track < 0 || track >= shape_.tracks)
        tensor::fail("piano-roll", "cell ({}, {}, {}) is outside {} steps x {} pitches x {} tracks", step, pitch, track,
                     steps_, shape_.pitches, shape_.tracks);
    return step * shape_.cells_per_step() + pitch * shape_.tracks + track;
}

bool PianoRoll::at(std::int64_t step, int pitch, int track) const {
    const std::int64_t bit = index(step, pitch, track);
    return (bits_[static_cast<std::size_t>(bit / 8)] >> (bit % 8)) & 1;
}

void PianoRoll::set(std::int64_t step, int pitch, int track, bool on) {
    const std::int64_t bit = index(step, pitch, track);
    const auto mask = static_cast<std::uint8_t>(1 << (bit % 8));
    std::uint8_t& byte = bits_[static_cast<std::size_t>(bit / 8)];
    byte = static_cast<std::uint8_t>(on ? byte | mask : byte & ~mask);
}

void PianoRoll::set_run(std::int64_t begin, std::int64_t end, int pitch, int track) {
    if (begin >= end) return;
    std::int64_t bit = index(begin, pitch, track);
    const std::int64_t last = index(end - 1, pitch, track);
    for (; bit <= last; bit += shape_.cells_per_step()) {
        bits_[static_cast<std::size_t>(bit / 8)] |= static_cast<std::uint8_t>(1 << (bit % 8));
    }
}

std::span<const std::uint8_t> PianoRoll::phrase_bits(std::int64_t bar) const {
    const std::int64_t bars = steps_ / shape_.steps_per_bar();
    if (bar < 0 || bar + shape_.bars > bars)
        tensor::fail("piano-roll", "phrase at bar {} of {} whole bars, expected 0 to {}", bar, bars,
                     bars - shape_.bars);
    return bits().subspan(static_cast<std::size_t>(bar * shape_.bytes_per_bar()),
                          static_cast<std::size_t>(shape_.bytes()));
}

std::vector<Run> note_runs(const PhraseShape& shape, std::span<const std::uint8_t> bits) {
    std::vector<Run> runs;
    for_each_note(shape, bits, [&](const Run& run) { runs.push_back(run); });
    std::sort(runs.begin(), runs.end(), [](const Run& a, const Run& b) {
        return std::tie(a.begin, a.track, a.pitch) < std::tie(b.begin, b.track, b.pitch);
    });
    return runs;
}

std::vector<Run> note_runs(const PianoRoll& roll) { return note_runs(roll.shape(), roll.bits()); }

}  // namespace musegan
