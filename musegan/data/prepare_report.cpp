#include "musegan/data/prepare_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string>

#include "io/atomic_file.hpp"
#include "io/csv.hpp"
#include "io/printable_text.hpp"

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
std::string kinds_of(const Faults& faults) {
    std::string text;
    for (const Fault& fault : faults) text += fmt::format("{}{} {}", text.empty() ? "" : ";", fault.name, fault.count);
    return text;
}

std::int64_t total_of(const Faults& faults) {
    std::int64_t total = 0;
    for (const Fault& fault : faults) total += fault.count;
    return total;
}

/// "12", and "12-40" of several.
std::string songs_of(const FileReport& file) {
    if (file.songs == 0) return "";
    if (file.songs == 1) return std::to_string(file.song_index);
    return fmt::format("{}-{}", file.song_index, file.song_index + file.songs - 1);
}

/// Counts a file's parts of one kind.
void count(ReportKind& kind, const FileReport& file, std::int64_t parts) {
    if (kind.files++ == 0) kind.example = file.path;
    kind.parts += parts;
}

}  // namespace

void ReportKinds::add(const FileReport& file) {
    if (file.song.outcome != Outcome::kept) {
        ReportKind& kind = dropped_[static_cast<std::size_t>(file.song.outcome)];
        if (kind.files == 0) kind.name = tensor::name_of(file.song.outcome), kind.meaning = file.song.detail;
        count(kind, file, 1);
    }
    for (const Fault& fault : file.faults) count_mended(fault.name, fault.meaning, file, fault.count);
    count_mended("foreign_bars", "bars without four quarters, which no window holds", file, file.song.foreign_bars);
    count_mended("notes_too_late", fmt::format("notes beyond {} bars, left out", max_bars), file,
                 file.song.counts.too_late);
    count_mended("shared_phrases", "phrases that an earlier song has, left out", file, file.shared);
}

void ReportKinds::count_mended(std::string_view name, std::string_view meaning, const FileReport& file,
                               std::int64_t parts) {
    if (parts == 0) return;
    auto kind = std::ranges::find(mended_, name, &ReportKind::name);
    if (kind == mended_.end()) kind = mended_.insert(kind, {std::string(name), std::string(meaning), 0, 0, {}});
    count(*kind, file, parts);
}

std::vector<ReportKind> ReportKinds::dropped() const {
    std::vector<ReportKind> kinds;
    std::ranges::copy_if(dropped_, std::back_inserter(kinds), [](const ReportKind& kind) { return kind.files > 0; });
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
    Column{"path", [](const FileReport& file) { return io::printable_utf8(file.path.string()); }},
    Column{"kind", [](const FileReport& file) { return std::string(tensor::name_of(file.kind)); }},
    Column{"outcome", [](const FileReport& file) { return std::string(tensor::name_of(file.song.outcome)); }},
    Column{"detail", [](const FileReport& file) { return io::printable_utf8(file.song.detail); }},
    Column{"song", songs_of},
    Column{"phrases", [](const FileReport& file) { return std::to_string(file.phrases); }},
    Column{"sections", [](const FileReport& file) { return std::to_string(file.song.sections); }},
    Column{"windows", [](const FileReport& file) { return std::to_string(file.song.windows); }},
    Column{"duplicate_windows", [](const FileReport& file) { return std::to_string(file.song.duplicates); }},
    Column{"shared_phrases", [](const FileReport& file) { return std::to_string(file.shared); }},
    Column{"same_as", [](const FileReport& file) { return io::printable_utf8(file.same_as); }},
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
    Column{"key_from", [](const FileReport& file) {
        return std::string(file.song.key.empty() ? "" : file.song.key_is_written ? "signature" : "notes");
    }},
    Column{"transposition", [](const FileReport& file) { return std::to_string(file.song.transposition); }},
    Column{"anomalies", [](const FileReport& file) { return std::to_string(total_of(file.faults)); }},
    Column{"anomaly_kinds", [](const FileReport& file) { return kinds_of(file.faults); }},
    Column{"bytes", [](const FileReport& file) { return std::to_string(file.bytes); }},
};
// clang-format on

/// The last two fields of a line.
std::string parts_of(std::int64_t first, std::int64_t songs, const std::vector<bool>& is_held_out,
                     const std::vector<std::int64_t>& copies) {
    std::int64_t held_out = 0, copied = 0;
    for (std::int64_t song = first; song < first + songs; ++song) {
        const bool is_out = !is_held_out.empty() && is_held_out[static_cast<std::size_t>(song)];
        held_out += is_out;
        if (!is_out) copied += copies[static_cast<std::size_t>(song)];
    }
    if (is_held_out.empty() || songs == 0) return fmt::format(",,{}\n", copied);
    return fmt::format(",{},{}\n", held_out == songs ? "held_out" : held_out == 0 ? "training" : "both", copied);
}

}  // namespace

void ReportWriter::add(const FileReport& file) {
    std::vector<std::string> row;
    for (const Column& column : columns) row.push_back(column.text(file));
    const std::string text = io::csv_row(row);
    spool_.append(io::as_bytes(text));
    lines_.push_back({static_cast<std::int64_t>(text.size()), file.song_index, file.songs});
}

void ReportWriter::write(const std::vector<bool>& is_held_out, const std::vector<std::int64_t>& copies) {
    io::AtomicFile file = io::AtomicFile::open(path_);
    std::vector<std::string> header;
    for (const Column& column : columns) header.emplace_back(column.name);
    header.emplace_back("part");
    header.emplace_back("copies");
    file.write(io::as_bytes(io::csv_row(header)));
    std::int64_t offset = 0;
    std::vector<std::uint8_t> text;
    for (const Line& line : lines_) {
        text.resize(static_cast<std::size_t>(line.bytes) - 1);  // without its end
        spool_.read(offset, text);
        offset += line.bytes;
        file.write(text);
        file.write(io::as_bytes(parts_of(line.song_index, line.songs, is_held_out, copies)));
    }
    file.commit();
}

}  // namespace musegan
