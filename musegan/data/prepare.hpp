// From folders of songs to a dataset, and a report that says what became of every file.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "musegan/data/dataset.hpp"
#include "musegan/data/prepare_report.hpp"
#include "musegan/sources/phrase_array.hpp"
#include "musegan/sources/selection.hpp"

namespace musegan {

struct PrepareOptions {
    std::vector<std::filesystem::path> inputs;  ///< folders (searched to any depth), archives and files
    std::filesystem::path out;                  ///< the dataset to write
    std::filesystem::path report;               ///< the CSV to write; empty writes none
    SelectionOptions selection;                 ///< which of the files are looked at
    SongFilter filter;                          ///< of songs; phrases in arrays are taken as they are
    ArrayOptions array;                         ///< how arrays are understood
    /// Adds copies of each phrase this many semitones and less higher and lower (phrase/transposition.hpp), 0 to 11.
    int augment = 0;
    /// The share of songs whose phrases go into a dataset of their own (PhrasePool::hold_out), 0 to 0.9; 0 for none.
    double held_out = 0.0;
    std::uint64_t seed = 0;  ///< of that choice
    DatasetNotes notes;
    /// Files worked on at a time; 0 takes all processors of the machine. The output does not depend on it.
    int jobs = 0;
    /// Called now and then, with the files found, while the inputs are searched; and while an array is read. Throwing
    /// from it ends the work.
    std::function<void(std::int64_t)> looking;
    /// Called after each file with (files done, files in all), by one thread at a time. Throwing from it ends the work.
    std::function<void(std::int64_t, std::int64_t)> progress;
};
/// What text can say of it, as `musegan prepare` takes them: track_order, augment, held_out, min_score, seed.
io::SettingList settings_of(PrepareOptions& options);

/// What one kind of file gave.
struct KindCounts {
    std::int64_t files = 0;  ///< kept
    std::int64_t songs = 0;
    std::int64_t phrases = 0;
};

struct PrepareSummary {
    std::int64_t files = 0;
    std::int64_t bytes = 0;                           ///< of the files
    std::array<std::int64_t, n_outcomes> outcomes{};  ///< files by Outcome
    std::array<KindCounts, n_file_kinds> kinds{};     ///< by FileKind
    ReportKinds report_kinds;
    std::vector<ListUse> lists;  ///< how much of each list there was
    std::int64_t songs = 0;      ///< in the datasets
    std::int64_t phrases = 0;    ///< of these songs, in the datasets
    std::int64_t copies = 0;     ///< of phrases, in other keys, in the training set
    std::int64_t held_out_songs = 0, held_out_phrases = 0;
    NoteCounts counts;         ///< over the songs kept
    std::string first_reason;  ///< of the first file that was not kept
};

/// The dataset of the songs held out: "data-held-out.safetensors" beside "data.safetensors".
std::filesystem::path held_out_path(const std::filesystem::path& out);

/// Reads, filters, cuts and packs all files, writes the report and then the datasets (each atomically). A phrase that
/// an earlier song has is left out. Files are worked on in parallel and taken in path order, so the bytes written
/// depend on the input alone. In memory are a few songs per job, the files' names, and some 25 bytes per phrase; the
/// phrases and the report's lines wait in nameless temporary files beside `out` and `report`. A file that cannot be
/// read or parsed is a line in the report. Throws Error when no input is given or exists, when nothing can be written,
/// when the lists (Selection) leave no file, when no song can be held out, and when no phrase is left: then with the
/// number of files for each reason, after the report is written.
PrepareSummary prepare(const PrepareOptions& options);

/// "kept 1150, meter 53, ..." in the order of Outcome, without zeros.
std::string describe_outcomes(const std::array<std::int64_t, n_outcomes>& outcomes);
/// "midi: 1,189 files, 1,189 songs, 24,486 phrases; array: ...", of the kinds that gave some.
std::string describe_kinds(const std::array<KindCounts, n_file_kinds>& kinds);

}  // namespace musegan
