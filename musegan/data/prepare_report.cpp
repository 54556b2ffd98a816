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

/// Of a file: the kinds of faults that were forgiven, with their counts.
std::string faults_of(const io::MidiAnomalies& anomalies) {
    std::string text;
    for (const io::MidiAnomalyKind& kind : io::midi_anomaly_kinds)
        if (const int count = anomalies.*kind.count; count > 0)
            text += fmt::format("{}{} {}", text.empty() ? "" : ";", kind.name, count);
    return text;
}

/// Counts a file's parts of one kind.
void add(ReportKind& kind, const FileReport& file, std::int64_t parts) {
    if (parts == 0) return;
    if (kind.files++ == 0) kind.example = file.path;
    kind.parts += parts;
}

void keep_those_that_occur(std::vector<ReportKind>& kinds) {
    std::erase_if(kinds, [](const ReportKind& kind) { return kind.files == 0; });
}

}  // namespace

std::vector<ReportKind> dropped_kinds(const std::vector<FileReport>& files) {
    std::vector<ReportKind> kinds;
    for (std::size_t k = 0; k < n_outcomes; ++k) {
        const auto outcome = static_cast<Outcome>(k);
        ReportKind& kind = kinds.emplace_back(ReportKind{tensor::name_of(outcome), "", 0, 0, {}});
        for (const FileReport& file : files) {
            if (outcome == Outcome::kept || file.song.outcome != outcome) continue;
            if (kind.files == 0) kind.meaning = file.song.detail;
            add(kind, file, 1);
        }
    }
    keep_those_that_occur(kinds);
    return kinds;
}

std::vector<ReportKind> mended_kinds(const std::vector<FileReport>& files) {
    std::vector<ReportKind> kinds;
    for (const io::MidiAnomalyKind& anomaly : io::midi_anomaly_kinds)
        kinds.push_back({std::string(anomaly.name), std::string(anomaly.meaning), 0, 0, {}});
    const std::size_t bars = kinds.size(), late = bars + 1;
    kinds.push_back({"foreign_bars", "bars without four quarters, which no window holds", 0, 0, {}});
    kinds.push_back({"notes_too_late", fmt::format("notes beyond {} bars, left out", max_bars), 0, 0, {}});
    for (const FileReport& file : files) {
        for (std::size_t k = 0; k < bars; ++k) add(kinds[k], file, file.anomalies.*io::midi_anomaly_kinds[k].count);
        add(kinds[bars], file, file.song.foreign_bars);
        add(kinds[late], file, file.song.counts.too_late);
    }
    keep_those_that_occur(kinds);
    return kinds;
}

void write_report(const std::filesystem::path& path, const std::vector<FileReport>& files) {
    std::string text = io::csv_row(std::vector<std::string>{"path",
                                                            "outcome",
                                                            "detail",
                                                            "song",
                                                            "phrases",
                                                            "windows",
                                                            "duplicate_windows",
                                                            "notes",
                                                            "notes_kept",
                                                            "notes_too_short",
                                                            "notes_out_of_range",
                                                            "notes_no_family",
                                                            "notes_other_meter",
                                                            "notes_too_late",
                                                            "tracks",
                                                            "meter",
                                                            "foreign_bars",
                                                            "key",
                                                            "transposition",
                                                            "anomalies",
                                                            "faults",
                                                            "bytes"});
    for (const FileReport& file : files) {
        const Song& song = file.song;
        const bool kept = song.outcome == Outcome::kept;
        text += io::csv_row(std::vector<std::string>{file.path.string(),
                                                     tensor::name_of(song.outcome),
                                                     song.detail,
                                                     kept ? std::to_string(file.song_index) : "",
                                                     std::to_string(file.phrases),
                                                     std::to_string(song.windows),
                                                     std::to_string(song.duplicates),
                                                     std::to_string(song.counts.notes),
                                                     std::to_string(song.counts.kept),
                                                     std::to_string(song.counts.too_short),
                                                     std::to_string(song.counts.out_of_range),
                                                     std::to_string(song.counts.no_family),
                                                     std::to_string(song.counts.other_meter),
                                                     std::to_string(song.counts.too_late),
                                                     tracks_of(song),
                                                     song.meter,
                                                     std::to_string(song.foreign_bars),
                                                     song.key,
                                                     std::to_string(song.transposition),
                                                     std::to_string(file.anomalies.total()),
                                                     faults_of(file.anomalies),
                                                     std::to_string(file.bytes)});
    }
    io::write_file_atomically(path, io::as_bytes(text));
}

}  // namespace musegan
