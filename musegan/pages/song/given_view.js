// The drawing of a track that is edited: bars above, pitches at the left, notes, the cell that keys are on.

import {make} from '../kit/elements.js';
import {colour} from '../kit/theme.js';
import {pitchAt, rulerHeight, longestOf, yOfPitch} from '../player/roll_layout.js';
import {drawAxis, drawRoll} from '../player/roll_drawing.js';
import {notesBetween} from './given_notes.js';
import {finestGrid, rollLowestPitch, rollPitches} from './roll_cells.js';

const axisWidth = 46;
/** A finger needs higher rows than a mouse. */
const rowHeight = () => matchMedia('(pointer: coarse)').matches ? 18 : 11;
/** The usual kit, whose rows are named though nothing is on them; the first have room before others. */
const usualKit = [36, 38, 42, 36, 38, 42, 46, 49, 51, 37, 39, 44, 41, 45, 48, 52, 54, 55, 56];

/** {element, width(), draw(shown), placeAt(event), reveal(pitch)} for the track number `track`. */
export function givenView(track, about, attributes) {
  const ruler = make('canvas'), axis = make('canvas'), notes = make('canvas', {class: 'given-notes'});
  const element = make('div', {class: 'given-frame', tabindex: '0', role: 'application', ...attributes},
    make('div', {class: 'given-ruler', 'aria-hidden': 'true'}, ruler),
    make('div', {class: 'given-sheet', 'aria-hidden': 'true'}, axis, notes));
  const row = rowHeight(), height = row * rollPitches;
  const panel = {tracks: [0], low: 0, high: rollPitches, top: rulerHeight, height, row};
  const sheet = {panels: [panel], height: rulerHeight + height + 1}, strip = {panels: [], height: rulerHeight};
  const view = {tracks: [about], audible: [true], isOverlay: false, layout: sheet, from: 0, to: 1, scale: 1};
  const width = () => Math.max(0, element.clientWidth - axisWidth);

  /** The lines of the drawing grid between beats, where they are apart. */
  function drawCells(unit) {
    const pen = notes.getContext('2d');
    pen.fillStyle = colour('--line');
    pen.globalAlpha = 0.45;
    for (let step = view.from; step < view.to && unit * view.scale >= 6; step += unit)
      if (step % finestGrid) pen.fillRect(Math.round((step - view.from) * view.scale), rulerHeight, 1, height);
    pen.globalAlpha = 1;
  }
  function drawCursor({step, pitch, length}) {
    const pen = notes.getContext('2d'), left = (step - view.from) * view.scale;
    pen.strokeStyle = colour('--accent');
    pen.lineWidth = 2;
    pen.strokeRect(left + 1, yOfPitch(panel, pitch), length * view.scale - 2, row);
  }
  return {
    element, notes, width,
    /** Steps [from, to) of a roll, in cells of `unit` steps; `cursor` is {step, pitch}, or null. */
    draw({roll, from, to, unit, cursor}) {
      const list = notesBetween(roll, track, from, to);
      const phrase = {...roll, stepsPerBeat: finestGrid, tracks: [list]};
      Object.assign(view, {phrase, from, to, scale: width() / (to - from), longest: [longestOf(list)]});
      const kit = about.isDrums ? usualKit.map(key => ({pitch: key - rollLowestPitch})) : [];
      drawRoll(ruler, width(), {...view, layout: strip});
      drawAxis(axis, axisWidth, {...view, phrase: {...phrase, tracks: [[...list, ...kit]]}});
      drawRoll(notes, width(), view);
      drawCells(unit);
      if (cursor) drawCursor({...cursor, length: unit});
    },
    /** The step, with its fraction, and the pitch under the pointer. */
    placeAt({clientX, clientY}) {
      const box = notes.getBoundingClientRect(), pitch = pitchAt(panel, clientY - box.top);
      return {
        step: view.from + (clientX - box.left) / view.scale, pitch: Math.max(0, Math.min(rollPitches - 1, pitch)),
      };
    },
    /** Scrolls a pitch into sight: into the middle, or only as far as needed. */
    reveal(pitch, isMiddle) {
      const y = yOfPitch(panel, pitch), low = y - rulerHeight - row, high = y + 2 * row - element.clientHeight;
      element.scrollTop = isMiddle ? y - element.clientHeight / 2 :
        Math.max(high, Math.min(low, element.scrollTop));
    },
  };
}
