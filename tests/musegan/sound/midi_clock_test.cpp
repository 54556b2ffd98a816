#include "musegan/sound/midi_clock.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "tensor/philox.hpp"

using musegan::MidiClock;

namespace {

io::MidiFile with_tempos(std::vector<io::MidiTempo> tempos) {
    io::MidiFile midi;
    midi.tempos = std::move(tempos);
    return midi;
}

}  // namespace

TEST_CASE("midi clock: ticks to frames by the tempos before them") {
    const MidiClock plain(with_tempos({}), 44100);
    CHECK(plain.frame_of(0) == 0);
    CHECK(plain.frame_of(960) == 44100);  // 120 beats per minute by itself
    // Two quarter notes at 120, two at 60, then 240.
    const MidiClock clock(with_tempos({{0, 500000}, {960, 1000000}, {1920, 250000}}), 44100);
    CHECK(clock.frame_of(960) == 44100);
    CHECK(clock.frame_of(961) == 44192);  // 44100 + 91.875
    CHECK(clock.frame_of(1920) == 3 * 44100);
    CHECK(clock.frame_of(1920 + 480) == 3 * 44100 + 11025);
    const MidiClock late(with_tempos({{480, 1000000}}), 48000);
    CHECK(late.frame_of(480) == 24000);
    CHECK(late.frame_of(960) == 72000);
}

TEST_CASE("midi clock: a song of hours is exact to the frame") {
    tensor::RandomStream random{5, 0, 0};
    io::MidiFile midi;
    std::int64_t tick = 0, microsecond_ticks = 0;
    for (int k = 0; k < 5000; ++k) {
        const int tempo = 100'000 + static_cast<int>(random.below(900'000));
        const auto length = static_cast<std::int64_t>(1 + random.below(5000));
        midi.tempos.push_back({tick, tempo});
        tick += length;
        microsecond_ticks += length * tempo;
    }
    CHECK(microsecond_ticks > std::int64_t{3600} * 480 * 1'000'000);
    // In whole numbers: 44100 / (480 * 10^6) = 441 / 4800000.
    const std::int64_t exact = (2 * microsecond_ticks * 441 + 4'800'000) / 9'600'000;
    CHECK(MidiClock(midi, 44100).frame_of(tick) == exact);
}
