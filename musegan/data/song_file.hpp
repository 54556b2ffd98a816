// One file on its way to phrases: what it is, and what becomes of it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "io/mapped_file.hpp"
#include "musegan/data/prepare_report.hpp"
#include "musegan/data/song_filter.hpp"
#include "musegan/sources/files.hpp"

namespace musegan {

/// A file's bytes: mapped of an archive or an array, which may be long, read or unpacked of all others.
class FileBytes {
  public:
    /// Throws Error as read_found does.
    explicit FileBytes(const FoundFile& file);
    /// They live as long as this does.
    std::span<const std::uint8_t> get() const { return mapped_ ? mapped_->bytes() : std::span(read_); }

  private:
    std::optional<io::MappedFile> mapped_;
    std::vector<std::uint8_t> read_;
};

/// A file that was looked at.
struct SongFile {
    FileReport report;
    PackedPhrases phrases{};  ///< of a song that is kept
};

/// Everything that is done to one file, told apart by what it holds, whatever it is called: a song is read and cut
/// (cut_song); an array of phrases becomes a report of its kind, kept so far, and is read later. Faults of the file
/// become an outcome.
SongFile read_song_file(const FoundFile& file, const SongFilter& filter);

}  // namespace musegan
