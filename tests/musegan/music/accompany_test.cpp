// Music to a track of a song: what depends on what, and that the song's own cells stay as they are.
#include "musegan/music/accompany.hpp"

#include <doctest/doctest.h>

#include "musegan/music/files.hpp"
#include "musegan/music/generate.hpp"
#include "musegan/phrase/midi_roll.hpp"
#include "musegan/phrase/tempo_map.hpp"
#include "tensor/error.hpp"
#include "tests/musegan/music/small_model.hpp"
#include "tests/musegan/phrase/rolls.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace musegan;
using support::only;
using support::resized;
using support::small_model;
using support::small_song_roll;

namespace {

constexpr int bass = index_of(Family::bass), drums = index_of(Family::drums), guitar = index_of(Family::guitar),
              piano = index_of(Family::piano), strings = index_of(Family::strings);
constexpr std::int64_t bar_steps = paper_shape.steps_per_bar();

constexpr MultiTrackModel all_models[]{MultiTrackModel::jamming, MultiTrackModel::composer, MultiTrackModel::hybrid};

std::int64_t cells_of(const PianoRoll& roll) {
    std::int64_t count = 0;
    for_each_cell(roll.shape(), roll.bits(), [&](std::int64_t, int, int) { ++count; });
    return count;
}

/// The song with other cells in one track: one note per bar.
PianoRoll with_other(const PianoRoll& song, int track) {
    PianoRoll other(song.shape(), song.steps());
    for_each_cell(song.shape(), song.bits(), [&](std::int64_t step, int pitch, int each) {
        if (each != track) other.set(step, pitch, each);
    });
    for (std::int64_t step = 0; step < song.steps(); step += bar_steps) other.set_run(step, step + 40, 30, track);
    return other;
}

}  // namespace

TEST_CASE("accompaniment depends on the given track, and on no other of the song") {
    const PianoRoll song = small_song_roll(6);
    for (const MultiTrackModel kind : all_models) {
        CAPTURE(std::string(tensor::name_of(kind)));
        const Model model = small_model(kind, Condition::piano);
        const PianoRoll music = accompany(model, song);
        CHECK(music.steps() == song.steps());
        CHECK(only(music, piano) == only(song, piano));
        CHECK(cells_of(only(music, strings)) > 0);
        for (const int other : {bass, drums, guitar, strings})
            CHECK(accompany(model, with_other(song, other)) == music);
        const PianoRoll to_other = accompany(model, with_other(song, piano));
        for (const int made : {bass, drums, guitar, strings}) {
            CAPTURE(tracks[static_cast<std::size_t>(made)].name);
            CHECK_FALSE(only(to_other, made) == only(music, made));
        }
    }
}

TEST_CASE("the given track is the song's cell by cell in the MIDI file, on fine and coarse grids") {
    const io::MidiFile midi = synthesize_song(3, 0);
    const MidiSource source(midi);
    const PianoRoll song = whole_song(source, "song").roll;
    for (const int grid : {4, 24}) {
        CAPTURE(grid);
        const Model model = small_model(MultiTrackModel::hybrid, Condition::drums, grid);
        const PianoRoll music = accompany(model, song, {.keep = {guitar}});
        support::TemporaryFolder folder;
        const auto tempos = tempo_map_of(midi, source.origin_tick(), music);
        const auto files = write_song(folder / "out", "song", music, tempos);
        REQUIRE(files.size() == 3);
        CHECK(files[0] == folder / "out/song.mid");
        CHECK(files[1] == folder / "out/song.npz");
        CHECK(files[2] == folder / "out/song.png");
        const io::MidiFile written = io::read_midi(files[0]);
        const PianoRoll read = whole_song(MidiSource(written), "written").roll;
        CHECK(read.steps() == song.steps());
        CHECK(only(read, drums) == only(song, drums));
        CHECK(only(read, guitar) == only(song, guitar));
        CHECK(read == music);
        CHECK(written.tempos == tempos);
        // Runs up to the end are notes of one step more (midi_from_roll).
        const std::int64_t end = song.steps() * roll_ticks_per_quarter / PhraseShape::finest;
        CHECK(written.last_tick >= end);
        CHECK(written.last_tick <= end + roll_ticks_per_quarter / PhraseShape::finest);
    }
}

TEST_CASE("a song that goes on does not change the phrases before") {
    const PianoRoll song = small_song_roll(12);
    for (const int grid : {4, 24}) {
        const Model model = small_model(MultiTrackModel::hybrid, Condition::bass, grid);
        for (const Binarize way : {Binarize::threshold, Binarize::bernoulli}) {
            CAPTURE(grid);
            const AccompanyOptions options{.sampling = {.seed = 5, .binarize = way}};
            const PianoRoll whole = accompany(model, song, options);
            for (const std::int64_t bars : {1, 3, 4, 7, 8, 11}) {
                CAPTURE(bars);
                const PianoRoll start = accompany(model, resized(song, bars * bar_steps), options);
                CHECK(start.steps() == bars * bar_steps);
                // On a coarser grid a note that the song goes on to hold has one more step of the finest.
                const std::int64_t same = bars / 4 * 4 * bar_steps;
                CHECK(reduce(resized(start, same), grid) == reduce(resized(whole, same), grid));
            }
        }
    }
}

TEST_CASE("shared vectors are drawn once per song, those per bar for every phrase, from the seed") {
    // Of a song that repeats itself every four bars, only the vectors per bar differ from phrase to phrase.
    const PianoRoll four = small_song_roll(4);
    PackedPhrases phrases{four.shape(), {four.bits().begin(), four.bits().end()}};
    for (int k = 0; k < 2; ++k) phrases.append(four.bits());
    const PianoRoll song = join_phrases(phrases);
    const Model model = small_model(MultiTrackModel::composer, Condition::piano, 24);
    const auto phrase = [](const PianoRoll& roll, std::int64_t k) {
        return std::vector<std::uint8_t>(roll.phrase_bits(4 * k).begin(), roll.phrase_bits(4 * k).end());
    };
    const Sampling sampling{.seed = 8};
    const PianoRoll music = accompany(model, song, {.sampling = sampling});
    const Tensor given = given_track_of(model, phrases.view().first(1));
    const Latents first = draw_latents(model, sampling, 0);
    for (std::int64_t k = 0; k < 3; ++k) {
        Latents latents = first;
        latents.vectors[1] = draw_latents(model, sampling, k).vectors[1];  // z_t
        CHECK(decode(model, latents, given, {}).bits == phrase(music, k));
    }
    CHECK(phrase(music, 0) != phrase(music, 1));
    CHECK(phrase(music, 1) != phrase(music, 2));
    CHECK_FALSE(accompany(model, song, {.sampling = {.seed = 9}}) == music);
    CHECK(phrase(music, 0) ==
          generate_phrases(model, {.phrases = 1, .sampling = sampling}, phrases.view().first(1)).bits);
}

TEST_CASE("kept tracks stand in place of the ones made") {
    const PianoRoll song = small_song_roll(5);
    const Model model = small_model(MultiTrackModel::hybrid, Condition::piano);
    const PianoRoll music = accompany(model, song);
    const PianoRoll kept = accompany(model, song, {.keep = {drums, bass, piano}});
    for (const int track : {drums, bass, piano}) CHECK(only(kept, track) == only(song, track));
    for (const int track : {guitar, strings}) CHECK(only(kept, track) == only(music, track));
    CHECK_FALSE(only(music, bass) == only(song, bass));
    CHECK(accompany(model, song, {.keep = {bass, drums, guitar, piano, strings}}) == song);
}

TEST_CASE("progress counts the phrases of a song, and what it throws ends the work") {
    const PianoRoll song = small_song_roll(11);
    const Model model = small_model(MultiTrackModel::composer, Condition::drums);
    std::int64_t done = 0, total = 0;
    AccompanyOptions options;
    options.progress = [&](std::int64_t k, std::int64_t of) {
        CHECK(k == done + 1);
        done = k;
        total = of;
    };
    accompany(model, song, options);
    CHECK(done == 3);
    CHECK(total == 3);
    struct Enough {};
    options.progress = [](std::int64_t k, std::int64_t) {
        if (k == 2) throw Enough();
    };
    CHECK_THROWS_AS(accompany(model, song, options), Enough);
}

TEST_CASE("accompany refuses models that are given another track or none, and songs without it") {
    const Model piano_model = small_model(MultiTrackModel::hybrid, Condition::piano);
    const Model scratch = small_model(MultiTrackModel::composer);
    const PianoRoll song = small_song_roll(4);
    CHECK_THROWS_WITH_AS(accompany(scratch, song),
                         "[accompany] the model is a composer from scratch, expected one given a track (musegan train "
                         "--condition TRACK trains one)",
                         tensor::Error);
    CHECK_THROWS_WITH_AS(require_given(scratch.config(), "bass"),
                         "[accompany] the model is a composer from scratch, expected one given bass (musegan train "
                         "--condition bass trains one)",
                         tensor::Error);
    CHECK_THROWS_WITH_AS(require_given(piano_model.config(), "drums"),
                         "[accompany] the model is a hybrid given piano, expected one given drums (musegan train "
                         "--condition drums trains one)",
                         tensor::Error);
    CHECK_THROWS_WITH_AS(require_given(piano_model.config(), "flute"),
                         "[tracks] no track is called 'flute', expected one of bass,drums,guitar,piano,strings",
                         tensor::Error);
    CHECK_NOTHROW(require_given(piano_model.config(), "piano"));
    CHECK_NOTHROW(require_given(piano_model.config(), ""));
    CHECK_THROWS_WITH_AS(
        require_given_notes(piano_model.config(), only(song, strings), "song.mid"),
        "[song.mid] no note of piano, expected some for hybrid given piano; tracks with notes: strings (notes become "
        "tracks by their program, counted from 0: piano 0 to 7, guitar 24 to 31, bass 32 to 39, strings 8 to 23 and 40 "
        "to 111, drums all of channel 10)",
        tensor::Error);
    CHECK_THROWS_AS(accompany(piano_model, only(song, bass)), tensor::Error);
    CHECK_THROWS_AS(accompany(piano_model, PianoRoll()), tensor::Error);
    CHECK_THROWS_WITH_AS(accompany(piano_model, reduce(song, 4)),
                         "[accompany] a song in 4 bars, 4 steps per beat, pitches 24 to 107, "
                         "bass,drums,guitar,piano,strings, expected 4 bars, 24 steps per beat, pitches 24 to 107, "
                         "bass,drums,guitar,piano,strings",
                         tensor::Error);
    CHECK_THROWS_WITH_AS(accompany(piano_model, song, {.keep = {5}}),
                         "[accompany] keep no track, expected names out of bass,drums,guitar,piano,strings",
                         tensor::Error);
}
