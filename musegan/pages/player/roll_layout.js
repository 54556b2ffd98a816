// Where panels, pitches and bars of a piano-roll lie, in pixels. Numbers alone.

import {beatsPerBar, firstPlace, stepsPerBar} from './phrase.js';

/** The strip with the numbers of bars, and what stands between panels. */
export const rulerHeight = 22, panelGap = 10;
const widestRow = 9, fewestRows = 14;

/** The pitches [low, high) that each track uses in these phrases, with some room; null where it is silent. */
export function usedPitches(phrases, tracks) {
  return tracks.map((_, k) => {
    let low = Infinity, high = -1, all = 0;
    for (const phrase of phrases) {
      all = phrase.pitches;
      for (const {pitch} of phrase.tracks[k]) [low, high] = [Math.min(low, pitch), Math.max(high, pitch)];
    }
    if (high < 0) return null;
    const lack = Math.max(4, fewestRows - (high - low + 1));
    low = Math.max(0, low - Math.floor(lack / 2));
    return {low, high: Math.min(all, Math.max(high + 1 + Math.ceil(lack / 2), low + fewestRows))};
  });
}

/** More notes of a track in a bar, in the mean, are noise: what a generator gives before it has learned anything. */
const mostNotesOfTrack = 64;

function isNoise(phrase) {
  const notes = phrase.tracks.reduce((sum, list) => sum + list.length, 0);
  return notes > mostNotesOfTrack * phrase.tracks.length * Math.max(1, phrase.steps / stepsPerBar(phrase));
}

/**
 * Which pitches have rows, by phrase: the same for all of these, so that they can be compared. Noise, which is on every
 * row and would make those of the others thin, has its own.
 */
export function rowsByPhrase(phrases, tracks) {
  const music = phrases.filter(phrase => !isNoise(phrase)), common = usedPitches(music, tracks);
  return phrase => isNoise(phrase) ? usedPitches([phrase], tracks) : common;
}

/** The same for phrases that come one after another, nobody knows how many: rows are added and none goes. */
export function wideningRows(tracks) {
  let common = tracks.map(() => null);
  return phrase => {
    const used = usedPitches([phrase], tracks);
    if (isNoise(phrase)) return used;
    common = common.map((range, k) => range && used[k] ?
      {low: Math.min(range.low, used[k].low), high: Math.max(range.high, used[k].high)} : range ?? used[k]);
    return common;
  };
}

/** Panels from the top: one for each track, in figure order, or one for all. Silent tracks have a narrow one. */
export function panelsOf(used, figureOrder, isOverlay, space) {
  const sounding = used.filter(range => range);
  const lows = sounding.map(range => range.low), highs = sounding.map(range => range.high);
  const whole = {low: Math.min(...lows), high: Math.max(...highs)};
  const silent = {low: 0, high: 0};
  const parts = isOverlay ? [{tracks: figureOrder, ...(sounding.length ? whole : silent)}] :
    figureOrder.map(track => ({tracks: [track], ...(used[track] ?? silent)}));
  const rows = parts.reduce((sum, part) => sum + part.high - part.low, 0);
  const row = Math.min(widestRow, Math.max(1, Math.floor(2 * space / Math.max(1, rows)) / 2));
  let top = rulerHeight;
  const panels = parts.map(part => {
    const height = Math.max(18, Math.round(row * (part.high - part.low)));
    const panel = {...part, top, height, row};
    top += height + panelGap;
    return panel;
  });
  return {panels, height: top - panelGap + 1};
}

/** The upper edge of a pitch. */
export const yOfPitch = (panel, pitch) => panel.top + Math.round((panel.high - 1 - pitch) * panel.row);

/** The pitch at a height of the panel. */
export const pitchAt = (panel, y) => panel.high - 1 - Math.floor((y - panel.top) / panel.row);

/** Lines between `from` and `to` steps: bars with numbers, as many as have room, and beats where these are apart. */
export function barLines(phrase, from, to, pixelsPerStep) {
  const bar = stepsPerBar(phrase), beat = phrase.stepsPerBeat;
  const every = 2 ** Math.max(0, Math.ceil(Math.log2(34 / (bar * pixelsPerStep))));
  const showsBeats = beat * pixelsPerStep >= 9, lines = [];
  const unit = showsBeats ? beat : bar * Math.max(1, every / 4);
  for (let k = Math.max(0, Math.floor(from / unit)); k * unit <= Math.min(to, phrase.steps); ++k) {
    const step = k * unit, number = step / bar;
    const isBar = step % bar === 0;
    lines.push({step, isBar: isBar && number % Math.max(1, every / 4) === 0,
      text: isBar && number % every === 0 && step < phrase.steps ? `${number + 1}` : ''});
  }
  return lines;
}

/**
 * Which rows of a panel are named: {pitch, y}, no two names nearer than `apart` pixels. Those with many notes come
 * first, and a name stands once, at the first of its rows that has room.
 */
export function namedRows(panel, notes, nameOf, apart) {
  const counts = new Map(), named = new Map();
  for (const {pitch} of notes) counts.set(pitch, (counts.get(pitch) ?? 0) + 1);
  for (const [pitch] of [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])) {
    const y = yOfPitch(panel, pitch) + panel.row / 2, name = nameOf(pitch);
    if (!named.has(name) && [...named.values()].every(other => Math.abs(other.y - y) >= apart))
      named.set(name, {pitch, y});
  }
  return [...named.values()].sort((a, b) => a.pitch - b.pitch);
}

/** Calls visit(note) for notes of a sorted list that sound between two steps. `longest` is the longest of them. */
export function visitBetween(notes, longest, from, to, visit) {
  for (let k = firstPlace(notes, from - longest, note => note.begin); k < notes.length && notes[k].begin < to; ++k)
    if (notes[k].begin + notes[k].length > from) visit(notes[k]);
}

export const longestOf = notes => notes.reduce((most, note) => Math.max(most, note.length), 0);

/** The step a beat or a bar away, on the grid of beats or bars. */
export function stepAway(phrase, step, sign, isBar) {
  const unit = phrase.stepsPerBeat * (isBar ? beatsPerBar : 1), place = step / unit;
  const next = sign > 0 ? Math.floor(place + 1 + 1e-6) : Math.ceil(place - 1 - 1e-6);
  return Math.min(phrase.steps, Math.max(0, next * unit));
}
