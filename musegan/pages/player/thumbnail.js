// A phrase as a small picture: all tracks in one panel, as in the papers' overviews.

import {make} from '../kit/elements.js';
import {isDark} from '../kit/theme.js';
import {decodePhrase} from './phrase.js';
import {penOf, trackColour} from './roll_drawing.js';

function drawThumbnail(canvas, phrase, tracks, width, height) {
  const pen = penOf(canvas, width, height), across = width / Math.max(1, phrase.steps), up = height / phrase.pitches;
  pen.globalCompositeOperation = isDark() ? 'lighten' : 'multiply';
  phrase.tracks.forEach((notes, k) => {
    pen.fillStyle = trackColour(tracks[k]);
    for (const {begin, pitch, length} of notes)
      pen.fillRect(begin * across, (phrase.pitches - 1 - pitch) * up, Math.max(1, length * across), Math.max(1, up));
  });
}

/** What draws each canvas, and the theme that it was drawn for. Notes are not kept: a page may have thousands. */
const drawings = new WeakMap(), inSight = new Set();
let themes = 0;

function drawAnew(canvas) {
  const drawing = drawings.get(canvas);
  if (!drawing || drawing.theme === themes) return;
  drawing.theme = themes;
  drawing.draw();
}

/** After a change of theme those in sight are drawn at once, others when they come into sight or are printed. */
const sights = new IntersectionObserver(entries => entries.forEach(({target, isIntersecting}) => {
  if (isIntersecting) inSight.add(target);
  else inSight.delete(target);
  if (isIntersecting) drawAnew(target);
}));
addEventListener('theme', () => {
  ++themes;
  inSight.forEach(drawAnew);
});
addEventListener('beforeprint', () => document.querySelectorAll('.thumbnail').forEach(drawAnew));

/** A canvas of so many pixels of the page, for an undecoded phrase. What it shows is said by its `aria-label`. */
export function phraseThumbnail(phrase, tracks, width, height) {
  const canvas = make('canvas', {class: 'thumbnail', role: 'img', 'aria-label': phrase.name});
  drawings.set(canvas, {theme: -1, draw: () => drawThumbnail(canvas, decodePhrase(phrase), tracks, width, height)});
  drawAnew(canvas);
  sights.observe(canvas);
  return canvas;
}
