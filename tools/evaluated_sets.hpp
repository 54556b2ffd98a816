// The sets that `musegan evaluate` is told to measure: runs, datasets and songs, each told apart by what it is.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "musegan/data/dataset.hpp"
#include "musegan/data/song_filter.hpp"
#include "musegan/networks/model.hpp"
#include "musegan/sources/phrase_array.hpp"

namespace tools {

enum class SetKind {
    model,    ///< a run's folder, or a model.safetensors: it makes phrases
    dataset,  ///< what `musegan prepare` writes
    songs,    ///< a folder, an archive or a file of songs or arrays: what `musegan prepare` makes of it
};

/// A folder is a run if it has a file that `musegan train` writes, and a folder of songs otherwise; a file is what it
/// holds. Throws Error for a path where nothing is, and for a safetensors file that is neither a dataset nor a model.
SetKind kind_of_set(const std::filesystem::path& path);

/// The files that a set is read from: those of a folder of songs, links that lead to them, the model of a run. Throws
/// Error as kind_of_set does.
std::vector<std::filesystem::path> files_of_set(const std::filesystem::path& path);

/// A set that is open, and not measured yet.
struct OpenedSet {
    SetKind kind = SetKind::dataset;
    std::string path{};
    std::optional<musegan::Model> model{};
    std::optional<musegan::Dataset> dataset{};  ///< of songs, too
    std::string songs{};                        ///< "1,189 of 1,255 files", of a set of songs

    const musegan::PhraseShape& shape() const { return model ? model->config().shape : dataset->shape(); }
    /// The place of the given track of a track-conditional model.
    std::optional<int> given() const { return model ? model->config().given() : std::nullopt; }
};

/// How songs are read.
struct SongsOptions {
    musegan::SongFilter filter{};
    musegan::ArrayOptions array{};
};
/// All of them.
io::SettingList settings_of(SongsOptions& options);

/// Opens a set of a kind; a model goes onto `device`. Shows how far the songs are, and ends the process on Ctrl-C.
/// Throws Error for what cannot be read, a run without weights, and songs of which no phrase is left.
OpenedSet open_set(const std::string& path, SetKind kind, const SongsOptions& songs, tensor::Device device);

/// A word for each path, for tables: its last part, without ".safetensors"; the path itself where two would be called
/// alike.
std::vector<std::string> names_of(const std::vector<std::string>& paths);

/// The finest grid that divides those of all sets, in steps per beat. Throws Error for sets that differ in anything but
/// the grid.
int common_grid(const std::vector<const OpenedSet*>& sets);

}  // namespace tools
