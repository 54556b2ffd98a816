#include "musegan/phrase/pianoroll.hpp"

#include <doctest/doctest.h>

#include "tensor/error.hpp"
#include "tensor/philox.hpp"

using namespace musegan;

namespace {

constexpr int piano = index_of(Family::piano);
constexpr int drums = index_of(Family::drums);

/// One instrument on one MIDI track: (onset, offset, pitch) in ticks, 480 a quarter.
io::MidiFile song(std::vector<std::array<std::int64_t, 3>> notes, int channel = 0, int program = 0) {
    io::MidiFile midi;
    midi.ticks_per_quarter = 480;
    for (const auto& [onset, offset, pitch] : notes) {
        midi.notes.push_back({onset, offset, 1, channel, program, static_cast<int>(pitch), 80});
    }
    return midi;
}

Run run(std::int64_t begin, std::int64_t end, int midi_pitch, int track) {
    return {begin, end, midi_pitch - lowest_pitch, track};
}

std::vector<Run> runs_of(const io::MidiFile& midi) { return note_runs(roll_from_midi(midi).roll.bits()); }

/// Cells at random, `density` in 1/1000, so that runs of every length and position occur, at the very end
/// too.
PianoRoll random_roll(std::uint64_t seed, std::int64_t bars, std::uint64_t density) {
    PianoRoll roll(bars * steps_per_bar);
    tensor::RandomStream random{seed, 0, 0};
    for (std::int64_t step = 0; step < roll.steps(); ++step) {
        for (int pitch = 0; pitch < n_pitches; ++pitch) {
            for (int track = 0; track < n_tracks; ++track) {
                if (random.below(1000) < density) roll.set(step, pitch, track);
            }
        }
    }
    return roll;
}

}  // namespace

TEST_CASE("pianoroll: a phrase is 20,160 bytes in time, pitch, track order, lowest bit first") {
    CHECK(bits_per_phrase == 161280);
    CHECK(bytes_per_phrase == 20160);
    CHECK(bytes_per_bar * 8 == std::int64_t{96} * 84 * 5);
    PianoRoll roll(steps_per_phrase);
    CHECK(roll.bits().size() == 20160);
    roll.set(2, 3, 4);  // bit (2 * 84 + 3) * 5 + 4 = 859 = 8 * 107 + 3
    CHECK(roll.bits()[107] == 8);
    CHECK(roll.at(2, 3, 4));
    CHECK_FALSE(roll.at(2, 4, 3));
    roll.set(2, 3, 4, false);
    CHECK(roll == PianoRoll(steps_per_phrase));
    CHECK_THROWS_AS(roll.at(384, 0, 0), tensor::Error);
    CHECK_THROWS_AS(roll.set(0, 84, 0), tensor::Error);
    CHECK_THROWS_AS(roll.set_run(380, 385, 0, 0), tensor::Error);
    CHECK_THROWS_AS(PianoRoll(-1), tensor::Error);
    CHECK_THROWS_AS(PianoRoll(max_bars * steps_per_bar + 1), tensor::Error);
}

TEST_CASE("pianoroll: packed cells are checked for size and for bits past the end") {
    std::vector<std::uint8_t> bits(53, 0);  // one step: 420 bits in 53 bytes, 4 bits of the last
    bits[52] = 0x08;
    CHECK(PianoRoll(1, bits).at(0, 83, 4));
    bits[52] = 0x10;
    CHECK_THROWS_AS(PianoRoll(1, bits), tensor::Error);
    CHECK_THROWS_AS(PianoRoll(2, bits), tensor::Error);
}

TEST_CASE("pianoroll: resized cuts and pads, phrase_bits is a range of whole bars") {
    const PianoRoll roll = random_roll(7, 6, 20);
    const PianoRoll longer = roll.resized(roll.steps() + 5);
    CHECK(longer.resized(roll.steps()) == roll);
    const PianoRoll cut = roll.resized(3);
    CHECK(cut.steps() == 3);
    CHECK(PianoRoll(3, cut.bits()) == cut);
    const PianoRoll phrase(steps_per_phrase, roll.phrase_bits(2));
    int differing = 0;
    for_each_cell(phrase.bits(), [&](std::int64_t s, int p, int t) { differing += !roll.at(s + 192, p, t); });
    CHECK(differing == 0);
    CHECK_THROWS_AS(roll.phrase_bits(3), tensor::Error);
    CHECK_THROWS_AS(roll.phrase_bits(-1), tensor::Error);
}

TEST_CASE("pianoroll: ticks round half up to steps, in exact integers") {
    CHECK(step_of(0, 480) == 0);
    CHECK(step_of(9, 480) == 0);
    CHECK(step_of(10, 480) == 1);
    CHECK(step_of(29, 480) == 1);
    CHECK(step_of(30, 480) == 2);
    CHECK(step_of(1, 1) == 24);
    CHECK(step_of(32, 1024) == 1);  // 0.75
    CHECK(step_of(21, 1024) == 0);  // 0.492
    CHECK(step_of(22, 1024) == 1);  // 0.516
    CHECK(step_of(32767 * 4, 32767) == 96);
    CHECK_THROWS_AS(step_of(-1, 480), tensor::Error);
    CHECK_THROWS_AS(step_of(1, 0), tensor::Error);
    CHECK_THROWS_AS(step_of(INT64_MAX, 1), tensor::Error);
}

TEST_CASE("pianoroll: the golden notes of ecosystem.md 3.9 under the one-step rest") {
    const io::MidiFile midi = song({{0, 480, 60}, {480, 960, 60}, {960, 1200, 62}, {1920, 3840, 64}});
    const RollFromMidi result = roll_from_midi(midi);
    CHECK(result.roll.steps() == 192);
    CHECK(note_runs(result.roll.bits()) == std::vector<Run>{run(0, 23, 60, piano), run(24, 47, 60, piano),
                                                            run(48, 59, 62, piano), run(96, 191, 64, piano)});
    CHECK(result.counts.notes == 4);
    CHECK(result.counts.kept == 4);
    // An onset of 7 ticks rounds to step 0.
    CHECK(runs_of(song({{7, 480, 60}})) == std::vector<Run>{run(0, 23, 60, piano)});
}

TEST_CASE("pianoroll: one instrument strikes again, two instruments are merged") {
    CHECK(runs_of(song({{0, 480, 60}, {240, 720, 60}})) ==
          std::vector<Run>{run(0, 11, 60, piano), run(12, 35, 60, piano)});
    io::MidiFile two = song({{0, 480, 60}, {240, 720, 60}});
    two.notes[1].channel = 1;
    CHECK(runs_of(two) == std::vector<Run>{run(0, 35, 60, piano)});
    // Two notes of one onset do not cut each other.
    CHECK(runs_of(song({{0, 480, 60}, {1, 960, 60}, {960, 1440, 60}})) ==
          std::vector<Run>{run(0, 47, 60, piano), run(48, 71, 60, piano)});
}

TEST_CASE("pianoroll: notes under two steps vanish and are counted, longer ones never do") {
    const RollFromMidi result =
        roll_from_midi(song({{0, 20, 60}, {480, 520, 61}, {960, 1020, 62}, {1440, 1440, 63}}));
    CHECK(note_runs(result.roll.bits()) == std::vector<Run>{run(24, 25, 61, piano), run(48, 50, 62, piano)});
    CHECK(result.counts.too_short == 2);
    CHECK(result.counts.kept == 2);
}

TEST_CASE("pianoroll: drums keep one cell a hit, whatever the length") {
    CHECK(runs_of(song({{0, 480, 36}, {480, 485, 38}, {960, 960, 42}, {1920, 4000, 49}}, 9, 77)) ==
          std::vector<Run>{run(0, 1, 36, drums), run(24, 25, 38, drums), run(48, 49, 42, drums),
                           run(96, 97, 49, drums)});
}

TEST_CASE("pianoroll: pitches outside 24 to 107 and effect programs are dropped and counted") {
    io::MidiFile midi = song({{0, 480, 23}, {0, 480, 24}, {0, 480, 107}, {0, 480, 108}, {0, 480, 60}});
    midi.notes[4].program = 120;
    const RollFromMidi result = roll_from_midi(midi);
    CHECK(note_runs(result.roll.bits()) == std::vector<Run>{run(0, 23, 24, piano), run(0, 23, 107, piano)});
    CHECK(result.counts.out_of_range == 2);
    CHECK(result.counts.no_family == 1);
    CHECK(result.counts.notes == 5);
}

TEST_CASE("pianoroll: transposition moves every track but the drums, the origin moves time") {
    io::MidiFile midi = song({{240, 720, 60}, {240, 720, 40}});
    midi.notes[1].channel = 9;
    CHECK(note_runs(roll_from_midi(midi, -5, 240).roll.bits()) ==
          std::vector<Run>{run(0, 1, 40, drums), run(0, 23, 55, piano)});
    CHECK(roll_from_midi(midi, 0, 241).counts.out_of_range == 2);
    CHECK(roll_from_midi(midi, 48).counts.out_of_range == 1);
}

TEST_CASE("pianoroll: a song without end is refused, many notes over each other cost no more than one") {
    CHECK_THROWS_AS(roll_from_midi(song({{0, 100'000'000, 60}})), tensor::Error);
    io::MidiFile midi = song({});
    constexpr std::int64_t end = 480LL * 4 * max_bars;
    for (int k = 0; k < 20000; ++k) midi.notes.push_back({0, end, k, 0, 0, 60, 80});
    const auto runs = runs_of(midi);
    CHECK(runs == std::vector<Run>{run(0, max_bars * steps_per_bar - 1, 60, piano)});
}

TEST_CASE("pianoroll: any roll survives the way to MIDI and back, cell by cell") {
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
        CAPTURE(seed);
        const PianoRoll roll =
            random_roll(seed, 1 + static_cast<std::int64_t>(seed % 5), seed % 3 == 0 ? 500 : 15);
        const io::MidiFile midi = midi_from_roll(roll);
        CHECK(roll_from_midi(midi).roll.resized(roll.steps()) == roll);
        const auto bytes = io::serialize_midi(midi);
        const io::MidiFile again = io::parse_midi(bytes, "round trip");
        CHECK(again.notes.size() == midi.notes.size());
        CHECK(roll_from_midi(again).roll.resized(roll.steps()) == roll);
    }
}

TEST_CASE("pianoroll: MIDI of a roll names its tracks, programs, tempo and metre") {
    PianoRoll roll(steps_per_phrase);
    roll.set_run(0, 383, 10, index_of(Family::bass));
    roll.set(90, 12, drums);
    roll.set(92, 12, drums);
    const io::MidiFile midi = midi_from_roll(roll, {.tempo = 100, .velocity = 90});
    CHECK(midi.ticks_per_quarter == 480);
    CHECK(midi.tempos == std::vector<io::MidiTempo>{{0, 600000}});
    CHECK(midi.meters == std::vector<io::MidiMeter>{{0, 4, 4}});
    REQUIRE(midi.notes.size() == 3);
    CHECK(midi.notes[0] == io::MidiNote{0, 7680, 1, 0, 33, 34, 90});
    CHECK(midi.notes[1] == io::MidiNote{1800, 1840, 2, 9, 0, 36, 90});
    CHECK(midi.notes[2] == io::MidiNote{1840, 1960, 2, 9, 0, 36, 90});
    const io::MidiFile again = io::parse_midi(io::serialize_midi(midi), "names");
    CHECK(std::count(again.track_names.begin(), again.track_names.end(), "bass") == 1);
    CHECK(std::count(again.track_names.begin(), again.track_names.end(), "drums") == 1);
    CHECK_THROWS_AS(midi_from_roll(roll, {.tempo = 0, .velocity = 90}), tensor::Error);
    CHECK_THROWS_AS(midi_from_roll(roll, {.tempo = 120, .velocity = 0}), tensor::Error);
}

TEST_CASE("pianoroll: phrases are joined with and without a gap") {
    PianoRoll a(steps_per_phrase), b(steps_per_phrase);
    a.set_run(380, 384, 40, piano);
    b.set_run(0, 4, 40, piano);
    std::vector<std::uint8_t> bits(a.bits().begin(), a.bits().end());
    bits.insert(bits.end(), b.bits().begin(), b.bits().end());
    const PianoRoll close = join_phrases(bits);
    CHECK(close.steps() == 768);
    CHECK(note_runs(close.bits()) == std::vector<Run>{{380, 388, 40, piano}});
    CHECK(roll_from_midi(midi_from_roll(close)).roll.resized(768) == close);
    const PianoRoll apart = join_phrases(bits, 1);
    CHECK(apart.steps() == 864);
    CHECK(note_runs(apart.bits()) == std::vector<Run>{{380, 384, 40, piano}, {480, 484, 40, piano}});
    CHECK(join_phrases({}).steps() == 0);
    CHECK_THROWS_AS(join_phrases(std::span(bits).first(100)), tensor::Error);
    CHECK_THROWS_AS(join_phrases(bits, -1), tensor::Error);
}
