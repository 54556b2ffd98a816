#include "tools/evaluated_sets.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <memory>
#include <numeric>

#include "io/file.hpp"
#include "io/safetensors.hpp"
#include "musegan/data/songs_dataset.hpp"
#include "musegan/sources/files.hpp"
#include "musegan/training/checkpoint.hpp"
#include "tensor/error.hpp"
#include "tools/commands.hpp"
#include "tools/shell_text.hpp"
#include "tools/terminal.hpp"
#include "tools/trained_model.hpp"

namespace tools {

namespace {

namespace fs = std::filesystem;
using tensor::count_text;

/// A safetensors file begins with 8 bytes of length and a '{'.
bool is_safetensors(const fs::path& path) {
    io::open_for_reading(path);
    std::array<char, 9> start{};
    std::ifstream(path, std::ios::binary).read(start.data(), start.size());
    return path.extension() == ".safetensors" || start.back() == '{';
}

musegan::SongsDataset read_songs(const std::string& path, const SongsOptions& songs) {
    if (musegan::find_song_files({path}).empty())
        tensor::fail(path,
                     "is no run and holds no songs, expected the folder of one, or of .mid, .midi, .kar, .rmi, .npz, "
                     ".npy or .zip files");
    musegan::PrepareOptions options;
    options.inputs = {path};
    options.filter = songs.filter;
    options.array = songs.array;
    std::unique_ptr<Progress> progress;
    const auto look = [] {
        if (interrupted()) end_interrupted("evaluate", "nothing was printed");
    };
    options.progress = [&](std::int64_t done, std::int64_t total) {
        if (!progress) progress = std::make_unique<Progress>("songs", "files", total);
        progress->update(done);
        look();
    };
    options.looking = [&](std::int64_t) { look(); };
    return musegan::dataset_of_songs(options);
}

std::string name_of(const std::string& path) {
    fs::path name = fs::path(path).lexically_normal();
    if (!name.has_filename()) name = name.parent_path();  // "run/"
    if (name.extension() == ".safetensors") name.replace_extension();
    return name.filename().string();
}

}  // namespace

SetKind kind_of_set(const fs::path& path) {
    if (!fs::exists(path)) tensor::fail(path.string(), "nothing is there, expected a run, a dataset or songs");
    if (fs::is_directory(path)) return musegan::RunFolder(path).has_any_file() ? SetKind::model : SetKind::songs;
    if (!is_safetensors(path)) return SetKind::songs;
    const io::SafetensorsFile file = io::SafetensorsFile::open(path);
    if (musegan::is_dataset(file)) return SetKind::dataset;
    if (musegan::is_checkpoint(file)) return SetKind::model;
    tensor::fail(path.string(),
                 "is neither a dataset nor a model, expected one of `musegan prepare` or `musegan train`");
}

std::vector<fs::path> files_of_set(const fs::path& path) {
    switch (kind_of_set(path)) {
        case SetKind::model: return {fs::is_directory(path) ? musegan::RunFolder(path).model() : path};
        case SetKind::dataset: return {path};
        case SetKind::songs: break;
    }
    std::vector<fs::path> files;
    for (const musegan::FoundFile& file : musegan::find_song_files({path})) files.push_back(file.path);
    return files;
}

io::SettingList settings_of(SongsOptions& options) {
    io::SettingList list = settings_of(options.filter);
    musegan::add_track_order(list, "track_order", options.array.order,
                             "Which track stands where in arrays: v1, lpd, or five names");
    return list;
}

OpenedSet open_set(const std::string& path, SetKind kind, const SongsOptions& songs, tensor::Device device) {
    OpenedSet set{kind, path, {}, {}, {}};
    switch (set.kind) {
        case SetKind::model:
            set.model = open_model(fs::is_directory(path) ? run_model(path) : fs::path(path), device);
            break;
        case SetKind::dataset: set.dataset = open_dataset(path); break;
        case SetKind::songs: {
            musegan::SongsDataset read = read_songs(path, songs);
            const auto kept = read.summary.outcomes[static_cast<std::size_t>(musegan::Outcome::kept)];
            set.dataset = std::move(read.dataset);
            set.songs = fmt::format("{} of {} files", count_text(kept), count_text(read.summary.files));
            break;
        }
    }
    return set;
}

std::vector<std::string> names_of(const std::vector<std::string>& paths) {
    std::vector<std::string> names;
    for (const std::string& path : paths) {
        const auto is_alike = [name = name_of(path)](const std::string& other) { return name_of(other) == name; };
        names.push_back(std::ranges::count_if(paths, is_alike) > 1 ? path : name_of(path));
    }
    return names;
}

int common_grid(const std::vector<const OpenedSet*>& sets) {
    int grid = 0;
    for (const OpenedSet* const set : sets) {
        const musegan::PhraseShape &shape = set->shape(), &first = sets.front()->shape();
        if (shape.on_grid(first.steps_per_beat) != first)
            tensor::fail(set->path, "phrases of {}, expected those of {}: {}", shape.to_string(), sets.front()->path,
                         first.to_string());
        grid = std::gcd(grid, shape.steps_per_beat);
    }
    return grid;
}

}  // namespace tools
