// What the worker is asked for and what becomes of its answers: a phrase of its own, or music to a given track.

import {data} from '../kit/elements.js';
import {decodePhrase, phraseOf} from '../player/phrase.js';
import {givenPhrases, notesOfRoll, putTogether} from '../song/accompaniment.js';
import {expandRoll} from '../song/grid.js';
import {finestGrid, silentRoll} from '../song/roll_cells.js';
import {fileName, recipeName} from './recipe.js';

const usualTempo = 120;

/** Music of a model from scratch: one phrase, on the model's grid. */
export function scratchSource({bars, stepsPerBeat, pitches, lowestPitch}, tracks) {
  const phrase = (recipe, notes) => phraseOf({
    name: recipeName(recipe, tracks), file: fileName(recipe, tracks), steps: bars * 4 * stepsPerBeat, stepsPerBeat,
    lowestPitch, pitches, tempos: [[0, usualTempo]],
  }, notes);
  return {
    job: recipe => ({
      phrases: [{k: 0, given: null, place: ''}],
      result: ([reply]) => phrase(recipe, reply.answer.notes),
    }),
    silence: recipe => phrase(recipe, tracks.map(() => [])),
  };
}

/** Notes of one track as a roll of the finest grid. */
function rollOfTrack(phrase, track) {
  const {steps, stepsPerBeat, pitches, lowestPitch} = phrase, cells = new Uint8Array(steps * pitches * 5);
  for (const {begin, pitch, length} of phrase.tracks[track])
    for (let step = begin; step < begin + length; ++step) cells[(step * pitches + pitch) * 5 + track] = 1;
  return expandRoll({steps, stepsPerBeat, pitches, lowestPitch, cells});
}

/** The track that the samples of the run were made to; without samples four bars of silence. */
export function firstSong({bars, given}) {
  const sample = data.samples?.phrases[0];
  const roll = sample === undefined ? silentRoll(bars * 4 * finestGrid, finestGrid) :
    rollOfTrack(decodePhrase(data.phrases[sample]), given);
  return {name: sample === undefined ? 'silence' : 'sample', tempos: [[0, usualTempo]], roll};
}

/** A number that says whether four bars of a track are others. */
function fingerprint(given) {
  let sum = 0x811c9dc5;
  for (let k = 0; k < given.length; ++k) if (given[k] > 0) sum = Math.imul(sum ^ k, 0x01000193);
  return sum >>> 0;
}

/**
 * A source has job(recipe) = {phrases, result(replies)}: what the worker is asked for, and the phrase for the player
 * that becomes of its answers; and silence(recipe), what is shown before.
 *
 * This one makes music to the given track of song(), {name, roll, tempos}, four bars at a time; of a track that was changed the bars
 * are made anew that changed.
 */
export function givenSource({stepsPerBeat, given}, tracks, song) {
  let made = new Map();
  function shown({name, tempos}, {steps, stepsPerBeat: grid, lowestPitch, pitches}, words, notes) {
    const whole = name + words, file = whole.replace(/[^A-Za-z0-9]+/g, '_');
    return phraseOf({name: whole, file, steps, stepsPerBeat: grid, lowestPitch, pitches, tempos}, notes);
  }
  return {
    job(recipe) {
      const now = song(), words = JSON.stringify(recipe);
      const all = givenPhrases(now.roll, given, stepsPerBeat).map(
        (track, k) => ({k, given: track, place: `${k} ${fingerprint(track)}`}));
      const cells = new Map(all.map(({place}) => [place, made.get(place + words)]));
      const phrases = all.filter(({place}) => !cells.get(place));
      return {
        phrases,
        result(replies) {
          phrases.forEach(({place}, k) => cells.set(place, replies[k].answer.cells));
          made = new Map([...cells].map(([place, each]) => [place + words, each]));
          const whole = putTogether(now.roll, [...cells.values()], given, stepsPerBeat);
          return shown(now, whole, `, ${recipeName(recipe, tracks)}`, notesOfRoll(whole));
        },
      };
    },
    silence: () => shown(song(), song().roll, '', notesOfRoll(song().roll)),
  };
}
