#include "musegan/phrase/pianoroll.hpp"

#include <algorithm>
#include <array>
#include <tuple>

#include "tensor/error.hpp"

namespace musegan {

namespace {

constexpr std::int64_t max_steps = max_bars * steps_per_bar;

std::size_t packed_bytes(std::int64_t steps) { return static_cast<std::size_t>((steps * cells_per_step + 7) / 8); }

}  // namespace

PianoRoll::PianoRoll(std::int64_t steps) : steps_(steps) {
    if (steps < 0 || steps > max_steps) {
        tensor::fail("piano-roll", "{} steps, expected 0 to {} ({} bars)", steps, max_steps, max_bars);
    }
    bits_.assign(packed_bytes(steps), 0);
}

PianoRoll::PianoRoll(std::int64_t steps, std::span<const std::uint8_t> bits) : PianoRoll(steps) {
    if (bits.size() != bits_.size()) {
        tensor::fail("piano-roll", "{} bytes for {} steps, expected {}", bits.size(), steps, bits_.size());
    }
    bits_.assign(bits.begin(), bits.end());
    if (const auto used = steps * cells_per_step % 8; used != 0 && (bits_.back() >> used) != 0) {
        tensor::fail("piano-roll", "bits are set past the last of {} steps, expected zeros", steps);
    }
}

std::int64_t PianoRoll::index(std::int64_t step, int pitch, int track) const {
    if (step < 0 || step >= steps_ || pitch < 0 || pitch >= n_pitches || track < 0 || track >= n_tracks) {
        tensor::fail("piano-roll", "cell ({}, {}, {}) is outside {} steps x {} pitches x {} tracks", step, pitch, track,
                     steps_, n_pitches, n_tracks);
    }
    return step * cells_per_step + pitch * n_tracks + track;
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
    for (; bit <= last; bit += cells_per_step) {
        bits_[static_cast<std::size_t>(bit / 8)] |= static_cast<std::uint8_t>(1 << (bit % 8));
    }
}

std::span<const std::uint8_t> PianoRoll::phrase_bits(std::int64_t bar) const {
    const std::int64_t bars = steps_ / steps_per_bar;
    if (bar < 0 || bar + bars_per_phrase > bars) {
        tensor::fail("piano-roll", "phrase at bar {} of {} whole bars, expected 0 to {}", bar, bars,
                     bars - bars_per_phrase);
    }
    return bits().subspan(static_cast<std::size_t>(bar * bytes_per_bar), static_cast<std::size_t>(bytes_per_phrase));
}

std::vector<Run> note_runs(std::span<const std::uint8_t> bits) {
    std::vector<Run> runs;
    std::array<Run, cells_per_step> open{};
    for_each_cell(bits, [&](std::int64_t step, int pitch, int track) {
        Run& run = open[static_cast<std::size_t>(pitch * n_tracks + track)];
        if (run.end != step || run.length() == 0) {
            if (run.length() > 0) runs.push_back(run);
            run = {step, step, pitch, track};
        }
        run.end = step + 1;
    });
    for (const Run& run : open) {
        if (run.length() > 0) runs.push_back(run);
    }
    std::sort(runs.begin(), runs.end(), [](const Run& a, const Run& b) {
        return std::tie(a.begin, a.track, a.pitch) < std::tie(b.begin, b.track, b.pitch);
    });
    return runs;
}

}  // namespace musegan
