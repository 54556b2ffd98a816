#include "musegan/sound/wav_of_midi.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "io/wav.hpp"
#include "musegan/phrase/midi_roll.hpp"
#include "musegan/sound/midi_clock.hpp"
#include "tensor/error.hpp"
#include "tests/musegan/phrase/rolls.hpp"
#include "tests/support/compare.hpp"
#include "tests/support/skip.hpp"
#include "tests/support/sound.hpp"

using namespace musegan;

#define SKIP_WITHOUT_SOUND() \
    if (const std::string reason = support::no_sound(); !reason.empty()) SKIP_TEST(reason)

namespace {

constexpr int organ = 16;  // which sounds as long as its key is held

/// Notes (onset, offset, pitch) in ticks, 480 per quarter note of half a second.
io::MidiFile song(const std::vector<std::array<std::int64_t, 3>>& notes, std::int64_t last_tick, int program = organ,
                  int channel = 0) {
    io::MidiFile midi;
    midi.last_tick = last_tick;
    for (const auto& [onset, offset, pitch] : notes)
        midi.notes.push_back({onset, offset, 1, channel, program, static_cast<int>(pitch), 100});
    return midi;
}

support::Wav wav_of(const io::MidiFile& midi) {
    const support::TemporaryFolder folder;
    write_wav(folder / "a.wav", midi, find_sound_font());
    return support::read_wav(folder / "a.wav");
}

std::string bytes_of(const io::MidiFile& midi) {
    const support::TemporaryFolder folder;
    write_wav(folder / "a.wav", midi, find_sound_font());
    return support::read_text(folder / "a.wav");
}

}  // namespace

TEST_CASE("wav of midi: as long as the MIDI, silent before the first note, one decibel below full scale, ending at 0") {
    SKIP_WITHOUT_SOUND();
    io::MidiFile midi = song({{960, 1920, 60}}, 2880);
    midi.tempos = {{0, 512345}};
    const support::Wav wav = wav_of(midi);
    CHECK(wav.frames() == std::llround(2880 / 480.0 * 0.512345 * 44100));
    CHECK(wav.frames() == wav_frames(midi));
    CHECK(wav.peak() == doctest::Approx(std::pow(10, -1 / 20.0)).epsilon(1e-4));
    const std::int64_t onset = std::llround(2 * 0.512345 * 44100), end = 2 * onset;
    CHECK(wav.peak(0, onset - 32) < 1e-3);
    CHECK(wav.peak(onset, onset + 2205) > 0.1);
    CHECK(wav.peak(end - 4410, end) > 0.1);
    // Released: what rings on is quiet after half a second, and the last sample is 0.
    CHECK(wav.peak(end + 22050, wav.frames()) < 0.05);
    const support::Wav cut = wav_of(song({{0, 961, 60}}, 960));
    CHECK(cut.frames() == 44100);
    CHECK(cut.peak(44100 - 4410, 44100 - 441) > 0.1);
    CHECK(cut.peak(44099, 44100) == 0);
    CHECK(cut.peak(44100 - 10, 44099) < 0.01);
}

TEST_CASE("wav of midi: each note begins with the nearest block of 64 frames, whatever the tempo") {
    SKIP_WITHOUT_SOUND();
    constexpr int wood_block = 76;  // short, and loud at once
    const auto begin_of_sound = [](const support::Wav& wav, std::int64_t from, std::int64_t to) {
        const double loud = wav.peak(from, to) / 4;
        while (from < to && wav.peak(from, from + 1) < loud) ++from;
        return from;
    };
    // How long the instrument takes to be loud.
    const std::int64_t rise = begin_of_sound(wav_of(song({{0, 120, wood_block}}, 960, 0, 9)), 0, 4410);
    CHECK(rise < 128);
    io::MidiFile midi = song({}, 480 * 16, 0, 9);
    midi.tempos = {{0, 500000}, {960, 333333}, {2400, 1234567}, {3601, 250001}};
    for (const std::int64_t onset : {480, 1007, 1920, 2399, 2880, 3600, 4444, 5555})
        midi.notes.push_back({onset, onset + 60, 1, 9, 0, wood_block, 100});
    const support::Wav wav = wav_of(midi);
    const MidiClock clock(midi, 44100);
    for (const io::MidiNote& note : midi.notes) {
        const std::int64_t due = clock.frame_of(note.onset);
        CAPTURE(note.onset);
        CHECK(std::abs(begin_of_sound(wav, due - 3000, due + 3000) - rise - due) <= 32 + 8);
    }
}

TEST_CASE("wav of midi: a pitch is heard at its frequency, and each instrument as itself") {
    SKIP_WITHOUT_SOUND();
    for (const int pitch : {45, 57, 69, 81}) {
        const support::Wav wav = wav_of(song({{0, 960, pitch}}, 960, 0));
        const auto power = [&](double semitones) {
            return wav.power_of(440 * std::exp2((pitch - 69 + semitones) / 12), 4410, 4410 + 22050);
        };
        CAPTURE(pitch);
        CHECK(power(0) > 30 * power(-1));
        CHECK(power(0) > 30 * power(1));
    }
    CHECK(bytes_of(song({{0, 960, 60}}, 960, 0)) != bytes_of(song({{0, 960, 60}}, 960, 48)));
    // A program change in a channel's midst.
    io::MidiFile two = song({{0, 480, 60}, {960, 1440, 60}}, 1920, 0);
    const std::string same = bytes_of(two);
    two.notes.back().program = 48;
    CHECK(bytes_of(two) != same);
}

TEST_CASE("wav of midi: the same bytes each time, whatever was made before") {
    SKIP_WITHOUT_SOUND();
    const io::MidiFile midi = midi_from_roll(support::random_roll(3, 1, 5));
    const std::string first = bytes_of(midi);
    CHECK(first.size() == static_cast<std::size_t>(44 + 4 * wav_frames(midi)));
    CHECK(bytes_of(song({{0, 960, 60}}, 9600)) != first);
    CHECK(bytes_of(midi) == first);
}

TEST_CASE("wav of midi: neither clipped nor silent, from one soft note to all cells on") {
    SKIP_WITHOUT_SOUND();
    io::MidiFile soft = song({{0, 480, 40}}, 960, 48);
    soft.notes.front().velocity = 1;
    const io::MidiFile loud = midi_from_roll(support::random_roll(4, 1, 1000));
    for (const io::MidiFile& midi : {soft, loud}) {
        const support::Wav wav = wav_of(midi);
        CHECK(wav.peak() == doctest::Approx(wav_peak).epsilon(1e-4));
    }
    // Without notes there is silence, of the same length.
    const support::Wav silent = wav_of(midi_from_roll(PianoRoll(paper_shape, 192)));
    CHECK(silent.frames() == 4 * 44100);
    CHECK(silent.peak() == 0);
    CHECK(wav_of(song({}, 0)).frames() == 0);
}

TEST_CASE("wav of midi: notes that last no time end, at any tempo") {
    SKIP_WITHOUT_SOUND();
    io::MidiFile midi = song({{0, 0, 60}, {10, 20, 64}, {500, 510, 67}}, 4320);
    midi.tempos = {{0, 1}, {480, 500000}};
    const support::Wav wav = wav_of(midi);
    CHECK(wav.frames() == 4 * 44100);
    CHECK(wav.peak(0, 4410) > 0.5);
    CHECK(wav.peak(88200, wav.frames()) < 0.01);
}

TEST_CASE("wav of midi: what cannot be made leaves nothing") {
    const support::TemporaryFolder folder;
    io::MidiFile endless = song({}, 480 * 32'768);
    endless.tempos = {{0, 16'777'215}};
    CHECK(support::message_of([&] { write_wav(folder / "a.wav", endless, folder / "none"); })
              .ends_with("a.wav] 24244229947 frames of sound, expected at most 1073741814: a WAV file holds no more "
                         "than 4 GiB"));
    SKIP_WITHOUT_SOUND();
    CHECK(support::message_of([&] {
              write_wav(folder / "a.wav", song({}, 480), folder / "none");
          }).ends_with("none] is not there, expected a sound font (.sf2, .sf3)"));
    int calls = 0;
    CHECK(support::message_of([&] {
              write_wav(folder / "a.wav", song({{0, 480, 60}}, 4800), find_sound_font(), [&] {
                  if (++calls == 80) tensor::fail("test", "enough");
              });
          }) == "[test] enough");
    CHECK(folder.files() == 0);
}
