// Reads Standard MIDI Files: the header and the chunks here, the events of a track in midi_track.cpp, then the sounds
// of the notes (midi_voices.cpp) and one merge over the tracks.
#include <algorithm>
#include <cstring>
#include <utility>

#include "io/file.hpp"
#include "io/midi.hpp"
#include "io/midi_track.hpp"
#include "tensor/error.hpp"

namespace io {
namespace {

using midi_detail::OpenNotes;
using midi_detail::Song;
using Bytes = std::span<const std::uint8_t>;

// A saved HTTP response or a MacBinary header puts MThd some hundreds of bytes further.
constexpr std::size_t header_search_bytes = 1024;
constexpr std::size_t chunk_header_bytes = 8;
constexpr std::size_t header_chunk_bytes = chunk_header_bytes + 6;
constexpr int index_bits = 30;  // of a note's number: a file has fewer bytes

std::uint32_t big_endian_16(const std::uint8_t* at) { return static_cast<std::uint32_t>(at[0] << 8 | at[1]); }
std::uint32_t big_endian_32(const std::uint8_t* at) { return big_endian_16(at) << 16 | big_endian_16(at + 2); }
std::uint32_t little_endian_32(const std::uint8_t* at) {
    return static_cast<std::uint32_t>(at[0] | at[1] << 8 | at[2] << 16) | static_cast<std::uint32_t>(at[3]) << 24;
}

bool has_text(Bytes bytes, std::size_t at, std::string_view text) {
    return bytes.size() >= at + text.size() && std::memcmp(bytes.data() + at, text.data(), text.size()) == 0;
}

/// Offset of a text at or after `from`, or the end.
std::size_t find_text(Bytes bytes, std::size_t from, std::string_view text) {
    const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(from);
    return static_cast<std::size_t>(std::search(begin, bytes.end(), text.begin(), text.end()) - bytes.begin());
}

/// Whether a whole chunk may stand at an offset: its type is text, and its length fits.
bool is_chunk(Bytes bytes, std::size_t at, std::uint32_t (*length)(const std::uint8_t*) = big_endian_32) {
    if (bytes.size() < at + chunk_header_bytes) return false;
    const std::uint8_t* const header = bytes.data() + at;
    return std::all_of(header, header + 4, [](std::uint8_t c) { return c >= ' ' && c < 0x7F; }) &&
           length(header + 4) <= bytes.size() - at - chunk_header_bytes;
}

bool is_riff_chunk(Bytes bytes, std::size_t at) { return is_chunk(bytes, at, little_endian_32); }

/// The data of a RIFF file, found by walking its chunks (type, length in little endian, content, a pad byte after an
/// odd length), or all bytes where there is none. Chunks in front of the data may be of any length.
Bytes unwrap_riff(Bytes bytes) {
    if (!has_text(bytes, 0, "RIFF") || !has_text(bytes, 8, "RMID")) return bytes;
    for (std::size_t at = 12; bytes.size() >= at + chunk_header_bytes;) {
        const std::size_t length = little_endian_32(bytes.data() + at + 4);
        const Bytes content = bytes.subspan(at + chunk_header_bytes);
        if (has_text(bytes, at, "data") && has_text(content, 0, "MThd")) {
            // The length is believed where another chunk of RIFF follows.
            const bool is_followed = length >= header_chunk_bytes && is_riff_chunk(content, length + length % 2);
            return is_followed ? content.first(length) : content;
        }
        if (length > content.size()) break;
        at += chunk_header_bytes + length + length % 2;
    }
    const std::size_t header = find_text(bytes, 0, "MThd");
    return header < bytes.size() ? bytes.subspan(header) : bytes;
}

/// Finds MThd, checks it, and fills format and division. Returns the offset of the byte after the header chunk.
std::size_t read_header(Bytes bytes, std::string_view name, MidiFile& file, int& claimed_tracks) {
    const auto window = bytes.first(std::min(bytes.size(), header_search_bytes));
    std::size_t start = find_text(window, 0, std::string_view("MThd\0\0\0\6", chunk_header_bytes));
    if (start == window.size()) start = find_text(window, 0, "MThd");  // of another length
    if (start == window.size())
        tensor::fail(name, "no MThd header in the first {} of {} bytes (is this a Standard MIDI File?)", window.size(),
                     bytes.size());
    if (bytes.size() - start < header_chunk_bytes)
        tensor::fail(name, "the MThd header is cut off after {} bytes, expected {} (a broken download?)",
                     bytes.size() - start, header_chunk_bytes);
    const std::uint8_t* header = bytes.data() + start;
    const std::uint32_t length = big_endian_32(header + 4);
    const std::uint32_t format = big_endian_16(header + 8);
    const std::uint32_t division = big_endian_16(header + 12);
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
    const std::size_t end = start + chunk_header_bytes + length;
    const std::size_t usual_end = start + header_chunk_bytes;
    const bool leads_on = length > 6 && !has_text(bytes, usual_end, "MTrk") &&
                          (end == bytes.size() || is_chunk(bytes, end) || has_text(bytes, end, "MTrk"));
    if (length == 6 || leads_on || find_text(bytes, usual_end, "MTrk") == bytes.size())
        return std::min(bytes.size(), end);
    ++file.anomalies.wrong_lengths;
    return usual_end;
}

/// Reads the chunks of type MTrk.
class TracksReader {
  public:
    TracksReader(Song& song, Bytes bytes, int claimed_tracks, std::string_view name, const MidiLimits& limits)
        : song_(song), bytes_(bytes), claimed_tracks_(claimed_tracks), name_(name), limits_(limits) {}

    /// Walks the chunks from `position` on. While fewer tracks were read than the header claims, the next MTrk is
    /// searched for behind whatever else there is. Later, bytes that are no chunk end the reading (editors leave
    /// remains of older versions there), and so does the header of another file.
    void read(std::size_t position) {
        while (bytes_.size() - position >= chunk_header_bytes) {
            if (has_text(bytes_, position, "MTrk")) {
                position = read_track(position + chunk_header_bytes);
                continue;
            }
            ++song_.file.anomalies.unknown_chunks;
            if (tracks_ >= claimed_tracks_ && has_text(bytes_, position, "MThd")) break;
            if (has_text(bytes_, position + 1, "MTrk")) {  // a pad byte, as other formats have it
                ++position;
                continue;
            }
            const std::size_t body = position + chunk_header_bytes;
            const std::size_t end = is_chunk(bytes_, position) ? body + big_endian_32(bytes_.data() + body - 4) : 0;
            if (end > 0 && has_text(bytes_, end, "MTrk")) position = end;
            else if (tracks_ < claimed_tracks_) position = find_text(bytes_, position + 1, "MTrk");
            else if (end > 0) position = end;
            else break;
        }
        if (tracks_ == 0)
            tensor::fail(name_, "no MTrk chunk after the header (the file is cut off, or holds no music)");
        if (tracks_ != claimed_tracks_) song_.file.anomalies.wrong_track_count = 1;
    }

  private:
    /// Which bytes are a track's, and where reading goes on behind it.
    struct Extent {
        std::size_t end, next;
    };

    /// The claimed length is believed if it leads to an MTrk or to the end of the file. Where it does not, the track
    /// ends with its event End of Track, if its events lead to one before the next MTrk, and another chunk may follow
    /// where the length says. Without that event it goes on to the next chunk. Only the last track that the header
    /// claims (behind it remains of older versions lie) ends where the length says, if its events lead there, or lead
    /// to no chunk.
    Extent extent_of(std::size_t body, std::size_t claimed) {
        if (claimed == bytes_.size() || (claimed < bytes_.size() && has_text(bytes_, claimed, "MTrk")))
            return {claimed, claimed};
        const std::size_t next_track = find_text(bytes_, body, "MTrk");
        const auto events_to = [&](std::size_t end) {
            return midi_detail::find_end({bytes_.subspan(body, end - body), tracks_, name_}, room_,
                                         song_.file.ticks_per_quarter, limits_);
        };
        const bool may_be_true = claimed <= next_track;
        const bool leads_to_chunk = may_be_true && is_chunk(bytes_, claimed);
        const midi_detail::EventsEnd events = events_to(next_track);
        if (events.is_end_of_track) {
            const std::size_t end = body + events.bytes;
            return {end, leads_to_chunk && claimed >= end ? claimed : end};
        }
        const bool is_last = tracks_ + 1 >= claimed_tracks_ && claimed > body;
        const bool ends_as_claimed =
            leads_to_chunk || (may_be_true && is_last && (!events.is_whole || events_to(claimed).is_whole));
        return ends_as_claimed ? Extent{claimed, claimed} : Extent{next_track, next_track};
    }

    /// Reads the track whose content begins at `body`, and returns where reading goes on: right behind the event End of
    /// Track if an MTrk stands there, or anywhere before the end of the chunk while tracks are missing.
    std::size_t read_track(std::size_t body) {
        MidiAnomalies& anomalies = song_.file.anomalies;
        if (tracks_ >= limits_.tracks) tensor::fail(name_, "more than {} tracks", limits_.tracks);
        const std::size_t claimed = body + big_endian_32(bytes_.data() + body - 4);
        const Extent extent = extent_of(body, claimed);
        song_.file.track_names.emplace_back();
        const std::size_t read =
            body +
            midi_detail::read_track(song_, open_, {bytes_.subspan(body, extent.end - body), tracks_++, name_}, limits_);
        std::size_t next = extent.next;
        if (has_text(bytes_, read, "MTrk")) next = read;
        else if (read < next && tracks_ < claimed_tracks_)
            next = std::min(next, read + find_text(bytes_.subspan(read, next - read), 0, "MTrk"));
        if (claimed > bytes_.size()) ++anomalies.truncated_chunks;
        else if (next != claimed) ++anomalies.wrong_lengths;
        return next;
    }

    Song& song_;
    Bytes bytes_;
    int claimed_tracks_;
    std::string_view name_;
    const MidiLimits& limits_;
    OpenNotes open_, room_;
    int tracks_ = 0;
};

/// A note's place in the order: its onset, then its track (16 bits), channel (4), pitch (7) and port (7), then its
/// number. Small keys are sorted first, so that each note is moved only once.
struct NoteKey {
    std::int64_t onset;
    std::uint64_t position_and_index;
    bool operator<(const NoteKey& other) const {
        return onset != other.onset ? onset < other.onset : position_and_index < other.position_and_index;
    }
};

/// Merges neighbouring sorted runs, which begin at `begins`, until there is one.
void merge_runs(std::vector<NoteKey>& keys, std::vector<std::size_t> begins) {
    std::vector<NoteKey> merged(keys.size());
    const auto at = [](std::vector<NoteKey>& list, std::size_t k) {
        return list.begin() + static_cast<std::ptrdiff_t>(k);
    };
    while (begins.size() > 1) {
        std::vector<std::size_t> next;
        for (std::size_t k = 0; k < begins.size(); k += 2) {
            const std::size_t begin = begins[k];
            const std::size_t middle = k + 1 < begins.size() ? begins[k + 1] : keys.size();
            const std::size_t end = k + 2 < begins.size() ? begins[k + 2] : keys.size();
            std::merge(at(keys, begin), at(keys, middle), at(keys, middle), at(keys, end), at(merged, begin));
            next.push_back(begin);
        }
        keys.swap(merged);
        begins.swap(next);
    }
}

/// Orders notes by (onset, track, channel, pitch, port), equal ones as read. Within a track onsets ascend already: only
/// the notes of one tick are sorted, and the tracks merged.
void sort_notes(std::vector<MidiNote>& notes) {
    std::vector<NoteKey> keys(notes.size());
    std::vector<std::size_t> tracks;  // where each begins
    for (std::size_t i = 0; i < notes.size(); ++i) {
        const MidiNote& note = notes[i];
        const std::uint64_t position =
            static_cast<std::uint64_t>(note.track) << 18 | static_cast<std::uint64_t>(note.channel) << 14 |
            static_cast<std::uint64_t>(note.pitch) << 7 | static_cast<std::uint64_t>(note.port);
        keys[i] = {note.onset, position << index_bits | i};
        if (i == 0 || notes[i - 1].track != note.track) tracks.push_back(i);
    }
    for (std::size_t begin = 0, end = 0; begin < keys.size(); begin = end) {
        for (end = begin + 1;
             end < keys.size() && notes[end].onset == notes[begin].onset && notes[end].track == notes[begin].track;)
            ++end;
        if (end - begin > 1)
            std::sort(keys.begin() + static_cast<std::ptrdiff_t>(begin),
                      keys.begin() + static_cast<std::ptrdiff_t>(end));
    }
    merge_runs(keys, std::move(tracks));
    std::vector<MidiNote> sorted(notes.size());
    for (std::size_t i = 0; i < keys.size(); ++i)
        sorted[i] =
            notes[static_cast<std::size_t>(keys[i].position_and_index & ((std::uint64_t{1} << index_bits) - 1))];
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
    int sum = 0;
    for (const MidiAnomalyKind& kind : midi_anomaly_kinds) {
        const int count = this->*kind.count;
        sum += kind.count == &MidiAnomalies::leading_bytes ? count > 0 : count;
    }
    return sum;
}

MidiFile parse_midi(Bytes bytes, std::string_view name, const MidiLimits& limits) {
    if (static_cast<std::int64_t>(bytes.size()) > limits.file_bytes)
        tensor::fail(name, "{} bytes, expected at most {} (is this a MIDI file?)", bytes.size(), limits.file_bytes);
    Song song;
    int claimed_tracks = 0;
    const Bytes content = unwrap_riff(bytes);
    const std::size_t position = read_header(content, name, song.file, claimed_tracks);
    TracksReader(song, content, claimed_tracks, name, limits).read(position);
    midi_detail::assign_voices(song.voice_events, song.file.notes);
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
