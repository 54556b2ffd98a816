// A phrase of a page's data: its notes, and where its steps stand in seconds.

export const beatsPerBar = 4;

/** A phrase as all of the player knows it: what page_phrase_data.hpp says, with notes as sorted lists per track. */
export const phraseOf = (about, tracks) => ({...about, tracks, marks: tempoMarks(about)});

/** The same of a page's data, notes sorted by (begin, pitch). A phrase that has its lists already stays as it is. */
export function decodePhrase(phrase) {
  if (phrase.tracks) return phrase;
  const {notes, ...about} = phrase;
  const bytes = Uint8Array.from(atob(notes), letter => letter.charCodeAt(0));
  let at = 0;
  const next = () => {
    for (let value = 0, unit = 1; ; unit *= 128) {
      const byte = bytes[at++];
      value += byte % 128 * unit;
      if (!(byte > 127)) return value;
    }
  };
  const tracks = [];
  while (at < bytes.length) {
    const track = Array(next());
    for (let k = 0, begin = 0; k < track.length; ++k) {
      begin += next();
      track[k] = {begin, pitch: bytes[at++], length: next()};
    }
    tracks.push(track);
  }
  return phraseOf(about, tracks);
}

/** Tempos that a file may say and nobody plays. */
const slowestTempo = 4, fastestTempo = 1000;

/** Where each tempo begins, in steps and in seconds. */
function tempoMarks({tempos, stepsPerBeat}) {
  const marks = [];
  for (const [step, tempo] of tempos) {
    const last = marks.at(-1);
    const seconds = last ? last.seconds + (step - last.step) * last.secondsPerStep : 0;
    const played = Math.min(fastestTempo, Math.max(slowestTempo, tempo));
    marks.push({step, seconds, tempo, secondsPerStep: 60 / played / stepsPerBeat});
  }
  return marks;
}

/** The first place of a sorted list whose `of` is not below `value`. */
export function firstPlace(list, value, of) {
  let low = 0, high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (of(list[middle]) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

const markBefore = (marks, value, of) => marks[Math.max(0, firstPlace(marks, value, of) - 1)];

/** Seconds from the beginning at `factor` times the tempo; steps may have fractions. */
export function secondsAt(phrase, step, factor = 1) {
  const mark = markBefore(phrase.marks, step, each => each.step);
  return (mark.seconds + (step - mark.step) * mark.secondsPerStep) / factor;
}

export function stepAt(phrase, seconds, factor = 1) {
  const mark = markBefore(phrase.marks, seconds * factor, each => each.seconds);
  return mark.step + (seconds * factor - mark.seconds) / mark.secondsPerStep;
}

/** Beats per minute in force at a step, as the file says them. */
export const tempoAt = (phrase, step) => markBefore(phrase.marks, step + 1e-9, each => each.step).tempo;

export const stepsPerBar = phrase => phrase.stepsPerBeat * beatsPerBar;

/** "bar 2, beat 3" for a step. */
export function placeText(phrase, step) {
  const beat = Math.floor(step / phrase.stepsPerBeat + 1e-6);
  return `bar ${Math.floor(beat / beatsPerBar) + 1}, beat ${beat % beatsPerBar + 1}`;
}

const noteNames = ['C', 'C\u266f', 'D', 'E\u266d', 'E', 'F', 'F\u266f', 'G', 'A\u266d', 'A', 'B\u266d', 'B'];

/** "C1" for MIDI pitch 24. */
export const pitchName = pitch => `${noteNames[pitch % 12]}${Math.floor(pitch / 12) - 1}`;
