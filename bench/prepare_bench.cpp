// MIDI files to a dataset: songs per second over all threads.
#include <omp.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "bench/registry.hpp"
#include "musegan/data/prepare.hpp"
#include "musegan/data/synth.hpp"

namespace bench {

namespace {

namespace fs = std::filesystem;

/// A folder of its own that goes when the object goes.
class TemporaryFolder {
  public:
    TemporaryFolder() : path_(fs::temp_directory_path() / fmt::format("musegan_bench_{}", ::getpid())) {
        fs::create_directories(path_);
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const fs::path& path() const { return path_; }

  private:
    fs::path path_;
};

}  // namespace

void register_prepare(const Options& options) {
    constexpr std::int64_t own_songs = 200;
    const std::string name = options.midi.empty() ? fmt::format("prepare/{} songs of synth", own_songs)
                                                  : fmt::format("prepare/{}", options.midi);
    add_case(name, [=, midi = options.midi](benchmark::State& state) {
        const TemporaryFolder folder;
        musegan::PrepareOptions prepare;
        prepare.jobs = omp_get_max_threads();
        prepare.out = folder.path() / "data.safetensors";
        if (midi.empty()) musegan::write_songs(folder.path() / "midi", own_songs, 1);
        prepare.inputs = {midi.empty() ? folder.path() / "midi" : fs::path(midi)};
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
