// Which notes begin when. Numbers alone: no clock, no sound, no page.

import {firstPlace, secondsAt} from './phrase.js';

/** So many notes of a track sound at a time, at most. */
export const mostVoices = 16;

/** Of `count` things, `kept` that are spread over them. */
const spread = (count, kept) => Array.from({length: kept}, (_, k) => Math.floor((k + 0.5) * count / kept));

/** Of a track's notes those that find a voice: where too many begin together, as many as there are voices, spread. */
function notesWithVoices(notes, shortest) {
  const kept = [];
  let ends = [];
  for (let k = 0, after; k < notes.length; k = after) {
    const {begin} = notes[k];
    for (after = k; after < notes.length && notes[after].begin === begin; ) ++after;
    ends = ends.filter(end => end > begin);
    const room = Math.min(after - k, mostVoices - ends.length);
    for (const place of spread(after - k, room)) {
      kept.push(notes[k + place]);
      ends.push(begin + Math.max(shortest, notes[k + place].length));
    }
  }
  return kept;
}

/** All notes that sound, sorted by begin, and how many do not since too many sound at their time. */
export function playableNotes(phrase) {
  const shortest = phrase.stepsPerBeat / 8;
  const notes = phrase.tracks.flatMap((list, track) =>
    notesWithVoices(list, shortest).map(({begin, pitch, length}) => ({begin, pitch, length, track})));
  notes.sort((a, b) => a.begin - b.begin);
  const all = phrase.tracks.reduce((sum, list) => sum + list.length, 0);
  return {notes, left: all - notes.length, longest: notes.reduce((most, note) => Math.max(most, note.length), 0)};
}

/** How many of these notes sound together at most. */
export function peakOfVoices({notes}) {
  const ends = notes.map(({begin, length}) => begin + length).sort((a, b) => a - b);
  let peak = 0, ended = 0;
  notes.forEach(({begin}, k) => {
    while (ends[ended] <= begin) ++ended;
    peak = Math.max(peak, k + 1 - ended);
  });
  return peak;
}

/**
 * A phrase on its way: at second `time` of a clock it stands at `step`, and goes `factor` times as fast as it says.
 * `pieces` say from which time on it stands where; a loop and another tempo begin a new one.
 */
export function makeRun(phrase, playable, {time, step, factor, loops}) {
  const seconds = secondsAt(phrase, step);
  return {
    phrase, playable, loops, horizon: time, end: secondsAt(phrase, phrase.steps), isDone: false, isBegun: false,
    next: firstPlace(playable.notes, step, note => note.begin), begin: step, pieces: [{time, seconds, factor}],
  };
}

const secondsIn = (piece, time) => piece.seconds + (time - piece.time) * piece.factor;

/** Where it stands at a time of the clock, in seconds of the phrase at its own tempo. */
export function secondsOfRun(run, time) {
  const piece = run.pieces.findLast(each => each.time <= time) ?? run.pieces[0];
  return Math.min(run.end, Math.max(piece.seconds, secondsIn(piece, time)));
}

/** From what has been scheduled on, it goes so many times as fast. */
export function changeFactor(run, factor) {
  const last = run.pieces.at(-1);
  run.pieces.push({time: run.horizon, seconds: secondsIn(last, run.horizon), factor});
}

/**
 * From `time` on it loops, or does not. Returns when it ends where it has been scheduled beyond its end already: what
 * begins from then on is not to be heard. Otherwise Infinity.
 */
export function setLoops(run, loops, time) {
  run.loops = loops;
  if (loops) run.isDone = false;
  const again = run.pieces.findIndex(piece => piece.isAgain && piece.time > time);
  if (loops || again < 1) return Infinity;
  run.horizon = run.pieces[again].time;
  run.pieces.length = again;
  run.next = run.playable.notes.length;
  run.isDone = true;
  return run.horizon;
}

/** Notes that have begun before the run and sound on in it: they are struck at its beginning, but for drums. */
function heldNotes(run, isDrums) {
  const {notes, longest} = run.playable, held = [];
  for (let k = firstPlace(notes, run.begin - longest, note => note.begin); k < run.next; ++k)
    if (notes[k].begin + notes[k].length > run.begin && !isDrums(notes[k].track)) held.push(notes[k]);
  return held;
}

/**
 * Notes that begin before `until` and were not given yet: {time, seconds, track, pitch}, in time. With a loop the
 * phrase begins again where it ends, and no note sounds over its end.
 */
export function advance(run, until, isDrums = () => false) {
  const struck = [], {phrase, playable: {notes}} = run;
  const strike = ({begin, length, track, pitch}, piece) => {
    const from = secondsAt(phrase, Math.max(begin, run.isBegun ? begin : run.begin));
    const to = secondsAt(phrase, Math.min(begin + length, phrase.steps));
    const time = piece.time + (from - piece.seconds) / piece.factor;
    struck.push({time, seconds: (to - from) / piece.factor, track, pitch});
  };
  if (!run.isBegun) for (const note of heldNotes(run, isDrums)) strike(note, run.pieces[0]);
  run.isBegun = true;
  while (!run.isDone && run.horizon < until) {
    const piece = run.pieces.at(-1), end = piece.time + (run.end - piece.seconds) / piece.factor;
    const before = until < end ? secondsIn(piece, until) : Infinity;
    for (; run.next < notes.length && secondsAt(phrase, notes[run.next].begin) < before; ++run.next)
      strike(notes[run.next], piece);
    run.horizon = Math.min(until, end);
    if (until < end) break;
    if (run.loops && run.end > 0) {
      run.pieces.push({time: end, seconds: 0, factor: piece.factor, isAgain: true});
      run.next = 0;
    } else {
      run.isDone = true;
    }
  }
  return struck;
}

/** Forgets pieces that end before a time. */
export function forgetBefore(run, time) {
  while (run.pieces.length > 1 && run.pieces[1].time < time) run.pieces.shift();
}
