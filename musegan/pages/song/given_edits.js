// Edits of one track of a roll, which a pointer or keys make: a note is sketched while it is drawn, stays or goes when
// it is done, and every edit can be taken back.

import {flipCells, noteOver, noteWithin, placesOfEdit, placesOfTrack} from './given_notes.js';
import {noteText} from './given_words.js';

/**
 * Changes `roll`, which load(roll) puts there. drawn() is called for whatever is to be seen, changed(roll) after each
 * edit, say(text) with what was done. `unit` is the length of a cell of the drawing grid.
 */
export function givenEdits({track, about, unit, drawn, changed, say}) {
  let done = [], undone = [];  // edits, each a list of places that flipped
  const edits = {
    roll: null, unit,
    /** The note that is being drawn: {old, begin, pitch, places}, and what its pointer needs. */
    gesture: null,
    load(roll) {
      if (edits.gesture) flipCells(edits.roll, edits.gesture.places);
      [done, undone] = [[], []];
      Object.assign(edits, {roll, gesture: null});
    },
    unitAt: step => Math.floor(step / edits.unit) * edits.unit,
    /** The note on a cell of the drawing grid, or null. */
    noteOn: (step, pitch) => noteWithin(edits.roll, track, step, step + edits.unit, pitch),
    /** What a press at a step meets: a note with its rest, a hit on the cell. */
    noteAt(step, pitch) {
      if (about.isDrums) return edits.noteOn(edits.unitAt(step), pitch);
      return noteOver(edits.roll, track, step, pitch) ?? noteOver(edits.roll, track, step - 1, pitch);
    },
    begin(gesture) { edits.gesture = {...gesture, places: []}; },
    /** Shows the note as it is with this end. */
    sketch(end) {
      const {gesture, roll} = edits, {begin, pitch} = gesture;
      flipCells(roll, gesture.places);
      gesture.places = placesOfEdit(roll, track, gesture.old, {begin, end, pitch});
      flipCells(roll, gesture.places);
      drawn();
    },
    /** What was sketched stays, or all is as it was. */
    finish(stays) {
      const {roll, gesture: {places, begin, pitch}} = edits;
      edits.gesture = null;
      flipCells(roll, places);
      if (!stays) return drawn();
      edit(places);
      say(noteText(about, noteOver(roll, track, begin, pitch)));
    },
    remove(note) {
      edit(placesOfEdit(edits.roll, track, note, null));
      say(`Removed ${noteText(about, note)}`);
    },
    clear() {
      edit(placesOfTrack(edits.roll, track));
      say(`All notes of ${about.name} removed; Undo brings them back`);
    },
    canTakeBack: () => done.length > 0,
    canDoAgain: () => undone.length > 0,
    takeBack: () => step(done, undone, 'Taken back'),
    doAgain: () => step(undone, done, 'Done again'),
  };
  function edit(places) {
    flipCells(edits.roll, places);
    if (places.length > 0) {
      done.push(places);
      undone = [];
      changed(edits.roll);
    }
    drawn();
  }
  function step(from, to, words) {
    if (from.length === 0) return;
    to.push(from.pop());
    flipCells(edits.roll, to.at(-1));
    changed(edits.roll);
    drawn();
    say(words);
  }
  return edits;
}
