#include "musegan/data/prepare_report.hpp"

#include <fmt/format.h>

#include <string>

#include "io/atomic_file.hpp"
#include "io/csv.hpp"

namespace musegan {

namespace {

std::string tracks_of(const Song& song) {
    std::string text;
    for (std::size_t track = 0; track < n_tracks; ++track) {
        if (song.has_track[track]) text += fmt::format("{}{}", text.empty() ? "" : ";", tracks[track].name);
    }
    return text;
}

}  // namespace

void write_report(const std::filesystem::path& path, const std::vector<FileReport>& files) {
    std::string text = io::csv_row(
        std::vector<std::string>{"path", "outcome", "detail", "song", "phrases", "windows", "duplicate_windows",
                                 "notes", "notes_kept", "notes_too_short", "notes_out_of_range", "notes_no_family",
                                 "tracks", "meter", "key", "transposition", "anomalies", "bytes"});
    for (const FileReport& file : files) {
        const Song& song = file.song;
        const bool kept = song.outcome == Outcome::kept;
        text += io::csv_row(std::vector<std::string>{
            file.path.string(), tensor::name_of(song.outcome), song.detail, kept ? std::to_string(file.song_index) : "",
            std::to_string(file.phrases), std::to_string(song.windows), std::to_string(song.duplicates),
            std::to_string(song.counts.notes), std::to_string(song.counts.kept), std::to_string(song.counts.too_short),
            std::to_string(song.counts.out_of_range), std::to_string(song.counts.no_family), tracks_of(song),
            song.meter, song.key, std::to_string(song.transposition), std::to_string(file.anomalies),
            std::to_string(file.bytes)});
    }
    io::write_file_atomically(path, io::as_bytes(text));
}

}  // namespace musegan
