// musegan info: what a file is, in words.
#include <algorithm>
#include <fstream>

#include "io/csv.hpp"
#include "io/file.hpp"
#include "io/midi.hpp"
#include "io/safetensors.hpp"
#include "io/zip.hpp"
#include "musegan/data/dataset.hpp"
#include "musegan/sources/midi_source.hpp"
#include "musegan/data/song.hpp"
#include "musegan/evaluation/metrics.hpp"
#include "musegan/networks/describe.hpp"
#include "musegan/training/checkpoint.hpp"
#include "musegan/training/config.hpp"
#include "tensor/error.hpp"
#include "tools/commands.hpp"
#include "tools/setting_options.hpp"
#include "tools/shell_text.hpp"
#include "tools/standard_output.hpp"
#include "tools/terminal.hpp"
#include "tools/usage.hpp"

namespace tools {

namespace {

namespace fs = std::filesystem;

/// Text from a file, safe for a terminal: MIDI names are Latin-1 by custom, and anything may hold escapes.
std::string printable(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < 32 || c > 126; }, '?');
    return text;
}

void describe_metadata(const io::SafetensorsFile& file) {
    for (const auto& [key, value] : file.metadata())
        if (!value.empty() && key != "networks") print_out("  {:22} {}\n", printable(key), printable(value));
}

void describe_tensors(const io::SafetensorsFile& file) {
    std::int64_t elements = 0;
    for (const io::SafetensorsEntry& entry : file.entries()) {
        elements += static_cast<std::int64_t>(entry.bytes.size()) / io::safetensors_element_bytes(entry.dtype);
        print_out("  {:44} {:5} [{}]\n", printable(entry.name), entry.dtype, fmt::join(entry.shape, ", "));
    }
    print_out("{} tensors, {} values\n", tensor::count_text(static_cast<std::int64_t>(file.entries().size())),
              tensor::count_text(elements));
}

void describe_dataset(const fs::path& path) {
    const musegan::Dataset data = musegan::Dataset::open(path);
    print_out("{} phrases; by track, share of cells on, of bars with a note, and notes per bar:\n",
              tensor::count_text(data.count()));
    const auto densities = musegan::densities_of(data.phrases());
    for (std::size_t i = 0; i < densities.size(); ++i)
        print_out("  {:8} {:6.2f} %  {:6.1f} %  {:6.2f}\n", musegan::tracks[i].name, densities[i].cells_on,
                  densities[i].active_bars, densities[i].notes_per_bar);
    // At most 2000 phrases, spread evenly over the set, are enough for a description and keep `info` quick on a large
    // set.
    print_out("{}", musegan::metrics_table(musegan::measure(musegan::spread_phrases(data.phrases(), 2000))));
}

/// What a model is, and what the updates of a run cost.
void describe_settings(const musegan::TrainingSettings& settings) {
    settings.validate();
    print_out("{}", musegan::describe(settings.model));
    const musegan::Rehearsal cost = musegan::rehearse(settings, 1);
    print_out("  {:12} {} per critic update, {} per generator update, on the CPU {} of tensors beside the data\n",
              fmt::format("batch {}", settings.batch), flops_text(cost.critic_update_flops),
              flops_text(cost.generator_update_flops), bytes_text(static_cast<double>(cost.peak_bytes)));
}

/// A preset, as the model that its settings make of it.
void describe_preset(const fs::path& path) {
    const musegan::Preset preset = musegan::read_preset(path);
    musegan::RunOptions options;
    musegan::take_preset(preset, options);
    print_out("{}: preset {}: {}\n", shown_text(path.string()), preset.name, preset.about);
    describe_settings(options.settings);
}

void describe_safetensors(const fs::path& path) {
    const io::SafetensorsFile file = io::SafetensorsFile::open(path);
    print_out("{}: safetensors, {}, {}\n", shown_text(path.string()),
              bytes_text(static_cast<double>(fs::file_size(path))),
              file.has_checksums() ? "as its checksums say" : "without checksums");
    describe_metadata(file);
    if (file.contains("phrases") && file.contains("song")) return describe_dataset(path);
    // What a later version wrote, or what is damaged, can still be listed.
    if (musegan::is_checkpoint(file)) {
        try {
            describe_settings(musegan::file_settings(path));
        } catch (const tensor::Error& error) {
            print_out("its model cannot be described: {}\n", printable(error.what()));
        }
    }
    describe_tensors(file);
}

void describe_table(const fs::path& path) {
    const std::vector<std::uint8_t> bytes = io::read_file(path, std::int64_t{1} << 30);
    const auto rows = io::parse_csv({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path.string());
    if (rows.empty()) tensor::fail(path.string(), "is empty, expected a table with a line of names");
    print_out("{}: table of {} rows\n", shown_text(path.string()),
              tensor::count_text(static_cast<std::int64_t>(rows.size() - 1)));
    for (std::size_t c = 0; c < rows.front().size(); ++c)
        print_out("  {:22} last {}\n", printable(rows.front()[c]),
                  rows.size() > 1 && c < rows.back().size() ? printable(rows.back()[c]) : "-");
}

std::string first_bytes(const fs::path& path, std::size_t count) {
    std::string bytes(count, '\0');
    std::ifstream file(path, std::ios::binary);
    file.read(bytes.data(), static_cast<std::streamsize>(count));
    bytes.resize(static_cast<std::size_t>(file.gcount()));
    return bytes;
}

/// A PNG begins with 8 bytes that mark it and the chunk IHDR, whose first numbers are the sides (big endian).
void describe_picture(const fs::path& path) {
    const std::string start = first_bytes(path, 24);
    if (start.size() < 24 || start.substr(12, 4) != "IHDR")
        tensor::fail(path.string(), "is no readable PNG: {} bytes without a header", start.size());
    const auto number = [&](std::size_t at) {
        std::uint32_t value = 0;
        for (std::size_t k = at; k < at + 4; ++k) value = value << 8 | static_cast<std::uint8_t>(start[k]);
        return value;
    };
    print_out("{}: picture of {} x {} pixels\n", shown_text(path.string()), number(16), number(20));
}

/// An .npz of NumPy is such an archive; its arrays are not read.
void describe_archive(const fs::path& path) {
    const std::vector<std::uint8_t> bytes = io::read_file(path, std::int64_t{1} << 30);
    const std::vector<io::ZipEntry> entries = io::read_zip_directory(bytes, path.string());
    print_out("{}: ZIP archive of {} entries, {}\n", shown_text(path.string()), entries.size(),
              bytes_text(static_cast<double>(bytes.size())));
    for (const io::ZipEntry& entry : entries)
        print_out("  {:44} {} bytes, {} in the archive\n", printable(entry.name),
                  tensor::count_text(static_cast<std::int64_t>(entry.bytes)),
                  tensor::count_text(static_cast<std::int64_t>(entry.packed_bytes)));
}

/// The tracks that have notes or a name.
void describe_tracks(const io::MidiFile& midi) {
    std::vector<std::int64_t> notes(midi.track_names.size()), drums(midi.track_names.size());
    for (const io::MidiNote& note : midi.notes) {
        ++notes[static_cast<std::size_t>(note.track)];
        if (note.is_drum()) ++drums[static_cast<std::size_t>(note.track)];
    }
    std::int64_t empty = 0;
    for (std::size_t i = 0; i < notes.size(); ++i) {
        if (notes[i] == 0 && midi.track_names[i].empty()) {
            ++empty;
            continue;
        }
        const std::string of_drums = drums[i] == 0          ? ""
                                     : drums[i] == notes[i] ? " of drums"
                                                            : fmt::format(", {} of drums", drums[i]);
        const std::string name = printable(midi.track_names[i]);
        print_out("  track {:3}  {:6} notes{}{}\n", i + 1, notes[i], of_drums, name.empty() ? "" : "  " + name);
    }
    if (empty > 0)
        print_out("  {} track{} without notes or a name\n", tensor::count_text(empty), empty == 1 ? "" : "s");
}

void describe_midi(const fs::path& path) {
    const io::MidiFile midi = io::read_midi(path);
    print_out(
        "{}: MIDI file of format {}, {} ticks per quarter note, {} notes, {:.1f} quarter notes long, "
        "{} faults forgiven\n",
        shown_text(path.string()), midi.format, midi.ticks_per_quarter, midi.notes.size(),
        static_cast<double>(midi.last_tick) / midi.ticks_per_quarter, midi.anomalies.total());
    for (const io::MidiAnomalyKind& kind : io::midi_anomaly_kinds)
        if (const int count = midi.anomalies.*kind.count; count > 0)
            print_out("  {:20} {:6}  {}\n", kind.name, count, kind.meaning);
    describe_tracks(midi);
    const musegan::Song song = musegan::cut_song(musegan::MidiSource(midi));
    print_out("as data: {}{}{}; meter {}{}; {} phrases of {} windows; {} of {} notes kept\n",
              tensor::name_of(song.outcome), song.detail.empty() ? "" : ": ", song.detail,
              song.meter.empty() ? "none" : song.meter,
              song.foreign_bars == 0 ? "" : fmt::format(", bars without four quarters: {}", song.foreign_bars),
              song.phrases.count(), song.windows, song.counts.kept, song.counts.notes);
}

/// Files are told apart by what they hold, not by what they are called, as far as their formats begin with a mark.
int run(const std::string& text) {
    require_stated(text, "info", "file", "a file, or a run's folder");
    const fs::path path(text);
    if (fs::is_directory(path)) {
        bool any = false;
        for (const char* name : {"model.safetensors", "state.safetensors"})
            if (fs::exists(path / name)) {
                describe_safetensors(path / name);
                any = true;
                break;
            }
        if (!any)
            tensor::fail(text, "a folder without model.safetensors or state.safetensors, expected a file or a run");
        return 0;
    }
    const io::OpenedFile opened = io::open_for_reading(path);
    const std::string start = first_bytes(path, 9);
    if (start.starts_with("\x89PNG")) describe_picture(path);
    else if (start.starts_with("PK\x03\x04") || start.starts_with("PK\x05\x06")) describe_archive(path);
    else if (path.extension() == ".safetensors" || (start.size() == 9 && start[8] == '{')) describe_safetensors(path);
    else if (path.extension() == ".csv") describe_table(path);
    else if (path.extension() == ".toml") describe_preset(path);
    else if (path.filename().string().starts_with("events.out.tfevents."))
        print_out("{}: TensorBoard events, {} (tensorboard --logdir {})\n", shown_text(path.string()),
                  bytes_text(static_cast<double>(opened.bytes)),
                  shell_quoted(path.has_parent_path() ? path.parent_path().string() : "."));
    else describe_midi(path);
    return 0;
}

}  // namespace

Action add_info(CLI::App& app) {
    auto path = std::make_shared<std::string>();
    CLI::App* const sub = app.add_subcommand(
        "info", "Describe a dataset, model, state, run folder, preset, log, picture, archive, MIDI file");
    sub->footer("Example: musegan info data.safetensors");
    add_path(*sub, "file", *path, "The file, or a run's folder");
    return [path] { return run(*path); };
}

}  // namespace tools
