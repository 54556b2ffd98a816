#include "musegan/data/prepare_report.hpp"

#include <fmt/format.h>

#include <array>
#include <string>
#include <utility>

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

/// "orphan_note_offs 3;unclosed_notes 1".
std::string kinds_of(const io::MidiAnomalies& anomalies) {
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
    const auto count = [&](std::string_view name, std::string meaning, const auto& parts_of) {
        ReportKind& kind = kinds.emplace_back(ReportKind{std::string(name), std::move(meaning), 0, 0, {}});
        for (const FileReport& file : files) add(kind, file, parts_of(file));
    };
    for (const io::MidiAnomalyKind& anomaly : io::midi_anomaly_kinds)
        count(anomaly.name, std::string(anomaly.meaning),
              [&](const FileReport& file) { return file.anomalies.*anomaly.count; });
    count("foreign_bars", "bars without four quarters, which no window holds",
          [](const FileReport& file) { return file.song.foreign_bars; });
    count("notes_too_late", fmt::format("notes beyond {} bars, left out", max_bars),
          [](const FileReport& file) { return file.song.counts.too_late; });
    keep_those_that_occur(kinds);
    return kinds;
}

namespace {

/// A column of the report.
struct Column {
    std::string_view name;
    std::string (*text)(const FileReport&);
};

// clang-format off
constexpr std::array columns{
    Column{"path", [](const FileReport& file) { return file.path.string(); }},
    Column{"outcome", [](const FileReport& file) { return std::string(tensor::name_of(file.song.outcome)); }},
    Column{"detail", [](const FileReport& file) { return file.song.detail; }},
    Column{"song", [](const FileReport& file) {
        return file.song.outcome == Outcome::kept ? std::to_string(file.song_index) : "";
    }},
    Column{"phrases", [](const FileReport& file) { return std::to_string(file.phrases); }},
    Column{"windows", [](const FileReport& file) { return std::to_string(file.song.windows); }},
    Column{"duplicate_windows", [](const FileReport& file) { return std::to_string(file.song.duplicates); }},
    Column{"notes", [](const FileReport& file) { return std::to_string(file.song.counts.notes); }},
    Column{"notes_kept", [](const FileReport& file) { return std::to_string(file.song.counts.kept); }},
    Column{"notes_too_short", [](const FileReport& file) { return std::to_string(file.song.counts.too_short); }},
    Column{"notes_out_of_range", [](const FileReport& file) { return std::to_string(file.song.counts.out_of_range); }},
    Column{"notes_no_family", [](const FileReport& file) { return std::to_string(file.song.counts.no_family); }},
    Column{"notes_in_foreign_bars", [](const FileReport& file) {
        return std::to_string(file.song.counts.in_foreign_bars);
    }},
    Column{"notes_too_late", [](const FileReport& file) { return std::to_string(file.song.counts.too_late); }},
    Column{"tracks", [](const FileReport& file) { return tracks_of(file.song); }},
    Column{"meter", [](const FileReport& file) { return file.song.meter; }},
    Column{"foreign_bars", [](const FileReport& file) { return std::to_string(file.song.foreign_bars); }},
    Column{"key", [](const FileReport& file) { return file.song.key; }},
    Column{"transposition", [](const FileReport& file) { return std::to_string(file.song.transposition); }},
    Column{"anomalies", [](const FileReport& file) { return std::to_string(file.anomalies.total()); }},
    Column{"anomaly_kinds", [](const FileReport& file) { return kinds_of(file.anomalies); }},
    Column{"bytes", [](const FileReport& file) { return std::to_string(file.bytes); }},
};
// clang-format on

}  // namespace

void write_report(const std::filesystem::path& path, const std::vector<FileReport>& files) {
    std::vector<std::string> row;
    for (const Column& column : columns) row.emplace_back(column.name);
    std::string text = io::csv_row(row);
    for (const FileReport& file : files) {
        row.clear();
        for (const Column& column : columns) row.push_back(column.text(file));
        text += io::csv_row(row);
    }
    io::write_file_atomically(path, io::as_bytes(text));
}

}  // namespace musegan
