// Notes of one track of a roll of the finest grid, and what edits change: the places of cells that flip. The same
// places flipped again undo an edit.

import {drumTrack, rollPitches, rollTracks} from './roll_cells.js';

const givenPlace = (track, step, pitch) => (step * rollPitches + pitch) * rollTracks + track;

const isOn = (roll, track, step, pitch) =>
  step >= 0 && step < roll.steps && roll.cells[givenPlace(track, step, pitch)] === 1;

/** The note that has a cell, {begin, pitch, length}, or null. Each cell of drums is a hit. */
export function noteOver(roll, track, step, pitch) {
  if (!isOn(roll, track, step, pitch)) return null;
  let begin = step, end = step + 1;
  while (track !== drumTrack && isOn(roll, track, begin - 1, pitch)) --begin;
  while (track !== drumTrack && isOn(roll, track, end, pitch)) ++end;
  return {begin, pitch, length: end - begin};
}

/** The first note of a pitch with a cell in [from, to), or null. */
export function noteWithin(roll, track, from, to, pitch) {
  for (let step = from; step < to; ++step) {
    const note = noteOver(roll, track, step, pitch);
    if (note) return note;
  }
  return null;
}

/** Notes with a cell in [from, to), sorted by (begin, pitch). */
export function notesBetween(roll, track, from, to) {
  const notes = [];
  for (let step = from; step < to; ++step)
    for (let pitch = 0; pitch < rollPitches; ++pitch)
      if (step === from || track === drumTrack || !isOn(roll, track, step - 1, pitch)) {
        const note = noteOver(roll, track, step, pitch);
        if (note) notes.push(note);
      }
  return notes.sort((a, b) => a.begin - b.begin || a.pitch - b.pitch);
}

/**
 * What flips where the note `old` goes and {begin, end, pitch} comes; each may be null. Before `end` there is a step of
 * rest, as rolls of the finest grid have it, by which two notes of one pitch stay two. What lies below is covered.
 */
export function placesOfEdit(roll, track, old, note) {
  const wanted = new Map();
  const want = (step, pitch, isOn) => {
    if (step >= 0 && step < roll.steps) wanted.set(givenPlace(track, step, pitch), Number(isOn));
  };
  for (let k = 0; k < (old?.length ?? 0); ++k) want(old.begin + k, old.pitch, false);
  if (note && track === drumTrack) want(note.begin, note.pitch, true);
  else if (note) {
    const end = Math.min(note.end, roll.steps);
    want(note.begin - 1, note.pitch, false);
    for (let step = note.begin; step < end; ++step) want(step, note.pitch, step < end - 1);
  }
  return [...wanted].filter(([place, isOn]) => roll.cells[place] !== isOn).map(([place]) => place);
}

/** What flips where all notes of the track go. */
export function placesOfTrack(roll, track) {
  const places = [];
  for (let place = track; place < roll.cells.length; place += rollTracks) if (roll.cells[place]) places.push(place);
  return places;
}

export function flipCells(roll, places) {
  for (const place of places) roll.cells[place] = 1 - roll.cells[place];
}
