// What an editor of notes says of places and notes.

import {drumName} from '../player/drum_samples.js';
import {pitchName, placeText} from '../player/phrase.js';
import {finestGrid, rollLowestPitch} from './roll_cells.js';

const numberOfBeats = steps => +(steps / finestGrid).toFixed(2);

/** "1 beat", "0.25 beats". */
const beatsText = steps => numberOfBeats(steps) === 1 ? '1 beat' : `${numberOfBeats(steps)} beats`;

/** "C4, bar 1, beat 2 + 0.25": the key or drum of a row, and the place of a step. */
export function cellText({isDrums}, step, pitch) {
  const key = pitch + rollLowestPitch, after = numberOfBeats(step % finestGrid);
  const place = placeText({stepsPerBeat: finestGrid}, step);
  return `${isDrums ? drumName(key) : pitchName(key)}, ${place}${after ? ` + ${after}` : ''}`;
}

/** The same of a note, with how long it is heard. */
export function noteText(about, {begin, pitch, length}) {
  const place = cellText(about, begin, pitch);
  return about.isDrums ? place : `${place}, ${beatsText(length + 1)}`;
}
