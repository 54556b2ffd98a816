// Reads Standard MIDI Files: the header and the chunks here, the events of a track in midi_track.cpp, then one merge
// over the tracks.
#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

#include "io/file.hpp"
#include "io/midi.hpp"
#include "io/midi_track.hpp"
#include "tensor/error.hpp"

namespace io {
namespace {

using midi_detail::channel_count;
using midi_detail::OpenNotes;
using midi_detail::pitch_count;
using midi_detail::ProgramChange;
using midi_detail::Song;

// A RIFF wrapper puts MThd at byte 20, a saved HTTP response some hundreds of bytes further.
constexpr std::size_t header_search_bytes = 1024;
constexpr std::size_t chunk_header_bytes = 8;

std::uint32_t big_endian_16(const std::uint8_t* at) { return static_cast<std::uint32_t>(at[0] << 8 | at[1]); }
std::uint32_t big_endian_32(const std::uint8_t* at) { return big_endian_16(at) << 16 | big_endian_16(at + 2); }

bool is_chunk(const std::uint8_t* at, const char (&type)[5]) { return std::memcmp(at, type, 4) == 0; }

/// Finds MThd, checks it, and fills format and division. Returns the offset of the byte after the header chunk.
std::size_t read_header(std::span<const std::uint8_t> bytes, std::string_view name, MidiFile& file,
                        int& claimed_tracks) {
    constexpr std::string_view magic = "MThd";
    const auto window = bytes.first(std::min(bytes.size(), header_search_bytes));
    const auto found = std::search(window.begin(), window.end(), magic.begin(), magic.end());
    if (found == window.end())
        tensor::fail(name, "no MThd header in the first {} of {} bytes (is this a Standard MIDI File?)", window.size(),
                     bytes.size());
    const std::size_t start = static_cast<std::size_t>(found - window.begin());
    if (bytes.size() - start < chunk_header_bytes + 6)
        tensor::fail(name, "the MThd header is cut off after {} bytes, expected 14 (a broken download?)",
                     bytes.size() - start);
    const std::uint8_t* header = bytes.data() + start;
    const std::uint32_t length = big_endian_32(header + 4);
    const std::uint32_t format = big_endian_16(header + 8);
    const std::uint32_t division = big_endian_16(header + 12);
    if (length < 6) tensor::fail(name, "MThd header of {} bytes, expected at least 6", length);
    if (format >= 2)
        tensor::fail(name, "format {}, expected 0 or 1 (format 2 holds independent songs: split it first)", format);
    if (division & 0x8000)
        tensor::fail(name,
                     "time in SMPTE frames (division {:#06x}), expected ticks per quarter note (export it with "
                     "musical time)",
                     division);
    if (division == 0)
        tensor::fail(name, "division 0, expected at least 1 tick per quarter note (the header is damaged)");
    file.format = static_cast<int>(format);
    file.ticks_per_quarter = static_cast<int>(division);
    file.anomalies.leading_bytes = static_cast<int>(start);
    claimed_tracks = static_cast<int>(big_endian_16(header + 10));
    return std::min(bytes.size(), start + chunk_header_bytes + length);
}

/// Offset of the next MTrk at or after `from`, or the end: where reading goes on after bytes that are no chunk.
std::size_t find_track(std::span<const std::uint8_t> bytes, std::size_t from) {
    constexpr std::string_view magic = "MTrk";
    const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(from);
    return static_cast<std::size_t>(std::search(begin, bytes.end(), magic.begin(), magic.end()) - bytes.begin());
}

/// Walks the chunks and reads those of type MTrk. Bytes that are no chunk end the reading once as many tracks are read
/// as the header claims (editors leave remains of older versions there); before that, the next MTrk is searched for.
void read_tracks(std::span<const std::uint8_t> bytes, std::size_t position, int claimed_tracks, std::string_view name,
                 const MidiLimits& limits, Song& song) {
    MidiFile& file = song.file;
    OpenNotes open;
    int tracks = 0;
    while (bytes.size() - position >= chunk_header_bytes) {
        const std::uint8_t* const header = bytes.data() + position;
        const std::size_t body = position + chunk_header_bytes;
        const std::size_t claimed = big_endian_32(header + 4);
        const std::size_t length = std::min(claimed, bytes.size() - body);
        if (!is_chunk(header, "MTrk")) {
            ++file.anomalies.unknown_chunks;
            const bool is_text = std::all_of(header, header + 4, [](std::uint8_t c) { return c >= ' ' && c < 0x7F; });
            if (is_text && length == claimed) position = body + length;
            else if (tracks < claimed_tracks) position = find_track(bytes, position + 1);
            else break;
            continue;
        }
        if (length < claimed) ++file.anomalies.truncated_chunks;
        if (tracks >= limits.tracks) tensor::fail(name, "more than {} tracks", limits.tracks);
        file.track_names.emplace_back();
        midi_detail::read_track(song, open, tracks++, bytes.subspan(body, length), name, limits);
        position = body + length;
    }
    if (tracks == 0) tensor::fail(name, "no MTrk chunk after the header (the file is cut off, or holds no music)");
    if (tracks != claimed_tracks) file.anomalies.wrong_track_count = 1;
}

/// Gives each note the last program change of its channel before it, in (tick, track, order in the track).
void assign_programs(Song& song) {
    const auto is_after = [](const std::pair<const MidiNote*, int>& note, const ProgramChange& change) {
        const auto& [value, index] = note;
        if (value->onset != change.tick) return value->onset < change.tick;
        if (value->track != change.track) return value->track < change.track;
        return index < change.notes_before;
    };
    for (std::vector<ProgramChange>& changes : song.programs)
        std::stable_sort(changes.begin(), changes.end(),
                         [](const ProgramChange& a, const ProgramChange& b) { return a.tick < b.tick; });
    std::vector<MidiNote>& notes = song.file.notes;
    for (std::size_t i = 0; i < notes.size(); ++i) {
        const std::vector<ProgramChange>& changes = song.programs[static_cast<std::size_t>(notes[i].channel)];
        const auto key = std::pair<const MidiNote*, int>(&notes[i], static_cast<int>(i));
        const auto next = std::upper_bound(changes.begin(), changes.end(), key, is_after);
        if (next != changes.begin()) notes[i].program = std::prev(next)->program;
    }
}

/// Orders notes by (onset, track, channel, pitch), equal ones as read. Small keys are sorted first, so that each note
/// is moved only once.
void sort_notes(std::vector<MidiNote>& notes) {
    struct Key {
        std::int64_t onset;
        std::uint64_t position_and_index;
    };
    std::vector<Key> keys(notes.size());
    for (std::size_t i = 0; i < notes.size(); ++i) {
        const MidiNote& note = notes[i];
        const auto position =
            (static_cast<std::uint64_t>(note.track) * channel_count + static_cast<std::uint64_t>(note.channel)) *
                pitch_count +
            static_cast<std::uint64_t>(note.pitch);
        keys[i] = {note.onset, position << 32 | i};
    }
    std::sort(keys.begin(), keys.end(), [](const Key& a, const Key& b) {
        return a.onset != b.onset ? a.onset < b.onset : a.position_and_index < b.position_and_index;
    });
    std::vector<MidiNote> sorted(notes.size());
    for (std::size_t i = 0; i < keys.size(); ++i)
        sorted[i] = notes[static_cast<std::size_t>(keys[i].position_and_index & 0xFFFF'FFFF)];
    notes = std::move(sorted);
}

/// Orders by tick and keeps the last written of each tick.
template <typename Event>
void merge(std::vector<Event>& events) {
    std::stable_sort(events.begin(), events.end(), [](const Event& a, const Event& b) { return a.tick < b.tick; });
    std::size_t kept = 0;
    for (std::size_t i = 0; i < events.size(); ++i)
        if (i + 1 == events.size() || events[i + 1].tick != events[i].tick) events[kept++] = events[i];
    events.resize(kept);
}

}  // namespace

int MidiAnomalies::total() const {
    return wrong_track_count + truncated_chunks + unknown_chunks + missing_end_of_track + bad_data_bytes +
           bad_status_bytes + running_across_meta + orphan_note_offs + unclosed_notes + bad_meta_events +
           (leading_bytes > 0 ? 1 : 0);
}

MidiFile parse_midi(std::span<const std::uint8_t> bytes, std::string_view name, const MidiLimits& limits) {
    if (static_cast<std::int64_t>(bytes.size()) > limits.file_bytes)
        tensor::fail(name, "{} bytes, expected at most {} (is this a MIDI file?)", bytes.size(), limits.file_bytes);
    Song song;
    int claimed_tracks = 0;
    const std::size_t position = read_header(bytes, name, song.file, claimed_tracks);
    read_tracks(bytes, position, claimed_tracks, name, limits, song);
    assign_programs(song);
    sort_notes(song.file.notes);
    merge(song.file.tempos);
    merge(song.file.meters);
    merge(song.file.keys);
    return std::move(song.file);
}

MidiFile read_midi(const std::filesystem::path& path, const MidiLimits& limits) {
    return parse_midi(read_file(path, limits.file_bytes), path.string(), limits);
}

}  // namespace io
