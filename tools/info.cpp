// musegan info: what a file is, in words.
#include <algorithm>

#include "io/file.hpp"
#include "io/midi.hpp"
#include "io/safetensors.hpp"
#include "musegan/dataset.hpp"
#include "musegan/metrics.hpp"
#include "musegan/song.hpp"
#include "tensor/error.hpp"
#include "tools/commands.hpp"
#include "tools/terminal.hpp"

namespace tools {

namespace {

namespace fs = std::filesystem;

void describe_metadata(const io::SafetensorsFile& file) {
    for (const auto& [key, value] : file.metadata())
        if (!value.empty()) fmt::print("  {:22} {}\n", key, value);
}

void describe_tensors(const io::SafetensorsFile& file) {
    std::int64_t elements = 0;
    for (const io::SafetensorsEntry& entry : file.entries()) {
        std::int64_t count = 1;
        for (const std::int64_t extent : entry.shape) count *= extent;
        elements += count;
        fmt::print("  {:44} {:5} [{}]\n", entry.name, entry.dtype, fmt::join(entry.shape, ", "));
    }
    fmt::print("{} tensors, {} values\n", file.entries().size(), elements);
}

void describe_dataset(const fs::path& path) {
    const musegan::Dataset data = musegan::Dataset::open(path);
    fmt::print("{} phrases; by track, share of cells on, of bars with a note, and notes a bar:\n", data.count());
    const auto densities = data.densities();
    for (std::size_t i = 0; i < densities.size(); ++i)
        fmt::print("  {:8} {:6.2f} %  {:6.1f} %  {:6.2f}\n", musegan::tracks[i].name, densities[i].cells_on,
                   densities[i].active_bars, densities[i].notes_per_bar);
    // A spread sample is enough for a description, and keeps `info` quick on a large set.
    const std::int64_t shown = std::min<std::int64_t>(data.count(), 2000);
    std::vector<std::uint8_t> sample;
    for (std::int64_t k = 0; k < shown; ++k) {
        const auto bits = data.phrase_bits(k * data.count() / shown);
        sample.insert(sample.end(), bits.begin(), bits.end());
    }
    fmt::print("{}", musegan::metrics_table(musegan::measure(sample)));
}

void describe_safetensors(const fs::path& path) {
    const io::SafetensorsFile file = io::SafetensorsFile::open(path);
    fmt::print("{}: safetensors, {}\n", path.string(), bytes_text(static_cast<double>(fs::file_size(path))));
    describe_metadata(file);
    if (file.contains("phrases") && file.contains("song")) describe_dataset(path);
    else describe_tensors(file);
}

void describe_midi(const fs::path& path) {
    const io::MidiFile midi = io::read_midi(path);
    fmt::print("{}: MIDI file of format {}, {} ticks a quarter, {} notes, {:.1f} quarters long, {} faults forgiven\n",
               path.string(), midi.format, midi.ticks_per_quarter, midi.notes.size(),
               static_cast<double>(midi.last_tick) / midi.ticks_per_quarter, midi.anomalies.total());
    for (std::size_t i = 0; i < midi.track_names.size(); ++i) {
        const auto of_track = std::count_if(midi.notes.begin(), midi.notes.end(), [&](const io::MidiNote& note) {
            return note.track == static_cast<int>(i);
        });
        std::string name = midi.track_names[i];
        std::replace_if(name.begin(), name.end(), [](unsigned char c) { return c < 32 || c > 126; }, '?');
        fmt::print("  track {:3}  {:6} notes  {}\n", i + 1, of_track, name);
    }
    const musegan::Song song = musegan::cut_song(midi);
    fmt::print("as data: {}{}{}; meter {}; {} phrases of {} windows; {} of {} notes kept\n", musegan::name_of(song.outcome),
               song.detail.empty() ? "" : ": ", song.detail, song.meter, song.n_phrases(), song.windows,
               song.counts.kept, song.counts.notes);
}

int run(const std::string& text) {
    const fs::path path(text);
    if (fs::is_directory(path)) {
        bool any = false;
        for (const char* name : {"model.safetensors", "state.safetensors"})
            if (fs::exists(path / name)) {
                describe_safetensors(path / name);
                any = true;
                break;
            }
        if (!any) tensor::fail(text, "a folder without model.safetensors or state.safetensors, expected a file or a run");
        return 0;
    }
    const io::OpenedFile opened = io::open_for_reading(path);
    if (path.extension() == ".safetensors") describe_safetensors(path);
    else describe_midi(path);
    return 0;
}

}  // namespace

Action add_info(CLI::App& app) {
    auto path = std::make_shared<std::string>();
    CLI::App* const sub = app.add_subcommand("info", "Describe a dataset, model, state, run folder or MIDI file");
    sub->footer("Example: musegan info data.safetensors");
    sub->add_option("file", *path, "The file, or a run's folder")->required();
    return [path] { return run(*path); };
}

}  // namespace tools
