// All files of a preparation, one after the other, into the pool of phrases, the report and the summary.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "musegan/data/phrase_pool.hpp"
#include "musegan/data/prepare.hpp"
#include "musegan/data/song_file.hpp"

namespace musegan {

class Intake {
  public:
    /// Keeps references to both. Throws Error where the folders of the outputs cannot hold a file.
    Intake(const PrepareOptions& options, const std::vector<FoundFile>& found);

    /// Takes the files in the order of `found`. An array is read here, piece by piece. Throws Error on a full disk.
    void take(SongFile&& file);
    /// Writes the report, then the datasets, both of which appear at once. Throws Error where no phrase is left and
    /// where no song can be held out, after the report is written.
    void finish();

    PrepareSummary summary;

  private:
    void take_song(FileReport& report, const PackedPhrases& phrases);
    void take_array(FileReport& report);
    /// Counts in the report what became of phrases of its file.
    void count(const PhrasePool::Added& added, FileReport& report);
    void enter(const FileReport& report);
    void write(io::AtomicFile& file, const PhrasePool::Part& part, const std::string& name) const;
    [[noreturn]] void fail_without_phrases() const;

    /// A file that gave songs.
    struct Owner {
        std::int64_t first_song, file;
        FileKind kind;
    };
    const Owner& owner_of(std::int64_t song) const;
    std::array<KindCounts, n_file_kinds> kinds_of(const PhrasePool::Part& part) const;

    const PrepareOptions& options_;
    const std::vector<FoundFile>& found_;
    PhrasePool pool_;
    std::optional<ReportWriter> report_;
    std::vector<Owner> owners_;
};

}  // namespace musegan
