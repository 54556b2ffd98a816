// Hand-made MIDI files for the tests of io/midi.hpp.
#pragma once

#include <cstdint>
#include <string_view>

#include "io/midi.hpp"
#include "tests/io/bytes.hpp"

namespace support {

/// A chunk: type, length (4 bytes, big endian), content. `claimed` is the length to write where it is not the true one.
inline Bytes chunk(std::string_view type, const Bytes& content, std::int64_t claimed = -1) {
    const auto length = claimed < 0 ? content.size() : static_cast<std::size_t>(claimed);
    Bytes bytes = text_bytes(type);
    for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::uint8_t>(length >> shift));
    return bytes + content;
}

/// MThd with three 16-bit numbers.
inline Bytes midi_header(int format, int tracks, int division) {
    const auto high = [](int value) { return static_cast<std::uint8_t>(value >> 8); };
    const auto low = [](int value) { return static_cast<std::uint8_t>(value); };
    return chunk("MThd", {high(format), low(format), high(tracks), low(tracks), high(division), low(division)});
}

/// The End-of-Track event: delta 0, FF 2F 00.
inline Bytes end_of_track() { return {0x00, 0xFF, 0x2F, 0x00}; }

/// An MTrk chunk of `events` and the End-of-Track.
inline Bytes midi_track(const Bytes& events) { return chunk("MTrk", events + end_of_track()); }

/// A format-0 file of 96 ticks per quarter note with one track.
inline Bytes one_track(const Bytes& events) { return midi_header(0, 1, 96) + midi_track(events); }

/// The bytes, read as a file named hand.mid.
inline io::MidiFile parse(const Bytes& bytes) { return io::parse_midi(bytes, "hand.mid"); }

}  // namespace support
