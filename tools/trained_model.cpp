#include "tools/trained_model.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "musegan/evaluation/metrics.hpp"
#include "musegan/sound/wav_of_midi.hpp"
#include "musegan/training/checkpoint.hpp"
#include "tensor/error.hpp"
#include "tools/shell_text.hpp"
#include "tools/standard_output.hpp"

namespace tools {

void ModelOptions::add_to(CLI::App& command) {
    CLI::Option_group* const from = command.add_option_group("weights", "Where the weights come from: one of");
    add_path(*from, "--run", run, "Folder of a training run");
    add_path(*from, "--weights", weights, "A model.safetensors");
    compute.add_to(command);
}

namespace {

/// Damage of a file that carries no checksums cannot be seen.
void note_unchecked(const io::SafetensorsFile& file) {
    if (!file.has_checksums())
        say(
            fmt::format("note: {} has no checksums (another program or an earlier version wrote it): damage goes "
                        "unnoticed",
                        shown_text(file.name())));
}

}  // namespace

void ModelOptions::require_source(std::string_view command) const {
    if (run.empty() == weights.empty())
        throw UsageError(fmt::format("[{}] {}, expected one of the two", command,
                                     run.empty() ? "no --run and no --weights" : "--run and --weights"));
}

musegan::Model ModelOptions::load(tensor::Precision precision) const {
    const tensor::Device device = compute.apply();
    check_precision(precision, device);
    say(fmt::format("device: {}", device_line(device, precision)));
    return open_model(weights.empty() ? run_model(run) : std::filesystem::path(weights), device);
}

std::filesystem::path run_model(const std::filesystem::path& run) {
    const std::filesystem::path file = musegan::RunFolder(run).model();
    if (!std::filesystem::exists(file))
        tensor::fail(run.string(), "no model.safetensors, expected the folder of a `musegan train`");
    return file;
}

musegan::Model open_model(const std::filesystem::path& file, tensor::Device device) {
    const io::SafetensorsFile opened = io::SafetensorsFile::open(file);
    note_unchecked(opened);
    return musegan::load_model(opened, tensor::DType::f32, device);
}

void GivenOptions::add_to(CLI::App& command) {
    add_path(command, "--data", data,
             "For a track-conditional model: the dataset whose phrases it is given a track of");
}

std::optional<musegan::Dataset> GivenOptions::open(const musegan::Model& model, const std::string& command) const {
    const musegan::ModelConfig& config = model.config();
    if (!config.given()) {
        if (data.empty()) return std::nullopt;
        throw UsageError(
            fmt::format("[--data] the model is a {} from scratch, which is given no track", config.name()));
    }
    if (data.empty())
        throw UsageError(
            fmt::format("[{}] the model is a {}, expected --data DATASET to take such tracks from "
                        "(for a song of your own: musegan accompany)",
                        command, config.name()));
    return open_dataset(data);
}

musegan::Dataset open_dataset(const std::string& path) {
    musegan::Dataset data = musegan::Dataset::open(path);
    note_unchecked(data.file());
    return data;
}

std::optional<musegan::PhraseView> phrases_of(const std::optional<musegan::Dataset>& data) {
    return data ? std::optional(data->phrases()) : std::nullopt;
}

void write_music(const std::string& command, OutputFolder& folder, const musegan::PhraseView& phrases,
                 const musegan::WriteOptions& options, const musegan::PhraseSheet& sheet) {
    const std::string metrics = musegan::metrics_table(musegan::measure(phrases));
    const std::string where = folder.path().string();
    std::vector<std::filesystem::path> files;
    {
        folder.begin();
        Progress progress("write", "files", folder.files());
        files = musegan::write_phrases(folder.path(), phrases, options, sheet, show_files(progress, command, where));
    }
    const std::string earlier = folder.finish();
    accompany_text(metrics);
    const auto first = [&](std::int64_t most) {
        return phrases.count() > most ? fmt::format(" (the first {})", most) : std::string();
    };
    if (!earlier.empty()) say(fmt::format("{}: {}", shown_text(where), earlier));
    say(fmt::format("{} phrases of {} bars in {}: listen to {}{}, look at {}{}", tensor::count_text(phrases.count()),
                    phrases.shape().bars, shown_text(where), shell_quoted((folder.path() / "all.mid").string()),
                    first(musegan::most_in_song), shell_quoted(files.back().string()),
                    first(musegan::most_in_picture)));
}

std::int64_t frames_of_all(std::int64_t phrases, double tempo) {
    constexpr int beats = musegan::paper_shape.beats();
    io::MidiFile midi;
    midi.tempos = {{0, static_cast<int>(std::lround(60e6 / tempo))}};
    midi.last_tick = std::min(phrases, musegan::most_in_song) * beats * midi.ticks_per_quarter;
    return musegan::wav_frames(midi);
}

std::function<void(std::int64_t)> show_phrases(Progress& progress, const std::string& command) {
    return [&progress, command](std::int64_t done) {
        progress.update(done);
        if (interrupted()) end_interrupted(command, "nothing was written");
    };
}

}  // namespace tools
