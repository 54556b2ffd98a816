#include "musegan/data/song.hpp"

#include <doctest/doctest.h>

#include "musegan/sources/midi_source.hpp"
#include "tensor/error.hpp"

using namespace musegan;

namespace {

constexpr std::int64_t bar_ticks = 480 * 4;

/// `bars` bars of bass, drums and piano: one note of each at the start of a bar, the pitch telling the bar.
io::MidiFile band(int bars, std::int64_t first_bar = 0) {
    io::MidiFile midi;
    midi.ticks_per_quarter = 480;
    midi.meters = {{0, 4, 4}};
    for (std::int64_t bar = first_bar; bar < first_bar + bars; ++bar) {
        const std::int64_t tick = bar * bar_ticks;
        const int pitch = static_cast<int>(bar % 32);
        midi.notes.push_back({tick, tick + 480, 1, 0, 33, 28 + pitch, 90});
        midi.notes.push_back({tick, tick + 480, 2, 9, 0, 36, 90});
        midi.notes.push_back({tick, tick + 480, 3, 2, 0, 60 + pitch, 90});
    }
    return midi;
}

Song cut(const io::MidiFile& midi, const SongFilter& filter = {}) { return cut_song(MidiSource(midi), filter); }

PianoRoll phrase(const Song& song, std::int64_t k) { return song.phrases.view().roll(k); }

}  // namespace

TEST_CASE("song: windows of 4 bars from the first sounding bar on, the rest is dropped") {
    const Song song = cut(band(11, 3));
    CHECK(song.outcome == Outcome::kept);
    CHECK(song.windows == 2);
    REQUIRE(song.phrases.count() == 2);
    CHECK(song.meter == "4/4");
    for (std::int64_t k = 0; k < 2; ++k) {
        for (int bar = 0; bar < 4; ++bar) {
            const int pitch = 3 + static_cast<int>(k) * 4 + bar;
            CHECK(phrase(song, k).at(bar * 96, 28 + pitch - paper_shape.lowest_pitch, index_of(Family::bass)));
            CHECK(phrase(song, k).at(bar * 96, 60 + pitch - paper_shape.lowest_pitch, index_of(Family::piano)));
        }
    }
    CHECK(cut(band(3)).outcome == Outcome::too_few_tracks);
}

TEST_CASE("song: a window needs enough tracks, each in enough bars") {
    io::MidiFile midi = band(8);
    std::erase_if(midi.notes, [](const io::MidiNote& note) { return note.track == 3 && note.onset >= 5 * bar_ticks; });
    CHECK(cut(midi).phrases.count() == 1);  // the piano plays in one bar of the second window only
    CHECK(cut(midi, {.min_active_bars = 1}).phrases.count() == 2);
    CHECK(cut(midi, {.min_tracks = 2}).phrases.count() == 2);
    const Song none = cut(midi, {.min_tracks = 4});
    CHECK(none.outcome == Outcome::too_few_tracks);
    CHECK(none.detail == "none of 2 windows of 4 bars has 4 active tracks");
    CHECK_THROWS_AS(cut(midi, {.min_tracks = 6}), tensor::Error);
    CHECK_THROWS_AS(cut(midi, {.min_active_bars = 0}), tensor::Error);
    CHECK_THROWS_AS(cut(midi, {.max_phrases = -1}), tensor::Error);
    CHECK_THROWS_AS(cut(midi, {.required_tracks = {5}}), tensor::Error);
}

TEST_CASE("song: repeated windows are kept once, and a cap takes them evenly") {
    io::MidiFile midi = band(40);
    Song song = cut(midi);
    CHECK(song.phrases.count() == 8);  // bars 32 to 39 sound like bars 0 to 7
    CHECK(song.duplicates == 2);
    song = cut(midi, {.max_phrases = 3});
    REQUIRE(song.phrases.count() == 3);
    const Song all = cut(midi);
    CHECK(phrase(song, 0) == phrase(all, 0));
    CHECK(phrase(song, 1) == phrase(all, 2));
    CHECK(phrase(song, 2) == phrase(all, 5));
}

TEST_CASE("song: only meters in force while notes begin count") {
    io::MidiFile midi = band(8, 4);
    midi.meters.clear();
    CHECK(cut(midi).meter == "none");
    CHECK(cut(midi).outcome == Outcome::kept);
    midi.meters = {{0, 3, 4}};
    CHECK(cut(midi).outcome == Outcome::meter);
    CHECK(cut(midi).detail == "3/4 at tick 0, expected four bars in a row of four quarters");
    midi.meters = {{0, 4, 4}, {7 * bar_ticks, 6, 8}};  // after three bars
    CHECK(cut(midi).outcome == Outcome::meter);
    CHECK(cut(midi).meter == "4/4;6/8");
    CHECK(cut(midi).detail == "6/8 at tick 13440, expected four bars in a row of four quarters");
    CHECK(cut(midi).foreign_bars == 6);
    midi.meters = {{0, 4, 4}, {40 * bar_ticks, 3, 4}};  // after the last note
    CHECK(cut(midi).outcome == Outcome::kept);
    midi.meters = {{0, 3, 4}, {4 * bar_ticks, 4, 4}};  // over before the first note
    CHECK(cut(midi).outcome == Outcome::kept);
}

TEST_CASE("song: bars begin where the meter stands") {
    io::MidiFile midi = band(4);
    for (io::MidiNote& note : midi.notes) {
        note.onset += 240;
        note.offset += 240;
    }
    midi.meters = {{240, 4, 4}};
    const Song song = cut(midi);
    REQUIRE(song.phrases.count() == 1);
    CHECK(phrase(song, 0).at(0, 28 - paper_shape.lowest_pitch, index_of(Family::bass)));
}

TEST_CASE("song: windows hold no foreign bar, and bars count anew after it") {
    // Bars 0 to 5, half a bar, then bars 6 to 15: windows of bars 0 to 3, 6 to 9 and 10 to 13.
    io::MidiFile midi = band(16);
    for (io::MidiNote& note : midi.notes) {
        if (note.onset < 6 * bar_ticks) continue;
        note.onset += bar_ticks / 2;
        note.offset += bar_ticks / 2;
    }
    midi.meters = {{0, 4, 4}, {6 * bar_ticks, 2, 4}, {6 * bar_ticks + bar_ticks / 2, 4, 4}};
    const Song song = cut(midi);
    CHECK(song.outcome == Outcome::kept);
    CHECK(song.windows == 3);
    CHECK(song.foreign_bars == 1);
    REQUIRE(song.phrases.count() == 3);
    const Song straight = cut(band(16));
    CHECK(phrase(song, 0) == phrase(straight, 0));
    CHECK(phrase(song, 1) == phrase(cut(band(4, 6)), 0));
    CHECK(phrase(song, 2) == phrase(cut(band(4, 10)), 0));
    const Song strict = cut(midi, {.strict_meter = true});
    CHECK(strict.outcome == Outcome::meter);
    CHECK(strict.detail == "2/4 at tick 11520, expected 4/4 throughout");
    // A repeat of a window counts over the whole song, and each stretch begins with its first bar that sounds.
    midi.meters = {{0, 4, 4}, {5 * bar_ticks, 2, 4}, {6 * bar_ticks + bar_ticks / 2, 4, 4}};
    std::erase_if(midi.notes,
                  [](const io::MidiNote& note) { return note.onset >= 6 * bar_ticks && note.onset < 8 * bar_ticks; });
    CHECK(cut(midi).windows == 3);
    CHECK(phrase(cut(midi), 1) == phrase(cut(band(4, 8)), 0));
}

TEST_CASE("song: 2/2 and 8/8 are as good as 4/4, but for the strict") {
    for (const int number : {2, 8}) {
        io::MidiFile midi = band(8);
        midi.meters = {{0, number, number}};
        const Song song = cut(midi);
        CHECK(song.outcome == Outcome::kept);
        CHECK(song.phrases.bits == cut(band(8)).phrases.bits);
        CHECK(song.meter == fmt::format("{0}/{0}", number));
        CHECK(cut(midi, {.strict_meter = true}).detail ==
              fmt::format("{0}/{0} at tick 0, expected 4/4 throughout", number));
    }
    CHECK(cut(band(8), {.strict_meter = true}).outcome == Outcome::kept);
}

TEST_CASE("song: missing tracks, no notes and stray notes have their own fates") {
    io::MidiFile midi = band(8);
    std::erase_if(midi.notes, [](const io::MidiNote& note) { return note.track == 1; });
    CHECK(cut(midi).outcome == Outcome::missing_track);
    CHECK(cut(midi).detail == "no bass");
    CHECK(cut(midi, {.required_tracks = {}, .min_tracks = 2}).phrases.count() == 2);
    CHECK(cut(io::MidiFile{}).outcome == Outcome::no_notes);
    midi = band(8);
    for (io::MidiNote& note : midi.notes) note.pitch = 5;
    CHECK(cut(midi).outcome == Outcome::no_notes);
    CHECK(cut(midi).counts.out_of_range == 24);
    midi = band(8);
    midi.notes.back().onset = midi.notes.back().offset = 5000 * bar_ticks;
    CHECK(cut(midi).outcome == Outcome::kept);
    CHECK(cut(midi).phrases.count() == 2);
    CHECK(cut(midi).counts.too_late == 1);
}

TEST_CASE("song: transposition to C moves pitched tracks and is told") {
    io::MidiFile midi = band(4);
    for (io::MidiNote& note : midi.notes) {
        static constexpr std::array<int, 4> chord{62, 66, 69, 74};  // D major
        if (note.track == 3) note.pitch = chord[static_cast<std::size_t>(note.onset / bar_ticks)];
        if (note.track == 1) note.pitch = 38;
    }
    const Song song = cut(midi, {.key = KeyRule::transpose});
    CHECK(song.key == "D major");
    CHECK(song.transposition == -2);
    REQUIRE(song.phrases.count() == 1);
    CHECK(phrase(song, 0).at(0, 60 - paper_shape.lowest_pitch, index_of(Family::piano)));
    CHECK(phrase(song, 0).at(0, 36 - paper_shape.lowest_pitch, index_of(Family::drums)));
    CHECK_FALSE(song.key_is_written);
    CHECK(cut(midi).key.empty());
    CHECK(cut(midi).transposition == 0);
}

TEST_CASE("song: only keys without accidentals, as written or estimated") {
    io::MidiFile midi = band(4);
    const auto play = [&](std::array<int, 4> piano) {
        for (io::MidiNote& note : midi.notes) {
            if (note.track == 3) note.pitch = piano[static_cast<std::size_t>(note.onset / bar_ticks)];
            if (note.track == 1) note.pitch = piano[0] - 24;
        }
    };
    const SongFilter filter{.key = KeyRule::c};
    play({62, 66, 69, 74});  // D major
    Song song = cut(midi, filter);
    CHECK(song.outcome == Outcome::key);
    CHECK(song.detail == "in D major (estimated), expected C major or A minor");
    CHECK(song.phrases.count() == 0);
    midi.keys = {{0, 0, false}};  // C major, which the notes belie
    CHECK(cut(midi, filter).detail == "in D major (estimated), expected C major or A minor");
    midi.keys = {{0, 2, true}};
    CHECK(cut(midi, filter).detail == "in B minor (written), expected C major or A minor");
    CHECK(cut(midi, {.key = KeyRule::transpose}).transposition == -2);
    play({60, 64, 67, 72});
    midi.keys.clear();
    song = cut(midi, filter);
    CHECK(song.outcome == Outcome::kept);
    CHECK(song.key == "C major");
    CHECK_FALSE(song.key_is_written);
    CHECK(song.transposition == 0);
    CHECK(song.phrases.bits == cut(midi).phrases.bits);
    midi.keys = {{0, 0, true}};
    song = cut(midi, filter);
    CHECK(song.outcome == Outcome::kept);
    CHECK(song.key == "A minor");
    CHECK(song.key_is_written);
    midi.keys = {{0, 1, false}};  // G major, whose scale holds all of C, E and G, too
    CHECK(cut(midi, filter).detail == "in G major (written), expected C major or A minor");
}

TEST_CASE("song: cleansed as the Lakh Pianoroll Dataset is") {
    io::MidiFile midi = band(8);
    const SongFilter filter{.cleanse = Cleansing::lpd};
    CHECK(cut(midi, filter).phrases.bits == cut(midi).phrases.bits);
    midi.meters = {};
    CHECK(cut(midi, filter).outcome == Outcome::meter);
    CHECK(cut(midi, filter).detail == "no time signature, expected one time signature, 4/4 at tick 0");
    CHECK(cut(midi, {.strict_meter = true, .cleanse = Cleansing::lpd}).detail == cut(midi, filter).detail);
    midi.meters = {{0, 2, 2}};
    CHECK(cut(midi, {.strict_meter = true, .cleanse = Cleansing::lpd}).detail ==
          "2/2 at tick 0, expected 4/4 throughout");
    CHECK(cut(midi).outcome == Outcome::kept);
}

TEST_CASE("song: families by the rule of LPD-5 lack synthetic effects") {
    io::MidiFile midi = band(8);
    for (io::MidiNote& note : midi.notes)
        if (note.track == 3) note.program = 99;
    CHECK(cut(midi).has_track[static_cast<std::size_t>(index_of(Family::strings))]);
    const Song song = cut(midi, {.min_tracks = 2, .families = FamilyRule::lpd5});
    CHECK(song.outcome == Outcome::kept);
    CHECK_FALSE(song.has_track[static_cast<std::size_t>(index_of(Family::strings))]);
    CHECK(song.counts.no_family == 8);
}

namespace {

/// A kind of source that is no MIDI file: a bass line and drums of eight bars, in cells.
struct CellSource final : SongSource {
    Meter said{"4/4", "", "", 0};

    std::int64_t note_count() const override { return 16; }
    Meter meter() const override { return said; }
    Chroma chroma(FamilyRule) const override { return {0, 0, 4, 0, 1, 0, 2, 0, 0, 2, 0, 1}; }  // D major
    CountedRoll roll(const RollRequest& request) const override {
        CountedRoll result;
        result.roll = PianoRoll(paper_shape, 8 * paper_shape.steps_per_bar());
        result.counts.notes = result.counts.kept = 16;
        for (int bar = 0; bar < 8; ++bar) {
            const int step = bar * paper_shape.steps_per_bar();
            result.roll.set_run(step, step + 20, 14 + bar + request.transposition, 0);
            result.roll.set(step, 12, 1);
        }
        return result;
    }
    CountedRoll whole_roll() const override { return roll({}); }
};

}  // namespace

TEST_CASE("song: whatever kind of source answers the questions becomes phrases") {
    CellSource source;
    const SongFilter filter{.min_tracks = 2, .key = KeyRule::transpose};
    const Song song = cut_song(source, filter);
    CHECK(song.outcome == Outcome::kept);
    CHECK(song.key == "D major");
    CHECK(song.transposition == -2);
    CHECK(song.counts.kept == 16);
    CHECK(song.windows == 2);
    REQUIRE(song.phrases.count() == 2);
    const PianoRoll moved = source.roll({.transposition = -2}).roll;
    CHECK(std::ranges::equal(song.phrases.bits, moved.bits()));
    source.said = {"3/4", "3/4 there", "", 0};
    CHECK(cut_song(source, filter).outcome == Outcome::kept);
    const Song strict = cut_song(source, {.min_tracks = 2, .strict_meter = true});
    CHECK(strict.outcome == Outcome::meter);
    CHECK(strict.detail == "3/4 there, expected 4/4 throughout");
}

TEST_CASE("song: whole, as it is, or the reason in the source's words") {
    const io::MidiFile midi = band(6, 1);
    const CountedRoll song = whole_song(MidiSource(midi), "a.mid");
    CHECK(song.roll.steps() == 7 * 96);  // from tick 0 on, while what is cut begins with the first note
    CHECK(MidiSource(midi).roll({}).roll.steps() == 6 * 96);
    CHECK(std::ranges::equal(song.roll.phrase_bits(1), MidiSource(midi).roll({}).roll.phrase_bits(0)));
    CHECK(song.counts.kept == 18);
    io::MidiFile waltz = midi;
    waltz.meters = {{0, 3, 4}};
    CHECK_THROWS_WITH_AS(whole_song(MidiSource(waltz), "a.mid"),
                         "[a.mid] 3/4 at tick 0, expected bars of four quarters throughout", tensor::Error);
    io::MidiFile effects = midi;
    for (io::MidiNote& note : effects.notes) note.channel = 0, note.program = 120;
    CHECK_THROWS_WITH_AS(whole_song(MidiSource(effects), "a.mid"),
                         "[a.mid] none of 18 notes is left in the five families and pitches 24 to 107", tensor::Error);
    io::MidiFile silent = midi;
    silent.notes.clear();
    CHECK_THROWS_WITH_AS(whole_song(MidiSource(silent), "a.mid"), "[a.mid] the file holds no notes", tensor::Error);
    io::MidiFile stray = midi;
    stray.notes.push_back(stray.notes.back());
    stray.notes.back().offset = stray.notes.back().onset = 5000 * bar_ticks;
    CHECK(whole_song(MidiSource(stray), "a.mid").roll == song.roll);
}

TEST_CASE("song: whole, an upbeat stands at the end of the first bar") {
    io::MidiFile midi = band(4);
    for (io::MidiNote& note : midi.notes) {
        note.onset += 480;
        note.offset += 480;
    }
    midi.notes.insert(midi.notes.begin(), {0, 480, 1, 0, 33, 40, 90});
    midi.meters = {{0, 1, 4}, {480, 4, 4}};
    const MidiSource source(midi);
    CHECK(source.origin_tick() == 480 - bar_ticks);
    const CountedRoll whole = whole_song(source, "a.mid");
    CHECK(whole.roll.steps() == 5 * 96);
    CHECK(whole.roll.at(72, 40 - paper_shape.lowest_pitch, index_of(Family::bass)));
    CHECK(whole.roll.phrase_bits(1).front() == cut(band(4)).phrases.bits.front());
    CHECK(std::ranges::equal(whole.roll.phrase_bits(1), cut(band(4)).phrases.bits));
    CHECK(cut(midi).phrases.bits == cut(band(4)).phrases.bits);
}
