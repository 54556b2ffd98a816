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

/** A canvas of so many pixels of the page, for an undecoded phrase. What it shows is said by its `aria-label`. */
export function phraseThumbnail(phrase, tracks, width, height) {
  const canvas = make('canvas', {class: 'thumbnail', role: 'img', 'aria-label': phrase.name});
  const decoded = decodePhrase(phrase);
  drawThumbnail(canvas, decoded, tracks, width, height);
  addEventListener('theme', () => drawThumbnail(canvas, decoded, tracks, width, height));
  return canvas;
}
