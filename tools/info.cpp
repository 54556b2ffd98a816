// musegan info: what a file is, in words.
#include <fstream>

#include "io/csv.hpp"
#include "io/file.hpp"
#include "io/mapped_file.hpp"
#include "io/npy_reader.hpp"
#include "io/safetensors.hpp"
#include "io/zip.hpp"
#include "musegan/music/files.hpp"
#include "musegan/networks/describe.hpp"
#include "musegan/sources/multitrack.hpp"
#include "musegan/sources/phrase_array.hpp"
#include "musegan/training/checkpoint.hpp"
#include "musegan/training/config.hpp"
#include "tensor/error.hpp"
#include "tools/commands.hpp"
#include "tools/info_parts.hpp"
#include "tools/setting_options.hpp"
#include "tools/shell_text.hpp"
#include "tools/standard_output.hpp"
#include "tools/terminal.hpp"
#include "tools/usage.hpp"

namespace tools {

namespace {

namespace fs = std::filesystem;

void describe_metadata(const io::SafetensorsFile& file) {
    for (const auto& [key, value] : file.metadata())
        if (!value.empty() && key != "networks") print_note(key, value);
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
    if (musegan::is_dataset(file)) return describe_dataset(path);
    describe_metadata(file);
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

/// NumPy's arrays: a song of pypianoroll, an array of phrases, or an archive of something else.
void describe_archive(const fs::path& path) {
    const io::MappedFile file(io::open_for_reading(path), path.string());
    const auto bytes = file.bytes();
    const std::vector<io::ZipEntry> entries = io::read_zip_directory(bytes, path.string());
    if (musegan::is_multitrack(entries)) return describe_multitrack(bytes, path);
    if (musegan::PhraseArray::looks_like(entries)) return describe_array(bytes, path);
    print_out("{}: ZIP archive of {} entries, {}\n", shown_text(path.string()), entries.size(),
              bytes_text(static_cast<double>(bytes.size())));
    for (const io::ZipEntry& entry : entries)
        print_out("  {:44} {} bytes, {} in the archive\n", printable(entry.name),
                  tensor::count_text(static_cast<std::int64_t>(entry.bytes)),
                  tensor::count_text(static_cast<std::int64_t>(entry.packed_bytes)));
}

/// A run is described by its model, or by its state as long as there is none.
void describe_folder(const fs::path& path) {
    for (const char* name : {"model.safetensors", "state.safetensors"})
        if (fs::exists(path / name)) return describe_safetensors(path / name);
    tensor::fail(path.string(), "a folder without model.safetensors or state.safetensors, expected a file or a run");
}

void describe_events(const fs::path& path) {
    print_out("{}: TensorBoard events, {} (tensorboard --logdir {})\n", shown_text(path.string()),
              bytes_text(static_cast<double>(io::open_for_reading(path).bytes)),
              shell_quoted(path.has_parent_path() ? path.parent_path().string() : "."));
}

using Describe = void (*)(const fs::path&);

/// Files are told apart by what they hold, not by what they are called, as far as their formats begin with a mark.
Describe describer_of(const fs::path& path) {
    if (fs::is_directory(path)) return describe_folder;
    io::open_for_reading(path);
    const std::string start = first_bytes(path, 9);
    if (start.starts_with("\x89PNG")) return describe_picture;
    if (io::begins_as_zip(io::as_bytes(start))) return describe_archive;
    if (io::begins_as_npy(io::as_bytes(start)))
        return [](const fs::path& array) {
            describe_array(io::MappedFile(io::open_for_reading(array), array.string()).bytes(), array);
        };
    if (path.extension() == ".safetensors" || (start.size() == 9 && start[8] == '{')) return describe_safetensors;
    if (path.extension() == ".csv") return describe_table;
    if (path.extension() == ".toml") return describe_preset;
    if (path.filename().string().starts_with("events.out.tfevents.")) return describe_events;
    return describe_midi;
}

struct InfoCommand {
    std::string file;
    SheetOptions sheet;
    CLI::Option *png = nullptr, *seed = nullptr, *phrases = nullptr;
};

int run(const InfoCommand& command) {
    // What follows --png is taken for the sheet, be it meant for the file or not.
    if (!command.sheet.png.empty() && fs::path(command.sheet.png).extension() != ".png")
        throw UsageError(
            fmt::format("[--png] '{}', expected a path that ends in .png, or none: musegan info FILE --png",
                        shown_text(command.sheet.png)));
    require_stated(command.file, "info", "file", "a file, or a run's folder");
    for (const CLI::Option* const option : {command.seed, command.phrases})
        if (option->count() > 0 && command.png->count() == 0)
            throw UsageError(
                fmt::format("[{}] without --png, expected it: it says which phrases are drawn", option->get_name()));
    const fs::path path(command.file);
    const Describe describe = describer_of(path);
    if (command.png->count() == 0) {
        describe(path);
        return 0;
    }
    const fs::path png = sheet_path(path, command.sheet);
    if (describe != describe_safetensors || !musegan::is_dataset(io::SafetensorsFile::open(path)))
        tensor::fail(path.string(), "is no dataset, expected one that musegan prepare made: --png draws its phrases");
    describe(path);
    write_sheet(path, png, command.sheet);
    return 0;
}

}  // namespace

Action add_info(CLI::App& app) {
    auto command = std::make_shared<InfoCommand>();
    CLI::App* const sub = app.add_subcommand(
        "info", "Describe a dataset, model, state, run folder, preset, log, picture, archive, song, array");
    sub->footer(
        "Example: musegan info data.safetensors\n"
        "          musegan info data.safetensors --png sheet.png --phrases 36 --seed 7");
    add_path(*sub, "file", command->file, "The file, or a run's folder");
    command->png = sub->add_option("--png", command->sheet.png,
                                   "Of a dataset: draw phrases, picked at random, into this file (NAME.phrases.png)")
                       ->expected(0, 1)
                       ->type_name("PATH");
    command->seed = add_number<std::uint64_t>(*sub, "--seed", command->sheet.seed, {0, UINT64_MAX},
                                              "The same seed draws the same phrases");
    command->phrases = add_number<std::int64_t>(*sub, "--phrases", command->sheet.phrases,
                                                {1, musegan::most_in_picture}, "How many phrases are drawn");
    return [command] { return run(*command); };
}

}  // namespace tools
