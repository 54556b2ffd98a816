#include "io/midi_track.hpp"

#include <algorithm>
#include <optional>

#include "tensor/error.hpp"

namespace io::midi_detail {
namespace {

constexpr std::uint64_t max_variable = 0x0FFF'FFFF;
constexpr int usual_variable_bytes = 4;
constexpr int max_denominator_power = 10;
constexpr int bank_select = 0, all_sound_off = 120, all_notes_off = 123;  // controllers

/// Bytes that follow a status of the system group F0 to FF in a stream; F0, F7 and FF have a length of their own.
int system_data_bytes(int status) { return status == 0xF2 ? 2 : status == 0xF1 || status == 0xF3 ? 1 : 0; }

/// Reads the events of one MTrk chunk.
class TrackReader {
  public:
    TrackReader(Song& song, OpenNotes& open, const TrackBytes& track, const MidiLimits& limits)
        : song_(song),
          open_(open),
          begin_(track.bytes.data()),
          at_(begin_),
          end_(begin_ + track.bytes.size()),
          name_(track.file),
          limits_(limits),
          track_(track.track),
          first_note_(song.file.notes.size()),
          first_voice_event_(song.voice_events.size()),
          open_of_port_(&open.ports[0]) {}

    std::size_t read();
    bool has_ended() const { return ended_; }
    bool is_whole() const { return is_whole_; }

  private:
    MidiAnomalies& anomalies() { return song_.file.anomalies; }
    std::ptrdiff_t left() const { return end_ - at_; }
    static std::size_t index_of(int channel, int pitch) {
        return static_cast<std::size_t>(channel * pitch_count + pitch);
    }
    int& head(int channel, int pitch) { return open_of_port_->first[index_of(channel, pitch)]; }
    bool read_variable(std::uint32_t& value);
    bool read_event();
    bool read_channel_event(int status);
    bool read_system_event(int status);
    bool read_system_exclusive(int status);
    bool read_meta();
    void meta(int type, std::span<const std::uint8_t> data);
    void note_on(int channel, int pitch, int velocity);
    void note_off(int channel, int pitch);
    void notes_off(int channel);
    int* first_before_this_tick(int& head);
    void close(int* link);
    void keep_voice(VoiceEvent event);
    void change_port(int port);
    void settle_port();
    void close_all();
    template <typename Event>
    void keep(std::vector<Event>& events, const Event& event);

    Song& song_;
    OpenNotes& open_;
    const std::uint8_t* begin_;
    const std::uint8_t* at_;
    const std::uint8_t* end_;
    std::string_view name_;
    const MidiLimits& limits_;
    int track_;
    std::size_t first_note_, first_voice_event_;
    int port_ = 0;
    OpenNotes::Port* open_of_port_;
    std::optional<int> first_port_;  ///< that the track names
    bool names_other_port_ = false;
    std::size_t voice_events_before_port_ = 0;  ///< those that stand before it and before any note, counted in the file
    SystemExclusive system_exclusive_;
    std::int64_t tick_ = 0;            ///< of the last event that is not late
    std::int64_t written_tick_ = 0;    ///< as the deltas add up: below 2^28 times the bytes of a file
    bool is_late_ = false;             ///< beyond the limit: events have no effect
    int running_status_ = 0;           ///< 0: none
    bool status_interrupted_ = false;  ///< a meta or sysex event came since the running status
    bool ended_ = false;
    bool is_whole_ = true;  ///< the last event was
};

std::size_t TrackReader::read() {
    const std::int64_t last_tick = limits_.quarters * song_.file.ticks_per_quarter;
    while (at_ < end_ && !ended_) {
        is_whole_ = false;
        std::uint32_t delta = 0;
        if (!read_variable(delta) || at_ == end_) break;
        written_tick_ += delta;
        is_late_ = written_tick_ > last_tick;
        if (is_late_) ++anomalies().late_events;
        else tick_ = written_tick_;
        if (!read_event()) break;
        is_whole_ = true;
    }
    if (!ended_) ++anomalies().missing_end_of_track;
    close_all();
    settle_port();
    song_.file.last_tick = std::max(song_.file.last_tick, tick_);
    return static_cast<std::size_t>((ended_ ? at_ : end_) - begin_);
}

/// Reads a number of seven bits per byte, the last byte below 128. False where the chunk ends inside it or it has more
/// than 28 bits: nothing after that can be trusted. Zeros may stand in front.
bool TrackReader::read_variable(std::uint32_t& value) {
    std::uint64_t number = 0;
    const std::uint8_t* const begin = at_;
    while (at_ < end_) {
        const std::uint8_t byte = *at_++;
        number = number << 7 | (byte & 0x7F);
        if (number > max_variable) break;
        if (byte >= 0x80) continue;
        if (at_ - begin > usual_variable_bytes) ++anomalies().wrong_numbers;
        value = static_cast<std::uint32_t>(number);
        return true;
    }
    if (number > max_variable) ++anomalies().wrong_numbers;
    return false;
}

/// False where the chunk ends inside the event.
bool TrackReader::read_event() {
    int status = *at_;
    if (status >= 0x80) {
        ++at_;
        if (status >= 0xF0) return read_system_event(status);
        running_status_ = status;
    } else {
        status = running_status_;
        if (status == 0) {
            ++anomalies().bad_status_bytes;
            at_ = std::find_if(at_, end_, [](std::uint8_t byte) { return byte >= 0x80; });
            return at_ < end_ && read_event();  // once: the next byte is a status
        }
        if (status_interrupted_) ++anomalies().running_across_meta;
    }
    status_interrupted_ = false;
    return read_channel_event(status);
}

bool TrackReader::read_channel_event(int status) {
    constexpr int most = 0x7F;
    const int kind = status & 0xF0, channel = status & 0x0F;
    const int length = kind == 0xC0 || kind == 0xD0 ? 1 : 2;
    if (left() < length) return false;
    const int first = at_[0], second = length == 2 ? at_[1] : 0;
    at_ += length;
    if ((first | second) > most) ++anomalies().bad_data_bytes;
    if (first > most || is_late_) return true;
    const auto keep_value = [&](VoiceEvent::Kind kind_of_event, int value) {
        keep_voice({.kind = kind_of_event,
                    .channel = static_cast<std::int8_t>(channel),
                    .value = static_cast<std::uint8_t>(value)});
    };
    // Whoever scaled the velocities of a file beyond 127 meant loud notes, and a note-off has no use for its own.
    if (kind == 0x90 && second > 0) note_on(channel, first, std::min(second, most));
    else if (kind == 0x80 || kind == 0x90) note_off(channel, first);
    else if (second > most) return true;
    else if (kind == 0xC0) keep_value(VoiceEvent::Kind::program, first);
    else if (kind == 0xB0 && first == bank_select) keep_value(VoiceEvent::Kind::bank, second);
    else if (kind == 0xB0 && (first == all_sound_off || first == all_notes_off)) notes_off(channel);
    return true;
}

bool TrackReader::read_system_event(int status) {
    if (status == 0xFF || status == 0xF0 || status == 0xF7) {
        status_interrupted_ = true;
        if (status == 0xFF) return read_meta();
        return read_system_exclusive(status);
    }
    ++anomalies().bad_status_bytes;
    const int length = system_data_bytes(status);
    if (left() < length) return false;
    at_ += length;
    return true;
}

bool TrackReader::read_system_exclusive(int status) {
    std::uint32_t length = 0;
    if (!read_variable(length)) return false;
    if (left() < static_cast<std::ptrdiff_t>(length)) {
        // A length that cannot be: the message ends with its F7.
        const std::uint8_t* const last = std::find(at_, end_, std::uint8_t{0xF7});
        if (last == end_) return false;
        ++anomalies().wrong_numbers;
        length = static_cast<std::uint32_t>(last + 1 - at_);
    }
    if (!is_late_)
        for (const VoiceEvent& event : system_exclusive_.take(status, {at_, length})) keep_voice(event);
    at_ += length;
    return true;
}

bool TrackReader::read_meta() {
    if (at_ == end_) return false;
    const int type = *at_++;
    std::uint32_t length = 0;
    const bool has_length = read_variable(length);
    // A track that is cut off inside this last event has ended all the same.
    if (type == 0x2F) ended_ = true;
    if (!has_length || left() < static_cast<std::ptrdiff_t>(length)) return false;
    meta(type, {at_, length});
    at_ += length;
    return true;
}

void TrackReader::meta(int type, std::span<const std::uint8_t> data) {
    MidiFile& file = song_.file;
    if (type == 0x03) {
        std::string& track_name = file.track_names.back();
        if (track_name.empty()) track_name.assign(data.begin(), data.end());
    } else if (is_late_) {
        return;
    } else if (type == 0x21) {
        if (data.empty() || data[0] > 0x7F) ++anomalies().bad_meta_events;
        else change_port(data[0]);
    } else if (type == 0x51) {
        const int tempo = data.size() < 3 ? 0 : data[0] << 16 | data[1] << 8 | data[2];
        if (tempo == 0) ++anomalies().bad_meta_events;
        else keep(file.tempos, {tick_, tempo});
    } else if (type == 0x58) {
        if (data.size() < 2 || data[0] == 0 || data[1] > max_denominator_power) ++anomalies().bad_meta_events;
        else keep(file.meters, {tick_, data[0], 1 << data[1]});
    } else if (type == 0x59) {
        const int sharps = data.empty() ? 0 : static_cast<std::int8_t>(data[0]);
        if (data.size() < 2 || sharps < -7 || sharps > 7 || data[1] > 1) ++anomalies().bad_meta_events;
        else keep(file.keys, {tick_, sharps, data[1] == 1});
    }
}

template <typename Event>
void TrackReader::keep(std::vector<Event>& events, const Event& event) {
    if (static_cast<std::int64_t>(events.size()) >= limits_.notes)
        tensor::fail(name_, "more than {} events of one kind (is this music?)", limits_.notes);
    events.push_back(event);
}

void TrackReader::note_on(int channel, int pitch, int velocity) {
    std::vector<MidiNote>& notes = song_.file.notes;
    if (static_cast<std::int64_t>(notes.size()) >= limits_.notes)
        tensor::fail(name_, "more than {} notes (is this music?)", limits_.notes);
    int& first = head(channel, pitch);
    open_.next.push_back(first);
    first = static_cast<int>(notes.size());
    notes.push_back({tick_, -1, track_, channel, 0, pitch, velocity, static_cast<std::uint8_t>(port_)});
}

/// Where in the list of a pitch the notes begin that did not begin at this very tick. The list runs from the latest
/// onset to the earliest.
int* TrackReader::first_before_this_tick(int& head) {
    int* link = &head;
    while (*link != OpenNotes::none && song_.file.notes[static_cast<std::size_t>(*link)].onset == tick_)
        link = &open_.next[static_cast<std::size_t>(*link)];
    return link;
}

/// Ends the notes from a place of a list on.
void TrackReader::close(int* link) {
    for (int i = *link; i != OpenNotes::none; i = open_.next[static_cast<std::size_t>(i)])
        song_.file.notes[static_cast<std::size_t>(i)].offset = tick_;
    *link = OpenNotes::none;
}

/// Closes every sounding note of the pitch, except those that began at this very tick: they are the repetition for
/// which the note-off makes room. If no other note sounds, it ends these.
void TrackReader::note_off(int channel, int pitch) {
    int& first = head(channel, pitch);
    if (first == OpenNotes::none) {
        ++anomalies().orphan_note_offs;
        return;
    }
    int* const link = first_before_this_tick(first);
    close(*link == OpenNotes::none ? &first : link);
}

/// Closes every sounding note of the channel, except those that began at this very tick.
void TrackReader::notes_off(int channel) {
    OpenNotes::Silence& last = open_of_port_->silences[static_cast<std::size_t>(channel)];
    const OpenNotes::Silence now{track_, tick_};
    if (last == now) return;  // what sounds has begun at this tick
    last = now;
    for (int pitch = 0; pitch < pitch_count; ++pitch)
        if (int& first = head(channel, pitch); first != OpenNotes::none) close(first_before_this_tick(first));
}

void TrackReader::keep_voice(VoiceEvent event) {
    event.port = static_cast<std::uint8_t>(port_);
    event.track = track_;
    event.tick = tick_;
    event.next_note = static_cast<int>(song_.file.notes.size());
    keep(song_.voice_events, event);
}

void TrackReader::change_port(int port) {
    port_ = port;
    open_of_port_ = &open_.ports[port];
    if (first_port_) {
        names_other_port_ |= port != *first_port_;
        return;
    }
    first_port_ = port;
    if (song_.file.notes.size() == first_note_) voice_events_before_port_ = song_.voice_events.size();
}

/// In a track of one port, what it says before it names that port, and before any note, belongs to it, too: programs
/// often stand in front.
void TrackReader::settle_port() {
    if (!first_port_ || names_other_port_) return;
    for (std::size_t i = first_voice_event_; i < voice_events_before_port_; ++i)
        song_.voice_events[i].port = static_cast<std::uint8_t>(*first_port_);
}

void TrackReader::close_all() {
    std::vector<MidiNote>& notes = song_.file.notes;
    for (std::size_t i = first_note_; i < notes.size(); ++i) {
        if (notes[i].offset >= 0) continue;
        notes[i].offset = tick_;
        ++anomalies().unclosed_notes;
        open_.ports[notes[i].port].first[index_of(notes[i].channel, notes[i].pitch)] = OpenNotes::none;
    }
}

}  // namespace

std::size_t read_track(Song& song, OpenNotes& open, const TrackBytes& track, const MidiLimits& limits) {
    return TrackReader(song, open, track, limits).read();
}

EventsEnd find_end(const TrackBytes& track, OpenNotes& open, int ticks_per_quarter, const MidiLimits& limits) {
    Song scratch;
    scratch.file.ticks_per_quarter = ticks_per_quarter;
    scratch.file.track_names.emplace_back();
    open.next.clear();
    TrackReader reader(scratch, open, track, limits);
    const std::size_t bytes = reader.read();
    return {bytes, reader.has_ended(), reader.is_whole()};
}

}  // namespace io::midi_detail
