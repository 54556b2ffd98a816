// A song's given track for a model, and the song's tracks with those that the model made: as accompany
// (music/accompany.hpp) cuts and joins them.

import {beatsPerBar} from '../player/phrase.js';
import {expandRoll, reduceRoll} from './grid.js';
import {barsPerPhrase, drumTrack, finestGrid, rollPitches, rollTracks, silentRoll} from './roll_cells.js';

const cellsOfStep = rollPitches * rollTracks;

/** The track of every four bars of a roll of the finest grid, as numbers [T, P] of -1 and 1; the rest is silence. */
export function givenPhrases(roll, track, stepsPerBeat) {
  const reduced = reduceRoll(roll, stepsPerBeat), steps = barsPerPhrase * beatsPerBar * stepsPerBeat;
  return Array.from({length: Math.ceil(reduced.steps / steps)}, (_, k) => {
    const begin = k * steps * cellsOfStep + track;
    return Float32Array.from({length: steps * rollPitches}, (_, place) =>
      reduced.cells[begin + place * rollTracks] ? 1 : -1);
  });
}

/**
 * The song's own `given` track with the others of `madePhrases` (cells of four bars each on the model's grid), on the
 * finest grid, as many whole bars as the song. Notes are held where one phrase ends and the next begins with the same
 * pitch. Phrases that are not made yet are silence.
 */
export function putTogether(roll, madePhrases, given, stepsPerBeat) {
  const steps = barsPerPhrase * beatsPerBar * stepsPerBeat, bar = beatsPerBar * finestGrid;
  const joined = silentRoll(steps * madePhrases.length, stepsPerBeat);
  madePhrases.forEach((cells, k) => joined.cells.set(cells, k * steps * cellsOfStep));
  const made = expandRoll(joined), result = silentRoll(Math.ceil(roll.steps / bar) * bar, finestGrid);
  result.cells.forEach((_, place) => {
    const isGiven = place % rollTracks === given;
    result.cells[place] = (isGiven ? roll : made).cells[place];
  });
  return result;
}

/** A list of notes {begin, pitch, length} for each track, sorted by (begin, pitch), as note_runs finds them. */
export function notesOfRoll({steps, stepsPerBeat, cells}) {
  const tracks = Array.from({length: rollTracks}, () => []), open = Array(cellsOfStep).fill(null);
  for (let step = 0, place = 0; step < steps; ++step)
    for (let cell = 0; cell < cellsOfStep; ++cell, ++place) {
      if (!cells[place]) {
        open[cell] = null;
        continue;
      }
      const track = cell % rollTracks, pitch = (cell - track) / rollTracks;
      // Drums of a coarser grid fill their steps, so that hits in a row touch.
      if (open[cell] && !(track === drumTrack && stepsPerBeat < finestGrid)) ++open[cell].length;
      else tracks[track].push(open[cell] = {begin: step, pitch, length: 1});
    }
  return tracks;
}
