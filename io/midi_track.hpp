// Internals of the MIDI reader: the events of one track. Users include io/midi.hpp.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "io/midi.hpp"
#include "io/midi_system_exclusive.hpp"
#include "io/midi_voices.hpp"

namespace io::midi_detail {

/// What all tracks write into. The notes have no program yet and stand in the order of the bytes.
struct Song {
    MidiFile file;
    std::vector<VoiceEvent> voice_events;  ///< in the order of the bytes
};

/// The sounding notes of one track: for each port a linked list per channel and pitch, through indices into the notes.
struct OpenNotes {
    static constexpr int none = -1;
    /// When a channel was last told to end all notes.
    struct Silence {
        int track = -1;
        std::int64_t tick = 0;
        bool operator==(const Silence&) const = default;
    };
    struct Port {
        std::array<int, channel_count * pitch_count> first;
        std::array<Silence, channel_count> silences;
        Port() { first.fill(none); }
    };
    std::map<int, Port> ports;  ///< that a track has used so far; each stays where it is
    std::vector<int> next;      ///< one entry per note of the file
};

/// The bytes of an MTrk chunk.
struct TrackBytes {
    std::span<const std::uint8_t> bytes;
    int track;  ///< its number
    std::string_view file;
};

/// Reads the events of a track into `song`: its notes (all closed), its entry at the back of track_names, its tempos,
/// meters, keys and voice events. `open` is empty before and after. Returns how many of the bytes are the track's: up
/// to the end of the event End of Track, or all where the events do not lead there. Throws tensor::Error where a bound
/// of `limits` is exceeded; everything else is forgiven and counted.
std::size_t read_track(Song& song, OpenNotes& open, const TrackBytes& track, const MidiLimits& limits);

/// Where the events lead to from the beginning of some bytes, for tracks whose chunks have wrong lengths.
struct EventsEnd {
    std::size_t bytes;     ///< up to the end of the event End of Track; all where there is none
    bool is_end_of_track;  ///< that event is there
    bool is_whole;         ///< the last event ends where the bytes end
};
/// `open` is room to work in.
EventsEnd find_end(const TrackBytes& track, OpenNotes& open, int ticks_per_quarter, const MidiLimits& limits);

}  // namespace io::midi_detail
