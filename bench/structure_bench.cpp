// Where the sections of a song begin (musegan/structure/): songs of 32, 100 and 400 bars, both ways.
#include <fmt/format.h>

#include "bench/registry.hpp"
#include "musegan/data/synth.hpp"
#include "musegan/sources/midi_source.hpp"
#include "musegan/structure/analysis.hpp"
#include "musegan/structure/novelty.hpp"
#include "tensor/enum_names.hpp"

namespace bench {

namespace {

using musegan::Segmentation;

/// Songs of `musegan synth`, one behind the other, up to so many bars.
musegan::PianoRoll song_of(std::int64_t bars) {
    musegan::PianoRoll roll(musegan::paper_shape, bars * musegan::paper_shape.steps_per_bar());
    std::int64_t begin = 0;
    for (std::uint64_t index = 0; begin < roll.steps(); ++index) {
        const io::MidiFile midi = musegan::synthesize_song(1, index);
        const musegan::PianoRoll part = musegan::MidiSource(midi).whole_roll().roll;
        musegan::for_each_cell(part.shape(), part.bits(), [&](std::int64_t step, int pitch, int track) {
            if (begin + step < roll.steps()) roll.set(begin + step, pitch, track);
        });
        begin += part.steps();
    }
    return roll;
}

/// What cannot be left out of the method as it is computed here.
struct Work {
    double operations = 0;
    double bytes = 0;
};

/// Of n moments: a frame distance (12 differences, products and sums) for each pair; two kernels of the smoothing along
/// time for each run of links, a multiplication and an addition per weight; the kernel along lags and the square for
/// each pair. The cells are read once.
Work work_of(const musegan::PianoRoll& roll, const musegan::BarRange& bars, Segmentation way) {
    const bool sf = way == Segmentation::sf;
    const musegan::FrameFeatures features = sf ? beat_chroma(roll, bars) : summed_chroma(roll, bars);
    const std::int64_t window = sf ? 3 : 25, rows = features.frames() - (sf ? 3 : 24);
    const std::int64_t count = sf ? features.frames() / 25 : (2 * rows + 25) / 50 - 1;
    const musegan::BitMatrix lags =
        lag_matrix(nearest_neighbours(musegan::EmbeddedDistances(features, window, rows), count), !sf);
    std::int64_t edges = 0;
    for (std::int64_t lag = 0; lag < rows; ++lag) {
        for (std::int64_t t = 0; t + 1 < rows; ++t) edges += lags.at(lag, t) != lags.at(lag, t + 1);
    }
    const double pairs = static_cast<double>(rows) * static_cast<double>(rows);
    const double weights = sf ? 109 : 300, taps = sf ? 5 : 3;
    return {pairs * (3 * musegan::FrameFeatures::classes + 2 * taps + 2) + 2 * weights * static_cast<double>(edges),
            static_cast<double>(roll.bits().size())};
}

}  // namespace

void register_structure(const Place& cpu) {
    for (const Segmentation way : {Segmentation::sf, Segmentation::sf_authors}) {
        for (const std::int64_t bars : {32, 100, 400}) {
            add_case(fmt::format("structure/{}/{} bars", tensor::name_of(way), bars), [=](benchmark::State& state) {
                const musegan::PianoRoll roll = song_of(bars);
                const musegan::BarRange all{0, bars};
                for (auto _ : state) benchmark::DoNotOptimize(musegan::analyze(roll, all, way));
                const Work work = work_of(roll, all, way);
                count_work(state, cpu.roofs, tensor::Precision::f32, work.operations, work.bytes);
                state.counters["songs/s"] = {1.0, benchmark::Counter::kIsIterationInvariantRate};
            });
        }
    }
}

}  // namespace bench
