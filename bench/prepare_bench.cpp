// Songs to a dataset: songs per second over all threads, for every kind of file and way of segmentation.
#include <filesystem>

#include <fmt/format.h>

#include "bench/registry.hpp"
#include "musegan/data/prepare.hpp"
#include "musegan/data/synth.hpp"
#include "musegan/phrase/pypianoroll.hpp"
#include "musegan/sources/midi_source.hpp"
#include "tensor/parallel.hpp"
#include "tests/support/temporary_folder.hpp"

namespace bench {

namespace {

constexpr std::int64_t own_songs = 200;

/// The same songs, as files of pypianoroll.
void write_multitracks(const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    for (std::int64_t k = 0; k < own_songs; ++k)
        musegan::write_pypianoroll(
            folder / fmt::format("song_{:04}.npz", k + 1),
            musegan::whole_song(musegan::MidiSource(musegan::synthesize_song(1, k)), "synth").roll);
}

/// One folder of songs, prepared as `filter` says. The floor is the bytes of its files, each read once.
void add_songs(const std::string& name, const std::string& folder_name, bool multitrack,
               const musegan::SongFilter& filter) {
    add_case(name, [=](benchmark::State& state) {
        const support::TemporaryFolder folder;
        musegan::PrepareOptions prepare;
        prepare.jobs = tensor::thread_count();
        prepare.out = folder.path() / "data.safetensors";
        prepare.filter = filter;
        prepare.inputs = {folder.path() / "songs"};
        if (!folder_name.empty()) prepare.inputs = {folder_name};
        else if (multitrack) write_multitracks(folder.path() / "songs");
        else musegan::write_songs(folder.path() / "songs", own_songs, 1);
        musegan::PrepareSummary summary;
        for (auto _ : state) summary = musegan::prepare(prepare);
        const auto rate = benchmark::Counter::kIsIterationInvariantRate;
        state.counters["files/s"] = benchmark::Counter(static_cast<double>(summary.files), rate);
        state.counters["phrases/s"] = benchmark::Counter(static_cast<double>(summary.phrases), rate);
        state.counters["read MB/s"] = benchmark::Counter(static_cast<double>(summary.bytes) / 1e6, rate);
    });
}

}  // namespace

void register_prepare(const Options& options) {
    using musegan::Segmentation;
    const std::string songs = options.midi.empty() ? fmt::format("{} songs of synth", own_songs) : options.midi;
    for (const Segmentation segment : {Segmentation::fixed, Segmentation::sf, Segmentation::sf_authors}) {
        musegan::SongFilter filter;
        filter.segment = segment;
        add_songs(fmt::format("prepare/{}/{}", songs, tensor::name_of(segment)), options.midi, false, filter);
    }
    if (options.midi.empty()) add_songs(fmt::format("prepare/{} as npz/fixed", songs), "", true, {});
}

}  // namespace bench
