// MIDI files to a dataset: songs per second over all threads.
#include <filesystem>

#include <fmt/format.h>

#include "bench/registry.hpp"
#include "musegan/data/prepare.hpp"
#include "musegan/data/synth.hpp"
#include "tensor/parallel.hpp"
#include "tests/support/temporary_folder.hpp"

namespace bench {

void register_prepare(const Options& options) {
    constexpr std::int64_t own_songs = 200;
    const std::string name = options.midi.empty() ? fmt::format("prepare/{} songs of synth", own_songs)
                                                  : fmt::format("prepare/{}", options.midi);
    add_case(name, [=, midi = options.midi](benchmark::State& state) {
        const support::TemporaryFolder folder;
        musegan::PrepareOptions prepare;
        prepare.jobs = tensor::thread_count();
        prepare.out = folder.path() / "data.safetensors";
        if (midi.empty()) musegan::write_songs(folder.path() / "midi", own_songs, 1);
        prepare.inputs = {midi.empty() ? folder.path() / "midi" : std::filesystem::path(midi)};
        std::int64_t files = 0, phrases = 0;
        for (auto _ : state) {
            const musegan::PrepareSummary summary = musegan::prepare(prepare);
            files = static_cast<std::int64_t>(summary.files.size());
            phrases = summary.phrases;
        }
        const auto rate = benchmark::Counter::kIsIterationInvariantRate;
        state.counters["files/s"] = benchmark::Counter(static_cast<double>(files), rate);
        state.counters["phrases/s"] = benchmark::Counter(static_cast<double>(phrases), rate);
    });
}

}  // namespace bench
