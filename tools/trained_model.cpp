#include "tools/trained_model.hpp"

#include <filesystem>

#include "musegan/evaluation/metrics.hpp"
#include "musegan/training/checkpoint.hpp"
#include "tensor/error.hpp"

namespace tools {

void ModelOptions::add_to(CLI::App& command) {
    CLI::Option_group* const from = command.add_option_group("weights", "Where the weights come from: one of");
    from->add_option("--run", run, "Folder of a training run");
    from->add_option("--weights", weights, "A model.safetensors");
    from->require_option(1);
    compute.add_to(command);
}

musegan::Model ModelOptions::load(tensor::Precision precision) const {
    const tensor::Device device = compute.apply();
    check_precision(precision, device);
    say(fmt::format("device: {}", device_line(device, precision)));
    const std::filesystem::path file =
        weights.empty() ? musegan::RunFolder(run).model() : std::filesystem::path(weights);
    if (!run.empty() && !std::filesystem::exists(file))
        tensor::fail(run, "no model.safetensors, expected the folder of a `musegan train`");
    return musegan::load_model(file, tensor::DType::f32, device);
}

void GivenOptions::add_to(CLI::App& command) {
    command.add_option("--data", data,
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
    return musegan::Dataset::open(data);
}

std::optional<musegan::PhraseView> phrases_of(const std::optional<musegan::Dataset>& data) {
    return data ? std::optional(data->phrases()) : std::nullopt;
}

void write_music(const std::string& folder, const musegan::PhraseView& phrases, const musegan::WriteOptions& options,
                 musegan::PhraseSheet sheet) {
    std::vector<std::filesystem::path> files;
    {
        Progress progress("write", "phrases", phrases.count());
        sheet.written = [&](std::int64_t done) {
            progress.update(done);
            if (interrupted())
                end_interrupted("write", fmt::format("{} of {} phrases were written", done, phrases.count()));
        };
        files = musegan::write_phrases(folder, phrases, options, sheet);
    }
    std::fputs(musegan::metrics_table(musegan::measure(phrases)).c_str(), stdout);
    const auto first = [&](std::int64_t most) {
        return phrases.count() > most ? fmt::format(" (the first {})", most) : std::string();
    };
    say(fmt::format("{} phrases of {} bars in {}: listen to {}{}, look at {}{}", phrases.count(), phrases.shape().bars,
                    folder, (std::filesystem::path(folder) / "all.mid").string(), first(musegan::most_in_song),
                    files.back().string(), first(musegan::most_in_picture)));
}

std::function<void(std::int64_t)> show_phrases(Progress& progress, const std::string& command) {
    return [&progress, command](std::int64_t done) {
        progress.update(done);
        if (interrupted()) end_interrupted(command, "nothing was written");
    };
}

}  // namespace tools
