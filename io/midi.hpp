// Standard MIDI Files, read and written. Times are in ticks; nothing here knows about piano-rolls.
//
// Files of real collections (written by many sequencers, some of them damaged or hostile) depart from the standard. The
// reader forgives what a player would still play and counts it as an anomaly; it refuses what has no meaning with one
// clear Error. The layout is that of the MIDI 1.0 specification, "Standard MIDI Files 1.0" (RP-001).
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace io {

/// A sounded note. `program` is the one in force on the note's port and channel at its onset, all tracks merged in
/// time.
struct MidiNote {
    std::int64_t onset = 0;   ///< tick of the note-on
    std::int64_t offset = 0;  ///< tick of what ends it: a note-off, all notes off, the end of its track; >= onset
    int track = 0;            ///< index of the MTrk chunk
    int channel = 0;          ///< 0 to 15; 9 plays drums unless the file says otherwise
    int program = 0;          ///< 0 to 127
    int pitch = 0;            ///< 0 to 127
    int velocity = 0;         ///< 1 to 127
    std::uint8_t port = 0;    ///< 0 to 127: each port has 16 channels of its own
    /// The file makes a drum part of another channel than 9, or none of 9 (GS and XG messages, banks of drum kits).
    bool switches_part = false;

    bool is_drum() const { return (channel == 9) != switches_part; }
    bool operator==(const MidiNote&) const = default;
};

struct MidiTempo {
    std::int64_t tick = 0;
    int microseconds_per_quarter = 500000;
    bool operator==(const MidiTempo&) const = default;
};

/// A time signature: `numerator` / `denominator`, the denominator as written (4, not its logarithm).
struct MidiMeter {
    std::int64_t tick = 0;
    int numerator = 4;
    int denominator = 4;
    bool operator==(const MidiMeter&) const = default;
};

/// `sharps` in -7 (flats) to 7; `minor` as in the file.
struct MidiKey {
    std::int64_t tick = 0;
    int sharps = 0;
    bool minor = false;
    bool operator==(const MidiKey&) const = default;
};

/// What the reader forgave, as counts.
struct MidiAnomalies {
    int wrong_track_count = 0;     ///< MTrk chunks differ in number from the header's claim
    int truncated_chunks = 0;      ///< a chunk runs past the end of the file
    int wrong_lengths = 0;         ///< a chunk ends elsewhere than its length says
    int unknown_chunks = 0;        ///< chunks that are neither MThd nor MTrk, skipped
    int missing_end_of_track = 0;  ///< a track without FF 2F
    int late_events = 0;           ///< events beyond MidiLimits::quarters, left out
    int wrong_numbers = 0;         ///< deltas and lengths of events of over 28 bits, of over 4 bytes, or too long
    int bad_data_bytes = 0;        ///< channel data above 127: a velocity is 127, other events are left out
    int bad_status_bytes = 0;      ///< a status that no file may hold, or data without a status
    int running_across_meta = 0;   ///< running status kept alive over a meta or sysex event
    int orphan_note_offs = 0;      ///< note-off without a sounding note
    int unclosed_notes = 0;        ///< notes still open at the end of their track, closed there
    int bad_meta_events = 0;       ///< a tempo, meter, key or port without meaning (tempo 0, 9 sharps): ignored
    int leading_bytes = 0;         ///< bytes before MThd that are no RIFF wrapper
    /// All of the above, leading_bytes counting as one.
    int total() const;
};

/// One kind of anomaly, for reports.
struct MidiAnomalyKind {
    int MidiAnomalies::*count;
    std::string_view name;     ///< as reports call it
    std::string_view meaning;  ///< in words
};
/// All of them, in the order of the struct.
inline constexpr std::array midi_anomaly_kinds{
    MidiAnomalyKind{&MidiAnomalies::wrong_track_count, "wrong_track_count", "more or fewer tracks than claimed"},
    MidiAnomalyKind{&MidiAnomalies::truncated_chunks, "truncated_chunks", "chunks cut off by the end of the file"},
    MidiAnomalyKind{&MidiAnomalies::wrong_lengths, "wrong_lengths", "chunks that end elsewhere than claimed"},
    MidiAnomalyKind{&MidiAnomalies::unknown_chunks, "unknown_chunks", "chunks that are no tracks, skipped"},
    MidiAnomalyKind{&MidiAnomalies::missing_end_of_track, "missing_end_of_track", "tracks without their last event"},
    MidiAnomalyKind{&MidiAnomalies::late_events, "late_events", "events hours after the song, left out"},
    MidiAnomalyKind{&MidiAnomalies::wrong_numbers, "wrong_numbers", "times and lengths of events that cannot be"},
    MidiAnomalyKind{&MidiAnomalies::bad_data_bytes, "bad_data_bytes",
                    "data above 127: velocities become 127, events are left out"},
    MidiAnomalyKind{&MidiAnomalies::bad_status_bytes, "bad_status_bytes", "bytes that are no event, skipped"},
    MidiAnomalyKind{&MidiAnomalies::running_across_meta, "running_across_meta",
                    "running statuses that outlived a meta event"},
    MidiAnomalyKind{&MidiAnomalies::orphan_note_offs, "orphan_note_offs", "ends of notes that do not sound"},
    MidiAnomalyKind{&MidiAnomalies::unclosed_notes, "unclosed_notes", "notes without an end, ended with their track"},
    MidiAnomalyKind{&MidiAnomalies::bad_meta_events, "bad_meta_events", "meta events without meaning, ignored"},
    MidiAnomalyKind{&MidiAnomalies::leading_bytes, "leading_bytes", "bytes before the header, skipped"}};

/// A whole file. notes are sorted by (onset, track, channel, pitch, port); tempos, meters and keys merged over all
/// tracks and sorted by tick, at most one of each kind per tick (the last written wins).
struct MidiFile {
    int format = 1;
    int ticks_per_quarter = 480;
    std::vector<std::string> track_names;  ///< one per track, raw bytes (Latin-1 by custom), "" where absent
    std::vector<MidiNote> notes;
    std::vector<MidiTempo> tempos;
    std::vector<MidiMeter> meters;
    std::vector<MidiKey> keys;
    std::int64_t last_tick = 0;  ///< the latest event of any track, late ones left out
    MidiAnomalies anomalies;
};

/// Bounds that keep a hostile file from costing more than a large honest one.
struct MidiLimits {
    std::int64_t file_bytes = 64 << 20;
    /// Quarter notes from the beginning: 8192 bars of 4/4, over four hours at 120 quarters per minute. What a damaged
    /// delta time puts behind is left out, and the song stays.
    std::int64_t quarters = 32'768;
    std::int64_t notes = 4'000'000;  ///< also the bound on events of each other kind
    std::int64_t tracks = 65'535;
};

/// Parses bytes: a Standard MIDI File, bare or as the data of a RIFF file (RMID, often named .rmi). `name` is used in
/// messages only. Throws tensor::Error for: no MThd, SMPTE division, division 0, format 2 or above, no MTrk chunk, and
/// for more bytes, notes or tracks than `limits` allows.
MidiFile parse_midi(std::span<const std::uint8_t> bytes, std::string_view name, const MidiLimits& limits = {});

/// Reads and parses a file. Also throws for a path that cannot be opened or is no regular file.
MidiFile read_midi(const std::filesystem::path& path, const MidiLimits& limits = {});

/// Bytes of a format-1 file: track 0 holds tempos, meters and keys, then one MTrk for each distinct MidiNote::track
/// value in order, with its name, ports, program changes and notes; a part that is switched is told by GS messages
/// before the note. parse_midi of the bytes gives the same notes back, with tracks renumbered 1, 2, ... One note-off
/// ends every note of its pitch, so where two notes of one track, port, channel and pitch overlap and end at different
/// ticks, the earlier one is cut at the onset of the later one (with equal onsets, both end at the later end). Throws
/// for a value outside the ranges above.
std::vector<std::uint8_t> serialize_midi(const MidiFile& midi);

/// serialize_midi to a file, atomically (io/atomic_file.hpp).
void write_midi(const std::filesystem::path& path, const MidiFile& midi);

}  // namespace io
