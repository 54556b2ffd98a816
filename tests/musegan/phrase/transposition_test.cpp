// Phrases in other keys: what moves, what stays, and which phrases cannot be moved.
#include "musegan/phrase/transposition.hpp"

#include <doctest/doctest.h>

#include "musegan/phrase/midi_roll.hpp"
#include "tests/musegan/phrase/rolls.hpp"

using namespace musegan;

namespace {

/// A phrase whose pitched tracks play the pitch indices [low, high], and drums the very lowest and highest.
PackedPhrases between(int low, int high) {
    PianoRoll roll(paper_shape, paper_shape.steps());
    for (const int pitch : {low, high})
        for (const int track : {0, 2, 3, 4}) roll.set_run(track * 7, track * 7 + 90 + pitch, pitch, track);
    roll.set(0, 0, 1);
    roll.set(383, 83, 1);
    return {paper_shape, {roll.bits().begin(), roll.bits().end()}};
}

}  // namespace

TEST_CASE("transposition: all tracks but the drums move, and move back") {
    const PackedPhrases phrase = between(20, 60);
    const PackedPhrases moved = transposed(phrase, 5);
    const PianoRoll roll = moved.view().roll(0);
    for (const Run& run : note_runs(phrase.view().roll(0)))
        for (std::int64_t step = run.begin; step < run.end; ++step)
            CHECK(roll.at(step, run.pitch + (run.track == 1 ? 0 : 5), run.track));
    CHECK(note_runs(roll).size() == note_runs(phrase.view().roll(0)).size());
    CHECK(transposed(moved, -5) == phrase);
    CHECK(transposed(phrase, 0) == phrase);
}

TEST_CASE("transposition: a phrase with a note that would leave the pitches is left out, the others stay in order") {
    PackedPhrases phrases = between(20, 60);
    phrases.append(between(0, 60).bits);
    phrases.append(between(20, 83).bits);
    CHECK(transposed(phrases, 0).count() == 3);
    PackedPhrases up = transposed(between(20, 60), 1);
    up.append(transposed(between(0, 60), 1).bits);
    CHECK(transposed(phrases, 1) == up);
    PackedPhrases down = transposed(between(20, 60), -1);
    down.append(transposed(between(20, 83), -1).bits);
    CHECK(transposed(phrases, -1) == down);
    CHECK(transposed(phrases, 84).count() == 0);
}

TEST_CASE("transposition: the cells are those of the notes, moved before they became cells") {
    const io::MidiFile midi = midi_from_roll(between(20, 60).view().roll(0));
    for (const int semitones : {-7, 3}) {
        const PianoRoll roll = roll_from_midi(midi, {.transpose = semitones}).roll;
        CHECK(transposed(between(20, 60), semitones).view().roll(0) == support::resized(roll, paper_shape.steps()));
    }
}

TEST_CASE("transposition: on any grid") {
    const PhraseShape coarse = paper_shape.on_grid(4);
    PianoRoll roll(coarse, coarse.steps());
    roll.set(3, 10, 0);
    roll.set(3, 10, 1);
    const PackedPhrases phrase{coarse, {roll.bits().begin(), roll.bits().end()}};
    const PianoRoll moved = transposed(phrase, 2).view().roll(0);
    CHECK(note_runs(moved) == std::vector<Run>{{3, 4, 12, 0}, {3, 4, 10, 1}});
}
