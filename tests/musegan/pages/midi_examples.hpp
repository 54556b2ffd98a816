// MIDI files for tests of the page's reader: by chance, by hand, and damaged.
#pragma once

#include <algorithm>
#include <array>
#include <random>
#include <vector>

#include "io/midi.hpp"
#include "tests/io/midi_bytes.hpp"

namespace support {

/// Numbers of a test, by chance, the same on every machine.
class Chance {
  public:
    explicit Chance(unsigned seed) : generator_(seed) {}
    /// 0 to count - 1.
    int below(int count) { return static_cast<int>(generator_() % static_cast<unsigned>(count)); }
    bool in(int count) { return below(count) == 0; }
    template <typename Value, std::size_t count>
    Value one_of(const std::array<Value, count>& list) {
        return list[static_cast<std::size_t>(below(static_cast<int>(count)))];
    }

  private:
    std::mt19937 generator_;
};

/// A song whose notes overlap and touch, on several tracks, channels and ports; programs and drum parts change in it;
/// ticks are odd, and meters may be such that the song has no whole roll.
inline io::MidiFile random_midi(Chance& chance, int notes) {
    io::MidiFile midi;
    midi.ticks_per_quarter = chance.one_of(std::array{1, 24, 96, 97, 120, 480, 480, 1000, 32767});
    const int quarter = midi.ticks_per_quarter, tracks = 1 + chance.below(6), bars = 1 + chance.below(12);
    const bool has_ports = chance.in(4), has_parts = chance.in(3);
    for (int k = 0; k < notes; ++k) {
        const std::int64_t onset =
            std::int64_t{chance.below(16 * bars)} * quarter / 4 + (chance.in(3) ? chance.below(quarter) / 7 : 0);
        const int track = 1 + chance.below(tracks);
        midi.notes.push_back({.onset = onset,
                              .offset = onset + chance.below(2 * quarter + 1),
                              .track = track,
                              .channel = chance.in(5)   ? 9
                                         : chance.in(4) ? chance.below(16)
                                                        : track % 16,
                              .program = chance.in(2) ? 8 * track : chance.below(128),
                              .pitch = chance.in(4) ? chance.below(128) : 40 + chance.below(20),
                              .velocity = 1 + chance.below(127),
                              .port = static_cast<std::uint8_t>(has_ports ? chance.below(3) : 0),
                              .switches_part = has_parts && chance.in(3)});
    }
    const auto place = [&] { return std::int64_t{chance.below(8 * bars)} * quarter / 2 + chance.below(3); };
    for (int k = chance.below(4); k > 0; --k)
        midi.tempos.push_back({chance.in(2) ? 0 : place(), chance.one_of(std::array{1, 250'000, 612'345, 16'777'215})});
    const int meters = chance.below(4);
    for (int k = 0; k < meters; ++k) {
        const int part = chance.one_of(std::array{2, 4, 8});
        const int count = chance.in(8) ? 3 : chance.in(12) ? 2 : part;
        const std::int64_t bar = std::int64_t{chance.below(bars + 1)} * 4 * quarter;
        midi.meters.push_back({k == 0 ? chance.in(4) ? quarter : 0 : chance.in(6) ? place() : bar, count, part});
    }
    const auto by_tick = [](const auto& a, const auto& b) { return a.tick < b.tick; };
    std::stable_sort(midi.tempos.begin(), midi.tempos.end(), by_tick);
    std::stable_sort(midi.meters.begin(), midi.meters.end(), by_tick);
    midi.track_names.assign(static_cast<std::size_t>(tracks) + 1, "");
    return midi;
}

/// The file as the data of a RIFF file.
inline Bytes in_riff(const Bytes& file) {
    const Bytes list = text_bytes("LIST") + little_endian(7, 4) + text_bytes("INFOabc") + Bytes{0};
    const Bytes data = text_bytes("data") + little_endian(file.size(), 4) + file;
    return text_bytes("RIFF") + little_endian(4 + list.size() + data.size(), 4) + text_bytes("RMID") + list + data;
}

/// Files of the kinds that players play though the standard has them otherwise.
inline std::vector<Bytes> strange_midi_files() {
    const Bytes note{0, 0x90, 60, 1, 96, 0x80, 60, 0}, track = midi_track(note);
    const Bytes gs_part{0, 0xF0, 10, 0x41, 0x10, 0x42, 0x12, 0x40, 0x1A, 0x15, 1, 0x10, 0xF7};
    const Bytes gs_reset{0, 0xF0, 10, 0x41, 0x10, 0x42, 0x12, 0x40, 0, 0x7F, 0, 0x41, 0xF7};
    const Bytes gm_reset{0, 0xF0, 5, 0x7E, 0x7F, 9, 1, 0xF7};
    const Bytes xg_reset{0, 0xF0, 8, 0x43, 0x10, 0x4C, 0, 0, 0x7E, 0, 0xF7};
    const Bytes xg_part{0, 0xF0, 8, 0x43, 0x10, 0x4C, 8, 0, 7, 1, 0xF7};
    const Bytes packets{0, 0xF0, 4, 0x43, 0x10, 0x4C, 8, 0, 0xF7, 4, 0, 7, 1, 0xF7, 0, 0xF7, 1, 0x20};
    const Bytes endless{0, 0xF0, 0x8F, 0x7F, 0x41, 1, 0xF7};
    const Bytes bank{0, 0xB0, 0, 127, 0, 0xC0, 25}, gm2_bank{0, 0xB1, 0, 120, 0, 0xC1, 0};
    const Bytes on_gm2{0, 0x91, 38, 90, 20, 0x81, 38, 0}, port{0, 0xFF, 0x21, 1, 1};
    const Bytes running{0, 0x90, 60, 100, 24, 60, 90, 24, 60, 0, 24, 62, 200, 0, 0xFF, 1, 0, 24, 62, 0, 0, 64, 0};
    const Bytes silence{0, 0x90, 60, 9, 0, 64, 9, 24, 67, 9, 24, 0xB0, 123, 0, 0, 0x90, 65, 9, 0, 0xB0, 120, 0};
    const Bytes repeated{0, 0x90, 60, 9, 48, 60, 9, 0, 60, 0, 0, 60, 0, 48, 60, 0};
    const Bytes wrong_data{0, 0x90, 200, 9, 0, 0xC0, 200, 0, 0x91, 61, 0x80, 9, 0x81, 61, 0x80};
    const Bytes bad_metas{0, 0xFF, 0x51, 3, 0, 0, 0, 0,    0xFF, 0x58, 1,  4,
                          0, 0xFF, 0x59, 2, 9, 0, 0, 0xFF, 0x21, 1,    200};
    const Bytes meters{0, 0xFF, 0x58, 4,    1, 2,    24,   8, 96, 0xFF, 0x58, 4, 2,
                       1, 24,   8,    0x83, 0, 0xFF, 0x58, 4, 8,  3,    24,   8};
    const Bytes absurd{0xFF, 0xFF, 0xFF, 0x7F, 0x90, 61, 1, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0x2F, 0};
    const Bytes two = midi_header(1, 2, 96);
    std::vector<Bytes> files{two + chunk("MTrk", note + end_of_track(), 15) + track,  // into the next header
                             two + chunk("MTrk", note + end_of_track(), 5) + track,
                             two + chunk("MTrk", note + end_of_track(), 0x7FFF'FFFF) + track,
                             two + chunk("MTrk", note, 9) + track,
                             two + chunk("ABCD", note) + track + Bytes{0} + track + two + track,
                             two + track + chunk("MTrk", note + note, 8),
                             chunk("MThd", {0, 1, 0, 1, 0, 96}, 900) + track,
                             chunk("MThd", {0, 1, 0, 1, 0, 96, 1, 2, 3}) + track,
                             Bytes(300, 7) + two + track + track,
                             in_riff(two + track + track),
                             two + midi_track(bank + port + note) + track,
                             midi_header(0, 1, 0x7FFF) + midi_track(meters + note),
                             two + chunk("MTrk", note + absurd) + track,
                             midi_header(2, 1, 96) + track,
                             midi_header(1, 1, 0xE728) + track,
                             midi_header(1, 1, 0) + track,
                             midi_header(1, 0, 96),
                             text_bytes("MThd"),
                             text_bytes("no music"),
                             {}};
    const Bytes other_xg{0, 0xF0, 8, 0x43, 0x20, 0x4C, 8, 0, 7, 1, 0xF7};
    const Bytes cut_short{0, 0x90, 60, 1, 96, 0x80, 60, 0, 0x82, 0x1F, 0xFF, 0x58, 4, 3, 2, 24, 8, 0, 0x90, 60, 1};
    Bytes every_beat;
    for (int beat = 0; beat < 20; ++beat)
        every_beat = every_beat + Bytes{0, 0xFF, 0x58, 4, 4, 2, 24, 8, 0, 0x90, 60, 1, 96, 0x80, 60, 0};
    const Bytes data = text_bytes("data") + little_endian(two.size() + track.size(), 4) + two + track;
    files.push_back(two + midi_track(Bytes{0, 0xC0, 33} + note) + midi_track(port + gm_reset + note));
    files.push_back(midi_header(1, 1, 96) +
                    chunk("MTrk", note + end_of_track(), static_cast<std::int64_t>(4 + note.size() + track.size())) +
                    track);
    files.push_back(text_bytes("RIFF") + little_endian(99, 4) + text_bytes("RMID") + data + text_bytes("LIST") +
                    little_endian(4, 4) + text_bytes("INFO"));
    for (const Bytes& events : {other_xg + note, cut_short, every_beat}) files.push_back(one_track(events));
    for (const Bytes& events : {gs_reset + gs_part + Bytes{0, 0x9A, 60, 1, 48, 60, 0}, xg_reset + bank + xg_part + note,
                                xg_part + note + gm_reset + note, bank + note, gs_reset + bank + note, packets + note,
                                endless + note, gm2_bank + on_gm2, running, silence, repeated, wrong_data + note,
                                bad_metas + note, Bytes{0, 60, 1} + note, Bytes{0, 0xF2, 1, 1} + note,
                                Bytes{0x80, 0x80, 0x80, 0x80, 5, 0x90, 60, 1}, Bytes{0xFF, 0xFF, 0xFF, 0xFF, 5} + note})
        files.push_back(one_track(events));
    return files;
}

/// The bytes with some of them changed, left out, repeated or put in, or cut off.
inline Bytes damaged(Bytes bytes, Chance& chance) {
    for (int k = 1 + chance.below(4); k > 0 && !bytes.empty(); --k) {
        const int size = static_cast<int>(bytes.size()), at = chance.below(size);
        const auto begin = bytes.begin() + at, end = begin + std::min(1 + chance.below(12), size - at);
        const Bytes part(begin, end);
        const auto value = static_cast<std::uint8_t>(
            chance.in(3) ? chance.below(256)
                         : chance.one_of(std::array{0, 1, 0x7F, 0x80, 0x90, 0xB0, 0xF0, 0xF7, 0xFF}));
        switch (chance.below(6)) {
            case 0: bytes.erase(begin, end); break;
            case 1: bytes.insert(bytes.begin() + chance.below(size), part.begin(), part.end()); break;
            case 2: bytes.insert(begin, value); break;
            case 3:
                if (chance.in(4)) bytes.resize(static_cast<std::size_t>(at));
                break;
            default: *begin = value;
        }
    }
    return bytes;
}

/// Bytes by chance, of which most are a header and the beginning of a track at first.
inline Bytes random_bytes(Chance& chance) {
    Bytes events(static_cast<std::size_t>(chance.below(200)));
    for (std::uint8_t& byte : events) {
        const int value = chance.below(256);
        byte = static_cast<std::uint8_t>(value < 128 || chance.in(3) ? value : 0x80 | (value & 0x1F));
    }
    if (chance.in(10)) return events;
    const int ticks = 1 + chance.below(500), tracks = chance.below(3);
    return midi_header(chance.below(2), tracks, ticks) + chunk("MTrk", events, chance.in(2) ? -1 : chance.below(300));
}

}  // namespace support
