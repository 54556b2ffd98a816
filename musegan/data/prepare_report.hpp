// What became of each file, as a table, and of all files, by kind.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "musegan/data/song.hpp"
#include "musegan/data/spool.hpp"
#include "musegan/sources/faults.hpp"
#include "musegan/sources/read_song.hpp"

namespace musegan {

/// One line of the report.
struct FileReport {
    std::filesystem::path path;  ///< as FoundFile::name says
    FileKind kind = FileKind::unknown;
    Song song;                     ///< with `phrases` emptied
    std::int64_t phrases = 0;      ///< that it brought, copies in other keys not among them
    std::int64_t songs = 0;        ///< in the dataset: 1 of a song that is kept, more of an array
    std::int64_t song_index = -1;  ///< the number of the first, under which the dataset knows it; -1 if not kept
    std::int64_t shared = 0;       ///< phrases left out since an earlier song has them
    std::string same_as;           ///< the file of the song that has most of these, or of an array's first
    Faults faults;                 ///< that were forgiven
    std::int64_t bytes = 0;
};

/// The table while it grows: lines wait on the disk, in a nameless file beside it (Spool).
class ReportWriter {
  public:
    /// Throws Error where the folder of `path` cannot hold a file.
    explicit ReportWriter(const std::filesystem::path& path) : path_(path), spool_(path.parent_path()) {}

    void add(const FileReport& file);
    /// Writes a CSV, atomically: a header and one line per file, whose last fields say in which dataset its phrases
    /// are, "training", "held_out" or, of an array, "both" (empty where nothing was held out, and of a file that is not
    /// kept), and how many copies in other keys the training set has of them. Both are told by song; `is_held_out` may
    /// be empty.
    void write(const std::vector<bool>& is_held_out, const std::vector<std::int64_t>& copies);

  private:
    struct Line {
        std::int64_t bytes;
        std::int64_t song_index, songs;
    };
    std::filesystem::path path_;
    Spool spool_;
    std::vector<Line> lines_;
};

/// What happened to several files alike.
struct ReportKind {
    std::string name;
    std::string meaning;  ///< in words; of a reason for not keeping a file, what the example says
    std::int64_t files = 0;
    std::int64_t parts = 0;         ///< over these files
    std::filesystem::path example;  ///< the first of them
};

/// Counts files by what happened to them.
class ReportKinds {
  public:
    void add(const FileReport& file);
    /// The reasons for which files were not kept, in the order of Outcome, each that occurs.
    std::vector<ReportKind> dropped() const;
    /// What was mended in files or left out of them, kept or not: faults that a reader forgave, bars without four
    /// quarters, notes beyond max_bars, phrases of other songs; each kind that occurs.
    const std::vector<ReportKind>& mended() const { return mended_; }

  private:
    void count_mended(std::string_view name, std::string_view meaning, const FileReport& file, std::int64_t parts);

    std::array<ReportKind, n_outcomes> dropped_{};
    std::vector<ReportKind> mended_;
};

}  // namespace musegan
